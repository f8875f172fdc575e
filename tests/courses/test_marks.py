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
from courses.projection import project
from courses.queries import session_roster, session_tallies, stored_events, tally
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories
from tests.courses.tablets import bring, brought

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


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": ""}, "mark_incomplete"),
        ({"status": "HERE"}, "unknown_status"),
        ({"kind": "void", "status": ""}, "void_without_target"),
        ({"kind": "poke"}, "unknown_kind"),
        ({"learner_id": uuid.UUID(int=5)}, "unknown_learner"),
    ],
)
def test_what_cannot_be_stored_is_listed(session, people, trainer, fields, code):
    fields = {"learner_id": people[0].pk, "status": "PRESENT"} | fields
    result = record_marks(session=session, marks=[MarkInput(**fields)], actor=trainer)
    assert [error.code for error in result.errors] == [code]
    assert not MarkEvent.objects.exists()


def test_marks_of_a_wrong_clock_are_flagged(session, people, pad):
    rows = [brought(session, who, seq) for seq, who in enumerate(people[:3], 1)]
    rows[0]["t_ms"], rows[1]["skew_ms"] = 10**15, None
    bring(pad, *rows)
    suspect = AttendanceState.objects.filter(clock_suspect=True)
    assert {row.learner_id for row in suspect} == {people[0].pk, people[1].pk}


def test_the_server_believes_its_own_clock(session, people, trainer):
    """Also where a mark says that it was made in two years: the next one comes after it."""
    MarkEvent.objects.bulk_create([ahead := event_ahead(session, people[0], trainer)])
    mark(session, people[0], trainer, "LATE")
    said = MarkEvent.objects.latest("server_seq")
    assert (said.t_ms, said.skew_ms, said.flags) == (ahead.t_ms + 1, 0, [])
    assert statuses(session) == {people[0].pk: "LATE"}


def event_ahead(session, learner, trainer) -> MarkEvent:
    said = {"kind": "mark", "status": "PRESENT", "source": "trainer"}
    return MarkEvent(
        session=session, learner=learner, actor=trainer, wall_ms=1, t_ms=10**13, **said
    )


def test_a_stranger_to_the_run_is_kept_and_flagged(session, people, pad):
    bring(pad, brought(session, factories.make_learner()))
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
    late = [brought(session, people[0], 1, "LATE"), brought(session, people[1], 2)]
    found = bring(pad, *late).results
    assert [row.result for row in found] == ["accepted"] * 2
    state = AttendanceState.objects.get(session=session)
    assert (state.status, state.conflict) == ("PRESENT", True)


def test_a_tablets_close_closes_and_is_weighed_against_others(session, people, trainer, pad):
    mine = brought(session, people[0], 1)
    close = brought(session, None, 2, "", kind="close", method="", head_count=1, saw=[])
    mark(session, people[1], trainer)
    bring(pad, mine, close)
    session.refresh_from_db()
    assert (session.status, session.head_count) == ("CLOSED", 1)
    assert statuses(session) == {people[0].pk: "PRESENT"}, "the server's mark was not seen: late"


def test_the_stored_state_is_that_of_the_set(session, people, pad):
    """Arriving in the wrong order, one state."""
    rows = [brought(session, people[0], 1), brought(session, people[0], 2, "LATE")]
    void = {"kind": "void", "method": "", "target": rows[1]["event_id"]}
    rows.append(brought(session, people[0], 3, "", **void))
    for row in reversed(rows):
        bring(pad, row)
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
