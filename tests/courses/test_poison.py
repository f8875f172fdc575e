"""A row over which the server stumbles keeps nobody waiting: neither its batch nor what follows."""

import pytest
from django.db import OperationalError

from accounts.models import Device
from courses.actions import CourseError, resolve_parked, sync
from courses.actions.events import NewEvent
from courses.models import MarkEvent, ParkedRow, SyncBatch
from courses.queries.worklist import Work, work_counts
from lms.models import AuditEvent
from tests import factories
from tests.courses.tablets import bring_file, events, queue_file, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class StumbleError(Exception):
    """A fault of ours that nobody foresaw."""


@pytest.fixture
def poison(monkeypatch) -> set[int]:
    """The times of marks over which both ways into the table of events break."""
    times: set[int] = set()
    judge = NewEvent.judge

    def stumble(event, now, **known):
        if event.t_ms in times:
            raise StumbleError
        judge(event, now, **known)

    monkeypatch.setattr(NewEvent, "judge", stumble)
    return times


@pytest.fixture
def people(session) -> list:
    return [factories.make_enrolment(session.run).learner for _n in range(7)]


@pytest.fixture
def rows(tablet, session, people, poison) -> list[dict]:
    """Seven marks; the server stumbles over the third."""
    rows = [tablet.mark(session, who) for who in people]
    poison.add(rows[2]["t_ms"])
    return rows


def test_the_others_are_stored_and_it_goes_into_custody(tablet, session, people, rows):
    found = tablet.results(*rows)
    assert found == ["accepted"] * 2 + ["parked:failed"] + ["accepted"] * 4
    kept = ParkedRow.objects.get()
    assert (kept.raw, kept.session, kept.code) == (rows[2], session, "failed")
    assert statuses(session) == {who.pk: "PRESENT" for who in people if who != people[2]}


def test_so_it_does_where_the_database_refuses(tablet, session, people, monkeypatch):
    """On PostgreSQL nothing more is said to a transaction after that, but to its savepoints."""
    rows = [tablet.mark(session, who) for who in people]
    judge = NewEvent.judge

    def refuse(event, now, **known):
        if event.t_ms == rows[5]["t_ms"]:
            Device.objects.create(label="", token_sha256=tablet.device.token_sha256)
        judge(event, now, **known)

    monkeypatch.setattr(NewEvent, "judge", refuse)
    assert tablet.results(*rows) == ["accepted"] * 5 + ["parked:failed", "accepted"]
    assert (events(), ParkedRow.objects.get().raw) == (6, rows[5])


def test_nothing_of_it_is_lost_or_doubled_when_it_comes_again(tablet, rows):
    answer = tablet.send(*rows)
    assert (answer["contig_seq"], answer["missing_seq"]) == (7, [])
    again = ["duplicate"] * 2 + ["parked:failed"] + ["duplicate"] * 4
    assert tablet.results(*rows) == tablet.results(*reversed(rows))[::-1] == again
    assert (events(), ParkedRow.objects.count()) == (6, 1)


def test_so_it_does_among_rows_of_all_kinds(tablet, session, people, rows):
    void = tablet.void(rows[0])
    answer = tablet.results({"event_id": "no id"}, *rows, void)
    assert answer[0] == "unreadable"
    assert answer[3] == "parked:failed"
    assert answer[-1] == "accepted"
    assert people[0].pk not in statuses(session)


def test_a_batch_of_nothing_else_is_taken_too(tablet, session, people, poison):
    rows = [tablet.mark(session, who) for who in people[:3]]
    poison.update(row["t_ms"] for row in rows)
    assert tablet.results(*rows) == ["parked:failed"] * 3
    assert tablet.results(rows[0]) == ["parked:failed"]
    assert (events(), ParkedRow.objects.count()) == (0, 3)


def test_the_tablet_is_heard_and_knows_what_it_still_holds(tablet, rows):
    tablet.send(*rows, pending=9)
    tablet.device.refresh_from_db()
    assert (tablet.device.reported_pending, tablet.device.contig_seq) == (2, 7)
    assert tablet.device.last_seen_at is not None
    counted = SyncBatch.objects.values_list("accepted", flat=True)
    assert sum(counted) == 6


def test_it_stands_on_the_list_of_work_and_in_the_trail(tablet, rows, county_clerk, signed_in):
    tablet.send(*rows)
    assert work_counts(county_clerk)[Work.PARKED] == 1
    text = signed_in(county_clerk).get("/courses/worklist/").content.decode()
    assert "服务器处理这条记录时出错" in text
    line = AuditEvent.objects.get(action="courses.row_failed")
    assert line.detail == {"event": rows[2]["event_id"]}


def test_it_is_taken_in_once_the_server_can(tablet, session, people, rows, poison, county_clerk):
    tablet.send(*rows)
    parked = ParkedRow.objects.get()
    said = {"parked": parked, "take_in": True, "reason": "升级后收入", "actor": county_clerk}
    with pytest.raises(CourseError) as refused:
        resolve_parked(**said)
    assert refused.value.code == "failed"
    poison.clear()
    assert resolve_parked(**said).resolved_event is not None
    assert statuses(session)[people[2].pk] == "PRESENT"


def test_or_when_it_comes_again_by_then(tablet, rows, poison):
    tablet.send(*rows)
    poison.clear()
    assert tablet.results(rows[2]) == ["accepted"]
    assert ParkedRow.objects.get().resolved_event == MarkEvent.objects.get(
        event_id=rows[2]["event_id"]
    )


def test_a_file_with_such_a_row_is_taken_in(tablet, rows, county_clerk):
    found = bring_file(queue_file(tablet, *rows), county_clerk)
    assert found.counts == {"accepted": 6, "parked": 1}
    assert AuditEvent.objects.get(action="courses.queue_imported").detail["parked"] == 1


def test_a_busy_database_is_no_fault_of_a_row(tablet, rows, monkeypatch):
    def busy(event, now, **known):
        raise OperationalError("database is locked")

    monkeypatch.setattr(NewEvent, "judge", busy)
    assert tablet.push(*rows).status_code == 503
    assert (events(), ParkedRow.objects.count()) == (0, 0)


@pytest.mark.parametrize("amount", [0, 1, 7])
def test_nor_is_what_breaks_without_any(tablet, session, people, amount, monkeypatch):
    """Then the tablet keeps everything, as whenever the server is in trouble."""

    def breaks(*_given, **_named):
        raise StumbleError

    monkeypatch.setattr(sync, "_contact", breaks)
    rows = [tablet.mark(session, who) for who in people[:amount]]
    assert tablet.push(*rows).status_code == 500
    assert (events(), ParkedRow.objects.count()) == (0, 0)
