"""Children of a region side by side: target, done, rank, this month, and a sum that ties out."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models.functions import Substr

from quotas import measures
from quotas.measures import Figure, Number, Spec
from quotas.models import Measure, Quota
from quotas.queries.lines import Line, same_key
from quotas.queries.pace import Progress, progress
from regions.models import Region


@dataclass(frozen=True)
class LeagueRow:
    region: Region
    progress: Progress
    #: What the as-of day's month added so far.
    month: Number | None
    rank: int | None = None
    #: Places gained since the end of last month; None = it had no rank then.
    moved: int | None = None
    #: 本级: facts attached to the region itself, not to one of its children.
    is_own: bool = False
    #: There are candidates, or a figure: something to open.
    has_facts: bool = True


@dataclass(frozen=True)
class League:
    """`over` = by how much rows exceed the total, where persons are distinct at each level."""

    rows: list[LeagueRow]
    total: LeagueRow
    reserve: Decimal
    handed_down: Decimal
    over: int = 0

    @property
    def adds_up(self) -> bool:
        target = self.total.progress.target
        return target is not None and self.handed_down + self.reserve == target

    @property
    def idle(self) -> int:
        """Children with a target that added nothing this month."""
        return sum(row.month == 0 and row.rank is not None for row in self.rows)


def month_start(day: date) -> date:
    return day.replace(day=1)


def last_month_end(day: date) -> date:
    return month_start(day) - timedelta(days=1)


def league(line: Line, total: Progress, month: Number | None, as_of: date) -> League:
    """`total` and `month` are the region's own, computed once by the page."""
    cuts = [as_of, last_month_end(as_of)]
    found = measures.figures_by_child(line.spec, line.region, cuts)
    targets = child_targets(line)
    rows = []
    for child in _children(line.region, found):
        figures = found.get(child.path)
        if figures is None and child.is_statistical and child.pk not in targets:
            continue
        rows.append(_row(line, child, figures, targets.get(child.pk), as_of))
    ranked = _ranked([now for now, _before in rows], [before for _now, before in rows])
    ranked = _opened(line, ranked, set(found), as_of)
    if own := found.get(line.region.path):
        now, _before = _row(line, line.region, own, None, as_of)
        ranked.append(replace(now, is_own=True))
    return League(
        rows=ranked,
        total=LeagueRow(line.region, total, month),
        reserve=line.quota.reserve if line.target is not None else Decimal(0),
        handed_down=sum(targets.values(), Decimal(0)),
        over=_over(line, ranked, total),
    )


def _children(region: Region, found: dict[str, list[Figure]]) -> list[Region]:
    """Those of today, and whoever was dissolved but has facts: rows + own = total stays true."""
    current = list(Region.objects.current().filter(parent=region))
    lost = set(found) - {child.path for child in current} - {region.path}
    if not lost:
        return current
    closed = Region.objects.filter(parent=region, path__in=lost).order_by("ends_on")
    return current + list({child.path: child for child in closed}.values())


def child_targets(line: Line) -> dict[int, Decimal]:
    quotas = Quota.objects.filter(same_key(line.quota), region__parent=line.region)
    return dict(quotas.values_list("region_id", "target"))


def _row(
    line: Line, child: Region, figures: list[Figure] | None, target: Decimal | None, as_of: date
) -> tuple[LeagueRow, LeagueRow]:
    """The row as of the day, and as it stood at the end of last month."""
    now, before = figures or [measures.nothing(line.spec)] * 2
    then = last_month_end(as_of)
    return (
        LeagueRow(child, progress(line.spec, now, target, as_of), gained(line.spec, now, before)),
        LeagueRow(child, progress(line.spec, before, target, then), None),
    )


def gained(spec: Spec, now: Figure, before: Figure) -> Number | None:
    """What was added between the two: members for coverage; unknown for a mean."""
    if spec.measure == Measure.INCOME_RISE_YUAN:
        return None
    if now.denominator is not None and before.denominator is not None:
        return now.numerator - before.numerator
    if isinstance(now.value, int):
        return now.value - int(before.value or 0)
    return None


def ranks(rows: list[LeagueRow]) -> dict[int, int]:
    """Region → rank by rate; equal rates share a rank and the next one is skipped."""
    rates = sorted((r.progress.rate for r in rows if r.progress.rate is not None), reverse=True)
    return {
        row.region.pk: rates.index(row.progress.rate) + 1
        for row in rows
        if row.progress.rate is not None
    }


def _ranked(rows: list[LeagueRow], before: list[LeagueRow]) -> list[LeagueRow]:
    """By rank, of equal rank who did more this month first; without a target by code, last.

    Where nobody has a target, by what was done.
    """
    now, then = ranks(rows), ranks(before)
    placed = []
    for row in rows:
        rank = now.get(row.region.pk)
        was = then.get(row.region.pk)
        moved = was - rank if rank is not None and was is not None else None
        placed.append(replace(row, rank=rank, moved=moved))
    if not now:
        return sorted(placed, key=lambda row: (-(row.progress.figure.value or 0), row.region.path))
    last = len(rows) + 1
    return sorted(placed, key=lambda row: (row.rank or last, -(row.month or 0), row.region.path))


def _opened(line: Line, rows: list[LeagueRow], known: set[str], as_of: date) -> list[LeagueRow]:
    """A zero opens to its people only where there is one to say why; one query for all zeros."""
    zeros = {row.region.path for row in rows if row.progress.figure.value == 0}
    filled = _with_candidates(line.spec, line.region, zeros & known, as_of)
    bare = zeros - filled
    return [replace(row, has_facts=row.region.path not in bare) for row in rows]


def _with_candidates(spec: Spec, region: Region, paths: set[str], as_of: date) -> set[str]:
    """Which of these children have a candidate. Children of one region have codes of one length."""
    if not paths or spec.measure in {Measure.ROSTER_COVERAGE, Measure.INCOME_RISE_YUAN}:
        return paths  # a rate or a mean of nothing is no zero
    if spec.measure == Measure.PEOPLE_TRAINED:
        # A person stands here once per region, and might stand with another child's enrolment.
        spec = replace(spec, measure=Measure.PERSON_TIMES)
    child = Substr("fact_path", 1, len(next(iter(paths))))
    found = measures.candidates(spec, region, as_of).order_by().annotate(child=child)
    return set(found.filter(child__in=paths).values_list("child", flat=True).distinct())


def _over(line: Line, rows: list[LeagueRow], total: Progress) -> int:
    """Persons that stand in several rows."""
    if measures.is_additive(line.spec.measure) or not isinstance(total.figure.value, int):
        return 0
    counted = [row.progress.figure.value for row in rows]
    return sum(value for value in counted if isinstance(value, int)) - total.figure.value
