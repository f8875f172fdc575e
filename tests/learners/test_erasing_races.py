"""Somebody is erased while others work on the same rows, on PostgreSQL: nobody waits for ever."""

from collections.abc import Callable
from datetime import date
from threading import Event
from time import monotonic

import pytest
from django.conf import settings
from django.db import connection

from certificates.actions import issue_certificates, issuing, reissue_certificate
from certificates.models import Certificate, Issuer
from courses.actions import custody, resolve_parked, sync
from courses.models import Instructor, MarkEvent, ParkedRow
from learners.actions import erasing as actions
from learners.actions import merging
from learners.actions.erasing import erase_learner
from learners.actions.merging import merge_learners
from learners.models import Erasure, Merge
from learners.queries import erasing as places
from lms.lib.scope import Role
from tests import factories
from tests.courses.tablets import Tablet
from tests.courses.test_concurrency import at_once
from tests.quotas.counted import complete

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite has one writer at a time",
    ),
]
NAME = "李建军"
Job = Callable[[], object]


class Meeting:
    """Two transactions that meet: the first stops in its midst until the second holds what it
    came for, or waits for the first."""

    def __init__(self) -> None:
        self.first_holds, self.second_holds = Event(), Event()
        self.second_pid = 0

    def first(self, work: Callable) -> Callable:
        """Wraps where the first stops, before `work`."""

        def stops(*args, **kwargs):
            self.first_holds.set()
            until = monotonic() + 30
            while not self.second_holds.wait(0.01) and not self._second_waits():
                assert monotonic() < until, "the second neither came nor waits"
            return work(*args, **kwargs)

        return stops

    def second(self, work: Callable) -> Callable:
        """Wraps what the second has behind it when it holds what the first may want."""

        def comes(*args, **kwargs):
            found = work(*args, **kwargs)
            self.second_holds.set()
            return found

        return comes

    def run(self, first: Job, second: Job) -> list[object]:
        def afterwards() -> object:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.second_pid = cursor.fetchone()[0]
            assert self.first_holds.wait(30)
            return second()

        return at_once(first, afterwards)

    def _second_waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.second_pid])
            return bool(cursor.fetchone()[0])


@pytest.fixture
def meeting():
    return Meeting()


@pytest.fixture
def administrator(transactional_db):
    factories.make_regions()
    return factories.make_user("administrator", (Role.ADMINISTRATOR, "41"))


@pytest.fixture
def clerk(administrator):
    return factories.make_user("clerk", (Role.CLERK, "411521"))


@pytest.fixture
def learner(administrator):
    """Who can sign in: to close an account changes a key of the record."""
    return factories.make_learner(NAME, user=factories.make_user("xueyuan"))


def erases(learner, administrator) -> Job:
    return lambda: erase_learner(learner=learner, reason="ASKED", actor=administrator)


@pytest.fixture
def tablet(learner):
    return Tablet(factories.make_user("trainer", (Role.TRAINER, "411521")))


def parked(tablet, learner) -> tuple[dict, ParkedRow, object]:
    """A walk-in who waits, as another's class was named, and that class."""
    session = factories.make_session(factories.make_run())
    row = tablet.walk_in(session, name=NAME, id_number=learner.clear_id_number())
    assert tablet.results(row) == ["parked:foreign_session"]
    return row, ParkedRow.objects.get(event_id=row["event_id"]), session


def decides(row: ParkedRow, clerk) -> Job:
    return lambda: resolve_parked(parked=row, take_in=True, reason="来了", actor=clerk)


def decided_while_erased(meeting, monkeypatch, tablet, learner, clerk, administrator) -> list:
    """Whoever decides holds tablet and row, and will write of the person."""
    _said, row, _session = parked(tablet, learner)
    monkeypatch.setattr(custody, "lock_for_rows", meeting.first(custody.lock_for_rows))
    monkeypatch.setattr(actions, "_locked", meeting.second(actions._locked))
    return meeting.run(decides(row, clerk), erases(learner, administrator))


def test_somebody_decides_about_the_walk_in(
    meeting, monkeypatch, tablet, learner, clerk, administrator
):
    results = decided_while_erased(meeting, monkeypatch, tablet, learner, clerk, administrator)
    assert [type(one) for one in results] == [ParkedRow, Erasure]
    row = ParkedRow.objects.get()
    assert (row.raw.get("erased"), row.reason) == (True, "—")
    assert row.resolved_event_id == MarkEvent.objects.get().server_seq


def test_without_the_lock_of_tablets_one_of_them_would_break_off(
    meeting, monkeypatch, tablet, learner, clerk, administrator
):
    monkeypatch.setattr(actions, "LOCKS", [])
    results = decided_while_erased(meeting, monkeypatch, tablet, learner, clerk, administrator)
    assert "deadlock" in str(results)


def test_the_tablet_brings_the_walk_in_again(meeting, monkeypatch, tablet, learner, administrator):
    """Its class is the trainer's by now: the row that waited is settled by the batch, which has
    written of the person before."""
    said, _row, session = parked(tablet, learner)
    Instructor.objects.filter(pk=session.instructor_id).update(user=tablet.device.enrolled_by)
    monkeypatch.setattr(sync, "settle_parked", meeting.first(sync.settle_parked))
    custody_act = meeting.second(places.ACTS["courses.custody"])
    monkeypatch.setitem(places.ACTS, "courses.custody", custody_act)
    sends = meeting.run(lambda: tablet.results(said), erases(learner, administrator))
    assert sends[0] == ["accepted"]
    assert isinstance(sends[1], Erasure)
    assert ParkedRow.objects.get().raw.get("erased") is True


# --- merging ---
def merges(kept, merged, clerk) -> Job:
    return lambda: merge_learners(kept=kept, merged=merged, reason="同一人", actor=clerk)


def in_one_class(learner) -> tuple:
    other = factories.make_learner("李建均")
    run = factories.make_run()
    for one in (learner, other):
        factories.make_enrolment(run, one)
    return other, run


def test_the_person_is_being_merged(meeting, monkeypatch, learner, clerk, administrator):
    """The merge holds the classes and comes first; the records that were shown are no more."""
    other, _run = in_one_class(learner)
    monkeypatch.setattr(merging, "merge_plan", meeting.first(merging.merge_plan))
    monkeypatch.setattr(actions, "_locked", meeting.second(actions._locked))
    merged, refused = meeting.run(merges(other, learner, clerk), erases(learner, administrator))
    assert isinstance(merged, Merge)
    assert getattr(refused, "code", "") == "RECORDS_CHANGED"
    learner.refresh_from_db()
    assert learner.erased_at is None


def test_somebody_merges_who_is_being_erased(meeting, monkeypatch, learner, clerk, administrator):
    other, _run = in_one_class(learner)
    monkeypatch.setattr(actions, "findings", meeting.first(actions.findings))
    erased, refused = meeting.run(erases(learner, administrator), merges(other, learner, clerk))
    assert isinstance(erased, Erasure)
    assert getattr(refused, "code", "") == "ERASED"


# --- certificates ---
@pytest.fixture
def completed(learner, clerk):
    enrolment = complete(learner, day=date(2026, 3, 2))
    enrolment.run.status = "CLOSED"
    enrolment.run.save()
    factories.make_issuer()
    return enrolment


def issues(run, clerk) -> Job:
    issuer = Issuer.objects.get(prefix="LS")
    return lambda: issue_certificates(
        run=run, issuer=issuer, issued_on=date(2026, 3, 4), actor=clerk
    )


def test_a_certificate_is_issued_to_who_is_being_erased(
    meeting, monkeypatch, learner, completed, clerk, administrator
):
    monkeypatch.setattr(actions, "findings", meeting.first(actions.findings))
    erased, issued = meeting.run(erases(learner, administrator), issues(completed.run, clerk))
    assert isinstance(erased, Erasure)
    assert issued == []
    assert not Certificate.objects.exists()


def test_who_is_getting_a_certificate_is_erased_with_it(
    meeting, monkeypatch, learner, completed, clerk, administrator
):
    monkeypatch.setattr(issuing, "_issue", meeting.first(issuing._issue))
    monkeypatch.setattr(actions, "_locked", meeting.second(actions._locked))
    issued, erased = meeting.run(issues(completed.run, clerk), erases(learner, administrator))
    assert len(issued) == 1
    assert isinstance(erased, Erasure)
    assert Certificate.objects.get().is_erased


def test_a_certificate_is_issued_anew_while_its_holder_is_erased(
    meeting, monkeypatch, learner, completed, clerk, administrator
):
    """The run before its certificates, on both sides."""
    [certificate] = issues(completed.run, clerk)()
    monkeypatch.setattr(actions, "findings", meeting.first(actions.findings))

    def again() -> object:
        return reissue_certificate(
            certificate=certificate, reason="写错", issued_on=date(2026, 3, 5), actor=clerk
        )

    erased, refused = meeting.run(erases(learner, administrator), again)
    assert isinstance(erased, Erasure)
    assert getattr(refused, "code", "") == "ERASED"
