"""The usual batch: marks of known people in open classes of one's own, and nothing beside them.

It says the same of them as the long way does (courses.actions.intake), which takes all other
batches; a test holds the two against each other. Everything is judged as the database wrote it: no
object is made of a key, a row or a record, and all that is looked up is text.
"""

import hashlib
import json
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from accounts.models import Device
from courses.actions.intake import EVENT_COLUMNS, WAITING, clock_flags, has_begun
from courses.actions.marking import (
    NOT_ENROLLED,
    STATE_COLUMNS,
    STATE_REPLACES,
    _state,
    _states_of_events,
)
from courses.actions.questions import Kind, _keep_questions
from courses.actions.rows import ACCEPTED, DUPLICATE, SEQ, WHOLE, RowResult
from courses.models import ClassSession, MarkEvent
from courses.projection import Event
from courses.queries.batches import Answers, Asked, State
from courses.queries.events import CLOCK_SUSPECT, event_as_written
from lms.lib.bulk import moment
from lms.lib.sets import put_rows, set_of, spelled, spelling

#: A key in its usual spelling, so that a text that differs is another key.
_KEY = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
#: A key as this database spells it.
Key = Any
_PLANNED, _MARK = ClassSession.Status.PLANNED.value, MarkEvent.Kind.MARK.value


@with_config(ConfigDict(extra="forbid"))
class _Row(TypedDict):
    """A `TabletRow` of the narrowest kind."""

    event_id: _KEY
    seq: SEQ
    kind: Literal["mark"]
    session_id: _KEY
    learner_id: _KEY
    status: Literal["PRESENT", "LATE", "LEFT_EARLY", "LEAVE", "ABSENT"]
    source: Literal["self", "trainer"]
    method: NotRequired[Literal["", "id_card", "qr", "name", "bulk"]]
    base: NotRequired[_KEY | None]
    wall_ms: NotRequired[WHOLE | None]
    skew_ms: NotRequired[WHOLE | None]
    t_ms: WHOLE
    snapshot_version: NotRequired[WHOLE | None]


_ROWS = TypeAdapter(list[_Row])


@dataclass(slots=True)
class PlainMark:
    #: As it came, for the answer.
    named: str
    event: Key
    seq: int
    session: Key
    learner: Key
    status: str
    source: str
    method: str
    base: Key
    wall_ms: int
    skew_ms: int | None
    t_ms: int
    snapshot_version: int | None
    body: str


def plain_marks(rows: Sequence[Any]) -> list[PlainMark]:
    """All of them, or none where one is anything else, or stands there twice."""
    try:
        spell = spelling()
        found = [_plain(row, spell) for row in _ROWS.validate_python(rows)]
    except ValidationError:
        return []
    events, seqs = {mark.event for mark in found}, {mark.seq for mark in found}
    return found if len(events) == len(seqs) == len(found) else []


def _plain(row: _Row, spell: Callable[[str], str]) -> PlainMark:
    base, wall_ms = row.get("base"), row.get("wall_ms")
    return PlainMark(
        named=row["event_id"],
        event=spell(row["event_id"]),
        seq=row["seq"],
        session=spell(row["session_id"]),
        learner=spell(row["learner_id"]),
        status=row["status"],
        source=row["source"],
        method=row.get("method", ""),
        base=None if base is None else spell(base),
        wall_ms=row["t_ms"] if wall_ms is None else wall_ms,
        skew_ms=row.get("skew_ms"),
        t_ms=row["t_ms"],
        snapshot_version=row.get("snapshot_version"),
        body=body_of_mark(row),
    )


def body_of_mark(row: _Row) -> str:
    """`TabletRow.body_sha256`, of fewer words."""
    said = (
        *(row["event_id"], "mark", row["session_id"], row["learner_id"], row["status"]),
        *(row["source"], row.get("method", ""), row.get("base") or "", ""),
        *map(_number, (row.get("wall_ms"), row.get("skew_ms"), row["t_ms"])),
        _number(row.get("snapshot_version")),
    )
    return hashlib.sha256("\x1f".join((*said, "", "", "", "")).encode()).hexdigest()


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def asked_of_plain(marks: Sequence[PlainMark]) -> Asked:
    return Asked(
        events=set_of(map(attrgetter("event"), marks)),
        seqs=set_of(map(attrgetter("seq"), marks)),
        sessions=set_of(set(map(attrgetter("session"), marks))),
        learners=set_of(set(map(attrgetter("learner"), marks))),
    )


def take_plain(
    device: Device,
    marks: Sequence[PlainMark],
    answers: Answers,
    batch_id: UUID,
    app_version: str,
) -> tuple[list[RowResult], list[int]] | None:
    """What became of each, and the tablet's numbers; None, and nothing is done, where it is not
    the usual batch after all. Under the locks that were held when `answers` were asked for."""
    here = _Here(answers)
    if not here.is_usual(marks):
        return None
    stored = _stored(device, marks, answers)
    if stored is None:
        return None
    fresh = [mark for mark in marks if mark.event not in stored]
    flags = here.flags_of(fresh)
    numbers: Mapping[Key, int] = {}
    if fresh:
        numbers = _insert(device, fresh, flags, batch_id, app_version)
        _project(device, fresh, flags, numbers, answers)
    results = [
        RowResult(mark.named, ACCEPTED, numbers[mark.event], note=",".join(flags[mark.event]))
        if mark.event in numbers
        else RowResult(mark.named, DUPLICATE, stored[mark.event])
        for mark in marks
    ]
    seqs = {mark.seq for mark in fresh}.union(answers.seqs)
    return results, sorted(seq for seq in seqs if seq > device.contig_seq)


class _Here:
    """What is here of that of which the marks speak."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        #: (run, day)
        self.sessions = {row[0]: (row[1], row[3]) for row in answers.sessions}
        #: learner -> (run, first day, day of withdrawal)
        self.people: dict[Key, list[tuple[Key, str, str | None]]] = {}
        for learner, _merged, run, first, last in answers.people:
            known = self.people.setdefault(learner, [])
            if run is not None:
                known.append((run, first, last))

    def is_usual(self, marks: Sequence[PlainMark]) -> bool:
        return not self.answers.is_awaited and (
            self.sessions.keys() >= {mark.session for mark in marks}
            and self.people.keys() >= {mark.learner for mark in marks}
            and all(map(self._is_open, self.answers.sessions))
            and all(merged is None for _learner, merged, *_run in self.answers.people)
            and all(row[3] == _MARK for row in self.answers.events)
        )

    @staticmethod
    def _is_open(row: Sequence[Any]) -> bool:
        session, _run, status, _held_on, head_count, run_status, is_own = row
        if run_status not in WAITING:
            has_begun(UUID(session))
        return bool(is_own) and status == _PLANNED and head_count is None

    def flags_of(self, marks: Sequence[PlainMark]) -> dict[Key, list[str]]:
        now = time.time_ns() // 1_000_000
        found = {}
        for mark in marks:
            flags = clock_flags(mark, now)
            if not self._is_expected(mark):
                flags.append(NOT_ENROLLED)
            found[mark.event] = flags
        return found

    def _is_expected(self, mark: PlainMark) -> bool:
        """Enrolled on the session's day; days are texts whose order is that of time."""
        run, day = self.sessions[mark.session]
        return any(
            own == run and first <= day and (last is None or last > day)
            for own, first, last in self.people[mark.learner]
        )


def _stored(device: Device, marks: Sequence[PlainMark], answers: Answers) -> dict[Key, int] | None:
    """The numbers of those that came before, word for word and under the same number of this
    tablet; None where an id or a number is taken by anything else."""
    said = {mark.event: (mark.body, mark.seq) for mark in marks}
    own, found = spelled(device.pk), {}
    for event, server_seq, body, device_id, seq in answers.stored:
        if device_id != own or said.get(event) != (body, seq):
            return None
        found[event] = server_seq
    return found


def _insert(
    device: Device,
    marks: Sequence[PlainMark],
    flags: Mapping[Key, list[str]],
    batch_id: UUID,
    app_version: str,
) -> Mapping[Key, int]:
    shared = {
        "device_id": spelled(device.pk),
        "actor_id": spelled(device.enrolled_by_id),
        "app_version": app_version[:20],
        "batch_id": spelled(batch_id),
        "received_at": moment(timezone.now()),
        "kind": _MARK,
        "target": None,
        "reason": "",
        "payload": "{}",
    }
    rows = [
        (
            *(mark.event, mark.seq, mark.body, mark.session, mark.learner, mark.status),
            *(mark.source, mark.method, mark.base, mark.wall_ms, mark.skew_ms, mark.t_ms),
            *(mark.snapshot_version, json.dumps(flags[mark.event]) if flags[mark.event] else "[]"),
        )
        for mark in marks
    ]
    then = "ON CONFLICT DO NOTHING RETURNING event_id, server_seq"
    found = put_rows("courses_markevent", EVENT_COLUMNS, rows, then, shared)
    if len(found) < len(marks):
        # Only in a session that is not locked here can the id have been taken meanwhile.
        raise OperationalError("an id was taken by another session at the same moment")
    spell = spelling()
    return {spell(event): number for event, number in found}


# --- what the marks say ---------------------------------------------------------------------------
def _project(
    device: Device,
    marks: Sequence[PlainMark],
    flags: Mapping[Key, list[str]],
    numbers: Mapping[Key, int],
    answers: Answers,
) -> None:
    """As `marking._project`, for open sessions of which nothing but marks is known."""
    said: dict[Key, dict[Key, list[PlainMark]]] = {}
    for mark in marks:
        said.setdefault(mark.session, {}).setdefault(mark.learner, []).append(mark)
    own_device = spelled(device.pk)
    for session, people in said.items():
        before = _said_before(session, people, answers)
        known = {**numbers, **{event.event_id: number for number, event in before}}
        several = {event.learner for _number, event in before}
        several.update(who for who, own in people.items() if len(own) > 1)
        events = [event for _number, event in before]
        new: dict[Key, State] = {}
        for who, own in people.items():
            suspects = [CLOCK_SUSPECT in flags[mark.event] for mark in own]
            if who in several:
                events += map(_event, repeat(own_device), own, suspects)
            else:  # what the rule says of a mark alone
                new[who] = (numbers[own[0].event], own[0].status, False, suspects[0])
        for who, state in _states_of_events(events).items():
            new[who] = _state(state, known)
        _write(session, new, answers)


def _said_before(session: Key, people: Container[Key], answers: Answers) -> list[tuple[int, Event]]:
    return [
        (row[0], event_as_written(row))
        for own, *row in answers.events
        if own == session and row[5] in people
    ]


def _event(device: Key, mark: PlainMark, is_suspect: bool) -> Event:
    return Event(
        event_id=mark.event,
        kind=_MARK,
        source=mark.source,
        t_ms=mark.t_ms,
        learner=mark.learner,
        status=mark.status,
        device=device,
        seq=mark.seq,
        base=mark.base,
        clock_suspect=is_suspect,
    )


def _write(session: Key, new: Mapping[Key, State], answers: Answers) -> None:
    old = {
        who: (number, status, bool(conflict), bool(suspect))
        for own, who, number, status, conflict, suspect in answers.states
        if own == session and who in new
    }
    rows = [(who, *row) for who, row in new.items() if old.get(who) != row]
    if rows:
        shared = {"session_id": session}
        put_rows("courses_attendancestate", STATE_COLUMNS, rows, STATE_REPLACES, shared)
    doubted = {who: row for who, row in new.items() if row[2] or row[3]}
    if doubted or any(conflict or suspect for _n, _said, conflict, suspect in old.values()):
        kinds = {who: Kind.CONFLICT if row[2] else Kind.CLOCK for who, row in doubted.items()}
        _keep_questions(session, kinds, set_of(new))
