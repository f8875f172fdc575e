"""Cases, visits, shops and earnings: what is recorded, what is refused, what replaces what."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from incubation import actions
from incubation.actions import EarningsFacts, IncubationError, ShopFacts, VisitFacts
from incubation.models import (
    Baseline,
    EarningsReport,
    FollowUpTask,
    IncubationCase,
    Shop,
    Visit,
)
from incubation.queries import best_grade_reports, household_of
from learners.models import Membership
from lms.lib.periods import local_date, today
from lms.lib.scope import Role
from lms.models import AuditEvent
from tests import factories
from tests.incubation.conftest import make_case, make_graduate

pytestmark = pytest.mark.django_db
Grade, Kind = EarningsReport.Grade, EarningsReport.Kind


def refused(code: str, function, **arguments) -> None:
    """The action says `code`, and neither a record nor a line on the trail is left."""
    models = (IncubationCase, FollowUpTask, Visit, Shop, EarningsReport, Baseline, AuditEvent)
    before = [model.objects.count() for model in models]
    with pytest.raises(IncubationError) as error:
        function(**arguments)
    assert error.value.code == code
    assert [model.objects.count() for model in models] == before


# --- Cases --------------------------------------------------------------------------------------
def test_a_case_comes_with_the_tasks_of_the_plan(graduate, field_worker):
    opened_on = today() - timedelta(days=10)
    case = actions.open_case(
        learner=graduate, opened_on=opened_on, assignee=field_worker, actor=field_worker
    )
    due = {task.stage: (task.due_on - opened_on).days for task in case.tasks.all()}
    assert due == {
        "MONTH_1": 30,
        "MONTH_3": 90,
        "MONTH_6": 180,
        "YEAR_1": 365,
        "YEAR_2": 730,
        "YEAR_3": 1095,
    }
    assert {task.assignee for task in case.tasks.all()} == {field_worker}
    assert (case.stage, case.home_region.code, case.plan.edition) == ("MONTH_1", "411521001003", 1)
    event = AuditEvent.objects.get(action="incubation.case_opened")
    assert (event.actor, event.region_path) == (field_worker, "411521001003")
    assert graduate.name not in str(event.detail)


def test_who_may_not_have_a_case(graduate, county_clerk, case):
    opened_on = today()
    newcomer = factories.make_learner()
    factories.make_enrolment(factories.make_run(), newcomer)
    fields = {"opened_on": opened_on, "assignee": None, "actor": county_clerk}
    refused("not_completed", actions.open_case, learner=newcomer, **fields)
    refused("case_open", actions.open_case, learner=graduate, **fields)


@pytest.mark.parametrize(
    ("days", "code"), [(1, "opened_in_future"), (-11, "opened_before_completion")]
)
def test_a_case_opens_after_the_class_and_not_in_the_future(county_clerk, days, code):
    learner = make_graduate(days_ago=10)
    refused(
        code,
        actions.open_case,
        learner=learner,
        opened_on=today() + timedelta(days=days),
        assignee=None,
        actor=county_clerk,
    )


def test_a_closed_case_makes_room_for_a_new_one(graduate, county_clerk, case):
    IncubationCase.objects.filter(pk=case.pk).update(closed_on=today())
    again = actions.open_case(
        learner=graduate, opened_on=today(), assignee=None, actor=county_clerk
    )
    assert again.pk != case.pk


def test_the_assignee_works_where_the_learner_lives(graduate, county_clerk):
    elsewhere = factories.make_user("", (Role.FIELD_WORKER, "411522"))
    for person in (elsewhere, county_clerk):
        refused(
            "assignee_elsewhere",
            actions.open_case,
            learner=graduate,
            opened_on=today(),
            assignee=person,
            actor=county_clerk,
        )


def test_a_case_changes_hands_with_its_open_tasks(case, field_worker, county_clerk):
    done = case.tasks.get(stage="MONTH_1")
    visit(case, field_worker, task=done)
    other = factories.make_user("", (Role.FIELD_WORKER, "411521001"))
    actions.assign_case(case=case, assignee=other, actor=county_clerk)
    case.refresh_from_db()
    done.refresh_from_db()
    assert case.assignee == other
    assert done.assignee == field_worker
    assert set(case.tasks.exclude(pk=done.pk).values_list("assignee", flat=True)) == {other.pk}


# --- Visits -------------------------------------------------------------------------------------
def visit(case, actor, **changes) -> Visit:
    fields = {"visited_on": today(), "method": "DOOR", "finding": "RUNNING"}
    return actions.record_visit(case=case, facts=VisitFacts(**(fields | changes)), actor=actor)


def test_a_visit_does_its_task_and_moves_the_stage(case, field_worker):
    task = case.tasks.get(stage="MONTH_1")
    made = visit(case, field_worker, task=task, problem="缺包装", next_step="联系快递")
    task.refresh_from_db()
    case.refresh_from_db()
    assert (made.task, made.by, made.problem) == (task, field_worker, "缺包装")
    assert local_date(task.done_at) == today()
    assert case.stage == "MONTH_3"
    assert task not in FollowUpTask.objects.overdue(today())


def test_a_visit_written_down_later_counts_on_its_day(case, field_worker):
    task = case.tasks.get(stage="MONTH_3")
    visit(case, field_worker, task=task, visited_on=today() - timedelta(days=2))
    task.refresh_from_db()
    assert local_date(task.done_at) == today() - timedelta(days=2)


@time_machine.travel("2026-06-30 17:30:00+00:00", tick=False)
def test_the_day_of_a_visit_is_the_local_one(regions, field_worker):
    """Half past one in the night of 1 July in Shanghai is still June in UTC."""
    case = make_case(days_ago=30, assignee=field_worker)
    task = case.tasks.get(stage="MONTH_1")
    assert today() == date(2026, 7, 1)
    visit(case, field_worker, task=task, visited_on=date(2026, 7, 1))
    task.refresh_from_db()
    assert local_date(task.done_at) == date(2026, 7, 1) == task.due_on


def test_a_task_done_late_stays_late(case, field_worker):
    task = case.tasks.get(stage="MONTH_1")
    visit(case, field_worker, task=task)
    done_at = FollowUpTask.objects.get(pk=task.pk).done_at
    refused(
        "task_done",
        actions.record_visit,
        case=case,
        facts=VisitFacts(visited_on=task.due_on, method="DOOR", finding="RUNNING", task=task),
        actor=field_worker,
    )
    visit(case, field_worker, visited_on=task.due_on)
    task.refresh_from_db()
    assert task.done_at == done_at
    assert local_date(task.done_at) > task.due_on


def test_nobody_reached_leaves_the_task_open(case, field_worker):
    task = case.tasks.get(stage="MONTH_1")
    made = visit(case, field_worker, task=task, method="PHONE", finding="UNREACHED")
    task.refresh_from_db()
    assert made.task is None
    assert task.done_at is None


@pytest.mark.parametrize(("days", "code"), [(1, "visit_in_future"), (-96, "visit_before_case")])
def test_a_visit_lies_between_the_opening_and_today(case, field_worker, days, code):
    facts = VisitFacts(visited_on=today() + timedelta(days=days), method="DOOR", finding="RUNNING")
    refused(code, actions.record_visit, case=case, facts=facts, actor=field_worker)


def test_no_visit_after_the_case_was_closed(case, field_worker):
    closed_on = today() - timedelta(days=5)
    IncubationCase.objects.filter(pk=case.pk).update(closed_on=closed_on)
    facts = VisitFacts(visited_on=today(), method="DOOR", finding="RUNNING")
    refused("case_closed", actions.record_visit, case=case, facts=facts, actor=field_worker)
    assert visit(case, field_worker, visited_on=closed_on)


def test_a_task_of_another_case_is_not_done(case, field_worker):
    other = make_case(assignee=field_worker)
    facts = VisitFacts(
        visited_on=today(), method="DOOR", finding="RUNNING", task=other.tasks.first()
    )
    refused("task_done", actions.record_visit, case=case, facts=facts, actor=field_worker)


def test_a_visit_brings_a_shop_and_its_sales_at_once(case, field_worker):
    month = today().replace(day=1)
    visit(
        case,
        field_worker,
        shop=ShopFacts("TAOBAO", "罗山山货", today()),
        sales=EarningsFacts(today(), Kind.SALES, Decimal("1200.50"), Grade.SCREENSHOT),
    )
    shop = Shop.objects.get()
    assert (shop.owner, shop.home_region) == (case.learner, case.home_region)
    assert shop.household == household_of(case.learner, today())
    report = shop.earnings.get()
    assert (report.month, report.amount_yuan, report.grade) == (month, Decimal("1200.50"), 2)


def test_a_refused_part_of_a_visit_refuses_all_of_it(case, field_worker):
    future = ShopFacts("TAOBAO", "明日店", today() + timedelta(days=1))
    facts = VisitFacts(
        visited_on=today(),
        method="DOOR",
        finding="RUNNING",
        task=case.tasks.first(),
        shop=future,
    )
    refused("shop_in_future", actions.record_visit, case=case, facts=facts, actor=field_worker)
    assert case.tasks.first().done_at is None
    sales = EarningsFacts(today(), Kind.SALES, Decimal(5), Grade.SPOKEN)
    facts = VisitFacts(visited_on=today(), method="DOOR", finding="RUNNING", sales=sales)
    refused("sales_without_shop", actions.record_visit, case=case, facts=facts, actor=field_worker)


# --- Shops --------------------------------------------------------------------------------------
def shop_of(learner, actor, **changes) -> Shop:
    fields = {"platform": "DOUYIN", "name": "老李茶铺", "opened_on": today() - timedelta(days=400)}
    return actions.open_shop(owner=learner, facts=ShopFacts(**(fields | changes)), actor=actor)


@pytest.mark.parametrize(
    ("opened_on", "code"),
    [(date(2999, 1, 1), "shop_in_future"), (date(1999, 1, 1), "shop_too_early")],
)
def test_a_shop_opened_when_it_could_have(graduate, county_clerk, opened_on, code):
    facts = ShopFacts("JD", "店", opened_on)
    refused(code, actions.open_shop, owner=graduate, facts=facts, actor=county_clerk)


def test_a_shop_is_recorded_once(graduate, county_clerk):
    shop = shop_of(graduate, county_clerk)
    facts = ShopFacts(shop.platform, shop.name, today())
    refused("shop_known", actions.open_shop, owner=graduate, facts=facts, actor=county_clerk)
    assert shop_of(graduate, county_clerk, platform="JD").pk != shop.pk


def test_a_shop_is_at_home_where_its_owner_lived_when_it_opened(graduate, county_clerk):
    before = graduate.memberships.get()
    before.ends_on = today() - timedelta(days=200)
    before.save()
    moved_to = factories.make_household("411522001001")
    Membership.objects.create(
        learner=graduate, household=moved_to, starts_on=today() - timedelta(days=199)
    )
    graduate.home_region = moved_to.region
    graduate.save()
    shop = shop_of(graduate, county_clerk)
    assert (shop.household, shop.home_region) == (before.household, before.household.region)
    later = shop_of(graduate, county_clerk, platform="JD", opened_on=today())
    assert (later.household, later.home_region) == (moved_to, moved_to.region)


# --- Earnings -----------------------------------------------------------------------------------
def report(shop, actor, grade, amount, **changes) -> EarningsReport:
    fields = {"month": today(), "kind": Kind.SALES, "amount": Decimal(amount), "grade": grade}
    return actions.report_earnings(
        shop=shop, facts=EarningsFacts(**(fields | changes)), actor=actor
    )


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("reports", "best"),
    [
        ([(1, 100)], 100),
        ([(1, 100), (2, 90)], 90),
        ([(3, 80), (1, 500)], 80),
        ([(2, 100), (2, 70)], 70),
        ([(3, 80), (1, 500), (2, 400)], 80),
        ([(3, 80), (1, 500), (3, 85), (4, 82), (1, 9)], 82),
    ],
)
def test_the_best_grade_stands_and_then_the_latest(graduate, county_clerk, reports, best):
    shop = shop_of(graduate, county_clerk)
    other = shop_of(graduate, county_clerk, name="另一家")
    report(other, county_clerk, 4, 1_000)
    for grade, amount in reports:
        report(shop, county_clerk, grade, amount)
    standing = best_grade_reports().get(shop=shop)
    assert standing.amount_yuan == best
    assert shop.earnings.count() == len(reports)
    assert best_grade_reports().count() == 2


def test_a_worse_report_replaces_nothing(graduate, county_clerk):
    shop = shop_of(graduate, county_clerk)
    first = report(shop, county_clerk, Grade.PLATFORM, 80)
    worse = report(shop, county_clerk, Grade.SPOKEN, 500)
    better = report(shop, county_clerk, Grade.BANK, 82)
    corrected = report(shop, county_clerk, Grade.BANK, 83)
    assert worse.replaces is None
    assert better.replaces == first
    assert corrected.replaces == better


def test_months_kinds_and_subjects_stand_apart(graduate, county_clerk):
    shop = shop_of(graduate, county_clerk)
    household = household_of(graduate, today())
    last_month = today().replace(day=1) - timedelta(days=1)
    report(shop, county_clerk, 2, 10)
    report(shop, county_clerk, 2, 20, month=last_month)
    report(shop, county_clerk, 2, 30, kind=Kind.ORDERS)
    actions.report_earnings(
        household=household,
        facts=EarningsFacts(today(), Kind.INCOME, Decimal(40), 2),
        actor=county_clerk,
    )
    assert sorted(best_grade_reports().values_list("amount_yuan", flat=True)) == [10, 20, 30, 40]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal(-1)}, "amount_negative"),
        ({"amount": Decimal("NaN")}, "amount_negative"),
        ({"amount": Decimal("Infinity")}, "amount_negative"),
        ({"amount": Decimal("1e12")}, "amount_too_high"),
        ({"month": date(2999, 1, 1)}, "month_in_future"),
        ({"month": date(1999, 1, 1)}, "month_too_early"),
        ({"month": date(2005, 1, 1)}, "month_before_shop"),
        ({"kind": Kind.INCOME}, "kind_of_other_subject"),
        ({"kind": Kind.ORDERS, "amount": Decimal("2.5")}, "orders_whole"),
    ],
)
def test_what_cannot_be_earned_is_refused(graduate, county_clerk, changes, code):
    shop = shop_of(graduate, county_clerk)
    fields = {"month": today(), "kind": Kind.SALES, "amount": Decimal(5), "grade": 1} | changes
    facts = EarningsFacts(**fields)
    refused(code, actions.report_earnings, shop=shop, facts=facts, actor=county_clerk)


def test_a_household_has_no_orders(graduate, county_clerk):
    facts = EarningsFacts(today(), Kind.ORDERS, Decimal(5), 1)
    household = household_of(graduate, today())
    refused(
        "kind_of_other_subject",
        actions.report_earnings,
        household=household,
        facts=facts,
        actor=county_clerk,
    )


def test_a_baseline_is_corrected_with_both_values_on_the_trail(graduate, county_clerk):
    fields = {
        "household": household_of(graduate, today()),
        "month": date(2017, 5, 9),
        "actor": county_clerk,
    }
    actions.record_baseline(amount=Decimal("800.00"), members=4, **fields)
    actions.record_baseline(amount=Decimal("900.00"), members=5, **fields)
    baseline = Baseline.objects.get()
    assert (baseline.month, baseline.amount_yuan, baseline.members) == (date(2017, 5, 1), 900, 5)
    details = AuditEvent.objects.filter(action="incubation.baseline_recorded").order_by("seq")
    assert [event.detail.get("old") for event in details] == [None, "800.00 / 4"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"month": date(2999, 1, 1)}, "baseline_not_past"),
        ({"members": 0}, "no_members"),
        ({"amount": Decimal(-5)}, "amount_negative"),
        ({"amount": Decimal("1e9")}, "amount_too_high"),
    ],
)
def test_a_baseline_that_cannot_be(graduate, county_clerk, changes, code):
    fields = {"month": date(2017, 5, 1), "amount": Decimal(800), "members": 4} | changes
    household = household_of(graduate, today())
    refused(code, actions.record_baseline, household=household, actor=county_clerk, **fields)
