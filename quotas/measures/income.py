"""income_rise_yuan: what households earn against the same months before the training."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incubation.models import Baseline, EarningsReport
from learners.models import Household, HouseholdStatus
from lms.lib.periods import valid_on
from lms.lib.scope import under
from quotas.measures.facts import Rule, Spec
from regions.models import Region

RULE = Rule(
    text=_(
        "Per household: (sum of the period's months − the baseline of the same months) ÷ members "
        "at the baseline, from the best-evidenced report of each month; “part-year” where months "
        "lack. The figure is the mean over households that have both; the share at or above 300 "
        "yuan and the total stand beside it."
    ),
    edition=1,
    valid_from=date(2026, 1, 1),
)
ENOUGH_YUAN = Decimal(300)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class HouseholdRise:
    """One household's fact. `rise` is per head; None unless `why` is "counted"."""

    household: uuid.UUID
    fact_path: str
    why: str
    rise: Decimal | None = None
    total: Decimal = Decimal(0)
    months: int = 0
    part_year: bool = False
    #: The weakest evidence among the months that count.
    grade: int = 0


@dataclass(frozen=True)
class Report:
    month: date
    amount: Decimal
    grade: int


@dataclass
class Books:
    """A household's reports and baseline, a month each."""

    path: str
    reports: dict[date, Report]
    baseline: dict[int, Decimal]
    members: int = 0


def read_books(spec: Spec, region: Region, as_of: date) -> dict[uuid.UUID, Books]:
    """Every household of the region with a report in the period or a baseline."""
    reach = under("household__region__path", [region.path])
    if spec.household_group:
        reach &= Q(household_id__in=_households_of(spec.household_group, as_of))
    books: dict[uuid.UUID, Books] = {}
    _read_reports(books, spec, reach, as_of)
    _read_baselines(books, spec, reach)
    return books


def _households_of(group: str, as_of: date) -> "QuerySet[HouseholdStatus, Any]":
    found = HouseholdStatus.objects.filter(valid_on(as_of), type__group=group)
    return found.values("household_id")


def _read_reports(books: dict[uuid.UUID, Books], spec: Spec, reach: Q, as_of: date) -> None:
    rows = (
        EarningsReport.objects.filter(reach, kind=EarningsReport.Kind.INCOME)
        .filter(month__range=(spec.starts_on.replace(day=1), spec.until(as_of)))
        .filter(replaced_by__isnull=True)
        # The best grade of a month comes last and stays; of equal ones the later report.
        .order_by("grade", "reported_at")
        .values_list("household_id", "household__region__path", "month", "amount_yuan", "grade")
    )
    for household, path, month, amount, grade in rows.iterator():
        if household is not None:
            book = books.setdefault(household, Books(path, {}, {}))
            book.reports[month] = Report(month, amount, grade)


def _read_baselines(books: dict[uuid.UUID, Books], spec: Spec, reach: Q) -> None:
    rows = Baseline.objects.filter(reach)
    if spec.base_starts_on and spec.base_ends_on:
        rows = rows.filter(month__range=(spec.base_starts_on.replace(day=1), spec.base_ends_on))
    else:
        # The month that the period begins in belongs to the period.
        rows = rows.filter(month__lt=spec.starts_on.replace(day=1))
    # Of several years the latest one stays.
    found = rows.order_by("month").values_list(
        "household_id", "household__region__path", "month", "amount_yuan", "members"
    )
    for household, path, month, amount, members in found.iterator():
        book = books.setdefault(household, Books(path, {}, {}))
        book.baseline[month.month] = amount
        book.members = members


def household_rise(household: uuid.UUID, book: Books, months: Sequence[date]) -> HouseholdRise:
    """The rule, for one household, over the first days of the period's months."""
    given = [book.reports[month] for month in months if month in book.reports]
    same = [report for report in given if report.month.month in book.baseline]
    if not same:
        why = _why_not(book, given)
        return HouseholdRise(household, book.path, why)
    total = sum((r.amount - book.baseline[r.month.month] for r in same), Decimal(0))
    return HouseholdRise(
        household,
        book.path,
        "counted",
        rise=(total / book.members).quantize(CENT, ROUND_HALF_UP),
        total=total,
        months=len(same),
        part_year=len(same) < len(months),
        grade=min(report.grade for report in same),
    )


def _why_not(book: Books, given: list[Report]) -> str:
    if not book.baseline:
        return "no_baseline"
    return "no_same_month" if given else "no_report"


def months_of(spec: Spec, until: date) -> list[date]:
    """The first days of the period's months up to `until`."""
    month, found = spec.starts_on.replace(day=1), []
    while month <= until:
        found.append(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return found


def rises(books: dict[uuid.UUID, Books], spec: Spec, as_of: date) -> list[HouseholdRise]:
    months = months_of(spec, spec.until(as_of))
    return [household_rise(household, book, months) for household, book in books.items()]


def candidates(spec: Spec, region: Region, as_of: date) -> list[HouseholdRise]:
    return rises(read_books(spec, region, as_of), spec, as_of)


@dataclass(frozen=True)
class Rise:
    """The figure of some households."""

    mean: Decimal | None
    households: int
    enough: int
    part_year: int
    total: Decimal


def summary(found: Iterable[HouseholdRise]) -> Rise:
    counted = [(row.rise, row) for row in found if row.rise is not None]
    if not counted:
        return Rise(None, 0, 0, 0, Decimal(0))
    mean = sum((rise for rise, _row in counted), Decimal(0)) / len(counted)
    return Rise(
        mean=mean.quantize(CENT, ROUND_HALF_UP),
        households=len(counted),
        enough=sum(rise >= ENOUGH_YUAN for rise, _row in counted),
        part_year=sum(row.part_year for _rise, row in counted),
        total=sum((row.total for _rise, row in counted), Decimal(0)),
    )


def by_place(found: Iterable[HouseholdRise], key: "dict[uuid.UUID, str]") -> dict[str, Rise]:
    """The figure of each place; `key` says where a household stands."""
    groups: dict[str, list[HouseholdRise]] = defaultdict(list)
    for row in found:
        groups[key[row.household]].append(row)
    return {place: summary(rows) for place, rows in groups.items()}


def households(found: Iterable[HouseholdRise]) -> dict[uuid.UUID, Household]:
    keys = [row.household for row in found]
    rows = Household.objects.select_related("region__parent", "head")
    return rows.prefetch_related("memberships__learner").in_bulk(keys)
