"""Stored events as the projection reads them."""

import json
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from courses.projection import Event
from lms.lib.sets import ask, key

CLOCK_SUSPECT = "clock_suspect"
_SUSPECT_TEXT = f'"{CLOCK_SUSPECT}"'


#: Of an event `e`, with their kinds (`{rows ...}` of lms.lib.sets), as `event_of` reads them.
#: `{person}`: SQL that says whom it is about.
EVENT_COLUMNS = (
    "number e.server_seq; key e.event_id; word e.kind; word e.source; number e.t_ms; key? {person};"
    " word e.status; key? e.device_id; number? e.seq; key? e.base; key? e.target; json e.flags;"
    " json e.payload"
)


def _selected(person: str) -> str:
    columns = [one.partition(" ") for one in EVENT_COLUMNS.format(person=person).split("; ")]
    return ", ".join(f"CAST({sql} AS TEXT)" if kind == "json" else sql for kind, _, sql in columns)


_OF_SESSION = (  # noqa: RUF100, S608
    f"SELECT {_selected('COALESCE(l.merged_into_id, e.learner_id)')}"  # noqa: S608
    " FROM courses_markevent e LEFT JOIN learners_learner l ON l.id = e.learner_id"
    " WHERE e.session_id = %s"
)
_OF_SOME = f"{_OF_SESSION} AND (COALESCE(l.merged_into_id, e.learner_id) {{among}} OR l.id IS NULL)"


def stored_events(session_id: UUID, learners: Collection[UUID] | None = None) -> dict[int, Event]:
    """By server_seq. With `learners`: their events, and closes, which decide what is late.

    What was said of a record that was merged was said of the person it was merged into.
    """
    if learners is None:
        found = ask(_OF_SESSION, session_id)
    else:
        found = ask(_OF_SOME, session_id, list(learners))
    return {row[0]: event_of(row) for row in found}


def event_of(row: Sequence[Any]) -> Event:
    payload = json.loads(row[12]) if len(row[12]) > len("{}") else {}
    return Event(
        event_id=key(row[1]),
        kind=row[2],
        source=row[3],
        t_ms=row[4],
        learner=key(row[5]),
        status=row[6],
        device=key(row[7]),
        seq=row[8],
        base=key(row[9]),
        target=key(row[10]),
        saw=frozenset(map(UUID, payload.get("saw", ()))),
        clock_suspect=_SUSPECT_TEXT in row[11],
        head_count=payload.get("head_count"),
    )


def event_as_written(row: Sequence[Any]) -> Event:
    """The same of a mark, whose keys stay the texts that they are."""
    return Event(
        event_id=row[1],
        kind=row[2],
        source=row[3],
        t_ms=row[4],
        learner=row[5],
        status=row[6],
        device=row[7],
        seq=row[8],
        base=row[9],
        clock_suspect=_SUSPECT_TEXT in row[11],
    )
