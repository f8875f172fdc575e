"""The words of counting: what is asked, what a figure is, and why a fact counts or does not."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from quotas.models import Quota

Number = int | Decimal


class Verdict(models.TextChoices):
    COUNTED = "yes", _("Counted")
    NOT_COUNTED = "no", _("Not counted")
    PENDING = "pending", _("Pending")


@dataclass(frozen=True)
class Reason:
    code: str
    verdict: Verdict
    label: str | Promise


def _reasons(*rows: tuple[str, Verdict, Promise]) -> dict[str, Reason]:
    return {code: Reason(code, verdict, label) for code, verdict, label in rows}


#: Every reason that a fact may carry (its `why`), in the order in which a page names them.
REASONS = _reasons(
    ("counted", Verdict.COUNTED, _("Counted")),
    ("run_cancelled", Verdict.NOT_COUNTED, _("The run was cancelled")),
    ("waiting", Verdict.NOT_COUNTED, _("Only on the waiting list")),
    ("withdrawn", Verdict.NOT_COUNTED, _("Withdrew before attending")),
    ("never_attended", Verdict.NOT_COUNTED, _("Attended no session")),
    ("not_closed", Verdict.PENDING, _("Sessions not closed yet")),
    ("still_running", Verdict.PENDING, _("Sessions still to come")),
    ("provisional", Verdict.PENDING, _("Identity to be verified")),
    ("removed", Verdict.NOT_COUNTED, _("Removed from the register")),
    ("never_enrolled", Verdict.NOT_COUNTED, _("Never enrolled in the period")),
    ("not_completed", Verdict.NOT_COUNTED, _("Enrolled, not completed")),
    ("in_training", Verdict.PENDING, _("In training")),
    ("opened_before", Verdict.NOT_COUNTED, _("Opened before the period")),
    ("no_baseline", Verdict.NOT_COUNTED, _("No baseline")),
    ("no_report", Verdict.NOT_COUNTED, _("No income reported in the period")),
    ("no_same_month", Verdict.NOT_COUNTED, _("No month with both a report and a baseline")),
)


def codes_of(verdict: str) -> list[str]:
    return [code for code, reason in REASONS.items() if reason.verdict == verdict]


class State(models.TextChoices):
    OK = "ok", _("Computed")
    NO_DENOMINATOR = "no_denominator", _("No denominator")
    NO_DATA = "no_data", _("n/a")


@dataclass(frozen=True)
class Rule:
    """A counting rule as every page, workbook and document quotes it."""

    text: str | Promise
    edition: int
    valid_from: date


@dataclass(frozen=True)
class Figure:
    """What a measure says of a region at an as-of day; `value` is None unless the state is OK."""

    value: Number | None
    unit: str | Promise
    numerator: int = 0
    denominator: int | None = None
    state: State = State.OK
    #: What stands beside the figure: measure-specific names to numbers.
    beside: dict[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Spec:
    """What is asked of the facts: a measure in a period, with its attribution and filters."""

    measure: str
    starts_on: date
    ends_on: date
    attribution: str
    audience: str = ""
    household_group: str = ""
    editions: tuple[uuid.UUID, ...] = ()
    base_starts_on: date | None = None
    base_ends_on: date | None = None

    @classmethod
    def of(cls, quota: "Quota", *, audience: str = "") -> Self:
        """`audience` narrows a quota that asks for all."""
        return cls(
            measure=quota.measure,
            starts_on=quota.starts_on,
            ends_on=quota.ends_on,
            attribution=quota.attribution,
            audience=quota.audience or audience,
            household_group=quota.household_group,
            editions=(quota.register_edition_id,) if quota.register_edition_id else (),
            base_starts_on=quota.base_starts_on,
            base_ends_on=quota.base_ends_on,
        )

    def with_editions(self, editions: tuple[uuid.UUID, ...]) -> Self:
        return replace(self, editions=editions)

    def until(self, as_of: date) -> date:
        """The last day that counts: facts are dated up to it."""
        return min(self.ends_on, as_of)


def percent(part: Number, whole: Number) -> Decimal:
    """One decimal; less than the whole never shows as 100."""
    exact = Decimal(part) * 100 / Decimal(whole)
    shown = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Decimal("99.9") if exact < 100 <= shown else shown
