"""What shops sold and households earned, by the best evidence."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from incubation.models import EarningsReport, IncubationCase, Shop
from learners.models import Household, Learner
from lms.lib.scope import HasScope


def best_grade_reports(among: QuerySet[EarningsReport] | None = None) -> QuerySet[EarningsReport]:
    """One report per subject, month and kind: of those not replaced, the best evidenced, then
    the latest. The only reading of earnings that figures are made of.

    `among` narrows to some subjects, months or kinds before the ranking, which saves time; never
    to a grade, a reporter or a time of reporting, which would change what is best.
    """
    rank = Window(
        RowNumber(),
        partition_by=[F("shop_id"), F("household_id"), F("month"), F("kind")],
        order_by=[F("grade").desc(), F("reported_at").desc(), F("id").desc()],
    )
    reports = EarningsReport.objects.all() if among is None else among
    kept = reports.order_by().filter(replaced_by__isnull=True).annotate(rank=rank)
    return EarningsReport.objects.filter(pk__in=kept.filter(rank=1).values("pk"))


@dataclass(frozen=True)
class MonthSales:
    month: date
    amount_yuan: Decimal
    #: The weakest evidence among the month's reports: a sum is as good as its weakest part.
    grade: int


def monthly_sales(learner: Learner, *, since: date) -> list[MonthSales]:
    """Sales of the shops of `learner` by month, oldest first; unreported months are absent."""
    sales = EarningsReport.objects.filter(
        shop__owner=learner, kind=EarningsReport.Kind.SALES, month__gte=since
    )
    rows = best_grade_reports(sales)
    months: dict[date, MonthSales] = {}
    for month, amount, grade in rows.values_list("month", "amount_yuan", "grade"):
        known = months.get(month, MonthSales(month, Decimal(0), grade))
        months[month] = MonthSales(month, known.amount_yuan + amount, min(known.grade, grade))
    return [months[month] for month in sorted(months)]


def months_back(day: date, count: int) -> list[date]:
    """The first days of the last `count` months, this month last."""
    number = day.year * 12 + day.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


@dataclass(frozen=True)
class SalesChart:
    """Twelve months of sales; a month without a report is 0 and said to be missing."""

    values: list[float]
    labels: list[str]
    #: 1 = settled by platform or bank, 2 = spoken or a screenshot.
    kinds: list[int]
    total_yuan: Decimal
    reported: int


def sales_chart(learner: Learner, day: date) -> SalesChart:
    months = months_back(day, 12)
    found = {sales.month: sales for sales in monthly_sales(learner, since=months[0])}
    settled = EarningsReport.Grade.PLATFORM
    labelled = {months[0], months[-1], months[6]}
    return SalesChart(
        values=[float(found[m].amount_yuan) if m in found else 0.0 for m in months],
        labels=[f"{m:%m}" if m in labelled else "" for m in months],
        kinds=[1 if m in found and found[m].grade >= settled else 2 for m in months],
        total_yuan=sum((sales.amount_yuan for sales in found.values()), Decimal(0)),
        reported=len(found),
    )


def earnings_of(case: IncubationCase, household: Household | None) -> QuerySet[EarningsReport]:
    """What stands for the shops and the household of a case, newest month first."""
    subject = Q(shop__owner=case.learner_id)
    if household is not None:
        subject |= Q(household=household)
    reports = EarningsReport.objects.filter(subject)
    return best_grade_reports(reports).select_related("shop").order_by("-month", "kind")


def shop_rows(user: HasScope) -> QuerySet[Shop]:
    """Shops with the month and amount of their latest sales report of the best grade."""
    sales = EarningsReport.objects.filter(
        shop=OuterRef("pk"), kind=EarningsReport.Kind.SALES, replaced_by__isnull=True
    )
    latest = sales.order_by("-month", "-grade", "-reported_at", "-id")
    return (
        Shop.objects.visible_to(user)
        .select_related("owner", "home_region__parent")
        .annotate(
            sales_month=Subquery(latest.values("month")[:1]),
            sales_yuan=Subquery(latest.values("amount_yuan")[:1]),
        )
        .order_by("-opened_on", "name")
    )
