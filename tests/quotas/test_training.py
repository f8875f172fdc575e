"""person_times and people_trained: each sentence of the rule is a case."""

from datetime import date

import pytest

from courses.models import ClassSession, CourseRun, Enrolment
from quotas import measures
from quotas.models import Measure
from tests import factories
from tests.quotas import counted

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
AS_OF = date(2026, 6, 30)


def value(measure=Measure.PERSON_TIMES, code="411521", as_of=AS_OF, **fields):
    quota = counted.make_quota(measure, code, **fields)
    return measures.figure(quota, quota.region, as_of).value


def account(measure=Measure.PERSON_TIMES, code="411521", as_of=AS_OF, **fields):
    quota = counted.make_quota(measure, code, **fields)
    return measures.explain(quota, quota.region, as_of).reasons


@pytest.mark.parametrize(
    ("status", "expected"),
    [("PRESENT", 1), ("LATE", 1), ("LEFT_EARLY", 1), ("LEAVE", 0), ("ABSENT", 0)],
)
def test_attended_is_present_late_or_left_early(status, expected):
    counted.train(status=status)
    assert value() == expected


def test_one_per_learner_and_run_however_many_sessions():
    enrolment = counted.train()
    second = counted.make_closed_session(enrolment.run, date(2026, 3, 3))
    counted.mark(second, enrolment.learner)
    assert value() == 1


def test_two_runs_are_two_person_times_and_one_person():
    learner = counted.train().learner
    counted.train(learner)
    assert (value(), value(Measure.PEOPLE_TRAINED)) == (2, 1)


def test_a_session_not_closed_counts_nothing_yet():
    enrolment = counted.train()
    enrolment.run.sessions.update(status=ClassSession.Status.PLANNED)
    assert value() == 0
    assert account() == {"not_closed": 1}


def test_a_cancelled_session_counts_nothing():
    enrolment = counted.train()
    enrolment.run.sessions.update(status=ClassSession.Status.CANCELLED)
    assert account() == {"never_attended": 1}


def test_a_cancelled_run_counts_nothing():
    counted.train()
    CourseRun.objects.update(status=CourseRun.Status.CANCELLED)
    assert value() == 0
    assert account() == {"run_cancelled": 1}


def test_a_provisional_walk_in_is_a_person_time_but_not_a_person():
    stranger = factories.make_learner(provisional=True)
    counted.train(stranger)
    assert (value(), value(Measure.PEOPLE_TRAINED)) == (1, 0)
    assert account(Measure.PEOPLE_TRAINED) == {"provisional": 1}


def test_a_merged_record_is_the_person_it_was_merged_into():
    kept = counted.train().learner
    double = counted.train().learner
    double.merged_into = kept
    double.save()
    assert (value(), value(Measure.PEOPLE_TRAINED)) == (2, 1)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 12, 31), 0),
        (date(2026, 1, 1), 1),
        (AS_OF, 1),
        (date(2026, 7, 1), 0),
    ],
)
def test_the_period_and_the_as_of_day_are_both_inclusive(day, expected):
    counted.train(day=day)
    assert value() == expected


def test_a_run_over_new_year_belongs_to_its_first_session_attended():
    run = factories.make_run(starts_on=date(2025, 12, 30), days=5)
    early = counted.make_closed_session(run, date(2025, 12, 30))
    late = counted.make_closed_session(run, date(2026, 1, 2))
    both, only_late = factories.make_enrolment(run), factories.make_enrolment(run)
    counted.mark(early, both.learner)
    counted.mark(late, both.learner)
    counted.mark(late, only_late.learner)
    assert value() == 1
    assert account() == {"counted": 1}


def test_sessions_after_the_as_of_day_do_not_count_yet():
    run = factories.make_run(starts_on=date(2026, 6, 29), days=5)
    late = counted.make_closed_session(run, date(2026, 7, 2))
    enrolment = factories.make_enrolment(run)
    counted.mark(late, enrolment.learner)
    assert account() == {"still_running": 1}
    assert account(as_of=date(2026, 7, 2)) == {"counted": 1}


def test_attribution_by_host_and_by_home():
    outsider = factories.make_learner(code="411522001001")
    counted.train(outsider, "411521")
    assert value(attribution="host") == 1
    assert value(attribution="home") == 0
    assert value(code="411522", attribution="home") == 1
    assert value(code="41", attribution="home") == 1


def test_audiences_and_household_groups_filter():
    course = factories.make_course(audience="TOWNSHIP_CADRE")
    poor = factories.make_household(type_code="GENERAL_POOR")
    lifted = factories.make_household(type_code="LIFTED_OUT")
    counted.train(factories.make_learner(household=poor), course=course)
    counted.train(factories.make_learner(household=lifted))
    assert value(audience="TOWNSHIP_CADRE") == 1
    assert value(household_group="POOR") == 1
    assert value(household_group="LIFTED_OUT") == 1
    assert value(household_group="MONITORED") == 0
    assert value() == 2


def test_reasons_add_up_to_the_candidates():
    counted.train()
    counted.train(status="ABSENT")
    counted.train()
    cancelled = factories.make_run(status=CourseRun.Status.CANCELLED)
    factories.make_enrolment(cancelled)
    running = factories.make_run(starts_on=date(2026, 6, 30))
    factories.make_session(running, date(2026, 7, 1))
    factories.make_enrolment(running)
    waiting = factories.make_run()
    factories.make_enrolment(waiting, status="WAITING")
    factories.make_enrolment(waiting, status="WITHDRAWN", withdrawn_on=counted.DAY)
    quota = counted.make_quota()
    found = measures.explain(quota, quota.region, AS_OF)
    assert found.reasons == {
        "counted": 2,
        "never_attended": 1,
        "run_cancelled": 1,
        "still_running": 1,
        "waiting": 1,
        "withdrawn": 1,
    }
    assert (found.of("yes"), found.of("no"), found.of("pending")) == (2, 4, 1)
    assert found.candidates == Enrolment.objects.count() == 7
    assert found.candidates - sum(n for _r, n in found.subtracted()) == found.counted


def test_people_are_explained_by_their_best_enrolment():
    learner = counted.train(status="ABSENT").learner
    assert account(Measure.PEOPLE_TRAINED) == {"never_attended": 1}
    counted.train(learner)
    assert account(Measure.PEOPLE_TRAINED) == {"counted": 1}


def test_children_and_own_level_add_up_for_person_times():
    counted.train(code="411521001")
    counted.train(code="411521001")
    counted.train(code="411521100")
    counted.train(code="411521")
    quota = counted.make_quota()
    rows = measures.by_child(quota, quota.region, AS_OF)
    assert {path: row.value for path, row in rows.items()} == {
        "411521001": 2,
        "411521100": 1,
        "411521": 1,
    }
    assert sum(row.value for row in rows.values()) == value()


def test_people_of_rows_may_exceed_the_total():
    learner = counted.train(code="411521001").learner
    counted.train(learner, "411521100")
    quota = counted.make_quota(Measure.PEOPLE_TRAINED, attribution="host")
    rows = measures.by_child(quota, quota.region, AS_OF)
    assert sum(row.value for row in rows.values()) == 2
    assert value(Measure.PEOPLE_TRAINED, attribution="host") == 1
