"""Every figure of the plans: one function each, with the counting rule that pages quote.

`figure`, `by_child` and `explain` of a measure read one queryset of facts (for income: one reading
of the books), so page, workbook and explanation cannot differ.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quotas.measures import counting, coverage, income, shops, training
from quotas.measures.counting import Column, child_key
from quotas.measures.facts import (
    REASONS,
    Figure,
    Number,
    Reason,
    Rule,
    Spec,
    State,
    Verdict,
    codes_of,
    percent,
)
from quotas.models import Measure, Quota
from regions.models import Region

__all__ = [
    "MEASURES",
    "REASONS",
    "Account",
    "Figure",
    "Number",
    "Persons",
    "Reason",
    "Rule",
    "Spec",
    "State",
    "Verdict",
    "audiences",
    "by_child",
    "candidates",
    "child_key",
    "codes_of",
    "explain",
    "figure",
    "figures",
    "figures_by_child",
    "is_additive",
    "months_of",
    "nothing",
    "percent",
    "persons",
    "rule_of",
    "unit_of",
]
months_of = income.months_of


@dataclass(frozen=True)
class Definition:
    """How a measure is counted. `facts` feeds the figures, `candidates` the explanation."""

    rule: Rule
    unit: str | Promise
    #: Rows + 本级 = total. Distinct counts and rates are not.
    additive: bool
    facts: Callable[[Spec, Region, date], "QuerySet[Any]"]
    candidates: Callable[[Spec, Region, date], "QuerySet[Any]"]
    select: tuple[str, ...]
    columns: tuple[Column, ...]


MEASURES: dict[str, Definition] = {
    Measure.PERSON_TIMES: Definition(
        training.PERSON_TIMES_RULE,
        _("person-times"),
        True,
        training.person_times,
        training.candidates,
        training.COLUMNS,
        training.PERSON_TIMES,
    ),
    Measure.PEOPLE_TRAINED: Definition(
        training.PEOPLE_RULE,
        _("persons"),
        False,
        training.person_times,
        training.people,
        training.COLUMNS,
        training.PEOPLE,
    ),
    Measure.ROSTER_COVERAGE: Definition(
        coverage.RULE,
        "%",
        False,
        coverage.entries,
        coverage.candidates,
        coverage.COLUMNS,
        coverage.COVERAGE,
    ),
    Measure.SHOPS_OPENED: Definition(
        shops.RULE,
        pgettext_lazy("unit", "shops"),
        True,
        shops.shops,
        shops.candidates,
        shops.COLUMNS,
        shops.OPENED,
    ),
}
INCOME_UNIT = _("yuan per head")


def rule_of(measure: str) -> Rule:
    return income.RULE if measure == Measure.INCOME_RISE_YUAN else MEASURES[measure].rule


def unit_of(measure: str) -> str | Promise:
    return INCOME_UNIT if measure == Measure.INCOME_RISE_YUAN else MEASURES[measure].unit


def is_additive(measure: str) -> bool:
    return measure in MEASURES and MEASURES[measure].additive


def nothing(spec: Spec) -> Figure:
    """The figure of a place without any fact."""
    if spec.measure == Measure.INCOME_RISE_YUAN:
        return _income(income.summary([]))
    return _figures(spec, None, [spec.ends_on])[0]


def _spec(asked: Spec | Quota) -> Spec:
    return Spec.of(asked) if isinstance(asked, Quota) else asked


def figure(asked: Spec | Quota, region: Region, as_of: date) -> Figure:
    """The measure's figure for everything attributed to `region` and below."""
    return figures(asked, region, [as_of])[0]


def by_child(asked: Spec | Quota, region: Region, as_of: date) -> dict[str, Figure]:
    """Figures by path of `region`'s children, and 本级 under the region's own path."""
    found = figures_by_child(asked, region, [as_of])
    return {path: rows[0] for path, rows in found.items()}


def figures(asked: Spec | Quota, region: Region, cuts: Sequence[date]) -> list[Figure]:
    """The figure at several as-of days, read once."""
    spec = _spec(asked)
    if spec.measure == Measure.INCOME_RISE_YUAN:
        return _incomes(spec, region, cuts, whole=True).get(
            counting.WHOLE, [_income(income.summary([])) for _cut in cuts]
        )
    found = _tally(spec, region, cuts, whole=True)
    return _figures(spec, found.get(counting.WHOLE), cuts)


def figures_by_child(
    asked: Spec | Quota, region: Region, cuts: Sequence[date]
) -> dict[str, list[Figure]]:
    """As `figures`, for each child that has a fact at all."""
    spec = _spec(asked)
    if spec.measure == Measure.INCOME_RISE_YUAN:
        return _incomes(spec, region, cuts, whole=False)
    found = _tally(spec, region, cuts, whole=False)
    return {path: _figures(spec, counts, cuts) for path, counts in found.items()}


def _tally(
    spec: Spec, region: Region, cuts: Sequence[date], *, whole: bool
) -> dict[str, list[tuple[int, ...]]]:
    measure = MEASURES[spec.measure]
    facts = measure.facts(spec, region, max(cuts)).order_by().values(*measure.select)
    return counting.tally(
        facts,
        measure.columns,
        period=(spec.starts_on, spec.ends_on),
        cuts=cuts,
        region=None if whole else region,
    )


def _figures(
    spec: Spec, counts: list[tuple[int, ...]] | None, cuts: Sequence[date]
) -> list[Figure]:
    width = len(MEASURES[spec.measure].columns)
    rows = counts or [(0,) * width for _cut in cuts]
    make = _rate if spec.measure == Measure.ROSTER_COVERAGE else _count
    return [make(spec, row) for row in rows]


def _count(spec: Spec, counts: tuple[int, ...]) -> Figure:
    return Figure(value=counts[0], unit=unit_of(spec.measure), numerator=counts[0])


def _rate(spec: Spec, counts: tuple[int, ...]) -> Figure:
    """Members of E that completed ÷ E; beside it the sealed edition alone."""
    done, members, sealed_done, sealed_members = counts
    unit = unit_of(spec.measure)
    if not members:
        return Figure(None, unit, denominator=None, state=State.NO_DENOMINATOR)
    beside: dict[str, Number] = {"sealed_done": sealed_done, "sealed": sealed_members}
    if sealed_members:
        beside["sealed_rate"] = percent(sealed_done, sealed_members)
    return Figure(percent(done, members), unit, done, members, State.OK, beside)


def _income(rise: income.Rise) -> Figure:
    if rise.mean is None:
        return Figure(None, INCOME_UNIT, state=State.NO_DATA)
    return Figure(
        rise.mean,
        INCOME_UNIT,
        numerator=rise.enough,
        denominator=rise.households,
        beside={
            "enough": rise.enough,
            "enough_rate": percent(rise.enough, rise.households),
            "total_yuan": rise.total,
            "part_year": rise.part_year,
        },
    )


def _incomes(
    spec: Spec, region: Region, cuts: Sequence[date], *, whole: bool
) -> dict[str, list[Figure]]:
    books = income.read_books(spec, region, max(cuts))
    key = {
        household: counting.WHOLE if whole else child_key(book.path, region)
        for household, book in books.items()
    }
    by_cut = [income.by_place(income.rises(books, spec, cut), key) for cut in cuts]
    places = dict.fromkeys(key.values())
    return {place: [_income(found[place]) for found in by_cut] for place in places}


def candidates(asked: Spec | Quota, region: Region, as_of: date) -> "QuerySet[Any]":
    """Facts with `subject`, `fact_path`, `fact_on` and `why`; not for income (see `income`)."""
    spec = _spec(asked)
    return MEASURES[spec.measure].candidates(spec, region, as_of)


@dataclass(frozen=True)
class Account:
    """How the candidates become the figure: counted + not counted + pending = candidates."""

    reasons: dict[str, int]

    @property
    def candidates(self) -> int:
        return sum(self.reasons.values())

    @property
    def counted(self) -> int:
        return self.reasons.get("counted", 0)

    def of(self, verdict: str) -> int:
        return sum(self.reasons.get(code, 0) for code in codes_of(verdict))

    def subtracted(self) -> Iterator[tuple[Reason, int]]:
        """What stands between the candidates and the figure, reason by reason."""
        for code, reason in REASONS.items():
            if code != "counted" and self.reasons.get(code):
                yield reason, self.reasons[code]


def explain(asked: Spec | Quota, region: Region, as_of: date) -> Account:
    spec = _spec(asked)
    if spec.measure == Measure.INCOME_RISE_YUAN:
        reasons: dict[str, int] = {}
        for row in income.candidates(spec, region, as_of):
            reasons[row.why] = reasons.get(row.why, 0) + 1
        return Account(reasons)
    return Account(counting.count_by(candidates(spec, region, as_of), "why"))


@dataclass(frozen=True)
class Persons:
    """How person-times become persons: `by_times` maps 参加 n 期 to how many persons."""

    by_times: dict[int, int]
    #: Person-times of people whose identity is to be verified; they are no persons yet.
    unverified: int

    @property
    def rows(self) -> list[tuple[int, int, int]]:
        """(runs attended, persons, person-times), the fewest runs first."""
        return [(n, people, n * people) for n, people in sorted(self.by_times.items())]

    @property
    def people(self) -> int:
        return sum(self.by_times.values())

    @property
    def times(self) -> int:
        return sum(times * people for times, people in self.by_times.items())


def persons(asked: Spec | Quota, region: Region, as_of: date) -> Persons:
    """persons.times + unverified = the person-times of the same question."""
    facts = _counted_training(_spec(asked), region, as_of)
    known = counting.count_times(facts.filter(provisional=False))
    return Persons(known, facts.filter(provisional=True).count())


def audiences(asked: Spec | Quota, region: Region, as_of: date) -> dict[str, int]:
    """Person-times by the audience of the course; they tie out with the figure."""
    facts = _counted_training(_spec(asked), region, as_of)
    return counting.count_by(facts.annotate(audience=F("run__course__audience")), "audience")


def _counted_training(spec: Spec, region: Region, as_of: date) -> "QuerySet[Any]":
    facts: QuerySet[Any] = training.person_times(spec, region, as_of)
    return facts.filter(attended_on__range=(spec.starts_on, spec.until(as_of)))
