"""Progress against a target: due line, points, forecast, and the standing in one word."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.lib.periods import days_between
from quotas.measures import Figure, Number, Spec, State, percent
from quotas.models import Measure

PACE_DAYS = 90
CLASS_SIZE = 40
#: Measures whose missing rest is filled by classes.
TAUGHT = {Measure.PERSON_TIMES, Measure.PEOPLE_TRAINED, Measure.ROSTER_COVERAGE}


class Standing(models.TextChoices):
    DONE = "done", pgettext_lazy("quota", "Done")
    ON_PACE = "on_pace", _("On pace")
    SLOW = "slow", _("A little slow")
    BEHIND = "behind", _("Behind")
    NO_DENOMINATOR = "no_denominator", _("No denominator")
    NO_DATA = "no_data", _("n/a")


@dataclass(frozen=True)
class Progress:
    """A figure against a target. Without a target only the figure is there.

    `rate`, `due`, `points` and `forecast_rate` are per cents of the target with one decimal.
    """

    figure: Figure
    target: Decimal | None
    due: Decimal
    rate: Decimal | None = None
    points: Decimal | None = None
    #: How much less than the target, in the unit that is counted; negative = beyond it.
    missing: Number | None = None
    standing: str = ""
    forecast: Number | None = None
    forecast_rate: Decimal | None = None

    @property
    def due_amount(self) -> int | None:
        """What the due line asks for today, in the unit of the target."""
        if self.target is None:
            return None
        return int((self.target * self.due / 100).quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def standing_label(self) -> str:
        return str(Standing(self.standing).label) if self.standing else ""

    @property
    def beyond(self) -> Number:
        return -self.missing if self.missing is not None and self.missing < 0 else 0


def due_share(spec: Spec, as_of: date) -> Decimal:
    """Straight by days between the first and the last day, both counted."""
    if as_of < spec.starts_on:
        return Decimal("0.0")
    if as_of >= spec.ends_on:
        return Decimal("100.0")
    return percent(days_between(spec.starts_on, as_of), days_between(spec.starts_on, spec.ends_on))


def pace_day(spec: Spec, as_of: date) -> date:
    """The day that the last 90 days are measured from; the eve of the period if it is younger."""
    return max(spec.until(as_of) - timedelta(days=PACE_DAYS), spec.starts_on - timedelta(days=1))


def standing_of(missing: Number | None, points: Decimal) -> str:
    if missing is not None and missing <= 0:
        return Standing.DONE
    if points >= 0:
        return Standing.ON_PACE
    return Standing.SLOW if points >= -Decimal(str(settings.SLOW_POINTS)) else Standing.BEHIND


def missing_of(spec: Spec, figure: Figure, target: Decimal) -> Number | None:
    """What the target still asks for: members for coverage, else in the unit of the figure."""
    if figure.value is None:
        return None
    if spec.measure == Measure.ROSTER_COVERAGE and figure.denominator is not None:
        return math.ceil(target * figure.denominator / 100) - figure.numerator
    rest = target - figure.value
    return rest if rest % 1 else int(rest)


def rate_of(spec: Spec, figure: Figure, target: Decimal) -> Decimal:
    """Of members for coverage, because its figure is rounded: 89.96 % of 90 % is not the whole."""
    if spec.measure == Measure.ROSTER_COVERAGE and figure.denominator:
        return percent(Decimal(100 * figure.numerator), target * figure.denominator)
    return percent(figure.value or 0, target)


def progress(
    spec: Spec, figure: Figure, target: Decimal | None, as_of: date, before: Figure | None = None
) -> Progress:
    """`before` is the figure at `pace_day`, where a forecast is wanted."""
    due = due_share(spec, as_of)
    if target is None:
        return Progress(figure, None, due)
    if figure.value is None:
        no_base = figure.state == State.NO_DENOMINATOR
        standing = Standing.NO_DENOMINATOR if no_base else Standing.NO_DATA
        return Progress(figure, target, due, standing=standing)
    rate, missing = rate_of(spec, figure, target), missing_of(spec, figure, target)
    points = rate - due
    expected = forecast(spec, figure, before, as_of)
    return Progress(
        figure,
        target,
        due,
        rate=rate,
        points=points,
        missing=missing,
        standing=standing_of(missing, points),
        forecast=expected,
        forecast_rate=None if expected is None else percent(expected, target),
    )


def forecast(spec: Spec, figure: Figure, before: Figure | None, as_of: date) -> Number | None:
    """The figure at the period's end if the pace of the last 90 days holds; None = unknown."""
    day, until = pace_day(spec, as_of), spec.until(as_of)
    if figure.value is None or before is None or spec.measure == Measure.INCOME_RISE_YUAN:
        return None
    if until >= spec.ends_on or until <= day:
        return None
    gained = Decimal(figure.value) - Decimal(before.value or 0)
    ahead = (spec.ends_on - until).days
    expected = Decimal(figure.value) + gained * ahead / (until - day).days
    if spec.measure == Measure.ROSTER_COVERAGE:
        return max(min(expected, Decimal(100)), Decimal(0)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return int(expected.quantize(Decimal(1), ROUND_HALF_UP))


def shortfall(spec: Spec, found: Progress) -> Number | None:
    """What will be missing at the period's end: by the forecast, else what is missing today."""
    if found.target is None or found.forecast is None:
        return found.missing
    rest = found.target - Decimal(found.forecast)
    if spec.measure == Measure.ROSTER_COVERAGE:
        return math.ceil(rest * (found.figure.denominator or 0) / 100)
    return int(rest)


def classes_missing(spec: Spec, found: Progress) -> int:
    """About how many classes of 40 would fill what will be missing."""
    short = shortfall(spec, found)
    if spec.measure not in TAUGHT or short is None or short <= 0:
        return 0
    return math.ceil(Decimal(short) / CLASS_SIZE)
