"""The one way into the table of events, whoever marks and however it came.

The roll call (`marking`), the long way of an upload (`intake`) and its short way (`plain`) all make
`NewEvent`s. What a row holds, its hash, the rule for its clock, the insert, and what is written
down of a session afterwards are here and nowhere else.

Keys are UUIDs, or texts as this database spells them; in one call they are all the one or all the
other. Sessions are locked by then: "read the events, write what they say" is one step.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.utils import timezone

from courses.actions.questions import write_questions
from courses.projection import Event, LearnerState, SessionState, project
from courses.queries import stored_events
from courses.queries.batches import State
from courses.queries.events import CLOCK_SUSPECT
from lms.lib.bulk import moment
from lms.lib.sets import Asked, ask, key, put_later, put_numbered, spelled, spelling

Key = Any
NOT_ENROLLED, SESSION_CANCELLED = "not_enrolled", "session_cancelled"
#: A clock further ahead than this is not believed.
CLOCK_AHEAD = timedelta(minutes=5)
_AHEAD_MS = int(CLOCK_AHEAD.total_seconds() * 1000)
#: Snapshot versions count milliseconds since about then; smaller ones say nothing of time.
_FIRST_MOMENT = 1_600_000_000_000


# --- a row ----------------------------------------------------------------------------------------
@dataclass(slots=True, eq=False, kw_only=True)
class NewEvent(Event):
    """An event on its way into the table: every column of `_OWN` is an attribute of it.

    `learner` is the person by now, `learner_id` the record that its author named.
    """

    session_id: Key
    learner_id: Key = None
    method: str = ""
    wall_ms: int
    skew_ms: int | None
    snapshot_version: int | None = None
    body_sha256: str
    reason: str = ""
    payload: str = "{}"
    notes: list[str] = field(default_factory=list)
    #: Its id as it came, for the answer.
    named: str = ""

    @property
    def flags(self) -> str:
        return json.dumps(self.notes) if self.notes else "[]"

    def judge(
        self,
        now: int,
        *,
        is_expected: bool,
        is_cancelled: bool = False,
        others: Collection[str] = (),
    ) -> None:
        """What is odd about it, none of which keeps it out. `is_expected`: enrolled on the day."""
        self.clock_suspect = self._has_wrong_clock(now)
        if not self.clock_suspect and is_expected and not is_cancelled and not others:
            return
        odd = ((CLOCK_SUSPECT, self.clock_suspect), (NOT_ENROLLED, not is_expected))
        found = {note for note, holds in (*odd, (SESSION_CANCELLED, is_cancelled)) if holds}
        self.notes = sorted(found.union(others))

    def _has_wrong_clock(self, now: int) -> bool:
        """The day of a mark comes from its session; a clock that cannot be right only warns."""
        issued = self.snapshot_version or 0
        before_issue = _FIRST_MOMENT < issued <= now and self.t_ms < issued - _AHEAD_MS
        return self.skew_ms is None or self.t_ms > now + _AHEAD_MS or before_issue


def body_of(*said: object) -> str:
    """Of all that the author said, in this order: event, kind, session, learner, status, source,
    method, base, target, wall_ms, skew_ms, t_ms, snapshot_version, head_count, saw, photo,
    signature, and what else there is. What only tells how it travelled is left out."""
    return body_of_texts("" if one is None else str(one) for one in said)


def body_of_texts(said: Iterable[str]) -> str:
    """The same of what is text already; what was not said is an empty one."""
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


#: Columns with their types on PostgreSQL: of one event, and what those of a batch have in common.
_OWN = {
    "event_id": "uuid",
    "seq": "bigint",
    "body_sha256": "varchar",
    "kind": "varchar",
    "session_id": "uuid",
    "learner_id": "uuid",
    "status": "varchar",
    "source": "varchar",
    "method": "varchar",
    "base": "uuid",
    "target": "uuid",
    "wall_ms": "bigint",
    "skew_ms": "bigint",
    "t_ms": "bigint",
    "snapshot_version": "bigint",
    "flags": "jsonb",
    "reason": "varchar",
    "payload": "jsonb",
}
_COMMON = {
    "device_id": "uuid",
    "actor_id": "uuid",
    "app_version": "varchar",
    "batch_id": "uuid",
    "received_at": "timestamptz",
}
_COLUMNS = {**_OWN, **_COMMON}
_row = attrgetter(*_OWN)


def brought(
    *, actor: Key, device: Key = None, app_version: str = "", batch_id: UUID | None = None
) -> dict[str, Any]:
    """What the events of one batch have in common; marks made on the server have no device."""
    return {
        "device_id": spelled(device) if device else None,
        "actor_id": spelled(actor),
        "app_version": app_version[:20],
        "batch_id": spelled(batch_id) if batch_id else None,
        "received_at": moment(timezone.now()),
    }


# --- into the tables ------------------------------------------------------------------------------
#: Events by their number, and states by their person.
Read = tuple[dict[int, Event], dict[Key, State]]


@dataclass(frozen=True)
class Written:
    """What the events of a session say now, and of whom that is something else than before."""

    state: SessionState
    changed: frozenset[Key]


@dataclass(frozen=True)
class TakenIn:
    #: Of those events that were not there; a number or an id that is taken lets none in.
    numbers: Mapping[Key, int]
    #: By session.
    written: Mapping[Key, Written]


def take_in(
    events: Sequence[NewEvent],
    common: Mapping[str, Any],
    known: Callable[[Key, Collection[Key] | None], Read],
    later: list[Asked] | None = None,
) -> TakenIn:
    """Insert events of locked sessions, and write down what they now say.

    `known` tells what else there is of a session and of some people (None = of everybody). Where
    `later` is given, what they say is written with that (`put_later`).
    """
    numbers = _insert(events, common)
    by_session: dict[Key, list[NewEvent]] = {}
    for event in events:
        if event.event_id in numbers:
            by_session.setdefault(event.session_id, []).append(event)
    written = {}
    for session, own in by_session.items():
        learners = _spoken_of(own)
        stored, states = known(session, learners)
        stored.update((numbers[event.event_id], event) for event in own)
        written[session] = write_down(session, stored, states, learners, later)
    return TakenIn(numbers, written)


def _insert(events: Sequence[NewEvent], common: Mapping[str, Any]) -> dict[Key, int]:
    if not events:
        return {}
    are_spelled = isinstance(events[0].event_id, str)
    rows = [_row(one) if are_spelled else tuple(map(_as_text, _row(one))) for one in events]
    names = ("event_id", "server_seq")
    found = put_numbered("courses_markevent", _COLUMNS, rows, common, names)
    read = spelling() if are_spelled else key
    return {read(event_id): number for event_id, number in found}


def _as_text(value: Any) -> Any:
    return spelled(value) if isinstance(value, UUID) else value


def _spoken_of(events: Iterable[Event]) -> set[Key] | None:
    """None = everybody: a close decides for all what is late."""
    learners = {event.learner for event in events}
    return None if None in learners else learners


# --- what they say --------------------------------------------------------------------------------
_STATE_COLUMNS = {
    "session_id": "uuid",
    "learner_id": "uuid",
    "event_id": "bigint",
    "status": "varchar",
    "conflict": "boolean",
    "clock_suspect": "boolean",
}
_REPLACES = (
    "ON CONFLICT (session_id, learner_id) DO UPDATE SET event_id = excluded.event_id,"
    " status = excluded.status, conflict = excluded.conflict,"
    " clock_suspect = excluded.clock_suspect"
)
_STATES = (
    "SELECT learner_id, event_id, status, conflict, clock_suspect"
    " FROM courses_attendancestate WHERE session_id = %s"
)
_FORGET = "DELETE FROM courses_attendancestate WHERE session_id = %s AND learner_id {among}"


def write_down(
    session: Key,
    events: Mapping[int, Event],
    old: Mapping[Key, State],
    learners: Collection[Key] | None,
    later: list[Asked] | None = None,
) -> Written:
    """What `events` say of `learners` (None = of everybody), of whom `old` was written before."""
    state = project(events.values())
    numbers = {event.event_id: number for number, event in events.items()}
    new = {who: row for who, own in state.learners.items() if (row := _state(own, numbers))}
    gone = old.keys() - new.keys()
    if gone:
        ask(_FORGET, session, list(gone))
    other = {who: row for who, row in new.items() if old.get(who) != row}
    if other:
        spell = spelling()
        rows = [(spell(who), *row) for who, row in other.items()]
        shared = {"session_id": spell(session)}
        put_later(later, "courses_attendancestate", _STATE_COLUMNS, rows, _REPLACES, shared)
    write_questions(session, state, learners, later, was_doubted=_was_doubted(events, old))
    moved = {who for who, row in other.items() if who not in old or old[who][1] != row[1]}
    return Written(state, frozenset(gone | moved))


def _was_doubted(events: Mapping[int, Event], old: Mapping[Key, State]) -> bool:
    """A void without effect is a question about somebody who may have no state."""
    return any(conflict or clock for _event, _status, conflict, clock in old.values()) or any(
        event.kind == "void" for event in events.values()
    )


def _state(own: LearnerState, numbers: Mapping[Key, int]) -> State | None:
    if own.winner is None:
        return None
    return (numbers[own.winner.event_id], own.status, own.conflict, own.clock_suspect)


def read_all(session: UUID, learners: Collection[UUID] | None) -> Read:
    """What the database holds of a session and of some people (None = of everybody)."""
    if learners is None:
        found = ask(_STATES, session)
    else:
        found = ask(f"{_STATES} AND learner_id {{among}}", session, list(learners))
    states = {key(who): (event, said, bool(a), bool(b)) for who, event, said, a, b in found}
    return stored_events(session, learners), states
