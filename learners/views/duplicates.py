"""Records that may be one person: the queue, two beside one another, merging and undoing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from learners.actions.merging import UNDO_DAYS, merge_learners, undo_merge
from learners.actions.suspects import ask_again, suspect_pair, tell_apart
from learners.forms import IdentifyForm
from learners.models import Learner, Merge, SuspectedPair
from learners.queries import find_by_number, names_of_types, search_learners
from learners.queries.matching import place_name
from learners.queries.merging import merge_of, merge_plan
from learners.queries.side_by_side import better_kept, compare_facts
from learners.queries.suspects import search_pairs
from learners.queries.timeline import learner_timeline
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lists import FIND, DayColumn, Filters, ListTable, list_page
from lms.templatetags.ui import chip

State, Kind = SuspectedPair.State, SuspectedPair.Kind
KIND_CHIPS = {
    Kind.WALK_IN: ("warn", "user"),
    Kind.NAMESAKE: ("info", "users"),
    Kind.PHONE: ("info", "phone"),
}
MOST_FOUND = 20


# --- the queue ---
class DuplicateTable(ListTable):
    caption = gettext_lazy("Suspected duplicates")
    empty_icon = "check"
    empty_title = gettext_lazy("No two records are suspected to be one person")
    empty_text = gettext_lazy(
        "Records are compared after every import and every walk-in, and each night."
    )

    people = tables.Column(
        verbose_name=gettext_lazy("Full name"), accessor="pk", order_by="first__name"
    )
    numbers = tables.Column(verbose_name=gettext_lazy("ID number"), accessor="pk", orderable=False)
    homes = tables.Column(
        verbose_name=gettext_lazy("Village / township"),
        accessor="pk",
        order_by="first__home_region__path",
    )
    kind = tables.Column(verbose_name=pgettext_lazy("suspicion", "Why"))
    found_at = DayColumn(verbose_name=gettext_lazy("Found"), moment=True)
    state = tables.Column(verbose_name=gettext_lazy("Decision"), orderable=False)

    def render_people(self, record: SuspectedPair) -> Any:
        href = reverse("learners:duplicate_detail", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, self.value_people(record))

    def value_people(self, record: SuspectedPair) -> str:
        return " / ".join(dict.fromkeys((record.first.name, record.second.name)))

    def render_numbers(self, record: SuspectedPair) -> Any:
        return _two_lines(record.first.masked_id, record.second.masked_id)

    def value_numbers(self, record: SuspectedPair) -> str:
        return f"{record.first.masked_id} / {record.second.masked_id}"

    def render_homes(self, record: SuspectedPair) -> Any:
        homes = (place_name(record.first.home_region), place_name(record.second.home_region))
        return _two_lines(*dict.fromkeys(homes))

    def value_homes(self, record: SuspectedPair) -> str:
        homes = (place_name(record.first.home_region), place_name(record.second.home_region))
        return " / ".join(dict.fromkeys(homes))

    def render_kind(self, record: SuspectedPair) -> Any:
        chips = ((chip(*KIND_CHIPS[Kind(kind)], Kind(kind).label),) for kind in record.kinds)
        return format_html_join(" ", "{}", chips)

    def value_kind(self, record: SuspectedPair) -> str:
        return "、".join(str(Kind(kind).label) for kind in record.kinds)

    def render_state(self, record: SuspectedPair) -> Any:
        looks = {State.OPEN: ("mute", "hourglass"), State.MERGED: ("good", "check")}
        look = looks.get(State(record.state), ("info", "users"))
        return chip(*look, record.get_state_display())

    def value_state(self, record: SuspectedPair) -> str:
        return str(record.get_state_display())


def _two_lines(*texts: str) -> Any:
    lines = format_html_join("", "<div><bdi>{}</bdi></div>", ((text,) for text in texts))
    return format_html('<div class="cell">{}</div>', lines)


class DuplicateFilters(Filters):
    posted_to = FIND
    search_label = gettext_lazy("Name, initials or last four")

    kind = django_filters.ChoiceFilter(
        label=pgettext_lazy("suspicion", "Why"),
        choices=Kind.choices,
        method="of_kind",
        empty_label=gettext_lazy("All of them"),
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Decision"),
        choices=[choice for choice in State.choices if choice[0] != State.OPEN],
        empty_label=State.OPEN.label,
    )

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return search_pairs(queryset, value)

    def of_kind(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(kinds__icontains=f'"{value}"')


@require_safe
def duplicate_list(request: HttpRequest) -> HttpResponse:
    user = _clerk(request)
    region = current_region(request, Role.CLERK)
    rows = SuspectedPair.objects.visible_to(user).touching(region)
    if not request.GET.get("state"):
        rows = rows.open()
    homes = ("first__home_region__parent", "second__home_region__parent")
    return list_page(
        request,
        "learners/duplicate_list.html",
        table=DuplicateTable,
        rows=rows.select_related(*homes).order_by("-found_at"),
        filters=DuplicateFilters,
        export_name=_("duplicates"),
        context={"region": region},
    )


# --- two beside one another ---
@dataclass(frozen=True)
class Side:
    name: str
    learner: Learner
    timeline: Any
    is_kept: bool


@require_safe
def duplicate_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = _clerk(request)
    pair = _pair(user, pk)
    merge = merge_of(pair) if pair.state == State.MERGED else None
    kept, merged = _kept_first(pair, request.GET.get("keep", ""))
    if merge is not None:
        kept, merged = merge.kept, merge.merged
    until = merge.made_at + timedelta(days=UNDO_DAYS) if merge else None
    context: dict[str, Any] = {
        "pair": pair,
        "sides": [
            Side(name, row, learner_timeline(row, user, today=today()), row == kept)
            for name, row in (("first", pair.first), ("second", pair.second))
        ],
        "facts": compare_facts(pair.first, pair.second),
        "chips": [(*KIND_CHIPS[Kind(kind)], Kind(kind).label) for kind in pair.kinds],
        "kept": kept,
        "merged": merged,
        "keep": "first" if kept == pair.first else "second",
        "is_open": pair.state == State.OPEN and not (kept.merged_into_id or merged.merged_into_id),
        "may_merge": _may_merge(user, kept, merged),
        "merge": merge,
        "undo_until": until,
        "may_undo": until is not None and timezone.now() <= until,
        "today": today(),
    }
    if context["is_open"]:
        context["plan"] = merge_plan(kept, merged)
    return render(request, "learners/duplicate_detail.html", context)


@require_POST
def duplicate_merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = _clerk(request)
    pair = _pair(user, pk)
    kept, merged = _kept_first(pair, request.POST.get("keep", ""))
    if not _may_merge(user, kept, merged):
        raise PermissionDenied
    reason = request.POST.get("reason", "")[:200]
    try:
        merge_learners(kept=kept, merged=merged, reason=reason, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect(f"{_address(pair)}?keep={request.POST.get('keep', '')}")
    words = _("Merged. For %(days)d days this can be undone on the page of the two records.")
    messages.success(request, words % {"days": UNDO_DAYS})
    return redirect("learners:learner_detail", pk=kept.pk)


@require_POST
def duplicate_apart(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = _clerk(request)
    pair = _pair(user, pk)
    _require_one_home(user, pair)
    return _done(
        request,
        pair,
        lambda: tell_apart(pair=pair, reason=request.POST.get("reason", "")[:200], actor=user),
        _("Kept apart: these two are not asked about again."),
    )


@require_POST
def duplicate_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = _clerk(request)
    pair = _pair(user, pk)
    _require_one_home(user, pair)
    return _done(
        request, pair, lambda: ask_again(pair=pair, actor=user), _("Back on the list to decide.")
    )


@require_POST
def merge_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = _clerk(request)
    merge = get_object_or_404(
        Merge.objects.visible_to(user).select_related("kept", "merged"), pk=pk
    )
    if not _may_merge(user, merge.kept, merge.merged):
        raise PermissionDenied
    first, second = sorted((merge.kept_id, merge.merged_id))
    pair = get_object_or_404(SuspectedPair.objects.visible_to(user), first=first, second=second)
    reason = request.POST.get("reason", "")[:200]
    return _done(
        request,
        pair,
        lambda: undo_merge(merge=merge, reason=reason, actor=user),
        _("Undone: these are two records again, each with what it had."),
    )


# --- walk-ins ---
@require_http_methods(["GET", "HEAD", "POST"])
def learner_identify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Search before anything is created: the walk-in may have a record already."""
    user = _clerk(request)
    rows = Learner.objects.visible_to(user).live().select_related("home_region")
    walk_in = get_object_or_404(rows, pk=pk)
    if not walk_in.provisional:
        raise Http404
    if not user.scope.covers(walk_in.home_region.path, Role.CLERK):
        raise PermissionDenied
    is_posted = request.method == "POST"
    form = IdentifyForm(request.POST if is_posted else None, initial={"name": walk_in.name})
    found: list[Any] = []
    if form.is_valid():
        named = search_learners(Learner.objects.visible_to(user).live(), form.cleaned_data["name"])
        number = form.cleaned_data["number"]
        people = find_by_number(user, number) if number else named.order_by("name", "pk")
        found = list(
            people.select_related("home_region__parent").exclude(pk=walk_in.pk)[:MOST_FOUND]
        )
    types = names_of_types([row.pk for row in found])
    context = {
        "walk_in": walk_in,
        "form": form,
        "is_asked": form.is_bound and form.is_valid(),
        "found": [(row, types.get(row.pk, "")) for row in found],
    }
    status = 422 if is_posted and not form.is_valid() else 200
    return render(request, "learners/learner_identify.html", context, status=status)


@require_POST
def duplicate_create(request: HttpRequest) -> HttpResponse:
    """Put two people beside one another, whoever suspects them."""
    user = _clerk(request)
    rows = Learner.objects.visible_to(user).select_related("home_region")
    one, other = (
        get_object_or_404(rows, pk=_uuid(request.POST.get(name, ""))) for name in ("one", "other")
    )
    try:
        pair = suspect_pair(one=one, other=other, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect("learners:duplicate_list")
    return redirect("learners:duplicate_detail", pk=pair.pk)


# --- who may ---
def _clerk(request: HttpRequest) -> User:
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK):
        raise PermissionDenied
    return user


def _pair(user: User, pk: UUID) -> SuspectedPair:
    homes = ("first__home_region__parent", "second__home_region__parent", "decided_by")
    return get_object_or_404(SuspectedPair.objects.visible_to(user).select_related(*homes), pk=pk)


def _may_merge(user: User, kept: Learner, merged: Learner) -> bool:
    """Clerks of both homes; a walk-in may also be found to be somebody registered elsewhere."""
    if not user.scope.covers(merged.home_region.path, Role.CLERK):
        return False
    return merged.provisional or user.scope.covers(kept.home_region.path, Role.CLERK)


def _require_one_home(user: User, pair: SuspectedPair) -> None:
    homes = (pair.first.home_region.path, pair.second.home_region.path)
    if not any(user.scope.covers(path, Role.CLERK) for path in homes):
        raise PermissionDenied


# --- what they share ---
def _kept_first(pair: SuspectedPair, keep: str) -> tuple[Learner, Learner]:
    if keep not in {"", "first", "second"}:
        raise BadRequest("no such record")
    kept = better_kept(pair) if not keep else pair.first if keep == "first" else pair.second
    return (kept, pair.second) if kept == pair.first else (kept, pair.first)


def _address(pair: SuspectedPair) -> str:
    return reverse("learners:duplicate_detail", args=[pair.pk])


def _done(request: HttpRequest, pair: SuspectedPair, act: Any, words: str) -> HttpResponse:
    try:
        act()
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, words)
    return redirect(_address(pair))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
