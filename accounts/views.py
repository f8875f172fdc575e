"""Staff screens: where one lands, users with their grants, the audit trail."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_tables2 import Column

from accounts import actions
from accounts.forms import AuditFilters, GrantEndForm, GrantForm, UserFilters, UserForm
from accounts.models import Grant, User
from accounts.queries import (
    administered,
    audit_rows,
    current_region,
    may_manage,
    signed_in_user,
    user_rows,
)
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role, under
from lms.lists import DayColumn, ListTable, list_page
from lms.models import AuditEvent
from lms.templatetags.ui import chip, code

#: The page each role lives in; the first role a person holds decides. Apps above are named only:
#: a page that this installation does not have is passed over.
HOMES = [
    (Role.ADMINISTRATOR, "accounts:user_list"),
    (Role.TRAINER, "courses:today"),
    (Role.CLERK, "learners:import_list"),
    (Role.FIELD_WORKER, "incubation:task_list"),
    (Role.OFFICIAL, "quotas:board"),
    (Role.INSPECTOR, "quotas:check_list"),
    (Role.TRAINEE, "certificates:my_certificates"),
]


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Sends everybody to the page of their role; says so where there is none."""
    roles = signed_in_user(request).scope.roles
    for role, name in HOMES:
        if role in roles:
            try:
                return redirect(reverse(name))
            except NoReverseMatch:
                continue
    return render(request, "accounts/home.html", {"has_role": bool(roles)})


@require_GET
def my_account(request: HttpRequest) -> HttpResponse:
    """One's own name, password and way out; the last tab of a trainee's phone."""
    return render(request, "accounts/my_account.html", {"person": signed_in_user(request)})


# --- Users --------------------------------------------------------------------------------------
class UserTable(ListTable):
    caption = gettext_lazy("Users")
    empty_icon = "users"
    empty_title = gettext_lazy("No users yet")
    empty_text = gettext_lazy("Here stand the people with a role in your regions.")

    display_name = Column(verbose_name=gettext_lazy("Name"))
    username = Column(verbose_name=gettext_lazy("User name"))
    roles_held = Column(verbose_name=gettext_lazy("Roles today"), orderable=False, empty_values=())
    last_login = DayColumn(verbose_name=gettext_lazy("Last sign-in"), moment=True)
    is_active = Column(verbose_name=gettext_lazy("State"))

    def render_display_name(self, value: str, record: User) -> SafeString:
        return format_html('<a href="{}">{}</a>', _address(record), value)

    def render_roles_held(self, value: Any) -> SafeString | str:
        lines = [(f"{grant.get_role_display()} · {_region_name(grant)}",) for grant in value]
        return format_html_join("", '<span class="line">{} </span>', lines) if lines else "—"

    def render_is_active(self, value: Any, record: User) -> SafeString:
        if record.is_active:
            return chip("good", "check", _("May sign in"))
        return chip("mute", "lock", _("Deactivated"))


def _address(user: User) -> str:
    return reverse("accounts:user_detail", args=[user.pk])


def _region_name(grant: Grant) -> str:
    return grant.region.name if grant.region else _("Whole country")


@require_GET
def user_list(request: HttpRequest) -> HttpResponse:
    actor = _administrator(request)
    rows = user_rows(actor)
    if "region" in request.GET:
        region = current_region(request, Role.ADMINISTRATOR)
        rows = rows.filter(under("grants__region__path", [region.path])).distinct()
    return list_page(
        request,
        "accounts/user_list.html",
        table=UserTable,
        rows=rows,
        filters=UserFilters,
        export_name=_("Users"),
    )


def _administrator(request: HttpRequest) -> User:
    actor = signed_in_user(request)
    if not actor.scope.has(Role.ADMINISTRATOR):
        raise PermissionDenied
    return actor


def _visible_user(request: HttpRequest, pk: uuid.UUID) -> tuple[User, User]:
    """The administrator who asks, and a user of their regions: 404 out of sight, else 403."""
    actor = signed_in_user(request)
    user = get_object_or_404(User.objects.visible_to(actor), pk=pk)
    if not actor.scope.has(Role.ADMINISTRATOR):
        raise PermissionDenied
    return actor, user


def _managed_user(request: HttpRequest, pk: uuid.UUID) -> tuple[User, User]:
    actor, user = _visible_user(request, pk)
    if not may_manage(actor, user):
        raise PermissionDenied
    return actor, user


@require_http_methods(["GET", "POST"])
def user_create(request: HttpRequest) -> HttpResponse:
    actor = _administrator(request)
    form = UserForm(request.POST or None, scope=actor.scope)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = actions.create_user(**form.cleaned_data, actor=actor)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            return _handed_over(request, user, password)
    return render(request, "accounts/user_create.html", {"form": form})


@require_GET
def user_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor, user = _visible_user(request, pk)
    return _user_page(request, actor, user, GrantForm(scope=actor.scope))


@require_POST
def grant_create(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor, user = _visible_user(request, pk)
    form = GrantForm(request.POST, scope=actor.scope)
    if form.is_valid():
        try:
            actions.add_grant(user=user, **form.cleaned_data, actor=actor)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The role is granted."))
            return redirect("accounts:user_detail", pk=user.pk)
    return _user_page(request, actor, user, form)


@require_POST
def grant_end(request: HttpRequest, pk: uuid.UUID, grant_pk: uuid.UUID) -> HttpResponse:
    actor, user = _visible_user(request, pk)
    grant = get_object_or_404(user.grants.select_related("region"), pk=grant_pk)
    if not administered(actor.scope, grant):
        raise PermissionDenied
    form = GrantEndForm(request.POST)
    try:
        if not form.is_valid():
            raise actions.AccountError("last_day", str(form.errors["last_day"][0]))
        actions.end_grant(grant=grant, **form.cleaned_data, actor=actor)
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The end of the role is set."))
    return redirect("accounts:user_detail", pk=user.pk)


@require_POST
def user_password(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor, user = _managed_user(request, pk)
    return _handed_over(request, user, actions.set_password(user=user, actor=actor))


@require_POST
def user_deactivate(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor, user = _managed_user(request, pk)
    try:
        actions.deactivate_user(user=user, actor=actor)
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The user can no longer sign in."))
    return redirect("accounts:user_detail", pk=user.pk)


@require_POST
def user_reactivate(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor, user = _managed_user(request, pk)
    return _handed_over(request, user, actions.reactivate_user(user=user, actor=actor))


def _handed_over(request: HttpRequest, user: User, password: str) -> HttpResponse:
    """The answer to the POST itself shows the password: it is stored nowhere to show it again."""
    context = {"person": user, "password": password}
    return render(request, "accounts/user_password.html", context)


def _user_page(request: HttpRequest, actor: User, user: User, form: GrantForm) -> HttpResponse:
    grants = list(user.grants.select_related("region").order_by("-starts_on", "role"))
    shown = [grant for grant in grants if administered(actor.scope, grant)]
    context = {
        "person": user,
        "grants": shown,
        "hidden_count": len(grants) - len(shown),
        "today": today(),
        "form": form,
        "manageable": may_manage(actor, user),
        "is_self": user.pk == actor.pk,
    }
    return render(request, "accounts/user_detail.html", context)


# --- The audit trail ----------------------------------------------------------------------------
class AuditTable(ListTable):
    caption = gettext_lazy("Audit trail")
    empty_icon = "history"
    empty_title = gettext_lazy("Nothing on the trail yet")
    empty_text = gettext_lazy("Every sign-in and every change in your regions leaves a line here.")

    at = DayColumn(verbose_name=gettext_lazy("Time"), moment=True)
    actor = Column(verbose_name=gettext_lazy("Who"), orderable=False, empty_values=())
    action = Column(verbose_name=gettext_lazy("Action"))
    region_name = Column(verbose_name=gettext_lazy("Region"), orderable=False)
    target_id = Column(verbose_name=gettext_lazy("Record"), orderable=False)
    detail = Column(verbose_name=gettext_lazy("Detail"), orderable=False, empty_values=())

    def render_actor(self, value: User | None) -> str:
        return str(value) if value else _("System")

    def render_action(self, value: str) -> SafeString | str:
        return code(value)

    def render_target_id(self, value: str, record: AuditEvent) -> SafeString:
        return format_html('{} <span class="cap mono">{}</span>', record.target_type, value)

    def render_detail(self, value: dict[str, Any]) -> str:
        return " · ".join(f"{key}: {_plain(fact)}" for key, fact in value.items()) or "—"


def _plain(fact: Any) -> str:
    return "—" if fact is None else str(fact)


@require_GET
def audit_list(request: HttpRequest) -> HttpResponse:
    return list_page(
        request,
        "accounts/audit_list.html",
        table=AuditTable,
        rows=audit_rows(_administrator(request)),
        filters=AuditFilters,
        export_name=_("Audit trail"),
    )
