"""Explain this number: the people behind a figure, counted or not, and why."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Count,
    DateField,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from courses.models import ATTENDED, AttendanceState, ClassSession, Enrolment
from incubation.models import EarningsReport, Shop
from learners.models import Household, Learner, RegisterEntry
from quotas import measures
from quotas.measures import REASONS, Reason, income
from quotas.models import Measure
from quotas.queries.lines import Line
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Person:
    """One row of the list. A person outside the reader's reach keeps the row, without a name."""

    name: str
    #: Masked identity number, or what else tells the subject apart.
    mark: str
    learner: uuid.UUID | None
    place: str
    place_above: str
    what: str
    what_more: str
    proof: str
    reason: Reason
    note: str = ""


HIDDEN = ("", "", None, "", "")


def facts(line: Line, as_of: date, verdict: str = "", reason: str = "") -> Any:
    """The candidates, or those of one verdict or reason: a queryset, or for income a list."""
    codes = [reason] if reason else measures.codes_of(verdict) if verdict else list(REASONS)
    if line.spec.measure == Measure.INCOME_RISE_YUAN:
        found = income.candidates(line.spec, line.region, as_of)
        return [row for row in found if row.why in codes]
    rows = measures.candidates(line.spec, line.region, as_of)
    return rows.filter(why__in=codes).order_by("-fact_on", "pk")


def people(user: "User", line: Line, rows: Sequence[Any], as_of: date) -> list[Person]:
    """The rows of a page (or of a workbook) in words, with what `user` may see of them."""
    describe: Callable[[User, Sequence[Any], date], list[Person]] = {
        Measure.PERSON_TIMES: _enrolled,
        Measure.PEOPLE_TRAINED: _enrolled,
        Measure.ROSTER_COVERAGE: _registered,
        Measure.SHOPS_OPENED: _owners,
        Measure.INCOME_RISE_YUAN: _earners,
    }[Measure(line.spec.measure)]
    return describe(user, rows, as_of)


def headings(measure: str) -> tuple[str, str]:
    """The names of the columns `what` and `proof`."""
    return {
        Measure.ROSTER_COVERAGE: (_("Register"), _("Completed on")),
        Measure.SHOPS_OPENED: (_("Shop"), _("Opened on")),
        Measure.INCOME_RISE_YUAN: (_("Months counted"), _("Rise per head (yuan)")),
    }.get(Measure(measure), (_("Course run"), _("Sessions attended")))


# --- enrolments -----------------------------------------------------------------------------------
def _enrolled(user: "User", rows: Sequence[Any], as_of: date) -> list[Person]:
    keys = [row.pk for row in rows]
    visible = set(
        Enrolment.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    ) | set(
        Enrolment.objects.filter(
            pk__in=keys, learner__in=Learner.objects.visible_to(user)
        ).values_list("pk", flat=True)
    )
    full = with_attendance(Enrolment.objects.filter(pk__in=keys), as_of).in_bulk()
    found = []
    for row in rows:
        enrolment = full[row.pk]
        who = _learner(enrolment.learner, enrolment.home_region, row.pk in visible)
        run = enrolment.run
        number = _("Run %(number)s") % {"number": run.number}
        note = _enrolment_note(row.why, enrolment)
        proof = f"{enrolment.attended}/{enrolment.held}" if enrolment.held else "—"
        found.append(Person(*who, run.course.title, number, proof, REASONS[row.why], note))
    return found


def with_attendance(rows: "QuerySet[Enrolment]", as_of: date) -> "QuerySet[Any]":
    """Sessions attended and counted sessions held while enrolled, up to the as-of day."""
    never = Value(date.max, output_field=DateField())
    counted = ClassSession.objects.counted().filter(held_on__lte=as_of)
    held = counted.filter(
        run_id=OuterRef("run_id"),
        held_on__gte=OuterRef("enrolled_on"),
        held_on__lt=Coalesce(OuterRef("withdrawn_on"), never),
    )
    attended = AttendanceState.objects.filter(
        session__in=counted,
        session__run_id=OuterRef("run_id"),
        session__held_on__gte=OuterRef("enrolled_on"),
        session__held_on__lt=Coalesce(OuterRef("withdrawn_on"), never),
        learner_id=OuterRef("learner_id"),
        status__in=ATTENDED,
    )
    related = ("learner", "home_region__parent", "run__course")
    return rows.select_related(*related).annotate(
        attended=_number(attended, "session__run_id"), held=_number(held, "run_id")
    )


def _number(rows: "QuerySet[Any]", group: str) -> Coalesce:
    counted = rows.order_by().values(group).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _enrolment_note(why: str, enrolment: Any) -> str:
    if why == "counted" and enrolment.learner.provisional:
        return _("counts as a person-time only")
    if why == "counted" and enrolment.attended == 1 < enrolment.held:
        return _("one session is enough")
    if why == "not_closed":
        return _("waits for the class teacher to close the session")
    return ""


def _learner(
    learner: Learner, home: Region, is_visible: bool
) -> tuple[str, str, uuid.UUID | None, str, str]:
    if not is_visible:
        return HIDDEN
    name = learner.name or _("Walk-in (identity to be verified)")
    above = home.parent.name if home.parent else ""
    return name, learner.masked_id, learner.pk, home.name, above


# --- register entries -----------------------------------------------------------------------------
def _registered(user: "User", rows: Sequence[Any], as_of: date) -> list[Person]:
    related = ("learner", "household__head", "region_at_seal__parent", "edition__register")
    entries = RegisterEntry.objects.select_related(*related)
    full = entries.prefetch_related("household__memberships__learner").in_bulk(
        [row.pk for row in rows]
    )
    learners = _visible_learners(user, (row.learner_id for row in full.values()))
    households = _visible_households(user, (row.household_id for row in full.values()))
    found = []
    for row in rows:
        entry = full[row.pk]
        place = entry.region_at_seal
        if entry.learner is not None:
            who = _learner(entry.learner, place, entry.learner_id in learners)
        else:
            who = _household(entry.household, place, entry.household_id in households)
        register = str(entry.edition.register.get_purpose_display())
        edition = _("Edition %(no)s") % {"no": entry.edition.no}
        day: date | None = row.completed_on
        proof = day.isoformat() if day else "—"
        why: str = row.why
        note = "" if entry.in_seal else _("added after the seal")
        found.append(Person(*who, register, edition, proof, REASONS[why], note))
    return found


def _visible_learners(user: "User", keys: Iterable[uuid.UUID | None]) -> set[uuid.UUID]:
    found = Learner.objects.visible_to(user).filter(pk__in=[key for key in keys if key])
    return set(found.values_list("pk", flat=True))


def _visible_households(user: "User", keys: Iterable[uuid.UUID | None]) -> set[uuid.UUID]:
    found = Household.objects.visible_to(user).filter(pk__in=[key for key in keys if key])
    return set(found.values_list("pk", flat=True))


def _household(
    household: Household | None, place: Region, is_visible: bool
) -> tuple[str, str, uuid.UUID | None, str, str]:
    if household is None or not is_visible:
        return HIDDEN
    # A roster without heads leaves households of one: its member is who a reader looks for.
    members = [row.learner for row in household.memberships.all() if row.ends_on is None]
    known = [household.head] if household.head else members
    above = place.parent.name if place.parent else ""
    name = "、".join(member.name for member in known) or _("Household")
    return name, household.number, known[0].pk if known else None, place.name, above


# --- shops ----------------------------------------------------------------------------------------
def _owners(user: "User", rows: Sequence[Any], as_of: date) -> list[Person]:
    full = Shop.objects.select_related("owner", "home_region__parent").in_bulk(
        [row.pk for row in rows]
    )
    visible = set(
        Shop.objects.visible_to(user).filter(pk__in=full).values_list("pk", flat=True)
    ) | {
        shop.pk
        for shop in full.values()
        if shop.owner_id in _visible_learners(user, (row.owner_id for row in full.values()))
    }
    found = []
    for row in rows:
        shop = full[row.pk]
        who = _learner(shop.owner, shop.home_region, shop.pk in visible)
        name = shop.name if shop.pk in visible else ""
        why: str = row.why
        closed = shop.closed_on
        note = _("closed on %(day)s") % {"day": closed.isoformat()} if closed else ""
        day = shop.opened_on.isoformat()
        found.append(Person(*who, name, shop.get_platform_display(), day, REASONS[why], note))
    return found


# --- households' income ---------------------------------------------------------------------------
def _earners(user: "User", rows: Sequence[income.HouseholdRise], as_of: date) -> list[Person]:
    full = income.households(rows)
    visible = _visible_households(user, full)
    found = []
    for row in rows:
        household = full[row.household]
        who = _household(household, household.region, row.household in visible)
        months = _("%(n)s months") % {"n": row.months}
        note = _("part-year") if row.part_year else ""
        proof = "—" if row.rise is None else f"{row.rise:,.2f}"
        found.append(Person(*who, months, _grade(row.grade), proof, REASONS[row.why], note))
    return found


def _grade(grade: int) -> str:
    return str(EarningsReport.Grade(grade).label) if grade else ""


# --- what stands beside ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Verified:
    """Spot checks of the counted facts: confirmed ÷ checked with its 95 % interval (Wilson)."""

    confirmed: int
    checked: int

    @property
    def rate(self) -> Decimal:
        return measures.percent(self.confirmed, self.checked)

    @property
    def interval(self) -> tuple[Decimal, Decimal]:
        n, share, z = self.checked, self.confirmed / self.checked, 1.959964
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * ((share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5) / (1 + z * z / n)
        low, high = (round(max(middle + sign * half, 0.0) * 100, 1) for sign in (-1, 1))
        return Decimal(str(low)), Decimal(str(high))
