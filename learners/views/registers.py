"""Registers: which there are, one with its editions, and who is on it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from learners.actions import create_register
from learners.forms import RegisterForm
from learners.models import Register, RegisterEdition, RegisterEntry
from learners.queries import (
    EditionCounts,
    adjustments_of,
    edition_counts,
    entries_in_force,
    is_composed,
    with_subjects,
)
from learners.views.register_tables import EntryFilters, EntryTable, RegisterFilters, RegisterTable
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lists import list_page

OFFICE = (Role.CLERK, Role.OFFICIAL)
MOST_ADJUSTMENTS = 10


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
        filters=RegisterFilters,
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
    register = register_for(user, pk)
    may_write = user.scope.covers(register.region.path, Role.CLERK)
    editions = list(register.editions.order_by("-no").select_related("sealed_by"))
    edition = _chosen(editions, request.GET.get("edition", ""))
    edition.register = register
    composed = is_composed(edition)
    request.register = register  # type: ignore[attr-defined]
    request.register_editions = editions  # type: ignore[attr-defined]
    rows = with_subjects(entries_in_force(edition, today()))
    return list_page(
        request,
        "learners/register_detail.html",
        table=EntryTable,
        table_options={
            "purpose": register.purpose,
            "unit": register.subject,
            "may_adjust": may_write and edition.is_sealed and not composed,
            "may_change": may_write and not edition.is_sealed,
        },
        rows=rows.order_by("region_at_seal__path", "learner__name"),
        filters=EntryFilters,
        export_name=_("register"),
        context={
            "register": register,
            "editions": editions,
            "edition": edition,
            "sum": bridge_sum(edition_counts(edition, today())) if edition.is_sealed else None,
            "adjustments": adjustments_of(edition)[:MOST_ADJUSTMENTS],
            "may_write": may_write,
            "is_last": edition == editions[0],
            "is_composed": composed,
            "parts": edition.parts.select_related("register__region"),
            "may_compose": may_write and register.region.level < register.region.Level.COUNTY,
            "kinds": register.kind_choices() if register.kinds else [],
            "today": today(),
        },
    )


def register_for(user: User, pk: UUID) -> Register:
    return get_object_or_404(Register.objects.visible_to(user).select_related("region"), pk=pk)


def _chosen(editions: list[RegisterEdition], asked: str) -> RegisterEdition:
    if not asked:
        return editions[0]
    found = next((edition for edition in editions if str(edition.no) == asked), None)
    if found is None:
        raise Http404
    return found


def bridge_sum(counts: EditionCounts) -> dict[str, Any]:
    """The sealed list and the register of the day, as boxes that add up."""
    terms: list[dict[str, Any]] = [{"value": counts.sealed, "label": _("in the sealed edition")}]
    if counts.merged:
        label = _("listed twice, counted once")
        terms.append({"value": counts.merged, "label": label, "sign": "-"})
    return {
        "terms": [
            *terms,
            {"value": counts.added, "label": _("added since")},
            {"value": counts.removed, "label": _("removed since"), "sign": "-"},
        ],
        "total": {"value": counts.in_force, "label": _("on the register today")},
    }


# --- what the pages of editions and entries share ---
def edition_for(user: User, pk: UUID) -> RegisterEdition:
    """An edition that the user may read."""
    rows = RegisterEdition.objects.visible_to(user).select_related("register__region", "sealed_by")
    return get_object_or_404(rows, pk=pk)


def own_edition(user: User, pk: UUID) -> RegisterEdition:
    """An edition that the user may change."""
    edition = edition_for(user, pk)
    require_clerk(user, edition.register)
    return edition


def require_clerk(user: User, register: Register) -> None:
    if not user.scope.covers(register.region.path, Role.CLERK):
        raise PermissionDenied


def entry_of(edition: RegisterEdition, asked: str) -> RegisterEntry:
    try:
        key = UUID(asked)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(with_subjects(edition.entries.all()), pk=key)
