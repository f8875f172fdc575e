"""Every case that the protocol names, one test each, through the address that tablets call."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import OperationalError

from accounts.models import Device
from courses.actions import (
    cancel_session,
    correct_mark,
    import_queue,
    mark_backup,
    mark_device_lost,
    resolve_parked,
    store_backup,
    withdraw_enrolment,
)
from courses.actions.errors import CourseError
from courses.actions.sync import MOST_ROWS
from courses.models import (
    AttendanceState,
    ClassSession,
    Enrolment,
    MarkEvent,
    ParkedRow,
    SyncBatch,
)
from courses.queries import late_marks
from courses.queries.codes import personal_qr
from learners.models import Learner
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories
from tests.courses.tablets import Tablet, new_id, now_ms, seal

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TWO_YEARS = 2 * 365 * 86_400_000


@pytest.fixture
def session(trainer):
    return factories.make_session(factories.make_run(starts_on=today()), user=trainer)


@pytest.fixture
def learner(session):
    return factories.make_enrolment(session.run).learner


@pytest.fixture
def tablet(trainer, session):
    return Tablet(trainer)


def statuses(session) -> dict:
    rows = AttendanceState.objects.filter(session=session)
    return dict(rows.values_list("learner_id", "status"))


def events() -> int:
    return MarkEvent.objects.count()


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


# --- walk-ins ------------------------------------------------------------------------------------
def test_a_walk_in_with_the_number_of_a_known_learner_is_that_learner(tablet, session):
    known = factories.make_learner("王芳")
    row = tablet.walk_in(session, name="王芳", id_number=known.clear_id_number())
    assert "note" not in tablet.send(row)["results"][0]
    assert statuses(session) == {known.pk: "PRESENT"}
    assert Enrolment.objects.get(learner=known).source == "WALK_IN"


def test_a_walk_in_with_a_personal_code_is_that_learner(tablet, session):
    known = factories.make_learner("王芳")
    tablet.send(tablet.walk_in(session, qr=personal_qr(known.pk)))
    assert statuses(session) == {known.pk: "PRESENT"}


def test_an_unknown_walk_in_is_a_provisional_learner_at_once(tablet, session):
    number = factories.make_id_number()
    row = tablet.walk_in(session, name="赵新", id_number=number, phone="13912345678")
    answer = tablet.send(row)
    assert answer["results"][0]["note"] == "provisional"
    person = Learner.objects.get(provisional=True)
    assert (person.name, person.clear_id_number(), person.id_index) == ("赵新", number, None)
    assert statuses(session) == {person.pk: "PRESENT"}
    # Neither the row nor the trail keeps who it is in clear.
    stored = json.dumps([MarkEvent.objects.get().payload, *AuditEvent.objects.values("detail")])
    assert "赵新" not in stored
    assert number not in stored
    tablet.send(row)
    assert Learner.objects.filter(provisional=True).count() == 1


@pytest.mark.parametrize(
    ("said", "flag"),
    [
        ({"name": "赵新", "id_number": "411521198506010010"}, "id_number_wrong"),
        ({"name": "赵新", "phone": "12"}, "phone_wrong"),
        ({"name": ""}, "name_missing"),
        ({"name": "赵\x00新" * 50}, "provisional"),
        ({"name": 5}, "name_missing"),
    ],
)
def test_a_walk_in_is_recorded_whatever_was_typed(tablet, session, said, flag):
    assert flag in tablet.send(tablet.walk_in(session, **said))["results"][0]["note"]
    assert len(statuses(session)) == 1


def test_a_number_under_another_name_is_not_taken_on_trust(tablet, session):
    known = factories.make_learner("王芳")
    row = tablet.walk_in(session, name="李雷", id_number=known.clear_id_number())
    assert tablet.send(row)["results"][0]["note"] == "name_differs,provisional"
    assert known.pk not in statuses(session)


def test_what_is_said_of_a_walk_in_names_the_event(tablet, session):
    row = tablet.walk_in(session, name="赵新")
    late = tablet.mark(session, row["event_id"], "LATE", base=row["event_id"])
    assert tablet.results(row, late) == ["accepted"] * 2
    person = Learner.objects.get(provisional=True)
    assert statuses(session) == {person.pk: "LATE"}
    aliases = tablet.snapshot().json()["aliases"]
    assert {"from": row["event_id"], "to": str(person.pk)} in aliases


def test_what_comes_before_its_walk_in_waits_for_it(tablet, session):
    row = tablet.walk_in(session, name="赵新")
    late = tablet.mark(session, row["event_id"], "LATE", base=row["event_id"])
    assert tablet.results(late) == ["parked:unknown_learner"]
    tablet.send(row)
    assert list(statuses(session).values()) == ["LATE"]
    assert not ParkedRow.objects.waiting().exists()


def test_a_seal_that_cannot_be_opened_is_kept_sealed(tablet, session, learner, county_clerk):
    row = tablet.walk_in(session, name="赵新")
    row["sealed"]["data"] = row["sealed"]["iv"]
    after = tablet.mark(session, row["event_id"], "LATE", base=row["event_id"])
    assert tablet.results(row, after) == ["parked:seal_unreadable", "parked:unknown_learner"]
    parked = ParkedRow.objects.get(code="seal_unreadable")
    resolve_parked(parked=parked, take_in=True, reason="本人", learner=learner, actor=county_clerk)
    assert statuses(session) == {learner.pk: "LATE"}
    assert not ParkedRow.objects.waiting().exists()


# --- who may -------------------------------------------------------------------------------------
def test_a_lost_tablet_gets_nothing_and_what_it_brings_waits(
    tablet, session, learner, county_clerk
):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    refused = tablet.snapshot()
    assert refused.status_code == 403
    assert refused.json()["error"] == "device_revoked"
    assert refused.json()["upload"] == "quarantine"
    answer = tablet.send(tablet.mark(session, learner))
    assert answer["results"][0]["code"] == "quarantine"
    assert answer["directives"] == ["wipe_after_ack"]
    assert not statuses(session)
    assert Device.objects.get().wiped_at
    resolve_parked(parked=ParkedRow.objects.get(), take_in=True, reason="核实", actor=county_clerk)
    assert statuses(session) == {learner.pk: "PRESENT"}


def test_a_lost_tablet_with_more_to_bring_is_not_wiped_yet(tablet, session, learner, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    tablet.send(tablet.mark(session, learner), pending=9)
    assert Device.objects.get().wiped_at is None
    assert Device.objects.get().reported_pending == 8


def test_a_trainer_whose_role_ended(tablet, session, learner, trainer):
    trainer.grants.update(ends_on=today() - timedelta(days=1))
    assert tablet.snapshot().status_code == 403
    answer = tablet.send(tablet.mark(session, learner))
    assert answer["results"][0]["code"] == "quarantine"
    assert answer["directives"] == []


def test_a_role_holds_on_its_last_day(tablet, session, learner, trainer):
    trainer.grants.update(ends_on=today())
    assert tablet.results(tablet.mark(session, learner)) == ["accepted"]


def test_a_person_who_may_not_sign_in_any_more(tablet, session, learner, trainer):
    trainer.is_active = False
    trainer.save()
    assert tablet.snapshot().status_code == 403
    assert tablet.results(tablet.mark(session, learner)) == ["parked:quarantine"]


def test_an_unknown_token_changes_nothing(tablet, session, learner):
    tablet.token += "x"
    response = tablet.push(tablet.mark(session, learner))
    assert response.status_code == 401
    assert response.json()["error"] == "unauthenticated"
    assert events() == 0


def test_rows_of_another_tablet_are_not_taken_under_this_name(tablet, session, learner):
    response = tablet.push(tablet.mark(session, learner), device=str(new_id()))
    assert (response.status_code, events()) == (409, 0)


# --- sizes ---------------------------------------------------------------------------------------
def test_a_batch_that_is_too_large_is_sent_in_halves(tablet, session, learner):
    row = tablet.mark(session, learner, filler="x" * 70_000)
    response = tablet.push(row)
    assert (response.status_code, response.json()["error"]) == (413, "too_large")
    many = [tablet.mark(session, learner) for _n in range(MOST_ROWS + 1)]
    assert tablet.push(*many).status_code == 413
    assert events() == 0


def test_half_a_batch_is_no_batch(tablet, session, learner):
    text = json.dumps(tablet.body(tablet.mark(session, learner)))
    response = tablet.post("push", text[: len(text) // 2])
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/json")
    assert events() == 0


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("&".join(f"f{n}=1" for n in range(1001)), "application/x-www-form-urlencoded", 400),
        ('{"x": "' + "y" * 2_500_000 + '"}', "application/json", 413),
        ("[" * 1000 + "]" * 1000, "application/json", 400),
        ('{"events": ' + "[" * 30_000 + "]" * 30_000 + "}", "application/json", 400),
        ('{"batch_id": NaN}', "application/json", 400),
        ("9" * 60_000, "application/json", 400),
        ("", "application/json", 400),
        ("\xff\xfe", "application/json", 400),
        ("null", "application/json", 400),
    ],
)
def test_what_is_no_request_is_refused_at_once(tablet, content, kind, status):
    response = tablet.post("push", content, content_type=kind)
    assert response.status_code == status
    assert events() == 0


@time_machine.travel("2026-05-08T01:00:10Z", tick=False)
def test_a_long_list_of_proxies_does_not_lift_the_limit(client):
    """Whatever stands in the header, the eleventh code within a minute is not even looked at."""
    cache.clear()
    found = [
        client.post(
            "/api/attendance/v1/enrol",
            {"code": f"AAAA-{n:04d}"},
            "application/json",
            headers={"X-Forwarded-For": ", ".join([f"10.0.{n}.1"] * 50)},
        ).status_code
        for n in range(12)
    ]
    assert found == [410] * 10 + [429] * 2


def test_a_made_up_host_is_refused(tablet):
    response = tablet.client.get("/api/attendance/v1/snapshot", headers={"Host": "evil.example"})
    assert response.status_code == 400


def test_a_busy_database_means_later(tablet, session, learner, monkeypatch):
    def locked(**_fields):
        raise OperationalError("database is locked")

    monkeypatch.setattr("courses.api.push_events", locked)
    response = tablet.push(tablet.mark(session, learner))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"].startswith("application/json")


# --- the rest of the answer ----------------------------------------------------------------------
def test_an_old_app_is_told_but_never_refused(tablet, session, learner):
    answer = tablet.send(tablet.mark(session, learner), app_version="0.0.9")
    assert answer["directives"] == ["update_app"]
    assert answer["results"][0]["result"] == "accepted"


def test_a_heartbeat_tells_what_waits(tablet):
    tablet.send(last_seq=7, pending=3)
    device = Device.objects.get()
    assert (device.reported_last_seq, device.reported_pending) == (7, 3)
    assert device.last_seen_at is not None
    assert not SyncBatch.objects.exists()


def test_a_batch_leaves_one_line_that_names_nobody(tablet, session, learner):
    tablet.send(tablet.mark(session, learner), tablet.mark(session, new_id()))
    line = AuditEvent.objects.get(action="courses.events_pushed")
    assert (line.detail["accepted"], line.detail["parked"]) == (1, 1)
    assert line.actor == tablet.device.enrolled_by
    batch = SyncBatch.objects.get()
    assert (batch.accepted, batch.parked) == (1, 1)


@pytest.mark.parametrize("amount", [5, 50])
def test_a_batch_costs_the_same_queries_whatever_its_size(
    tablet, session, amount, django_assert_max_num_queries
):
    people = [factories.make_enrolment(session.run).learner for _n in range(amount)]
    rows = [tablet.mark(session, who) for who in people]
    with django_assert_max_num_queries(24):
        tablet.send(*rows)


# --- closing -------------------------------------------------------------------------------------
def test_closing_and_what_comes_after(tablet, trainer, session, learner, county_clerk):
    other = Tablet(trainer)
    mark = tablet.mark(session, learner)
    tablet.send(mark, tablet.close(session, 1))
    session.refresh_from_db()
    assert (session.status, session.head_count) == (ClassSession.Status.CLOSED, 1)
    late = other.mark(session, learner, "LEAVE")
    assert other.results(late) == ["accepted"]
    state = AttendanceState.objects.get()
    assert (state.status, state.conflict) == ("PRESENT", True)
    assert [str(one.event.event_id) for one in late_marks(session)] == [late["event_id"]]
    correct_mark(
        session=session, learner=learner, status="LEAVE", reason="假条", actor=county_clerk
    )
    state.refresh_from_db()
    assert (state.status, state.conflict) == ("LEAVE", False)


def test_a_close_saw_what_other_tablets_had(tablet, trainer, session, learner):
    other = Tablet(trainer)
    theirs = other.mark(session, learner, "LATE")
    tablet.send(tablet.close(session, 1, saw=[theirs["event_id"]]))
    other.send(theirs)
    state = AttendanceState.objects.get()
    assert (state.status, state.conflict) == ("LATE", False)


# --- files ---------------------------------------------------------------------------------------
def queue_file(tablet, *rows, **more) -> bytes:
    plain = json.dumps({"events": list(rows), "evidence": []} | more).encode()
    key = bytes.fromhex(hashlib.sha256(tablet.token.encode()).hexdigest())
    outer = {
        "format": "lms-attendance-queue",
        "v": 1,
        "device": tablet.id,
        "sealed": seal(tablet.seal_key, plain),
        "mac": hmac.digest(key, plain, "sha256").hex(),
    }
    return json.dumps(outer).encode()


def test_a_queue_file_is_the_same_as_an_upload(tablet, session, learner, county_clerk):
    rows = [tablet.mark(session, learner) for _n in range(70)]
    tablet.send(*rows[:10])
    found = import_queue(content=queue_file(tablet, *rows), actor=county_clerk)
    assert found.counts == {"duplicate": 10, "accepted": 60}
    assert import_queue(content=queue_file(tablet, *rows), actor=county_clerk).counts == {
        "duplicate": 70
    }
    assert tablet.results(*rows[:50]) == ["duplicate"] * 50
    assert events() == 70


def test_a_queue_file_of_a_lost_tablet_waits(tablet, session, learner, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    found = import_queue(
        content=queue_file(tablet, tablet.mark(session, learner)), actor=county_clerk
    )
    assert found.counts == {"parked": 1}


def test_an_altered_queue_file_is_refused(tablet, session, learner, county_clerk):
    content = queue_file(tablet, tablet.mark(session, learner))
    told = json.loads(content)
    for bad in (
        b"",
        b"PK\x03\x04",
        b"[" * 5000,
        json.dumps(told | {"mac": "0" * 64}).encode(),
        json.dumps(told | {"mac": "坏"}).encode(),
        json.dumps(told | {"device": str(new_id())}).encode(),
        json.dumps(told | {"sealed": told["sealed"] | {"iv": "AAAA"}}).encode(),
        json.dumps(told | {"v": 2}).encode(),
    ):
        with pytest.raises(CourseError):
            import_queue(content=bad, actor=county_clerk)
    assert events() == 0
