"""The usual batch: marks of known people in open classes of one's own, and nothing beside them.

It says the same of them as the long way does (courses.actions.intake), which takes all other
batches, and ends in the same place; a test holds the two against each other. Everything is judged
as the database wrote it: no object is made of a key or a record, and all that is looked up is text.
"""

import time
from collections.abc import Callable, Collection, Sequence
from operator import attrgetter
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from django.db import OperationalError
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from accounts.models import Device
from courses.actions.events import NewEvent, Read, body_of_texts, brought, take_in
from courses.actions.intake import WAITING, has_begun
from courses.actions.rows import ACCEPTED, DUPLICATE, SEQ, WHOLE, RowResult
from courses.models import ClassSession, MarkEvent
from courses.queries.batches import Answers, Asked
from courses.queries.events import event_as_written
from lms.lib.sets import Asked as Statement
from lms.lib.sets import set_of, spelled, spelling_of_texts

#: A key in its usual spelling, so that a text that differs is another key.
_KEY = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
#: A key as this database spells it.
Key = Any
_PLANNED, _MARK = ClassSession.Status.PLANNED.value, MarkEvent.Kind.MARK.value


@with_config(ConfigDict(extra="forbid"))
class MarkRow(TypedDict):
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


_ROWS = TypeAdapter(list[MarkRow])


def marks_in(rows: Sequence[Any]) -> list[MarkRow]:
    """All of them, or none where one is anything else."""
    try:
        return _ROWS.validate_python(rows)
    except ValidationError:
        return []


def plain_marks(rows: Sequence[MarkRow]) -> list[NewEvent]:
    """All of them, or none where one stands there twice."""
    spell = spelling_of_texts()
    found = [_plain(row, spell) for row in rows]
    events, seqs = {mark.event_id for mark in found}, {mark.seq for mark in found}
    return found if len(events) == len(seqs) == len(found) else []


def _plain(row: MarkRow, spell: Callable[[str], Any]) -> NewEvent:
    """Its tablet and what is odd about it are known when it is taken."""
    base, learner = row.get("base"), spell(row["learner_id"])
    t_ms, wall_ms = row["t_ms"], row.get("wall_ms")
    return NewEvent(
        event_id=spell(row["event_id"]),
        kind=_MARK,
        source=row["source"],
        t_ms=t_ms,
        learner=learner,
        learner_id=learner,
        status=row["status"],
        seq=row["seq"],
        base=None if base is None else spell(base),
        session_id=spell(row["session_id"]),
        method=row.get("method", ""),
        wall_ms=t_ms if wall_ms is None else wall_ms,
        skew_ms=row.get("skew_ms"),
        snapshot_version=row.get("snapshot_version"),
        body_sha256=body_of_mark(row),
        named=row["event_id"],
    )


def body_of_mark(row: MarkRow) -> str:
    """`TabletRow.body_sha256`, of a row that was not made an object."""
    return body_of_texts(
        (
            *(row["event_id"], _MARK, row["session_id"], row["learner_id"], row["status"]),
            *(row["source"], row.get("method", ""), row.get("base") or "", ""),
            *(_text(row.get("wall_ms")), _text(row.get("skew_ms")), str(row["t_ms"])),
            *(_text(row.get("snapshot_version")), *_NOTHING_ELSE),
        )
    )


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


#: A mark says no heads, no list of events, no pictures.
_NOTHING_ELSE = ("",) * 4


def asked_of_plain(marks: Sequence[NewEvent]) -> Asked:
    return Asked(
        events=set_of(map(attrgetter("event_id"), marks)),
        seqs=set_of(map(attrgetter("seq"), marks)),
        sessions=set_of(set(map(attrgetter("session_id"), marks))),
        learners=set_of(set(map(attrgetter("learner_id"), marks))),
    )


def take_plain(
    device: Device,
    marks: Sequence[NewEvent],
    answers: Answers,
    batch_id: UUID,
    app_version: str,
    later: list[Statement],
) -> tuple[list[RowResult], list[int]] | None:
    """What became of each, and the tablet's numbers; None, and nothing is done, where it is not
    the usual batch after all. Under the locks that were held when `answers` were asked for.

    What may be written with the last of the batch is put into `later`."""
    here = _Here(answers)
    if not here.is_usual(marks):
        return None
    stored = _stored(device, marks, answers)
    if stored is None:
        return None
    fresh = [mark for mark in marks if mark.event_id not in stored]
    here.judge(fresh, spelled(device.pk))
    common = brought(
        actor=device.enrolled_by_id, device=device.pk, app_version=app_version, batch_id=batch_id
    )
    numbers = take_in(fresh, common, here.known, later).numbers
    if len(numbers) < len(fresh):
        # Only in a session that is not locked here can the id have been taken meanwhile.
        raise OperationalError("an id was taken by another session at the same moment")
    results = [
        RowResult(mark.named, ACCEPTED, numbers[mark.event_id], note=",".join(mark.notes))
        if mark.event_id in numbers
        else RowResult(mark.named, DUPLICATE, stored[mark.event_id])
        for mark in marks
    ]
    seqs = {mark.seq for mark in fresh if mark.seq}.union(answers.seqs)
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

    def is_usual(self, marks: Sequence[NewEvent]) -> bool:
        return not self.answers.is_awaited and (
            self.sessions.keys() >= {mark.session_id for mark in marks}
            and self.people.keys() >= {mark.learner_id for mark in marks}
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

    def judge(self, marks: Sequence[NewEvent], device: Key) -> None:
        now = time.time_ns() // 1_000_000
        for mark in marks:
            mark.device = device
            mark.judge(now, is_expected=self._is_expected(mark))

    def _is_expected(self, mark: NewEvent) -> bool:
        """Enrolled on the session's day; days are texts whose order is that of time."""
        run, day = self.sessions[mark.session_id]
        return any(
            own == run and first <= day and (last is None or last > day)
            for own, first, last in self.people[mark.learner_id]
        )

    def known(self, session: Key, learners: Collection[Key] | None) -> Read:
        """What was said before and is written of these; nothing but marks, as asked."""
        people = learners or ()
        events = {
            row[0]: event_as_written(row)
            for own, *row in self.answers.events
            if own == session and row[5] in people
        }
        states = {
            who: (number, status, bool(conflict), bool(suspect))
            for own, who, number, status, conflict, suspect in self.answers.states
            if own == session and who in people
        }
        return events, states


def _stored(device: Device, marks: Sequence[NewEvent], answers: Answers) -> dict[Key, int] | None:
    """The numbers of those that came before, word for word and under the same number of this
    tablet; None where an id or a number is taken by anything else."""
    said = {mark.event_id: (mark.body_sha256, mark.seq) for mark in marks}
    own, found = spelled(device.pk), {}
    for event, server_seq, body, device_id, seq in answers.stored:
        if device_id != own or said.get(event) != (body, seq):
            return None
        found[event] = server_seq
    return found
