"""What incubation tells of a household: its income against the baseline, and the support it had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from incubation.models import Baseline, EarningsReport, IncubationCase, Shop, SupportGiven
from incubation.queries.cases import READERS, WRITERS
from incubation.queries.earnings import best_grade_reports
from learners.models import Household
from learners.queries import Panel, SheetTable, standing_join
from lms.templatetags.ui import plain_number

CENT = Decimal("0.01")


# --- Income against the baseline ----------------------------------------------------------------
@dataclass(frozen=True)
class MonthIncome:
    month: date
    income: Decimal
    baseline: Decimal
    grade: int


@dataclass(frozen=True)
class HouseholdIncome:
    """Months of one year that have both a report and a baseline of the same calendar month."""

    year: int
    base_year: int
    members: int
    months: Sequence[MonthIncome]
    reported: int = 0

    @property
    def earned(self) -> Decimal:
        return sum((row.income for row in self.months), Decimal(0))

    @property
    def base_sum(self) -> Decimal:
        return sum((row.baseline for row in self.months), Decimal(0))

    @property
    def rise(self) -> Decimal:
        return self.earned - self.base_sum

    @property
    def rise_per_head(self) -> Decimal:
        return (self.rise / self.members).quantize(CENT, ROUND_HALF_UP)

    @property
    def grade(self) -> str | Promise:
        """The weakest evidence among the months."""
        return EarningsReport.Grade(min(row.grade for row in self.months)).label

    @property
    def actual(self) -> list[tuple[date, float]]:
        return self._line([row.income for row in self.months])

    @property
    def base(self) -> list[tuple[date, float]]:
        return self._line([row.baseline for row in self.months])

    def _line(self, amounts: Sequence[Decimal]) -> list[tuple[date, float]]:
        days = [row.month for row in self.months]
        return [(day, float(sum_)) for day, sum_ in zip(days, accumulate(amounts), strict=True)]


def household_income(household: Household) -> HouseholdIncome | None:
    """The latest year with a report, by the rule of the figure; None without a common month."""
    reports = best_grade_reports(
        EarningsReport.objects.filter(household=household, kind=EarningsReport.Kind.INCOME)
    )
    found = list(reports.order_by("month"))
    if not found:
        return None
    year = found[-1].month.year
    given = [report for report in found if report.month.year == year]
    rows = Baseline.objects.filter(household=household, month__lt=date(year, 1, 1))
    # Of several years the latest one stays.
    base = {row.month.month: row for row in rows.order_by("month")}
    months = [
        MonthIncome(
            report.month, report.amount_yuan, base[report.month.month].amount_yuan, report.grade
        )
        for report in given
        if report.month.month in base
    ]
    if not months:
        return None
    newest = max(base.values(), key=lambda row: row.month)
    return HouseholdIncome(year, newest.month.year, newest.members, months, len(given))


def income_panel(household: Household, user: User) -> Panel | None:
    if not user.scope.covers(household.region.path, *READERS):
        return None
    context: dict[str, object] = {"income": household_income(household)}
    return Panel("incubation/_household_income.html", context)


# --- Support ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class SupportRow:
    """Something that the programme did for the household; `until` None = it goes on."""

    on: date
    kind: str
    text: str
    who: str = ""
    until: date | None = None
    yuan: Decimal | None = None
    #: Of something given once: its key, and why it was voided.
    given: UUID | None = None
    void: str = ""

    @property
    def single(self) -> bool:
        """It happened on one day."""
        return self.until == self.on


def _members(household: Household) -> Q:
    return Q(learner__in=household.memberships.values("learner_id"))


def household_support(household: Household, user: User) -> list[SupportRow]:
    """Follow-up of its members, their shops, and what was given once, newest first."""
    cases = IncubationCase.objects.visible_to(user).filter(_members(household))
    rows = [
        SupportRow(
            on=case.opened_on,
            until=case.closed_on,
            kind=_("Follow-up"),
            text=str(case.get_stage_display()),
            who=case.learner.name,
        )
        for case in cases.select_related("learner")
    ]
    shops = Shop.objects.visible_to(user).filter(household=household)
    for shop in shops.select_related("owner", "operator"):
        kind = _("Shop opened")
        if shop.operator_id not in (None, shop.owner_id):
            kind = _("Shop run for the household")
        rows.append(
            SupportRow(
                on=shop.opened_on,
                until=shop.closed_on,
                kind=kind,
                text=f"{shop.name} · {shop.get_platform_display()}",
                who=shop.owner.name,
            )
        )
    given = SupportGiven.objects.filter(household=household).select_related("learner", "void")
    rows += [
        SupportRow(
            on=support.given_on,
            until=support.given_on,
            kind=str(support.get_kind_display()),
            text=f"{support.what} · {support.giver}",
            who=support.learner.name if support.learner else _("the household"),
            yuan=support.amount_yuan,
            given=support.pk,
            void=support.voided.reason if support.voided else "",
        )
        for support in given
    ]
    return sorted(rows, key=lambda row: row.on, reverse=True)


def support_panel(household: Household, user: User) -> Panel | None:
    if not user.scope.covers(household.region.path, *READERS):
        return None
    context: dict[str, object] = {
        "household": household,
        "rows": household_support(household, user),
        "may_write": user.scope.covers(household.region.path, *WRITERS)
        and standing_join(household) is None,
    }
    return Panel("incubation/_household_support.html", context)


# --- On paper -----------------------------------------------------------------------------------
def support_table(household: Household, user: User) -> SheetTable | None:
    if not user.scope.covers(household.region.path, *READERS):
        return None
    return SheetTable(
        title=_("Support received"),
        heads=[_("From"), _("Until"), _("Kind"), _("What"), _("For whom"), _("Amount (yuan)")],
        rows=[
            (
                row.on.isoformat(),
                row.until.isoformat() if row.until else _("now"),
                row.kind,
                f"{row.text} ({_('Voided')}: {row.void})" if row.void else row.text,
                row.who,
                plain_number(row.yuan, 2) if row.yuan is not None else "—",
            )
            for row in household_support(household, user)
        ],
        none=_("No support is recorded."),
        widths=(13, 13, 16, 28, 15, 15),
        figures=(5,),
    )


def income_table(household: Household, user: User) -> SheetTable | None:
    if not user.scope.covers(household.region.path, *READERS):
        return None
    income = household_income(household)
    rows = [
        (
            f"{row.month:%Y-%m}",
            plain_number(row.income, 2),
            plain_number(row.baseline, 2),
            plain_number(row.income - row.baseline, 2),
            str(EarningsReport.Grade(row.grade).label),
        )
        for row in (income.months if income else ())
    ]
    if income:
        total = _("Rise per head (%(members)d members)") % {"members": income.members}
        rows.append((total, "", "", plain_number(income.rise_per_head, 2), ""))
    return SheetTable(
        title=_("Income against the baseline (yuan)"),
        heads=[_("Month"), _("Income"), _("Same month of the baseline"), _("Rise"), _("Evidence")],
        rows=rows,
        none=_("No month has both an income report and a baseline."),
        widths=(24, 18, 22, 16, 20),
        figures=(1, 2, 3),
    )
