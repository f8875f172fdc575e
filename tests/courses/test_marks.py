"""Marking, taking back, closing: through the actions, and what the database then holds."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from courses.actions import (
    CourseError,
    MarkInput,
    close_session,
    mark_rest_present,
    record_marks,
    void_mark,
)
from courses.models import AttendanceState, ClassSession, CourseRun, Enrolment, MarkEvent
from courses.queries import session_roster, session_tallies, stored_events, tally
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(trainer):
    run = factories.make_run(starts_on=today())
    return factories.make_session(run, user=trainer)


@pytest.fixture
def people(session):
    return [factories.make_enrolment(session.run).learner for _ in range(4)]


@pytest.fixture
def pad(trainer):
    return factories.make_device(trainer, "平板一", "a" * 64)


def statuses(session) -> dict:
    rows = AttendanceState.objects.filter(session=session)
    return dict(rows.values_list("learner_id", "status"))


def mark(session, learner, actor, status="PRESENT", **fields):
    marks = [MarkInput(learner_id=learner.pk, status=status, **fields)]
    return record_marks(session=session, marks=marks, actor=actor)


def brought(pad, seq, learner, status="PRESENT", **fields) -> MarkInput:
    """A mark as a tablet brings it."""
    fields = {"wall_ms": seq, "t_ms": seq, "skew_ms": 0} | fields
    return MarkInput(learner_id=learner.pk, status=status, device_id=pad.pk, seq=seq, **fields)


def test_a_mark_and_its_change_are_two_events_and_one_state(session, people, trainer):
    mark(session, people[0], trainer)
    mark(session, people[0], trainer, "LATE")
    assert statuses(session) == {people[0].pk: "LATE"}
    first, second = MarkEvent.objects.order_by("server_seq")
    assert second.base == first.event_id
    assert second.t_ms > first.t_ms
    assert (first.device, first.seq) == (None, None)


def test_taking_back_restores_what_was_before(session, people, trainer):
    mark(session, people[0], trainer)
    mark(session, people[0], trainer, "LATE")
    for expected in ({people[0].pk: "PRESENT"}, {}):
        holds = AttendanceState.objects.get(session=session).event
        void_mark(session=session, target=holds.event_id, actor=trainer)
        assert statuses(session) == expected
    assert MarkEvent.objects.count() == 4


def test_the_same_event_again_is_a_duplicate(session, people, trainer):
    event_id = uuid.uuid4()
    first = mark(session, people[0], trainer, event_id=event_id)
    again = mark(session, people[0], trainer, event_id=event_id)
    assert (first.accepted, again.accepted, again.duplicates) == ((event_id,), (), (event_id,))
    assert MarkEvent.objects.count() == 1


def test_the_same_id_with_another_body_is_listed_and_keeps_nobody_out(session, people, trainer):
    event_id = uuid.uuid4()
    mark(session, people[0], trainer, event_id=event_id)
    other = MarkInput(learner_id=people[0].pk, status="LEAVE", event_id=event_id)
    good = MarkInput(learner_id=people[1].pk, status="LATE")
    result = record_marks(session=session, marks=[other, good], actor=trainer)
    assert [error.code for error in result.errors] == ["id_reused_different_body"]
    assert result.accepted == (good.event_id,)
    assert statuses(session) == {people[0].pk: "PRESENT", people[1].pk: "LATE"}


def test_the_same_id_in_another_session_is_no_duplicate(session, people, trainer):
    other = factories.make_session(session.run, at=session.starts_at.time().replace(hour=15))
    event_id = uuid.uuid4()
    mark(session, people[0], trainer, event_id=event_id)
    result = mark(other, people[0], trainer, event_id=event_id)
    assert [error.code for error in result.errors] == ["id_reused_different_body"]


def test_a_seq_that_another_event_holds_is_listed(session, people, trainer, pad):
    record_marks(session=session, marks=[brought(pad, 7, people[0])], actor=trainer)
    result = record_marks(session=session, marks=[brought(pad, 7, people[1])], actor=trainer)
    assert [error.code for error in result.errors] == ["seq_reused"]
    assert set(statuses(session)) == {people[0].pk}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": ""}, "mark_incomplete"),
        ({"status": "HERE"}, "unknown_status"),
        ({"kind": "void", "status": ""}, "void_without_target"),
        ({"kind": "poke"}, "unknown_kind"),
        ({"learner_id": uuid.UUID(int=5)}, "unknown_learner"),
        ({"seq": 4}, "device_without_seq"),
    ],
)
def test_what_cannot_be_stored_is_listed(session, people, trainer, fields, code):
    fields = {"learner_id": people[0].pk, "status": "PRESENT"} | fields
    result = record_marks(session=session, marks=[MarkInput(**fields)], actor=trainer)
    assert [error.code for error in result.errors] == [code]
    assert not MarkEvent.objects.exists()


def test_marks_of_a_wrong_clock_are_flagged(session, people, trainer, pad):
    soon = 10**15
    marks = [brought(pad, 1, people[0], t_ms=soon), brought(pad, 2, people[1], skew_ms=None)]
    marks.append(brought(pad, 3, people[2]))
    record_marks(session=session, marks=marks, actor=trainer)
    suspect = AttendanceState.objects.filter(clock_suspect=True)
    assert {row.learner_id for row in suspect} == {people[0].pk, people[1].pk}


def test_a_stranger_to_the_run_is_kept_and_flagged(session, people, trainer, pad):
    stranger = factories.make_learner()
    record_marks(session=session, marks=[brought(pad, 1, stranger)], actor=trainer)
    assert MarkEvent.objects.get().flags == ["not_enrolled"]


def test_events_refuse_change(session, people, trainer):
    mark(session, people[0], trainer)
    for change in (
        lambda: MarkEvent.objects.update(status="LATE"),
        lambda: MarkEvent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_first_mark_sets_the_run_running(session, people, trainer):
    CourseRun.objects.update(status=CourseRun.Status.OPEN)
    session.run.refresh_from_db()
    mark(session, people[0], trainer)
    session.run.refresh_from_db()
    assert session.run.status == CourseRun.Status.RUNNING


def test_marking_writes_one_audit_line_without_a_name(session, people, trainer):
    mark(session, people[0], trainer)
    line = AuditEvent.objects.get(action="courses.marks_recorded")
    assert line.detail == {
        "accepted": 1,
        "duplicates": 0,
        "errors": {},
        "said": {"PRESENT": 1},
    }
    assert (line.actor, line.region_path) == (trainer, "411521")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: {"status": "CANCELLED"}, "SESSION_CANCELLED"),
        (lambda: {"held_on": today() + timedelta(days=1)}, "SESSION_AHEAD"),
    ],
)
def test_no_marks_on_the_server_ahead_of_the_day_or_when_cancelled(
    session, people, trainer, change, code
):
    ClassSession.objects.filter(pk=session.pk).update(**change())
    for act in (
        lambda: mark(session, people[0], trainer),
        lambda: close_session(session=session, head_count=1, actor=trainer),
    ):
        with pytest.raises(CourseError) as refused:
            act()
        assert refused.value.code == code
    assert not MarkEvent.objects.exists()


def test_no_override_through_the_door_of_marks(session, people, trainer):
    with pytest.raises(CourseError):
        mark(session, people[0], trainer, source="override", reason="改")
    assert not MarkEvent.objects.exists()


def test_the_rest_are_present_in_bulk(session, people, trainer):
    mark(session, people[0], trainer, "LEAVE")
    mark_rest_present(session=session, actor=trainer)
    mark_rest_present(session=session, actor=trainer)
    assert sorted(statuses(session).values()) == ["LEAVE", "PRESENT", "PRESENT", "PRESENT"]
    assert MarkEvent.objects.filter(method="bulk").count() == 3


# --- closing ------------------------------------------------------------------------------------
def test_closing_stores_status_and_heads_and_no_absence(session, people, trainer):
    mark(session, people[0], trainer)
    close_session(session=session, head_count=3, actor=trainer)
    session.refresh_from_db()
    assert (session.status, session.head_count) == ("CLOSED", 3)
    assert statuses(session) == {people[0].pk: "PRESENT"}
    counted = session_tallies([session])[session.pk]
    assert (counted.present, counted.absent, counted.unmarked) == (1, 3, 0)
    assert counted.active == 4


def test_tallies_add_up_for_a_closed_session(session, people, trainer):
    """Who withdrew before, waits, or joins later is not expected; a walk-in is."""
    run = session.run
    said = ["PRESENT", "LATE", "LEFT_EARLY"]
    for learner, status in zip(people, said, strict=False):
        mark(session, learner, trainer, status)
    on_leave = factories.make_enrolment(run).learner
    mark(session, on_leave, trainer, "LEAVE")
    factories.make_enrolment(run, status="WAITING")
    factories.make_enrolment(run, status="WITHDRAWN", withdrawn_on=run.starts_on)
    factories.make_enrolment(run, enrolled_on=run.starts_on + timedelta(days=1))
    factories.make_enrolment(run, source=Enrolment.Source.WALK_IN)
    close_session(session=session, head_count=2, actor=trainer)
    session.refresh_from_db()
    counted = session_tallies([session])[session.pk]
    parts = (counted.present, counted.late, counted.left_early, counted.leave, counted.absent)
    assert parts == (1, 1, 1, 1, 2)
    active = Enrolment.objects.filter(run=run).active_on(session.held_on).count()
    assert sum(parts) == active == 6
    assert tally(session, (row.status for row in session_roster(session))) == counted


def test_after_the_close_marks_are_refused_on_the_server(session, people, trainer):
    close_session(session=session, head_count=0, actor=trainer)
    for act in (
        lambda: mark(session, people[0], trainer),
        lambda: close_session(session=session, head_count=1, actor=trainer),
    ):
        with pytest.raises(CourseError) as refused:
            act()
        assert refused.value.code == "SESSION_CLOSED"


def test_a_tablets_late_mark_is_kept_and_changes_nothing(session, people, trainer, pad):
    mark(session, people[0], trainer)
    close_session(session=session, head_count=1, actor=trainer)
    late = [brought(pad, 1, people[0], "LATE"), brought(pad, 2, people[1])]
    result = record_marks(session=session, marks=late, actor=trainer)
    assert len(result.accepted) == 2
    assert result.changed == frozenset()
    state = AttendanceState.objects.get(session=session)
    assert (state.status, state.conflict) == ("PRESENT", True)


def test_a_tablets_close_closes_and_is_weighed_against_others(session, people, trainer, pad):
    mine = brought(pad, 1, people[0])
    close = MarkInput(
        kind="close",
        device_id=pad.pk,
        seq=2,
        wall_ms=2,
        t_ms=2,
        skew_ms=0,
        payload={"head_count": 1, "saw": []},
    )
    mark(session, people[1], trainer)
    record_marks(session=session, marks=[mine, close], actor=trainer)
    session.refresh_from_db()
    assert (session.status, session.head_count) == ("CLOSED", 1)
    assert statuses(session) == {people[0].pk: "PRESENT"}, "the server's mark was not seen: late"


def test_the_stored_state_is_that_of_the_set(session, people, trainer, pad):
    """Three orders of arrival, one state."""
    from courses.projection import project

    events = [
        brought(pad, 1, people[0]),
        brought(pad, 2, people[0], "LATE"),
        MarkInput(
            kind="void",
            learner_id=people[0].pk,
            target=None,
            device_id=pad.pk,
            seq=3,
            wall_ms=3,
            t_ms=3,
            skew_ms=0,
        ),
    ]
    events[2] = MarkInput(**{**vars(events[2]), "target": events[1].event_id})
    for event in reversed(events):
        record_marks(session=session, marks=[event], actor=trainer)
    assert statuses(session) == {people[0].pk: "PRESENT"}
    state = project(stored_events(session.pk).values())
    assert state.learners[people[0].pk].status == "PRESENT"


# --- repair -------------------------------------------------------------------------------------
def test_rebuilding_reports_and_mends_what_differs(session, people, trainer, capsys):
    mark(session, people[0], trainer)
    mark(session, people[1], trainer)
    call_command("rebuild_attendance")
    assert capsys.readouterr().out == "1 sessions, 0 differed\n"
    AttendanceState.objects.filter(learner=people[0]).update(status="ABSENT")
    AttendanceState.objects.filter(learner=people[1]).delete()
    call_command("rebuild_attendance", session=str(session.pk))
    assert "2 learners\n1 sessions, 1 differed" in capsys.readouterr().out
    assert statuses(session) == {people[0].pk: "PRESENT", people[1].pk: "PRESENT"}
