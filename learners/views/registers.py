"""Registers: their editions, who is on them, sealing and dated adjustments."""

from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from learners.actions.registers import (
    add_entries,
    adjust_entry,
    create_register,
    open_next_edition,
    seal_edition,
)
from learners.forms import AddForm, AdjustForm, FillForm, RegisterForm
from learners.models import (
    Register,
    RegisterAdjustment,
    RegisterEdition,
    RegisterEntry,
)
from learners.queries import (
    Subject,
    adjustments_of,
    edition_counts,
    entries_in_force,
    fill_subjects,
    find_by_number,
)
from learners.tables import home_cell
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lists import DayColumn, FigureColumn, Filters, ListTable, list_page

OFFICE = (Role.CLERK, Role.OFFICIAL)
MOST_ADJUSTMENTS = 50
Kind = RegisterAdjustment.Kind


# --- lists ---
class RegisterTable(ListTable):
    caption = gettext_lazy("Registers")
    empty_icon = "list"
    empty_title = gettext_lazy("No register was opened for this region yet")
    empty_text = gettext_lazy("A sealed edition of a register is what coverage rates divide by.")

    purpose = tables.Column(verbose_name=gettext_lazy("Purpose"))
    region = tables.Column(verbose_name=gettext_lazy("Region"), order_by="region__path")
    year = tables.Column(verbose_name=gettext_lazy("Year"))
    editions = FigureColumn(verbose_name=gettext_lazy("Editions"), accessor="edition_count")
    sealed_at = DayColumn(
        verbose_name=gettext_lazy("Last sealed"), accessor="last_sealed", moment=True
    )

    def render_purpose(self, record: Register) -> Any:
        href = reverse("learners:register_detail", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, record.get_purpose_display())

    def value_purpose(self, record: Register) -> str:
        return str(record.get_purpose_display())


class EntryTable(ListTable):
    caption = gettext_lazy("On the register today")
    empty_icon = "users"
    empty_title = gettext_lazy("Nobody is on this edition")
    empty_text = gettext_lazy("Import a roster onto the register, or take people from the archive.")

    subject = tables.Column(
        verbose_name=gettext_lazy("On the list"), accessor="pk", order_by="learner__name"
    )
    number = tables.Column(verbose_name=gettext_lazy("ID number"), accessor="pk", orderable=False)
    home = tables.Column(
        verbose_name=gettext_lazy("Region at the seal"),
        accessor="region_at_seal",
        order_by="region_at_seal__path",
    )
    able = tables.BooleanColumn(verbose_name=gettext_lazy("Able"), orderable=False)
    willing = tables.BooleanColumn(verbose_name=gettext_lazy("Willing"), orderable=False)
    source = tables.Column(verbose_name=gettext_lazy("Since"), accessor="in_seal", orderable=False)
    act = tables.Column(verbose_name="", accessor="pk", orderable=False)

    def __init__(self, *args: Any, may_adjust: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_adjust = may_adjust
        if not may_adjust:
            self.columns.hide("act")

    def render_subject(self, record: RegisterEntry) -> Any:
        if record.learner:
            href = reverse("learners:learner_detail", args=[record.learner_id])
            return format_html('<a href="{}">{}</a>', href, record.learner.name)
        if record.household:
            href = reverse("learners:household_detail", args=[record.household_id])
            return format_html('<a href="{}">{}</a>', href, record.household.number)
        return record.village.name if record.village else "—"

    def value_subject(self, record: RegisterEntry) -> str:
        subject = record.learner or record.household or record.village
        return str(subject)

    def render_number(self, record: RegisterEntry) -> Any:
        text = record.learner.masked_id if record.learner else "—"
        return format_html('<bdi dir="ltr" class="mono nowrap">{}</bdi>', text)

    def render_home(self, record: RegisterEntry) -> Any:
        return home_cell(record.region_at_seal)

    def value_home(self, record: RegisterEntry) -> str:
        return record.region_at_seal.name

    def render_able(self, value: bool) -> str:
        return _("yes") if value else _("no")

    value_able = render_willing = value_willing = render_able

    def render_source(self, record: RegisterEntry) -> str:
        return _("the seal") if record.in_seal else _("an addition")

    value_source = render_source

    def render_act(self, record: RegisterEntry) -> Any:
        href = reverse("learners:entry_adjust", args=[record.edition_id])
        words = _("Remove with reason")
        return format_html('<a href="{}?entry={}">{}</a>', href, record.pk, words)


class EntryFilters(Filters):
    search_fields = ("learner__name", "household__number", "village__name")
    search_label = gettext_lazy("Name or number")

    edition = django_filters.ChoiceFilter(
        label=gettext_lazy("Edition"), method="of_edition", empty_label=gettext_lazy("Latest")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["edition"].extra["choices"] = [
            (str(edition.no), str(edition.no)) for edition in self.request.register_editions
        ]

    def of_edition(self, queryset: Any, name: str, value: str) -> Any:
        """The view has chosen the entries of the edition already."""
        return queryset


# --- pages ---
@require_safe
def register_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    region = current_region(request, *OFFICE)
    rows = Register.objects.visible_to(user).select_related("region")
    rows = rows.filter(region__path__startswith=region.path).annotate(
        edition_count=Count("editions"), last_sealed=Max("editions__sealed_at")
    )
    return list_page(
        request,
        "learners/register_list.html",
        table=RegisterTable,
        rows=rows.order_by("-year", "region__path", "purpose"),
        export_name=_("registers"),
        context={"region": region, "may_write": user.scope.covers(region.path, Role.CLERK)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def register_create(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK):
        raise PermissionDenied
    form = RegisterForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            register = create_register(actor=user, **form.cleaned_data)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect("learners:register_detail", pk=register.pk)
    return render(
        request,
        "learners/register_create.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@require_safe
def register_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    register = _register(user, pk)
    may_write = user.scope.covers(register.region.path, Role.CLERK)
    editions = list(register.editions.order_by("-no").select_related("sealed_by"))
    edition = _chosen(editions, request.GET.get("edition", ""))
    rows = entries_in_force(edition, today()).select_related(
        "learner", "household", "village", "region_at_seal__parent"
    )
    request.register_editions = editions  # type: ignore[attr-defined]
    return list_page(
        request,
        "learners/register_detail.html",
        table=EntryTable,
        table_options={"may_adjust": may_write and edition.is_sealed},
        rows=rows.order_by("region_at_seal__path", "learner__name"),
        filters=EntryFilters,
        export_name=_("register"),
        context={
            "register": register,
            "editions": editions,
            "edition": edition,
            "sum": _sum(edition),
            "adjustments": adjustments_of(edition)[:MOST_ADJUSTMENTS],
            "may_write": may_write,
            "is_last": edition == editions[0],
            "fill_form": FillForm(),
            "by_group": register.purpose == Register.Purpose.ABLE_WILLING,
            "today": today(),
        },
    )


def _register(user: User, pk: UUID) -> Register:
    return get_object_or_404(Register.objects.visible_to(user).select_related("region"), pk=pk)


def _chosen(editions: list[RegisterEdition], asked: str) -> RegisterEdition:
    if not asked:
        return editions[0]
    found = next((edition for edition in editions if str(edition.no) == asked), None)
    if found is None:
        raise Http404
    return found


def _sum(edition: RegisterEdition) -> dict[str, Any]:
    """The sealed list and today's register, as boxes that add up."""
    counts = edition_counts(edition, today())
    return {
        "terms": [
            {"value": counts.sealed, "label": _("in the sealed edition")},
            {"value": counts.added, "label": _("added since")},
            {"value": counts.removed, "label": _("removed since"), "sign": "-"},
        ],
        "total": {"value": counts.in_force, "label": _("on the register today")},
    }


# --- writing ---
def _edition(user: User, pk: UUID) -> RegisterEdition:
    """An edition that the user may change."""
    rows = RegisterEdition.objects.visible_to(user)
    edition = get_object_or_404(rows.select_related("register__region"), pk=pk)
    _require_clerk(user, edition.register)
    return edition


def _require_clerk(user: User, register: Register) -> None:
    if not user.scope.covers(register.region.path, Role.CLERK):
        raise PermissionDenied


@require_POST
def edition_seal(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    edition = _edition(user, pk)
    try:
        seal_edition(edition=edition, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Edition %(no)d is sealed.") % {"no": edition.no})
    return redirect("learners:register_detail", pk=edition.register_id)


@require_POST
def edition_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    register = _register(user, pk)
    _require_clerk(user, register)
    try:
        open_next_edition(register=register, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("learners:register_detail", pk=pk)


@require_POST
def edition_fill(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take people of the archive onto an open edition, by what the register is for."""
    user = signed_in_user(request)
    edition = _edition(user, pk)
    register = edition.register
    form = FillForm(request.POST)
    needs_groups = register.purpose == Register.Purpose.ABLE_WILLING
    if needs_groups and not form.is_valid():
        messages.error(request, _("Choose at least one household type."))
        return redirect("learners:register_detail", pk=register.pk)
    groups = form.cleaned_data["groups"] if needs_groups else []
    subjects: list[Subject] = fill_subjects(register, groups, today())
    try:
        added = add_entries(edition=edition, subjects=subjects, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("%(count)d put on the register.") % {"count": added})
    return redirect("learners:register_detail", pk=register.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def entry_adjust(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a person, or remove the entry named by `?entry=`, with a day and a reason."""
    user = signed_in_user(request)
    edition = _edition(user, pk)
    entry = _entry(edition, request.GET.get("entry", ""))
    form_class = AdjustForm if entry else AddForm
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid() and _adjusted(form, user, edition, entry):
        return redirect("learners:register_detail", pk=edition.register_id)
    context = {
        "form": form,
        "edition": edition,
        "register": edition.register,
        "entry": entry,
        "who": _subject(entry) if entry else "",
    }
    status = 422 if form.errors else 200
    return render(request, "learners/entry_adjust.html", context, status=status)


def _entry(edition: RegisterEdition, asked: str) -> RegisterEntry | None:
    if not asked:
        return None
    try:
        key = UUID(asked)
    except ValueError:
        raise Http404 from None
    rows = edition.entries.select_related("learner", "household", "village")
    return get_object_or_404(rows, pk=key)


def _subject(entry: RegisterEntry) -> Subject | None:
    return entry.learner or entry.household or entry.village


def _adjusted(
    form: AdjustForm, user: User, edition: RegisterEdition, entry: RegisterEntry | None
) -> bool:
    subject: Subject | None
    if entry:
        subject, kind = _subject(entry), Kind.REMOVE
    else:
        region = edition.register.region
        found = find_by_number(user, form.cleaned_data["number"])
        subject, kind = found.within(region).first(), Kind.ADD
    if subject is None:
        form.add_error(
            "number", _("Nobody with this number is in the archive of this region. Check it.")
        )
        return False
    try:
        adjust_entry(
            edition=edition,
            subject=subject,
            kind=kind,
            happened_on=form.cleaned_data["happened_on"],
            reason=form.cleaned_data["reason"],
            actor=user,
        )
    except ActionError as error:
        form.add_error(None, str(error.message))
        return False
    return True
