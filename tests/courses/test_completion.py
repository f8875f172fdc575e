"""Corrections, walk-ins, completion, and the figures that others stand on."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest

from courses.actions import (
    CourseError,
    MarkInput,
    accept_late_marks,
    add_walk_in,
    cancel_session,
    close_session,
    complete_run,
    correct_mark,
    record_marks,
)
from courses.models import AttendanceState, ClassSession, CourseRun, Enrolment, MarkEvent
from courses.queries import (
    attendance_shares,
    completed_enrolments,
    doubtful_rows,
    late_marks,
    session_roster,
    session_tallies,
    trainer_day,
)
from learners.models import Learner
from lms.lib.periods import today
from tests import factories
from tests.courses.tablets import bring, brought

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 2)


@pytest.fixture
def run(regions):
    return factories.make_run(starts_on=FIRST, days=5)


@pytest.fixture
def sessions(run, trainer):
    return [
        factories.make_session(run, FIRST + timedelta(days=n), at=time(9), user=trainer)
        for n in range(5)
    ]


def attend(session, actor, **said) -> None:
    """`said`: status -> enrolments, then the session is closed."""
    marks = [
        MarkInput(learner_id=enrolment.learner_id, status=status)
        for status, enrolments in said.items()
        for enrolment in enrolments
    ]
    record_marks(session=session, marks=marks, actor=actor)
    close_session(session=session, head_count=len(marks), actor=actor)


def reloaded(row):
    row.refresh_from_db()
    return row


# --- shares ---------------------------------------------------------------------------------------
def test_shares_count_what_was_held_while_enrolled(run, sessions, trainer):
    """Five sessions: one cancelled, one still planned; three counted."""
    whole = factories.make_enrolment(run)
    on_leave = factories.make_enrolment(run)
    joined = factories.make_enrolment(run, enrolled_on=FIRST + timedelta(days=1))
    left = factories.make_enrolment(run, status="WITHDRAWN", withdrawn_on=FIRST + timedelta(days=1))
    waiting = factories.make_enrolment(run, status="WAITING")
    attend(sessions[0], trainer, PRESENT=[whole, left], LEAVE=[on_leave])
    attend(sessions[1], trainer, LATE=[whole, joined], LEAVE=[on_leave])
    attend(sessions[2], trainer, LEFT_EARLY=[whole, on_leave])
    cancel_session(session=sessions[3], reason="停电", actor=trainer)
    shares = attendance_shares(Enrolment.objects.all())
    found = {
        row: (shares[row.pk].attended, shares[row.pk].held)
        for row in (whole, on_leave, joined, left, waiting)
    }
    assert found == {
        whole: (3, 3),
        on_leave: (1, 3),
        joined: (1, 2),
        left: (1, 1),
        waiting: (0, 0),
    }
    assert (shares[whole.pk].hours, shares[on_leave.pk].hours) == (12, 4), "3 hours = 4 units"
    assert shares[on_leave.pk].first_attended_on == FIRST + timedelta(days=2)


def test_shares_of_a_cancelled_run_are_empty(run, sessions, trainer):
    row = factories.make_enrolment(run)
    attend(sessions[0], trainer, PRESENT=[row])
    CourseRun.objects.update(status="CANCELLED")
    assert attendance_shares(Enrolment.objects.all())[row.pk].held == 0


def test_three_queries_for_any_number_of_shares(run, sessions, trainer, django_assert_num_queries):
    attend(sessions[0], trainer, PRESENT=[factories.make_enrolment(run)])
    for count in (3, 30):
        for _ in range(count):
            factories.make_enrolment(run)
        with django_assert_num_queries(3):
            attendance_shares(Enrolment.objects.all())


def test_roster_and_tallies_need_a_fixed_number_of_queries(
    run, sessions, trainer, django_assert_num_queries
):
    for count in (3, 30):
        marks = [
            MarkInput(learner_id=factories.make_enrolment(run).learner_id, status="PRESENT")
            for _ in range(count)
        ]
        record_marks(session=sessions[0], marks=marks, actor=trainer)
        with django_assert_num_queries(2):
            assert [row.learner.home_region.name for row in session_roster(sessions[0])]
        with django_assert_num_queries(2):
            session_tallies(sessions)


# --- completion -----------------------------------------------------------------------------------
def test_completing_at_four_fifths_exactly(run, sessions, trainer, county_clerk):
    four, three = factories.make_enrolment(run), factories.make_enrolment(run)
    for n, session in enumerate(sessions):
        attend(session, trainer, PRESENT=[four][: n < 4] + [three][: n < 3])
    result = complete_run(run=run, actor=county_clerk)
    assert (result.completed, result.not_completed) == (1, 1)
    assert result.completed_on == FIRST + timedelta(days=4)
    assert [row.pk for row in completed_enrolments(run)] == [four.pk]
    assert reloaded(four).completed_on == FIRST + timedelta(days=4)
    assert reloaded(run).status == "CLOSED"


def test_no_completion_while_a_session_is_open(run, sessions, trainer, county_clerk):
    row = factories.make_enrolment(run)
    for session in sessions[:4]:
        attend(session, trainer, PRESENT=[row])
    with pytest.raises(CourseError) as refused:
        complete_run(run=run, actor=county_clerk)
    assert refused.value.code == "SESSIONS_OPEN"
    cancel_session(session=sessions[4], reason="停电", actor=county_clerk)
    complete_run(run=run, actor=county_clerk)
    assert reloaded(row).completed_on == FIRST + timedelta(days=3), "the last counted session"
    with pytest.raises(CourseError) as refused:
        complete_run(run=run, actor=county_clerk)
    assert refused.value.code == "RUN_CLOSED"


def test_nobody_completes_a_run_without_sessions(run, county_clerk):
    factories.make_enrolment(run)
    with pytest.raises(CourseError) as refused:
        complete_run(run=run, actor=county_clerk)
    assert refused.value.code == "NO_SESSIONS"


# --- corrections ----------------------------------------------------------------------------------
@pytest.fixture
def completed(run, sessions, trainer, county_clerk):
    """Two people with four of five sessions and three of five; the run is completed."""
    four, three = factories.make_enrolment(run), factories.make_enrolment(run)
    for n, session in enumerate(sessions):
        attend(session, trainer, PRESENT=[four][: n < 4] + [three][: n < 3])
    complete_run(run=run, actor=county_clerk)
    return reloaded(four), reloaded(three)


def correct(session, enrolment, status, actor, reason="签到表上有本人签字"):
    return correct_mark(
        session=session, learner=enrolment.learner, status=status, reason=reason, actor=actor
    )


def test_a_correction_changes_completion_both_ways(completed, sessions, county_clerk):
    four, three = completed
    correct(sessions[0], four, "ABSENT", county_clerk)
    correct(sessions[3], three, "LATE", county_clerk)
    assert (reloaded(four).status, four.completed_on) == ("ENROLLED", None)
    assert (reloaded(three).status, three.completed_on) == ("COMPLETED", FIRST + timedelta(days=4))


def test_a_correction_takes_its_consequences_with_it_or_does_not_happen(
    completed, sessions, county_clerk, monkeypatch
):
    seen = []
    consequences = [lambda enrolment, actor: seen.append((enrolment.status, actor))]
    monkeypatch.setattr("courses.actions.completion.CONSEQUENCES", consequences)
    correct(sessions[0], completed[0], "LEAVE", county_clerk)
    assert seen == [("ENROLLED", county_clerk)]
    consequences.append(lambda enrolment, actor: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        correct(sessions[0], completed[0], "PRESENT", county_clerk)
    assert reloaded(completed[0]).status == "ENROLLED"
    state = AttendanceState.objects.get(session=sessions[0], learner=completed[0].learner)
    assert state.status == "LEAVE"


def test_a_correction_wants_a_reason_a_close_and_somebody_enrolled(
    run, sessions, trainer, county_clerk
):
    row = factories.make_enrolment(run)
    stranger = factories.make_enrolment(run, enrolled_on=FIRST + timedelta(days=3))
    with pytest.raises(CourseError) as refused:
        correct(sessions[0], row, "LATE", county_clerk)
    assert refused.value.code == "NOT_CLOSED"
    attend(sessions[0], trainer, PRESENT=[row])
    for who, status, reason, code in (
        (row, "LATE", "  ", "NO_REASON"),
        (row, "HERE", "改", "STATUS"),
        (stranger, "LATE", "改", "NOT_ENROLLED"),
    ):
        with pytest.raises(CourseError) as refused:
            correct(sessions[0], who, status, county_clerk, reason)
        assert refused.value.code == code
    assert not MarkEvent.objects.filter(source="override").exists()


def test_a_correction_settles_the_late_mark_it_saw(run, sessions, trainer, county_clerk):
    row = factories.make_enrolment(run)
    attend(sessions[0], trainer, PRESENT=[row])
    pad = factories.make_device(trainer, "平板", "b" * 64)

    mark = brought(sessions[0], row.learner, 1, "LATE")
    bring(pad, mark)
    event_id = UUID(mark["event_id"])
    assert [late.event.event_id for late in late_marks(sessions[0])] == [event_id]
    accept_late_marks(
        session=sessions[0], event_ids=[event_id], reason="平板没电，晚传", actor=county_clerk
    )
    state = AttendanceState.objects.get(session=sessions[0])
    assert (state.status, state.conflict) == ("LATE", False)
    assert late_marks(sessions[0]) == []
    bring(pad, brought(sessions[0], row.learner, 2, "LATE"))
    assert AttendanceState.objects.get(session=sessions[0]).conflict


# --- walk-ins -------------------------------------------------------------------------------------
def walk_in(session, actor, **fields):
    return add_walk_in(session=session, name=fields.pop("name", "来客"), actor=actor, **fields)


def test_a_known_person_walks_in(run, sessions, trainer):
    learner = factories.make_learner("李 建军", "411522001001")
    row = walk_in(sessions[0], trainer, name="李建军", id_number=learner.clear_id_number())
    assert (row.learner, row.source, row.enrolled_on) == (learner, "WALK_IN", FIRST)
    assert row.home_region.code == "411522001001"
    assert AttendanceState.objects.get().status == "PRESENT"


def test_an_unknown_person_becomes_provisional(run, sessions, trainer):
    number = factories.make_id_number(499)
    row = walk_in(sessions[0], trainer, name="张三", id_number=number, phone="13800000617")
    who = row.learner
    assert (who.provisional, who.id_index, who.initials) == (True, None, "zs")
    assert who.clear_id_number() == number
    assert who.home_region == run.host_region
    assert session_tallies([sessions[0]])[sessions[0].pk].present == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "  "}, "NO_NAME"),
        ({"id_number": "41152119850601001"}, "ID_NUMBER"),
        ({"phone": "12345"}, "PHONE"),
    ],
)
def test_what_is_typed_wrong_is_told(sessions, trainer, fields, code):
    with pytest.raises(CourseError) as refused:
        walk_in(sessions[0], trainer, **fields)
    assert refused.value.code == code
    assert not Learner.objects.exists()


def test_a_number_under_another_name_is_told(sessions, trainer):
    learner = factories.make_learner("李建军")
    with pytest.raises(CourseError) as refused:
        walk_in(sessions[0], trainer, name="王强", id_number=learner.clear_id_number())
    assert refused.value.code == "NAME_DIFFERS"
    assert "李建军" not in str(refused.value.message)


def test_sending_a_walk_in_twice_makes_one(sessions, trainer):
    event_id = MarkInput().event_id
    first = walk_in(sessions[0], trainer, event_id=event_id)
    assert walk_in(sessions[0], trainer, event_id=event_id) == first
    assert (Learner.objects.count(), MarkEvent.objects.count()) == (1, 1)


def test_a_walk_in_after_the_close_leaves_nothing(sessions, trainer):
    close_session(session=sessions[0], head_count=0, actor=trainer)
    with pytest.raises(CourseError):
        walk_in(sessions[0], trainer)
    assert not Learner.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"status": "WAITING"}, {"status": "WITHDRAWN", "withdrawn_on": FIRST}]
)
def test_who_waited_or_left_walks_in_to_the_same_enrolment(run, sessions, trainer, fields):
    learner = factories.make_learner("李建军")
    row = factories.make_enrolment(run, learner, **fields)
    walk_in(sessions[1], trainer, name="李建军", id_number=learner.clear_id_number())
    assert reloaded(row).status == "ENROLLED"
    assert session_tallies([sessions[1]])[sessions[1].pk].present == 1


# --- a trainer's day, and whom to look at first ---------------------------------------------------
def test_a_trainers_day(trainer):
    run = factories.make_run(starts_on=today() - timedelta(days=1), days=5)
    days = [today() + timedelta(days=n) for n in (-1, 0, 1)]
    past, now, ahead = (factories.make_session(run, day, user=trainer) for day in days)
    factories.make_session(run, at=time(14))  # another instructor's
    day = trainer_day(trainer, today())
    assert ([*day.open_past], [*day.today], [*day.ahead]) == ([past], [now], [ahead])
    assert [row.sequence for row in (*day.open_past, *day.ahead)] == [1, 4]
    ClassSession.objects.filter(pk=past.pk).update(status="CLOSED")
    assert trainer_day(trainer, today()).open_past == []


def test_doubt_falls_on_marks_in_bulk_first(run, sessions, trainer):
    tapped, bulk, late = (factories.make_enrolment(run) for _ in range(3))
    marks = [
        MarkInput(learner_id=tapped.learner_id, status="PRESENT"),
        MarkInput(learner_id=bulk.learner_id, status="PRESENT", method="bulk"),
        MarkInput(learner_id=late.learner_id, status="LATE"),
    ]
    record_marks(session=sessions[0], marks=marks, actor=trainer)
    found = doubtful_rows(session_roster(sessions[0]))
    assert [row.enrolment for row in found] == [bulk, late]
