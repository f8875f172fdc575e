"""What tablets bring is neither lost, doubled nor changed: one test for each case."""

import json

import pytest

from accounts.models import Device
from courses.actions import (
    cancel_session,
    mark_backup,
    resolve_parked,
    store_backup,
    withdraw_enrolment,
)
from courses.actions.errors import CourseError
from courses.models import (
    AttendanceState,
    Enrolment,
    MarkEvent,
    ParkedRow,
)
from learners.models import Learner
from lms.lib.periods import today
from tests import factories
from tests.courses.tablets import Tablet, events, new_id, now_ms, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TWO_YEARS = 2 * 365 * 86_400_000


# --- nothing is lost, doubled or changed ---------------------------------------------------------
def test_replayed_reordered_from_two_tablets_with_wrong_clocks(tablet, trainer, session, learner):
    """One record by the merge rule; the disagreement is kept for the supervisor."""
    other = Tablet(trainer)
    other.last_ms += 2 * 86_400_000
    mine = [tablet.mark(session, learner), tablet.mark(session, learner, "LEAVE")]
    theirs = [other.mark(session, learner, "LATE"), other.mark(session, learner, "ABSENT")]
    for _again in range(3):
        other.send(*reversed(theirs))
        tablet.send(*reversed(mine))
    assert events() == 4
    state = AttendanceState.objects.get()
    assert (state.status, state.conflict, state.clock_suspect) == ("ABSENT", True, True)


def test_a_cancelled_session_takes_marks_and_says_so(tablet, session, learner, county_clerk):
    cancel_session(session=session, reason="停电", actor=county_clerk)
    row = tablet.mark(session, learner)
    assert tablet.send(row)["results"][0]["note"] == "session_cancelled"
    assert MarkEvent.objects.get().flags == ["session_cancelled"]
    session.refresh_from_db()
    assert session.status == "CANCELLED"


def test_a_cancelled_session_stays_cancelled_though_it_is_closed(
    tablet, session, learner, county_clerk
):
    cancel_session(session=session, reason="停电", actor=county_clerk)
    tablet.send(tablet.mark(session, learner), tablet.close(session, 1))
    session.refresh_from_db()
    assert session.status == "CANCELLED"


def test_a_clock_two_years_off_only_warns(tablet, session, learner):
    tablet.last_ms += TWO_YEARS
    tablet.send(tablet.mark(session, learner))
    tablet.last_ms -= 2 * TWO_YEARS
    tablet.send(tablet.mark(session, learner, "LATE", snapshot_version=now_ms() - 1000))
    found = MarkEvent.objects.order_by("seq").values_list("flags", flat=True)
    assert list(found) == [["clock_suspect"], ["clock_suspect"]]
    assert AttendanceState.objects.get().clock_suspect


def test_a_clock_that_was_never_compared_only_warns(tablet, session, learner):
    tablet.send(tablet.mark(session, learner, skew_ms=None))
    assert MarkEvent.objects.get().flags == ["clock_suspect"]


def test_a_merged_record_is_the_person_it_became(tablet, session, learner, county_clerk):
    row = tablet.mark(session, learner)
    kept = factories.make_learner(learner.name)
    Enrolment.objects.filter(learner=learner).delete()
    Learner.objects.filter(pk=learner.pk).update(merged_into=kept)
    factories.make_enrolment(session.run, kept)
    assert tablet.results(row) == ["accepted"]
    assert statuses(session) == {kept.pk: "PRESENT"}
    assert MarkEvent.objects.get().learner_id == learner.pk
    assert MarkEvent.objects.get().flags == []
    aliases = tablet.snapshot().json()["aliases"]
    assert {"from": str(learner.pk), "to": str(kept.pk)} in aliases


def test_somebody_who_withdrew_is_marked_with_a_note(tablet, session, learner, county_clerk):
    withdraw_enrolment(enrolment=Enrolment.objects.get(), withdrawn_on=today(), actor=county_clerk)
    assert tablet.send(tablet.mark(session, learner))["results"][0]["note"] == "not_enrolled"
    assert statuses(session) == {learner.pk: "PRESENT"}


def test_somebody_not_enrolled_is_held_not_lost(tablet, session):
    stranger = factories.make_learner()
    assert tablet.send(tablet.mark(session, stranger))["results"][0]["note"] == "not_enrolled"
    assert statuses(session) == {stranger.pk: "PRESENT"}


def test_a_stale_snapshot_is_no_reason_to_refuse(tablet, session, learner):
    old = now_ms() - 40 * 86_400_000
    assert tablet.results(tablet.mark(session, learner, snapshot_version=old)) == ["accepted"]


def test_an_unknown_person_waits_and_can_be_named(tablet, session, learner, county_clerk):
    row = tablet.mark(session, new_id())
    assert tablet.results(row, row) == ["parked:unknown_learner"] * 2
    parked = ParkedRow.objects.get()
    assert parked.session == session
    with pytest.raises(CourseError, match="unknown_learner"):
        resolve_parked(parked=parked, take_in=True, reason="张三", actor=county_clerk)
    resolve_parked(parked=parked, take_in=True, reason="张三", learner=learner, actor=county_clerk)
    assert statuses(session) == {learner.pk: "PRESENT"}
    parked.refresh_from_db()
    assert parked.resolved_event == MarkEvent.objects.get()
    with pytest.raises(CourseError, match="RESOLVED"):
        resolve_parked(parked=parked, take_in=False, reason="再次", actor=county_clerk)


def test_an_unknown_session_waits_and_can_be_named(tablet, session, learner, county_clerk):
    assert tablet.results(tablet.mark(new_id(), learner)) == ["parked:unknown_session"]
    parked = ParkedRow.objects.get()
    resolve_parked(
        parked=parked, take_in=True, reason="同一天", session=session, actor=county_clerk
    )
    assert statuses(session) == {learner.pk: "PRESENT"}


def test_somebody_elses_session_waits_until_a_supervisor_agrees(tablet, learner, county_clerk):
    other = factories.make_session(factories.make_run(starts_on=today()))
    enrolled = factories.make_enrolment(other.run).learner
    assert tablet.results(tablet.mark(other, enrolled)) == ["parked:foreign_session"]
    assert not statuses(other)
    resolve_parked(parked=ParkedRow.objects.get(), take_in=True, reason="代课", actor=county_clerk)
    assert statuses(other) == {enrolled.pk: "PRESENT"}


def test_a_row_that_is_set_aside_says_why(tablet, session, county_clerk):
    tablet.send(tablet.mark(session, new_id()))
    parked = ParkedRow.objects.get()
    with pytest.raises(CourseError, match="NO_REASON"):
        resolve_parked(parked=parked, take_in=False, reason=" ", actor=county_clerk)
    resolve_parked(parked=parked, take_in=False, reason="试机", actor=county_clerk)
    assert not ParkedRow.objects.waiting().exists()
    assert events() == 0


def test_another_body_under_one_identifier_waits(tablet, session, learner, county_clerk):
    row = tablet.mark(session, learner)
    tablet.send(row)
    other = row | {"status": "ABSENT"}
    assert tablet.results(other) == ["parked:id_reused_different_body"]
    assert tablet.results(row) == ["duplicate"]
    assert statuses(session) == {learner.pk: "PRESENT"}
    assert ParkedRow.objects.waiting().count() == 1
    resolve_parked(parked=ParkedRow.objects.get(), take_in=True, reason="补", actor=county_clerk)
    assert events() == 2


def test_two_bodies_in_one_batch_do_not_spoil_it(tablet, session, learner):
    row = tablet.mark(session, learner)
    other = tablet.mark(session, learner, "LATE")
    found = tablet.results(row, row, row | {"status": "ABSENT"}, other)
    assert found == ["accepted", "duplicate", "parked:id_reused_different_body", "accepted"]


def test_a_cloned_tablet_is_enrolled_anew_and_loses_nothing(tablet, trainer, session, learner):
    """Both count on from one number; the second is told to take a new name and numbers."""
    mine, theirs = tablet.mark(session, learner), tablet.mark(session, learner, "LATE")
    theirs["seq"] = mine["seq"]
    tablet.send(mine)
    answer = tablet.send(theirs)
    assert answer["results"][0]["code"] == "seq_reused"
    assert answer["directives"] == ["reenrol"]
    fresh = Tablet(trainer)
    renumbered = [mine | {"seq": 1}, theirs | {"seq": 2}]
    fresh.seq = 2
    answer = fresh.send(*renumbered)
    assert [row["result"] for row in answer["results"]] == ["duplicate", "accepted"]
    assert (answer["contig_seq"], answer["missing_seq"]) == (2, [])
    assert events() == 2
    parked = ParkedRow.objects.get()
    assert parked.resolved_event.event_id == MarkEvent.objects.get(device=fresh.device).event_id


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "mark",
        [],
        {},
        {"event_id": "no uuid"},
        {"event_id": "8" * 5000},
        {"event_id": "3f2b6f0e-5a7c-4c2e-9a35-1c2d3e4f5a6b", "note": "a\x00b"},
        {"event_id": "3f2b6f0e-5a7c-4c2e-9a35-1c2d3e4f5a6b", "note": "\ud800"},
        {"event_id": "3f2b6f0e-5a7c-4c2e-9a35-1c2d3e4f5a6b", "note": [[[[[[[[[1]]]]]]]]]},
    ],
)
def test_an_unreadable_row_spoils_nothing(tablet, session, learner, bad):
    good = tablet.mark(session, learner)
    assert tablet.results(bad, good) == ["unreadable", "accepted"]
    assert not ParkedRow.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "party"},
        {"status": "ASLEEP"},
        {"status": ""},
        {"learner_id": None},
        {"learner_id": "me"},
        {"source": "override"},
        {"source": "auto"},
        {"seq": 0},
        {"seq": "7"},
        {"seq": 2**70},
        {"t_ms": None},
        {"t_ms": 1.5},
        {"t_ms": 2**63},
        {"kind": "void"},
        {"kind": "close"},
        {"kind": "close", "head_count": -1},
        {"kind": "close", "head_count": 10**9},
        {"kind": "walkin"},
    ],
)
def test_a_row_that_is_not_whole_is_kept_for_a_person(tablet, session, learner, change):
    bad, good = tablet.mark(session, learner) | change, tablet.mark(session, learner)
    assert tablet.results(bad, good) == ["parked:incomplete", "accepted"]
    assert ParkedRow.objects.get().raw == bad


def test_what_no_database_can_hold_beside_a_whole_row_is_left_out(tablet, session):
    row = tablet.mark(session, new_id()) | {"note": "a\x00b", "far": 1e308 * 10}
    text = json.dumps(tablet.body(row)).replace("Infinity", "1e999")
    answer = tablet.post("push", text).json()
    assert answer["results"][0]["code"] == "unknown_learner"
    assert "note" not in ParkedRow.objects.get().raw


# --- gaps ----------------------------------------------------------------------------------------
def test_gaps_are_named_until_they_are_filled(tablet, session, learner):
    rows = [tablet.mark(session, learner) for _n in range(6)]
    answer = tablet.send(rows[0], rows[3])
    assert (answer["contig_seq"], answer["missing_seq"]) == (1, [[2, 3], [5, 6]])
    answer = tablet.send(*rows)
    assert (answer["contig_seq"], answer["missing_seq"]) == (6, [])


def test_rows_in_custody_are_no_gap(tablet, session, learner):
    answer = tablet.send(tablet.mark(session, new_id()), tablet.mark(session, learner))
    assert (answer["contig_seq"], answer["missing_seq"]) == (2, [])


def test_a_restored_backup_asks_for_what_it_lacks(tablet, session, learner):
    rows = [tablet.mark(session, learner) for _n in range(4)]
    tablet.send(*rows[:2])
    later = Device.objects.get()
    assert later.contig_seq == 2  # here yesterday's dump was made, and is put back
    assert tablet.send()["missing_seq"] == [[3, 4]]
    assert tablet.results(*rows[2:]) == ["accepted"] * 2
    assert tablet.send()["missing_seq"] == []


def test_a_tablet_forgets_only_what_a_safe_backup_holds(tablet, session, learner):
    tablet.send(tablet.mark(session, learner))
    mark = mark_backup()
    tablet.send(tablet.mark(session, learner))
    assert tablet.send()["durable_seq"] == 0
    assert store_backup(mark=mark) == 1
    assert tablet.send()["durable_seq"] == 1
    assert store_backup(mark=mark) == 0
