"""Groups of the worklist, who is reached, who may write."""

from datetime import timedelta

import pytest

from incubation.models import FollowUpTask, IncubationCase, Shop
from incubation.queries import (
    GROUPS,
    candidates,
    case_rows,
    field_workers,
    in_group,
    may_record,
    week_end,
)
from learners.models import Learner
from lms.lib.periods import today
from lms.lib.scope import Role
from tests import factories
from tests.incubation.conftest import make_case, make_graduate
from tests.incubation.test_actions import shop_of, visit

pytestmark = pytest.mark.django_db


def test_every_task_is_in_one_group(case, field_worker):
    visit(case, field_worker, task=case.tasks.get(stage="MONTH_1"))
    case.tasks.filter(stage="MONTH_6").update(due_on=week_end(today()))
    groups = {
        group: [task.stage for task in in_group(FollowUpTask.objects.all(), group, today())]
        for group in GROUPS
    }
    assert groups == {
        "overdue": ["MONTH_3"],
        "week": ["MONTH_6"],
        "later": ["YEAR_1", "YEAR_2", "YEAR_3"],
        "done": ["MONTH_1"],
    }


@pytest.mark.parametrize(("days", "overdue"), [(-1, True), (0, False), (1, False)])
def test_due_today_is_not_overdue(case, days, overdue):
    task = case.tasks.get(stage="YEAR_1")
    task.due_on = today() + timedelta(days=days)
    task.save(update_fields=["due_on"])
    assert (task in FollowUpTask.objects.overdue(today())) is overdue


def test_tasks_of_a_closed_case_are_no_longer_due(case):
    IncubationCase.objects.filter(pk=case.pk).update(closed_on=today())
    assert not FollowUpTask.objects.overdue(today()).exists()
    assert case_rows(case.assignee).get().next_due_on is None


def test_a_case_row_knows_what_is_next(case, field_worker):
    first, second = case.tasks.order_by("due_on")[:2]
    assert case_rows(field_worker).get().next_due_on == first.due_on
    visit(case, field_worker, task=first)
    assert case_rows(field_worker).get().next_due_on == second.due_on


def test_a_field_worker_reaches_cases_of_the_region_and_those_assigned(regions, field_worker):
    at_home = make_case()
    elsewhere = make_case(code="411522001001")
    assigned = make_case(code="411522001001")
    IncubationCase.objects.filter(pk=assigned.pk).update(assignee=field_worker)
    assert set(IncubationCase.objects.visible_to(field_worker)) == {at_home, assigned}
    learners = set(Learner.objects.visible_to(field_worker))
    assert {at_home.learner, assigned.learner} <= learners
    assert elsewhere.learner not in learners
    assert may_record(field_worker, IncubationCase.objects.get(pk=assigned.pk))
    assert not may_record(field_worker, elsewhere)


def test_an_assigned_case_is_lost_with_the_role(regions):
    other = factories.make_user("")
    case = make_case()
    IncubationCase.objects.filter(pk=case.pk).update(assignee=other)
    assert not IncubationCase.objects.visible_to(other).exists()
    assert not Learner.objects.visible_to(other).exists()


def test_a_field_worker_does_not_reach_people_without_a_class(regions, field_worker, trainer):
    graduate, newcomer = make_graduate(), factories.make_learner()
    assert set(Learner.objects.visible_to(field_worker)) == {graduate}
    assert newcomer not in Learner.objects.visible_to(field_worker)


def test_candidates_completed_a_class_and_have_no_case(
    regions, field_worker, county_clerk, county_official, neighbour_clerk
):
    graduate = make_graduate()
    make_case()
    factories.make_learner()
    merged = make_graduate()
    Learner.objects.filter(pk=merged.pk).update(merged_into=graduate)
    assert list(candidates(field_worker)) == [graduate]
    assert list(candidates(county_clerk)) == [graduate]
    assert list(candidates(neighbour_clerk)) == []
    assert list(candidates(county_official)) == []


def test_an_official_sees_and_does_not_write(case, county_official, county_clerk):
    assert IncubationCase.objects.visible_to(county_official).get() == case
    assert not may_record(county_official, case)
    assert may_record(county_clerk, case)


def test_field_workers_of_a_village(regions, field_worker, county_clerk):
    village = regions["411521001003"]
    near = factories.make_user("", (Role.FIELD_WORKER, "411521001"))
    factories.make_user("", (Role.FIELD_WORKER, "411521100"))
    factories.make_user("", (Role.FIELD_WORKER, "411521"), is_active=False)
    everywhere = factories.make_user("", (Role.FIELD_WORKER, ""))
    assert set(field_workers(village)) == {field_worker, near, everywhere}


def test_shops_follow_the_case_and_the_owner(case, field_worker, neighbour_clerk, trainee):
    shop = shop_of(case.learner, field_worker)
    own = shop_of(trainee.learner, field_worker)
    assert set(Shop.objects.visible_to(field_worker)) == {shop, own}
    assert set(Shop.objects.visible_to(trainee)) == {own}
    assert not Shop.objects.visible_to(neighbour_clerk).exists()
