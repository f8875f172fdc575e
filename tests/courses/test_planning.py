"""Runs, sessions and enrolments."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from courses.actions import (
    CourseError,
    HalfDay,
    add_instructor,
    add_site,
    cancel_run,
    cancel_session,
    edit_run,
    enrol_learners,
    open_run,
    plan_run,
    plan_session,
    plan_sessions,
    promote_waiting,
    record_marks,
    reschedule_session,
    withdraw_enrolment,
)
from courses.actions.marking import MarkInput
from courses.models import ClassSession, CourseRun, Enrolment
from courses.queries import run_candidates
from learners.models import Membership, Register, RegisterAdjustment, RegisterEdition, RegisterEntry
from lms.lib.periods import today
from tests import factories

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 2)
MORNING, AFTERNOON = HalfDay(time(9), time(12)), HalfDay(time(14, 30), time(17, 30))


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), factories.SHANGHAI)


def planned(actor, code="411521", **fields) -> CourseRun:
    fields = {"starts_on": FIRST, "ends_on": FIRST + timedelta(days=2), "capacity": 40} | fields
    return plan_run(
        course=fields.pop("course", None) or factories.make_course(),
        host_region=factories.make_region(code),
        actor=actor,
        **fields,
    )


def code_of(act) -> str:
    with pytest.raises(CourseError) as refused:
        act()
    assert str(refused.value.message)
    return refused.value.code


@pytest.fixture
def run(county_clerk):
    return planned(county_clerk)


@pytest.fixture
def site(run, county_clerk):
    return add_site(name="丽水街道培训基地", region=run.host_region, actor=county_clerk)


@pytest.fixture
def teacher(run, county_clerk):
    return add_instructor(name="王老师", region=run.host_region, actor=county_clerk)


# --- runs ---------------------------------------------------------------------------------------
def test_numbers_run_on_in_county_and_year(county_clerk):
    assert planned(county_clerk).number == 1
    assert planned(county_clerk, "411521100").number == 2, "a township's run is its county's"
    assert planned(county_clerk, number=7).number == 7
    assert planned(county_clerk).number == 8
    assert planned(county_clerk, starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 4)).number == 1
    assert planned(county_clerk, "411522").number == 1


def test_a_number_is_taken_once(county_clerk):
    planned(county_clerk, number=3)
    assert code_of(lambda: planned(county_clerk, number=3)) == "NUMBER_TAKEN"
    assert code_of(lambda: planned(county_clerk, ends_on=FIRST - timedelta(days=1))) == "DATES"


def test_a_run_is_opened_once_and_cancelled_with_a_reason(run, county_clerk, site, teacher):
    open_run(run=run, actor=county_clerk)
    assert code_of(lambda: open_run(run=run, actor=county_clerk)) == "NOT_DRAFT"
    session = plan_session(
        run=run,
        starts_at=moment(FIRST, 9),
        ends_at=moment(FIRST, 12),
        site=site,
        instructor=teacher,
        actor=county_clerk,
    )
    assert code_of(lambda: cancel_run(run=run, reason=" ", actor=county_clerk)) == "NO_REASON"
    cancel_run(run=run, reason="大雪封路", actor=county_clerk)
    session.refresh_from_db()
    assert session.status == ClassSession.Status.CANCELLED
    assert code_of(lambda: cancel_run(run=run, reason="又", actor=county_clerk)) == "RUN_CLOSED"


def test_editing_keeps_sessions_inside_and_places_enough(run, county_clerk, site, teacher):
    def edit(starts_on=FIRST, ends_on=FIRST + timedelta(days=2), capacity=40):
        return edit_run(
            run=run, starts_on=starts_on, ends_on=ends_on, capacity=capacity, actor=county_clerk
        )

    plan_sessions(
        run=run,
        dates=[FIRST + timedelta(days=2)],
        half_days=[MORNING],
        site=site,
        instructor=teacher,
        actor=county_clerk,
    )
    people = [factories.make_learner() for _ in range(2)]
    enrol_learners(run=run, learners=people, actor=county_clerk)
    assert code_of(lambda: edit(ends_on=FIRST)) == "SESSIONS_OUTSIDE"
    assert code_of(lambda: edit(capacity=1)) == "CAPACITY"
    assert edit(starts_on=FIRST + timedelta(days=1), capacity=2).capacity == 2


def test_a_run_that_moves_to_another_year_takes_its_next_number(county_clerk):
    planned(county_clerk, starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 5))
    run = planned(county_clerk)
    moved = edit_run(
        run=run,
        starts_on=date(2027, 2, 1),
        ends_on=date(2027, 2, 2),
        capacity=40,
        actor=county_clerk,
    )
    assert (moved.year, moved.number) == (2027, 2)


# --- sessions -----------------------------------------------------------------------------------
def test_sessions_for_dates_and_half_days(run, county_clerk, site, teacher):
    days = [FIRST, FIRST + timedelta(days=1)]
    sessions = plan_sessions(
        run=run,
        dates=days,
        half_days=[MORNING, AFTERNOON],
        site=site,
        instructor=teacher,
        actor=county_clerk,
    )
    assert [session.held_on for session in sessions] == [days[0], days[0], days[1], days[1]]
    assert {session.hours for session in sessions} == {4}


def test_an_instructor_is_in_one_place_at_a_time(run, county_clerk, site, teacher):
    other = planned(county_clerk)

    def plan(run, start, end):
        return plan_session(
            run=run,
            starts_at=start,
            ends_at=end,
            site=site,
            instructor=teacher,
            actor=county_clerk,
        )

    plan(run, moment(FIRST, 9), moment(FIRST, 12))
    with pytest.raises(CourseError) as refused:
        plan(other, moment(FIRST, 11), moment(FIRST, 13))
    assert refused.value.code == "INSTRUCTOR_BUSY"
    assert all(text in str(refused.value.message) for text in ("王老师", "2026-03-02", "09:00"))
    plan(other, moment(FIRST, 12), moment(FIRST, 13))
    assert ClassSession.objects.count() == 2


def test_all_sessions_or_none(run, county_clerk, site, teacher):
    last = FIRST + timedelta(days=2)

    def plan(target, *days):
        plan_sessions(
            run=target,
            dates=days,
            half_days=[MORNING],
            site=site,
            instructor=teacher,
            actor=county_clerk,
        )

    plan(planned(county_clerk), last)
    assert code_of(lambda: plan(run, FIRST, last)) == "INSTRUCTOR_BUSY"
    assert ClassSession.objects.count() == 1


@pytest.mark.postgres
def test_the_database_refuses_double_booking_too(run, site, teacher):
    first = ClassSession(
        run=run,
        site=site,
        instructor=teacher,
        starts_at=moment(FIRST, 9),
        ends_at=moment(FIRST, 12),
    )
    first.save()
    second = ClassSession(
        run=run,
        site=site,
        instructor=teacher,
        starts_at=moment(FIRST, 10),
        ends_at=moment(FIRST, 11),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


@pytest.mark.postgres
def test_double_booking_in_the_same_moment_is_told_as_such(
    run, county_clerk, site, teacher, monkeypatch
):
    """Both asked before either was there: the database says no, the page says why."""
    import courses.actions.planning as planning

    monkeypatch.setattr(planning, "clashing_session", lambda *args, **kwargs: None)

    def plan():
        return plan_session(
            run=run,
            starts_at=moment(FIRST, 9),
            ends_at=moment(FIRST, 12),
            site=site,
            instructor=teacher,
            actor=county_clerk,
        )

    plan()
    assert code_of(plan) == "INSTRUCTOR_BUSY"
    assert ClassSession.objects.count() == 1


def test_sessions_stay_in_the_run_and_in_a_day(run, county_clerk, site, teacher):
    def plan(start, end):
        return lambda: plan_session(
            run=run,
            starts_at=start,
            ends_at=end,
            site=site,
            instructor=teacher,
            actor=county_clerk,
        )

    before = FIRST - timedelta(days=1)
    assert code_of(plan(moment(before, 9), moment(before, 12))) == "OUTSIDE_RUN"
    assert code_of(plan(moment(FIRST, 12), moment(FIRST, 9))) == "TIMES"
    assert code_of(plan(moment(FIRST, 9), moment(FIRST + timedelta(days=1), 9))) == "TIMES"


def test_rescheduling_and_cancelling(run, county_clerk, site, teacher, trainer):
    session = factories.make_session(run)
    learner = factories.make_enrolment(run).learner

    def move(day):
        return reschedule_session(
            session=session,
            starts_at=moment(day, 14),
            ends_at=moment(day, 17),
            site=site,
            instructor=teacher,
            actor=county_clerk,
        )

    assert move(FIRST + timedelta(days=1)).held_on == FIRST + timedelta(days=1)
    marks = [MarkInput(learner_id=learner.pk, status="PRESENT")]
    record_marks(session=session, marks=marks, actor=trainer)
    assert code_of(lambda: move(FIRST)) == "HAS_MARKS"
    cancel_session(session=session, reason="停电", actor=county_clerk)
    assert code_of(lambda: move(FIRST)) == "NOT_PLANNED"


# --- enrolments ---------------------------------------------------------------------------------
def test_places_then_the_waiting_list(county_clerk):
    run = planned(county_clerk, capacity=2)
    people = [factories.make_learner() for _ in range(4)]
    result = enrol_learners(run=run, learners=people[:3], actor=county_clerk)
    assert vars(result) == {"enrolled": 2, "waiting": 1, "already": 0}
    result = enrol_learners(run=run, learners=people[2:], actor=county_clerk)
    assert vars(result) == {"enrolled": 0, "waiting": 1, "already": 1}
    first = Enrolment.objects.get(run=run, learner=people[0])
    withdraw_enrolment(enrolment=first, actor=county_clerk)
    moved = promote_waiting(run=run, actor=county_clerk)
    assert [row.learner for row in moved] == [people[2]]
    assert promote_waiting(run=run, actor=county_clerk) == []


def test_enrolment_freezes_what_was_true_on_the_first_day(county_clerk):
    old = factories.make_household("411521001003", "GENERAL_POOR")
    new = factories.make_household("411522001001", "ORDINARY")
    learner = factories.make_learner(household=old, born=date(1996, 6, 1))
    Membership.objects.filter(learner=learner).update(ends_on=date(2026, 4, 30))
    Membership.objects.create(learner=learner, household=new, starts_on=date(2026, 5, 1))
    learner.home_region = new.region
    learner.save(update_fields=["home_region"])
    run = planned(county_clerk)
    enrol_learners(run=run, learners=[learner], actor=county_clerk)
    row = Enrolment.objects.get()
    assert (row.household, row.home_region) == (old, old.region)
    assert (row.household_type_id, row.age_band) == ("GENERAL_POOR", "18-29")
    later = date(2026, 6, 1)
    edit_run(run=run, starts_on=later, ends_on=later, capacity=40, actor=county_clerk)
    row.refresh_from_db()
    assert (row.household, row.home_region, row.age_band) == (new, new.region, "30-39")


def test_who_only_waited_was_never_expected(county_clerk):
    run = planned(county_clerk, capacity=1)
    people = [factories.make_learner() for _ in range(2)]
    enrol_learners(run=run, learners=people, enrolled_on=FIRST, actor=county_clerk)
    waiting = Enrolment.objects.get(status="WAITING")
    withdraw_enrolment(
        enrolment=waiting, withdrawn_on=FIRST + timedelta(days=2), actor=county_clerk
    )
    active = Enrolment.objects.filter(run=run).active_on(FIRST + timedelta(days=1))
    assert [row.learner for row in active] == [people[0]]


def test_who_withdrew_may_come_back(county_clerk):
    run = planned(county_clerk)
    learner = factories.make_learner()
    enrol_learners(run=run, learners=[learner], enrolled_on=FIRST, actor=county_clerk)
    row = Enrolment.objects.get()
    withdraw_enrolment(enrolment=row, withdrawn_on=FIRST, actor=county_clerk)
    with pytest.raises(CourseError):
        withdraw_enrolment(enrolment=row, actor=county_clerk)
    result = enrol_learners(run=run, learners=[learner], actor=county_clerk)
    row.refresh_from_db()
    assert (result.enrolled, row.status, row.withdrawn_on) == (1, "ENROLLED", None)


def test_entered_after_the_fact_counts_from_the_first_day(county_clerk):
    past = today() - timedelta(days=30)
    run = planned(county_clerk, starts_on=past, ends_on=past + timedelta(days=2))
    enrol_learners(run=run, learners=[factories.make_learner()], actor=county_clerk)
    assert Enrolment.objects.get().enrolled_on == past


# --- candidates ---------------------------------------------------------------------------------
def sealed_edition(*subjects, purpose="ABLE_WILLING") -> RegisterEdition:
    region = factories.make_region("411521")
    register = Register.objects.create(purpose=purpose, year=2026, region=region)
    edition = RegisterEdition.objects.create(register=register, no=1)
    for subject, fields in subjects:
        RegisterEntry.objects.create(edition=edition, region_at_seal=region, **subject, **fields)
    edition.sealed_at, edition.sha256 = timezone.now(), "0" * 64
    edition.save()
    return edition


def test_candidates_are_those_of_the_edition_never_trained_first(run, county_clerk, trainer):
    trained, fresh, unwilling, removed, here = (factories.make_learner(f"甲{n}") for n in range(5))
    household = factories.make_household()
    member = factories.make_learner("户内人", household=household)
    past = factories.make_run(starts_on=FIRST - timedelta(days=60))
    session = factories.make_session(past)
    factories.make_enrolment(past, trained)
    marks = [MarkInput(learner_id=trained.pk, status="LATE")]
    record_marks(session=session, marks=marks, actor=trainer)
    ClassSession.objects.filter(pk=session.pk).update(status="CLOSED")
    edition = sealed_edition(
        *[({"learner": x}, {}) for x in (trained, fresh, removed, here)],
        ({"learner": unwilling}, {"willing": False}),
        ({"household": household}, {}),
    )
    RegisterAdjustment.objects.create(
        entry=RegisterEntry.objects.get(learner=removed),
        kind="REMOVE",
        happened_on=FIRST,
        reason="外出务工",
    )
    enrol_learners(run=run, learners=[here], actor=county_clerk)
    found = list(run_candidates(run, edition))
    assert {row.pk for row in found} == {trained.pk, fresh.pk, member.pk}
    assert [row.is_trained for row in found] == [False, False, True]


def test_candidates_that_are_busy_in_the_same_days_are_named(run, county_clerk):
    busy = factories.make_learner()
    other = planned(county_clerk)
    enrol_learners(run=other, learners=[busy], actor=county_clerk)
    edition = sealed_edition(({"learner": busy}, {}))
    assert [row.is_busy for row in run_candidates(run, edition)] == [True]
