"""Opening a case, visiting, shops, and what is earned; each writes its line on the trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.queries import frozen_facts
from incubation.models import (
    Baseline,
    EarningsReport,
    FollowUpTask,
    IncubationCase,
    Shop,
    Stage,
    SupportGiven,
    SupportVoid,
    Visit,
)
from incubation.queries import (
    best_grade_reports,
    field_workers,
    first_completion,
    plan_on,
)
from learners.models import Household, Learner
from learners.queries import standing_join
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.models import record_audit

Kind = EarningsReport.Kind
#: More than this in one month is a slip of the pen, not a report.
#: More is a typing error: grants and small loans to one household are far below.
MOST_SUPPORT = Decimal(1_000_000)
LIMITS: Mapping[str, Decimal] = {
    Kind.SALES: Decimal(100_000_000),
    Kind.ORDERS: Decimal(1_000_000),
    Kind.INCOME: Decimal(1_000_000),
    Kind.SAVING: Decimal(1_000_000),
}
SHOP_KINDS = (Kind.SALES, Kind.ORDERS)
HOUSEHOLD_KINDS = (Kind.INCOME, Kind.SAVING)
FIRST_SHOPS_ON = date(2003, 1, 1)


class IncubationError(ActionError):
    """A case, visit, shop or report cannot be recorded that way."""


# --- Cases --------------------------------------------------------------------------------------
@transaction.atomic
def open_case(
    *, learner: Learner, opened_on: date, assignee: User | None, actor: User
) -> IncubationCase:
    """A case for somebody who completed a run, with one task per stage of the plan's edition."""
    learner = (
        Learner.objects.select_for_update(of=("self",))
        .select_related("home_region")
        .get(pk=learner.pk)
    )
    _check_opening(learner, opened_on)
    _check_assignee(learner, assignee)
    plan = plan_on(opened_on)
    if plan is None:
        message = _("No follow-up plan holds on this day. Choose a later day.")
        raise IncubationError("no_plan", message)
    days = {stage: plan.days[stage] for stage in Stage.values if stage in plan.days}
    case = IncubationCase.objects.create(
        learner=learner,
        home_region=learner.home_region,
        opened_on=opened_on,
        stage=min(days, key=lambda stage: days[stage], default=Stage.MONTH_1),
        plan=plan,
        assignee=assignee,
    )
    FollowUpTask.objects.bulk_create(
        FollowUpTask(
            case=case, stage=stage, due_on=opened_on + timedelta(days=count), assignee=assignee
        )
        for stage, count in days.items()
    )
    record_audit(
        "incubation.case_opened",
        actor=actor,
        target=case,
        region_path=learner.home_region.path,
        detail={
            "learner": str(learner.pk),
            "plan": plan.edition,
            "assignee": str(assignee.pk) if assignee else None,
        },
    )
    return case


def _check_opening(learner: Learner, opened_on: date) -> None:
    if learner.merged_into_id is not None:
        message = _("This record was merged into another one. Open the case there.")
        raise IncubationError("merged", message)
    completed_on = first_completion(learner)
    if completed_on is None:
        message = _("This person has not completed a class yet; a case follows a completed class.")
        raise IncubationError("not_completed", message)
    if opened_on > today():
        raise IncubationError("opened_in_future", _("The opening day lies in the future."))
    if opened_on < completed_on:
        message = _("The opening day lies before the first completed class.")
        raise IncubationError("opened_before_completion", message)
    if learner.cases.filter(closed_on__isnull=True).exists():
        message = _("This person already has an open case. Record visits there.")
        raise IncubationError("case_open", message)


def _check_assignee(learner: Learner, assignee: User | None) -> None:
    if assignee and not field_workers(learner.home_region).filter(pk=assignee.pk).exists():
        message = _("This person is not a field worker for the home of the learner.")
        raise IncubationError("assignee_elsewhere", message)


@transaction.atomic
def assign_case(*, case: IncubationCase, assignee: User, actor: User) -> None:
    """Hand the case and its tasks that are not done to another field worker."""
    case = _locked(case)
    _check_assignee(case.learner, assignee)
    detail = {"from": str(case.assignee_id) if case.assignee_id else None, "to": str(assignee.pk)}
    case.assignee = assignee
    case.save(update_fields=["assignee"])
    case.tasks.filter(done_at__isnull=True).update(assignee=assignee)
    record_audit(
        "incubation.case_assigned",
        actor=actor,
        target=case,
        region_path=case.home_region.path,
        detail=detail,
    )


# --- Visits -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ShopFacts:
    platform: str
    name: str
    opened_on: date
    url: str = ""


@dataclass(frozen=True)
class EarningsFacts:
    """`month` is any day of the month."""

    month: date
    kind: str
    amount: Decimal
    grade: int


@dataclass(frozen=True)
class VisitFacts:
    """`shop` and `sales` are what the same visit found besides; the sales are of that shop, or
    of `sales_shop`."""

    visited_on: date
    method: str
    finding: str
    problem: str = ""
    next_step: str = ""
    task: FollowUpTask | None = None
    shop: ShopFacts | None = None
    sales: EarningsFacts | None = None
    sales_shop: Shop | None = None


@transaction.atomic
def record_visit(*, case: IncubationCase, facts: VisitFacts, actor: User) -> Visit:
    """One contact, with the shop and the sales it found: all of it or nothing.

    Done on the day of the visit; a task done late stays late. Nobody reached = the task stays
    open, and only the attempt is kept.
    """
    case = _locked(case)
    _check_visit_day(case, facts.visited_on)
    task = _task_done_by(case, facts)
    visit = Visit.objects.create(
        case=case,
        task=task,
        visited_on=facts.visited_on,
        method=facts.method,
        finding=facts.finding,
        problem=facts.problem,
        next_step=facts.next_step,
        by=actor,
    )
    if task is not None:
        task.done_at = _moment_of(facts.visited_on)
        task.save(update_fields=["done_at"])
        _move_stage(case)
    record_audit(
        "incubation.visit_recorded",
        actor=actor,
        target=visit,
        region_path=case.home_region.path,
        detail={"case": str(case.pk), "stage": task.stage if task else None},
    )
    shop = facts.sales_shop
    if facts.shop is not None:
        shop = open_shop(owner=case.learner, facts=facts.shop, actor=actor)
    if facts.sales is not None:
        if shop is None:
            message = _("Say which shop the sales belong to.")
            raise IncubationError("sales_without_shop", message)
        report_earnings(shop=shop, facts=facts.sales, actor=actor)
    return visit


def _locked(case: IncubationCase) -> IncubationCase:
    return (
        IncubationCase.objects.select_for_update(of=("self",))
        .select_related("learner__home_region", "home_region")
        .get(pk=case.pk)
    )


def _check_visit_day(case: IncubationCase, day: date) -> None:
    if day > today():
        message = _("The day of the visit lies in the future. Record it once it has taken place.")
        raise IncubationError("visit_in_future", message)
    if day < case.opened_on:
        message = _("The day of the visit lies before the case was opened.")
        raise IncubationError("visit_before_case", message)
    if case.closed_on and day > case.closed_on:
        raise IncubationError("case_closed", _("The case was closed before this day."))


def _task_done_by(case: IncubationCase, facts: VisitFacts) -> FollowUpTask | None:
    if facts.task is None or facts.finding == Visit.Finding.UNREACHED:
        return None
    task = case.tasks.filter(pk=facts.task.pk).first()
    if task is None or task.done_at is not None:
        message = _("This follow-up is recorded already. Record further contacts without it.")
        raise IncubationError("task_done", message)
    return task


def _moment_of(day: date) -> datetime:
    """Now for today; noon of the day for what is written down later."""
    now = timezone.now()
    if day == timezone.localdate(now):
        return now
    return datetime.combine(day, time(12), timezone.get_current_timezone())


def _move_stage(case: IncubationCase) -> None:
    """The case stands at the earliest stage that is not done."""
    waiting = case.tasks.filter(done_at__isnull=True).order_by("due_on").first()
    if waiting and waiting.stage != case.stage:
        case.stage = waiting.stage
        case.save(update_fields=["stage"])


# --- Shops --------------------------------------------------------------------------------------
@transaction.atomic
def open_shop(
    *, owner: Learner, facts: ShopFacts, operator: Learner | None = None, actor: User
) -> Shop:
    owner = (
        Learner.objects.select_for_update(of=("self",))
        .select_related("home_region")
        .get(pk=owner.pk)
    )
    if facts.opened_on > today():
        message = _("The opening day of the shop lies in the future.")
        raise IncubationError("shop_in_future", message)
    if facts.opened_on < FIRST_SHOPS_ON:
        message = _(
            "The opening day of the shop lies before there were such shops. Check the year."
        )
        raise IncubationError("shop_too_early", message)
    if owner.shops.filter(platform=facts.platform, name=facts.name).exists():
        message = _("This person's shop of this name on this platform is recorded already.")
        raise IncubationError("shop_known", message)
    # Where and in which household the owner lived then; a shop may be recorded years later.
    then = frozen_facts([owner], facts.opened_on)[owner.pk]
    shop = Shop.objects.create(
        owner=owner,
        operator=operator,
        home_region=then.home_region,
        household=then.household,
        platform=facts.platform,
        name=facts.name,
        url=facts.url,
        opened_on=facts.opened_on,
    )
    record_audit(
        "incubation.shop_opened",
        actor=actor,
        target=shop,
        region_path=shop.home_region.path,
        detail={"platform": facts.platform, "opened_on": facts.opened_on.isoformat()},
    )
    return shop


# --- Earnings -----------------------------------------------------------------------------------
@transaction.atomic
def report_earnings(
    *,
    shop: Shop | None = None,
    household: Household | None = None,
    facts: EarningsFacts,
    actor: User,
) -> EarningsReport:
    """A report is never edited: one of the same or a better grade replaces what stood; a worse
    one is kept beside it and does not displace it."""
    subject = _locked_subject(shop, household)
    month = facts.month.replace(day=1)
    _check_earnings(facts, month, SHOP_KINDS if shop else HOUSEHOLD_KINDS)
    if shop is not None and month < shop.opened_on.replace(day=1):
        message = _("The shop opened after this month.")
        raise IncubationError("month_before_shop", message)
    same = EarningsReport.objects.filter(
        shop=shop, household=household, month=month, kind=facts.kind
    )
    standing = best_grade_reports(same).first()
    replaces = standing if standing and facts.grade >= standing.grade else None
    report = EarningsReport.objects.create(
        shop=shop,
        household=household,
        month=month,
        kind=facts.kind,
        amount_yuan=facts.amount,
        grade=facts.grade,
        replaces=replaces,
        reported_by=actor,
    )
    record_audit(
        "incubation.earnings_reported",
        actor=actor,
        target=report,
        region_path=subject.region_path,
        detail={
            "kind": facts.kind,
            "month": f"{month:%Y-%m}",
            "amount": str(facts.amount),
            "grade": facts.grade,
            "replaces": str(replaces.pk) if replaces else None,
        },
    )
    return report


@dataclass(frozen=True)
class _Subject:
    region_path: str


def _locked_subject(shop: Shop | None, household: Household | None) -> _Subject:
    """Two reports on one subject wait for each other, so that each sees what stands."""
    if shop is not None and household is None:
        locked = Shop.objects.select_for_update(of=("self",)).select_related("home_region")
        return _Subject(locked.get(pk=shop.pk).home_region.path)
    if household is not None and shop is None:
        homes = Household.objects.select_for_update(of=("self",)).select_related("region")
        return _Subject(homes.get(pk=household.pk).region.path)
    raise ValueError("earnings belong to a shop or to a household")


def _check_earnings(facts: EarningsFacts, month: date, kinds: tuple[str, ...]) -> None:
    if facts.kind not in kinds:
        message = _("Sales and orders belong to a shop; income and saving to a household.")
        raise IncubationError("kind_of_other_subject", message)
    if month > today():
        raise IncubationError("month_in_future", _("This month has not begun yet."))
    if month < FIRST_SHOPS_ON:
        raise IncubationError("month_too_early", _("This month is too long ago. Check the year."))
    _check_amount(facts.amount, LIMITS[facts.kind])
    if facts.kind == Kind.ORDERS and facts.amount != facts.amount.to_integral_value():
        raise IncubationError("orders_whole", _("Orders are counted in whole numbers."))


def _check_amount(amount: Decimal, limit: Decimal) -> None:
    if not amount.is_finite() or amount < 0:
        message = _("The amount cannot be negative. Write 0 where nothing was earned.")
        raise IncubationError("amount_negative", message)
    if amount > limit:
        message = _(
            "The amount is above what is possible in a month (%(limit)s). Check the digits."
        )
        raise IncubationError("amount_too_high", message % {"limit": f"{limit:,}"})


@dataclass(frozen=True)
class SupportFacts:
    kind: str
    given_on: date
    what: str
    giver: str
    amount: Decimal | None = None


@transaction.atomic
def record_support(
    *, household: Household, learner: Learner | None, facts: SupportFacts, actor: User
) -> SupportGiven:
    """`learner` is the member for whom it was; None = for the whole household."""
    if facts.given_on > today():
        raise IncubationError("future", _("This day has not come yet. Correct the date."))
    if standing_join(household):
        message = _("This household was joined into another one. Record it there.")
        raise IncubationError("joined", message)
    if learner is not None and not household.memberships.filter(learner=learner).exists():
        raise IncubationError("no_member", _("This person never lived in the household."))
    _check_support(facts)
    support = SupportGiven.objects.create(
        household=household,
        learner=learner,
        kind=facts.kind,
        given_on=facts.given_on,
        what=facts.what,
        giver=facts.giver,
        amount_yuan=facts.amount,
        recorded_by=actor,
    )
    record_audit(
        "incubation.support_recorded",
        actor=actor,
        target=support,
        region_path=household.region.path,
        detail={
            "kind": facts.kind,
            "given_on": facts.given_on.isoformat(),
            "amount": str(facts.amount) if facts.amount is not None else None,
        },
    )
    return support


@transaction.atomic
def void_support(*, support: SupportGiven, reason: str, actor: User) -> SupportVoid:
    """The entry stays, struck out, and counts no more; a right one is recorded anew."""
    SupportGiven.objects.select_for_update(no_key=True).get(pk=support.pk)
    if not (reason := reason.strip()):
        raise IncubationError("no_reason", _("Say what was wrong with this entry."))
    if SupportVoid.objects.filter(support=support).exists():
        raise IncubationError("voided", _("This entry is voided already."))
    void = SupportVoid.objects.create(support=support, reason=reason[:200], voided_by=actor)
    record_audit(
        "incubation.support_voided",
        actor=actor,
        target=support,
        region_path=support.household.region.path,
        detail={"kind": support.kind, "given_on": support.given_on.isoformat()},
    )
    return void


def _check_support(facts: SupportFacts) -> None:
    if facts.amount is None:
        if facts.kind in SupportGiven.MONEY:
            raise IncubationError("no_amount", _("Money was given: enter how much."))
        return
    if not 0 < facts.amount <= MOST_SUPPORT:
        message = _("The amount is not between 0 and %(limit)s yuan. Check the digits.")
        raise IncubationError("amount_odd", message % {"limit": f"{MOST_SUPPORT:,}"})


@transaction.atomic
def record_baseline(
    *, household: Household, month: date, amount: Decimal, members: int, actor: User
) -> Baseline:
    """The household's income in a month before the training; a second entry corrects the first,
    and the trail keeps both."""
    Household.objects.select_for_update(of=("self",)).get(pk=household.pk)
    month = month.replace(day=1)
    if month >= today().replace(day=1):
        message = _("A baseline is a month that is over, before the training.")
        raise IncubationError("baseline_not_past", message)
    if members < 1:
        raise IncubationError("no_members", _("A household has at least one member."))
    _check_amount(amount, LIMITS[Kind.INCOME])
    old = household.baselines.filter(month=month).first()
    detail = {"month": f"{month:%Y-%m}", "amount": str(amount), "members": members}
    if old is not None:
        detail["old"] = f"{old.amount_yuan} / {old.members}"
    baseline, _created = Baseline.objects.update_or_create(
        household=household, month=month, defaults={"amount_yuan": amount, "members": members}
    )
    record_audit(
        "incubation.baseline_recorded",
        actor=actor,
        target=baseline,
        region_path=household.region.path,
        detail=detail,
    )
    return baseline
