"""Staff screens: where one lands, users with their grants, the audit trail."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.forms import AuditFilters, GrantEndForm, GrantForm, UserFilters, UserForm
from accounts.models import User
from accounts.queries import (
    administered,
    audit_rows,
    current_region,
    may_manage,
    signed_in_user,
    user_rows,
)
from accounts.tables import AuditTable, UserTable
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role, under
from lms.lists import list_page

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
