"""Rows that a statement gives as JSON text: the same from both engines."""

import json
from datetime import date

import pytest

from courses.models import MarkEvent
from lms.lib.ids import uuid7
from lms.lib.sets import ask, ask_at_once, key, put_later, spelled
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ROWS = (
    "SELECT {rows key e.event_id; number e.t_ms; word e.kind; number? e.seq; key? e.base;"
    " day s.held_on; day? e.missing; truth e.t_ms > 5; json e.flags; json e.payload}"
    " FROM (SELECT *, CAST(NULL AS date) AS missing FROM courses_markevent) e"
    " JOIN courses_classsession s ON s.id = e.session_id WHERE e.session_id {among}"
)


@pytest.fixture
def session(trainer):
    return factories.make_session(factories.make_run(), user=trainer)


def make_event(session, **facts) -> MarkEvent:
    said = {"kind": "mark", "source": "trainer", "status": "PRESENT", "wall_ms": 1, "t_ms": 1}
    learner = factories.make_learner()
    said |= {"actor": session.instructor.user, "learner": learner, "session": session}
    return MarkEvent.objects.create(**said | facts)


def test_each_kind_is_read_as_it_was_written(session):
    base = uuid7()
    payload = {"note": '"quoted" \\ and\n\t罗山', "saw": [str(base)], "count": None}
    first = make_event(session, t_ms=9)
    second = make_event(session, base=base, flags=["clock_suspect", "另"], payload=payload)
    [(text,)] = ask(ROWS, [session.pk])
    odd, plain = sorted(json.loads(text), key=lambda row: row[1])
    day = session.held_on.isoformat()
    assert [key(plain[0]), *plain[1:7]] == [first.event_id, 9, "mark", None, None, day, None]
    assert [bool(plain[7]), plain[8], plain[9]] == [True, "[]", "{}"]
    assert (key(odd[0]), key(odd[4]), bool(odd[7])) == (second.event_id, base, False)
    assert json.loads(odd[8]) == ["clock_suspect", "另"]
    assert json.loads(odd[9]) == payload
    assert date.fromisoformat(odd[5]) == session.held_on


def test_no_rows_are_nothing():
    assert ask(ROWS, [uuid7()])[0][0] in (None, "[]")


def test_what_is_put_later_is_there_with_the_last_statement(session):
    """On PostgreSQL not before; on SQLite at once."""
    one, other = factories.make_learner(), factories.make_learner()
    columns = {"session_id": "uuid", "learner_id": "uuid", "kind": "varchar"}
    shared = {"session_id": spelled(session.pk)}
    later: list = []
    for who, kind in ((one, "clock"), (other, "conflict")):
        rows = [(spelled(who.pk), kind)]
        put_later(later, "courses_markquestion", columns, rows, "", shared)
    last = ("UPDATE courses_classsession SET head_count = %s WHERE id = %s RETURNING head_count",)
    assert ask_at_once(*later, (*last, (7, spelled(session.pk)))) == [(7,)]
    found = session.questions.values_list("learner", "kind")
    assert set(found) == {(one.pk, "clock"), (other.pk, "conflict")}
