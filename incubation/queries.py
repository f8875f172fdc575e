"""Who is due, what was earned and how well it is evidenced, whom one may take on."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from accounts.models import Grant, User
from courses.models import Enrolment
from incubation.models import (
    EarningsReport,
    FollowUpPlan,
    FollowUpTask,
    FollowUpTaskQuerySet,
    IncubationCase,
    Shop,
)
from learners.models import Household, Learner
from lms.lib.periods import today, valid_on
from lms.lib.scope import HasScope, Role, Scope, under
from regions.models import Region

#: Who may write what they see; an official only reads.
WRITERS = (Role.CLERK, Role.FIELD_WORKER)
READERS = (Role.CLERK, Role.FIELD_WORKER, Role.OFFICIAL)


# --- Whom one reaches ---------------------------------------------------------------------------
def learner_reach(scope: Scope) -> Q:
    """A field worker reaches the learners of their cases, and who could become one."""
    if not scope.has(Role.FIELD_WORKER):
        return Q(pk__in=[])
    prefixes = scope.prefixes(Role.FIELD_WORKER)
    mine = Q(assignee_id=scope.user_id) | under("home_region__path", prefixes)
    cases = IncubationCase.objects.filter(mine).values("learner_id")
    completed = Enrolment.objects.completed().values("learner_id")
    at_home = under("home_region__path", prefixes) & Q(pk__in=completed)
    return Q(pk__in=cases) | at_home


def may_record(user: HasScope, case: IncubationCase) -> bool:
    """Whether a person who sees the case may also write in it."""
    scope = user.scope
    if scope.covers(case.home_region.path, *WRITERS):
        return True
    return scope.has(Role.FIELD_WORKER) and case.assignee_id == scope.user_id


def candidates(user: User) -> QuerySet[Learner]:
    """Learners for whom `user` may open a case: completed a run (the last one is annotated), home
    in reach, no open case."""
    completed = Enrolment.objects.completed().values("learner_id")
    taken = IncubationCase.objects.filter(closed_on__isnull=True).values("learner_id")
    prefixes = user.scope.prefixes(*WRITERS)
    last = Enrolment.objects.completed().filter(learner=OuterRef("pk")).order_by("-completed_on")
    return (
        Learner.objects.visible_to(user)
        .live()
        .filter(under("home_region__path", prefixes), pk__in=completed)
        .exclude(pk__in=taken)
        .select_related("home_region__parent")
        .annotate(
            completed_on=Subquery(last.values("completed_on")[:1]),
            course_title=Subquery(last.values("run__course__title")[:1]),
        )
        .order_by("-completed_on", "name")
    )


def field_workers(region: Region) -> QuerySet[User]:
    """Active users who hold a field worker's grant over `region` today."""
    above = [*region.ancestor_codes(), region.code]
    grants = Grant.objects.filter(
        Q(region__path__in=above) | Q(region__isnull=True),
        valid_on(today()),
        role=Role.FIELD_WORKER,
    )
    users: QuerySet[User] = get_user_model().objects.filter(
        is_active=True, pk__in=grants.values("user_id")
    )
    return users.order_by("display_name", "username")


def first_completion(learner: Learner) -> date | None:
    found: date | None = learner.enrolments.completed().aggregate(first=Min("completed_on"))[
        "first"
    ]
    return found


def household_of(learner: Learner, day: date) -> Household | None:
    membership = learner.memberships.filter(valid_on(day)).select_related("household").first()
    return membership.household if membership else None


def plan_on(day: date) -> FollowUpPlan | None:
    """The edition of the follow-up plan that holds on `day`."""
    return FollowUpPlan.objects.filter(starts_on__lte=day).order_by("-edition").first()


# --- The worklist -------------------------------------------------------------------------------
GROUPS = ("overdue", "week", "later", "done")


def week_end(day: date) -> date:
    """The Sunday of the week of `day`."""
    return day + timedelta(days=6 - day.weekday())


def in_group(tasks: FollowUpTaskQuerySet, group: str, day: date) -> FollowUpTaskQuerySet:
    """One of GROUPS: every task of an open case, and every task done, is in exactly one."""
    sunday = week_end(day)
    if group == "overdue":
        return tasks.overdue(day)
    if group == "week":
        return tasks.open().filter(due_on__gte=day, due_on__lte=sunday)
    if group == "later":
        return tasks.open().filter(due_on__gt=sunday)
    return tasks.filter(done_at__isnull=False).order_by("-done_at")


def case_rows(user: HasScope) -> QuerySet[IncubationCase]:
    """Cases with `next_due_on`, of the earliest task not done; None when closed or all done."""
    earliest = FollowUpTask.objects.open().filter(case=OuterRef("pk")).order_by("due_on")
    return (
        IncubationCase.objects.visible_to(user)
        .select_related("learner", "home_region__parent", "assignee")
        .annotate(next_due_on=Subquery(earliest.values("due_on")[:1]))
        .order_by(F("next_due_on").asc(nulls_last=True), "-opened_on")
    )


def work_of(user: User, *, whole_region: bool) -> FollowUpTaskQuerySet:
    """Tasks of a field worker: their own and those of nobody, or all that they see."""
    tasks = FollowUpTask.objects.visible_to(user).select_related(
        "case__learner", "case__home_region__parent", "assignee"
    )
    if whole_region:
        return tasks
    return tasks.filter(Q(assignee=user) | Q(assignee__isnull=True))


# --- Earnings -----------------------------------------------------------------------------------
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


# --- The case page and the timeline -------------------------------------------------------------
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
