"""The roll call, the long way and the short way of an upload: the same facts give the same row, the
same projection and the same questions."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from courses.actions import MarkInput, mark_rest_present, record_marks, sync
from courses.actions.rows import TabletRow
from courses.models import AttendanceState, Enrolment, MarkEvent, MarkQuestion
from tests import factories
from tests.courses.tablets import bring, brought, new_id, now_ms

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
#: How an event travelled, and by which clocks; the hash holds these too.
TRAVELLED = {
    *("server_seq", "received_at", "batch_id", "app_version", "device_id", "seq"),
    *("wall_ms", "t_ms", "body_sha256"),
}
Way = Callable[..., None]


def by_roll_call(pad, session, facts, actor, monkeypatch) -> None:
    keys = ("learner_id", "event_id", "base", "target")
    said = {name: UUID(one) if one and name in keys else one for name, one in facts.items()}
    record_marks(session=session, marks=[MarkInput(**said)], actor=actor)


def by_long_way(pad, session, facts, actor, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sync, "take_plain", lambda *_given: None)
        by_short_way(pad, session, facts, actor, patch)


def by_short_way(pad, session, facts, actor, monkeypatch) -> None:
    clock = {"wall_ms": now_ms(), "t_ms": now_ms(), "snapshot_version": None}
    seq = MarkEvent.objects.filter(device=pad.device).count() + 1
    row = brought(session, None, seq, **facts | clock)
    assert [one.result for one in bring(pad.device, row).results] == ["accepted"]


WAYS = [by_roll_call, by_long_way, by_short_way]


def left_behind() -> dict:
    events = MarkEvent.objects.order_by("server_seq").values()
    columns = ("session", "learner", "event__event_id", "status", "conflict", "clock_suspect")
    return {
        "rows": [{k: v for k, v in row.items() if k not in TRAVELLED} for row in events],
        "states": list(AttendanceState.objects.order_by("learner").values(*columns)),
        "questions": list(MarkQuestion.objects.values("session", "learner", "kind")),
    }


def played(way: Way, pad, session, said: list[dict], actor, monkeypatch) -> dict:
    with transaction.atomic():
        for facts in said:
            way(pad, session, facts, actor, monkeypatch)
        found = left_behind()
        transaction.set_rollback(True)
    return found


def fact(learner, status: str = "PRESENT", **more) -> dict:
    said = {"event_id": str(new_id()), "kind": "mark", "learner_id": str(learner.pk)}
    return {**said, "status": status, "source": "trainer", "method": "name", **more}


def evenings(session) -> dict[str, list[dict]]:
    people = [factories.make_enrolment(session.run).learner for _n in range(2)]
    stranger = factories.make_learner("路人")
    gone = factories.make_enrolment(
        session.run, status="WITHDRAWN", withdrawn_on=session.held_on - timedelta(days=1)
    ).learner
    first = fact(people[0])
    return {
        "one mark": [first],
        "each status": [
            fact(who, status, method=method, source=source)
            for who, status, method, source in (
                (people[0], "LATE", "bulk", "trainer"),
                (people[1], "LEAVE", "qr", "self"),
            )
        ],
        "a change": [first, fact(people[0], "LEFT_EARLY", base=first["event_id"])],
        "nobody of this class": [fact(stranger), fact(gone, "ABSENT"), first],
    }


@pytest.mark.parametrize("name", ["one mark", "each status", "a change", "nobody of this class"])
def test_the_same_facts_are_the_same_row_and_the_same_projection(
    tablet, session, trainer, monkeypatch, name
):
    said = evenings(session)[name]
    by_desk, by_long, by_short = (
        played(way, tablet, session, said, trainer, monkeypatch) for way in WAYS
    )
    assert len(by_desk["rows"]) == len(said)
    assert by_desk["states"]
    assert by_desk == by_long == by_short


def test_a_mark_that_is_taken_back(tablet, session, learner, trainer, monkeypatch):
    """There is no short way for a void."""
    first = fact(learner)
    void = fact(learner, "", kind="void", target=first["event_id"])
    by_desk, by_long = (
        played(way, tablet, session, [first, void], trainer, monkeypatch) for way in WAYS[:2]
    )
    assert (len(by_desk["rows"]), by_desk["states"]) == (2, [])
    assert by_desk == by_long


def test_the_hash_is_one_function_of_what_was_said(session, learner):
    """The desk says no clocks, a tablet does; but for these nothing makes a difference."""
    said = fact(learner, base=str(new_id()))
    row = TabletRow.model_validate({**said, "seq": 1, "session_id": str(session.pk), "t_ms": 0})
    keys = ("learner_id", "event_id", "base")
    desk = MarkInput(**said | {name: UUID(said[name]) for name in keys})
    without_clocks = row.model_copy(update={"t_ms": None})
    assert desk.body_sha256(session.pk) == without_clocks.body_sha256
    assert desk.body_sha256(session.pk) != row.body_sha256


@pytest.mark.parametrize("way", WAYS)
def test_every_way_ends_in_the_one_that_inserts(
    tablet, session, learner, trainer, monkeypatch, way
):
    """With that broken, none of them writes a state any more."""
    from courses.actions import events

    monkeypatch.setattr(events, "write_down", lambda *_given: events.Written(None, frozenset()))
    monkeypatch.setattr("courses.actions.marking._follow_close", lambda *_given: None)
    monkeypatch.setattr("courses.actions.intake._follow_close", lambda *_given: None)
    way(tablet, session, fact(learner), trainer, monkeypatch)
    assert MarkEvent.objects.count() == 1
    assert not AttendanceState.objects.exists()


def test_everybody_of_a_big_class_at_once(session, trainer):
    """More than one statement of SQLite takes."""
    people = [factories.make_enrolment(session.run).learner for _n in range(3)]
    from lms.lib import sets

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "_MOST_ROWS", 2)
        result = mark_rest_present(session=session, actor=trainer)
    assert len(result.accepted) == Enrolment.objects.count() == len(people)
    assert AttendanceState.objects.count() == len(people)
