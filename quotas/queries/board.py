"""The completion board of a region: tiles, the finding in words, and the league of its children."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from learners.models import Audience
from quotas import measures
from quotas.measures import Number, Spec
from quotas.models import Measure, Plan, Quota
from quotas.queries.league import League, gained, last_month_end, league
from quotas.queries.lines import Line, key_of, lines, period_for, periods, plan_for, plans_at
from quotas.queries.pace import Progress, Standing, classes_missing, pace_day, progress, shortfall
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

Point = tuple[date, float]


@dataclass(frozen=True)
class Tile:
    line: Line
    progress: Progress
    #: What the as-of day's month added so far.
    month: Number | None

    @property
    def is_coverage(self) -> bool:
        return self.line.spec.measure == Measure.ROSTER_COVERAGE


@dataclass(frozen=True)
class Trend:
    """Cumulative points at each month's end, the plan's straight line, and the forecast."""

    actual: list[Point]
    plan: list[Point]
    forecast: Point | None


@dataclass(frozen=True)
class Finding:
    """The first sentence of the page: what stands worst with the chosen quota, and what to do."""

    tile: Tile
    #: What will be missing at the end, in the unit that is counted, and in classes of 40.
    short: Number | None
    classes: int
    #: Register people without any enrolment in the period; None where there is no register.
    never_enrolled: int | None
    register_line: Line | None


@dataclass(frozen=True)
class Board:
    region: Region
    plan: Plan | None
    plans: list[Plan]
    #: The last day of the quotas that are shown, and what else could be chosen.
    period: date | None
    periods: list[date]
    as_of: date
    audience: str
    tiles: list[Tile]
    hero: Tile | None
    trend: Trend | None
    finding: Finding | None
    league: League | None

    @property
    def others(self) -> list[Tile]:
        return [tile for tile in self.tiles if tile is not self.hero]


@dataclass(frozen=True)
class Choice:
    """What the filter bar says; empty fields take the page's own choice."""

    as_of: date
    plan: uuid.UUID | None = None
    period: date | None = None
    audience: str = ""
    quota: uuid.UUID | None = None


def board(user: "User", region: Region, choice: Choice) -> Board:
    """Raises LookupError for a plan, period, audience or quota that is not to be had here."""
    plans = plans_at(user, region)
    plan = _chosen_plan(plans, choice)
    if choice.audience and choice.audience not in Audience.values:
        raise LookupError(choice.audience)
    found = lines(user, plan, region, choice.audience) if plan else []
    options = periods(found)
    period = choice.period or period_for(options, choice.as_of)
    if period and choice.period and period not in options:
        raise LookupError(period)
    tiles = [tile_of(line, choice.as_of) for line in found if line.spec.ends_on == period]
    hero = _hero(tiles, plan, choice.quota)
    return Board(
        region=region,
        plan=plan,
        plans=plans,
        period=period,
        periods=options,
        as_of=choice.as_of,
        audience=choice.audience,
        tiles=tiles,
        hero=hero,
        trend=trend_of(hero, choice.as_of) if hero else None,
        finding=finding_of(hero, tiles, choice.as_of) if hero else None,
        league=league(hero.line, hero.progress, hero.month, choice.as_of) if hero else None,
    )


def _chosen_plan(plans: list[Plan], choice: Choice) -> Plan | None:
    if choice.plan is None:
        return plan_for(plans, choice.as_of)
    found = next((plan for plan in plans if plan.pk == choice.plan), None)
    if found is None:
        raise LookupError(choice.plan)
    return found


def _hero(tiles: list[Tile], plan: Plan | None, quota: uuid.UUID | None) -> Tile | None:
    """The tile of the chosen quota, which may be the same one at another region of the tree."""
    if quota is None:
        return next(iter(tiles), None)
    asked = Quota.objects.filter(pk=quota, plan=plan).first()
    found = next((tile for tile in tiles if asked and tile.line.key == key_of(asked)), None)
    if found is None:
        raise LookupError(quota)
    return found


def tile_of(line: Line, as_of: date) -> Tile:
    cuts = [as_of, last_month_end(as_of), pace_day(line.spec, as_of)]
    now, last_month, before = measures.figures(line.spec, line.region, cuts)
    return Tile(
        line,
        progress(line.spec, now, line.target, as_of, before),
        gained(line.spec, now, last_month),
    )


def month_ends(spec: Spec, as_of: date) -> list[date]:
    """The last day of each month of the period so far; for the running month, today."""
    until = spec.until(as_of)
    starts = measures.months_of(spec, until)[1:]
    return [*(start - timedelta(days=1) for start in starts), until]


def trend_of(tile: Tile, as_of: date) -> Trend | None:
    """From nothing on the period's eve; None where there is no line to draw."""
    spec, found = tile.line.spec, tile.progress
    if found.figure.value is None or as_of < spec.starts_on or not _is_cumulative(spec):
        return None
    ends = month_ends(spec, as_of)
    figures = measures.figures(spec, tile.line.region, ends)
    points = [(end, float(figure.value or 0)) for end, figure in zip(ends, figures, strict=True)]
    target = found.target
    goal = (spec.ends_on, float(found.forecast)) if found.forecast is not None else None
    return Trend(
        actual=[(spec.starts_on, 0.0), *points],
        plan=[(spec.starts_on, 0.0), (spec.ends_on, float(target))] if target else [],
        forecast=goal,
    )


def _is_cumulative(spec: Spec) -> bool:
    return spec.measure != Measure.INCOME_RISE_YUAN


def finding_of(hero: Tile, tiles: list[Tile], as_of: date) -> Finding | None:
    """None without a target: then there is nothing to be behind of."""
    if hero.progress.target is None:
        return None
    register = next((tile for tile in tiles if _has_register(tile)), None)
    never: int | None = None
    if register is not None:
        account = measures.explain(register.line.spec, register.line.region, as_of)
        never = account.reasons.get("never_enrolled", 0)
    return Finding(
        tile=hero,
        short=shortfall(hero.line.spec, hero.progress),
        classes=classes_missing(hero.line.spec, hero.progress),
        never_enrolled=never,
        register_line=register.line if register else None,
    )


def _has_register(tile: Tile) -> bool:
    return tile.is_coverage and tile.progress.standing != Standing.NO_DENOMINATOR
