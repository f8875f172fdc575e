"""From rows that tablets bring to events: shared by uploads, by files, and by who decides later.

A step of other actions, in their transaction and under their locks.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Device
from courses.actions.completion import _follow_changes
from courses.actions.marking import (
    CLOCK_AHEAD,
    NOT_ENROLLED,
    SESSION_CANCELLED,
    _lock_sessions,
    _project,
)
from courses.actions.rows import TabletRow
from courses.actions.walkins import Opened, open_walk_in, unlike_anybody
from courses.models import ClassSession, CourseRun, MarkEvent, ParkedRow
from courses.projection import Event
from courses.queries.batches import Asked, Known, State, known_of
from courses.queries.events import CLOCK_SUSPECT
from learners.models import Learner
from lms.lib.bulk import moment
from lms.lib.sets import ask, day, key, put, set_of

if TYPE_CHECKING:
    from accounts.models import User

Code, Kind = ParkedRow.Code, MarkEvent.Kind
#: Snapshot versions count milliseconds since about then; smaller ones say nothing of time.
_FIRST_MOMENT = 1_600_000_000_000
_AHEAD_MS = int(CLOCK_AHEAD.total_seconds() * 1000)


@dataclass(frozen=True)
class Outcome:
    """An event of that number, or why the row waits."""

    server_seq: int | None = None
    code: str = ""
    flags: tuple[str, ...] = ()


@dataclass
class Intake:
    """Rows of one tablet that became no events yet. `author` is who made the marks."""

    device: Device
    author: "User"
    batch_id: UUID | None = None
    app_version: str = ""
    #: A supervisor decided: the session may be anybody's.
    is_decided: bool = False
    #: Its numbers are those of another tablet: the events are kept without.
    is_numbered: bool = True
    #: Whom a supervisor named, for rows that name nobody who is known.
    named_learner: Learner | None = None
    known: Known = field(init=False)
    sessions: dict[UUID, ClassSession] = field(default_factory=dict)
    own: set[UUID] = field(default_factory=set)
    people: dict[UUID, tuple[UUID, UUID]] = field(default_factory=dict)
    opened: dict[UUID, Opened] = field(default_factory=dict)
    #: (run, person) -> from when, until when.
    enrolled: dict[tuple[UUID, UUID], set[tuple[date, date | None]]] = field(default_factory=dict)

    def take(self, rows: Sequence[TabletRow], known: Known | None = None) -> dict[UUID, Outcome]:
        """By event id. No row is stored yet, and no two have one id or one number.

        `known`: what was asked about these rows already, under their locks.
        """
        if not rows:
            return {}
        self.known = known or known_of(self.device, self.author, asked_of(rows))
        self._read_sessions()
        codes = {row.event_id: self._session_code(row) for row in rows}
        self._open_walk_ins([row for row in rows if not codes[row.event_id]])
        self._read_people(rows)
        for row in rows:
            codes[row.event_id] = codes[row.event_id] or self._person_code(row)
        sound = [row for row in rows if not codes[row.event_id]]
        events = self._events(sound)
        numbers = self._stored(events)
        self._project([event for event in events if event["event_id"] in numbers], numbers)
        outcomes = {event_id: Outcome(code=code) for event_id, code in codes.items() if code}
        for event in events:
            taken = numbers.get(event["event_id"])
            # Only in a session that is not locked here can the id have been taken meanwhile.
            code = "" if taken else Code.BODY_DIFFERS
            outcomes[event["event_id"]] = Outcome(taken, code, tuple(event["flags"]))
        return outcomes

    # --- what is known of what the rows name ---------------------------------------------------
    def _read_sessions(self) -> None:
        self.sessions, self.own = self.known.sessions, set(self.known.own)
        for pk, row in self.sessions.items():
            if row.run.status not in WAITING:
                has_begun(pk)
        if others := set(self.sessions) - self.own:  # reached by another role
            visible = ClassSession.objects.visible_to(self.author).filter(pk__in=others)
            self.own |= set(visible.values_list("pk", flat=True))

    def _session_code(self, row: TabletRow) -> str:
        if row.session_id not in self.sessions:
            return Code.UNKNOWN_SESSION
        if row.session_id not in self.own and not self.is_decided:
            return Code.FOREIGN_SESSION
        return ""

    def _read_people(self, rows: Iterable[TabletRow]) -> None:
        """`people`: the id that a row names -> the record, and the person that it is by now."""
        asked = {row.learner_id for row in rows if row.learner_id is not None}
        self._note_people(self.known.people)
        if self.opened:
            self._read_known({opened.learner_id for opened in self.opened.values()})
        for event_id, opened in self.opened.items():
            self.people[event_id] = (opened.learner_id, opened.learner_id)
        if missing := asked - set(self.people):
            self.people |= _walked_in(missing)
            self._read_known({who for _record, who in self.people.values()})
        if self.named_learner is not None:
            named = self.named_learner
            who = (named.pk, named.merged_into_id or named.pk)
            self.people |= dict.fromkeys(asked - set(self.people), who)
            self._read_known({named.pk})

    def _read_known(self, asked: Collection[UUID]) -> None:
        runs = list({session.run_id for session in self.sessions.values()})
        rows = ask(_PEOPLE, runs, list(asked))
        self._note_people([(*map(key, row[:3]), *map(day, row[3:])) for row in rows])

    def _note_people(self, rows: Iterable[tuple[Any, ...]]) -> None:
        for record, merged_into, run, first, last in rows:
            person = merged_into or record
            self.people[record] = (record, person)
            if run is not None:
                self.enrolled.setdefault((run, person), set()).add((first, last))

    def _person_code(self, row: TabletRow) -> str:
        if row.is_walk_in:
            return "" if row.event_id in self.opened else Code.SEAL_UNREADABLE
        if row.learner_id is None or row.learner_id in self.people:
            return ""
        return Code.UNKNOWN_LEARNER

    def _open_walk_ins(self, rows: Iterable[TabletRow]) -> None:
        for row in rows:
            if not row.is_walk_in or row.sealed is None:
                continue
            session = self.sessions[row.session_id]
            opened = open_walk_in(session, row.sealed.model_dump(), self.named_learner)
            if opened is not None:
                self.opened[row.event_id] = opened
        unlike_anybody(self.opened.values(), self.author)

    # --- events --------------------------------------------------------------------------------
    def _events(self, rows: Sequence[TabletRow]) -> list[dict[str, Any]]:
        now = time.time_ns() // 1_000_000
        return [self._event(row, now) for row in rows]

    def _event(self, row: TabletRow, now: int) -> dict[str, Any]:
        """A row of the table of events; what the batch has in common stands in `_shared`."""
        record, person = self._person(row) or (None, None)
        session = self.sessions[row.session_id]
        flags = clock_flags(row, now)
        if row.event_id in self.opened:
            flags += self.opened[row.event_id].flags
        elif person is not None and not self._is_expected(session, person):
            flags.append(NOT_ENROLLED)
        if session.status == ClassSession.Status.CANCELLED:
            flags.append(SESSION_CANCELLED)
        return {
            **self._shared,
            "event_id": row.event_id,
            "seq": row.seq if self.is_numbered else None,
            "body_sha256": row.body_sha256,
            "kind": row.kind,
            "session_id": row.session_id,
            "learner_id": record,
            "status": row.status or "",
            "source": row.source,
            "method": row.method or "",
            "base": row.base,
            "target": row.target,
            "wall_ms": row.t_ms if row.wall_ms is None else row.wall_ms,
            "skew_ms": row.skew_ms,
            "t_ms": row.t_ms,
            "snapshot_version": row.snapshot_version,
            "flags": sorted(set(flags)),
            "payload": _payload(row),
        }

    @cached_property
    def _shared(self) -> dict[str, Any]:
        return {
            "device_id": self.device.pk if self.is_numbered else None,
            "actor_id": self.author.pk,
            "app_version": self.app_version[:20],
            "batch_id": self.batch_id,
            "received_at": str(moment(timezone.now())),
            "reason": "",
        }

    def _person(self, row: TabletRow) -> tuple[UUID, UUID] | None:
        named = row.event_id if row.is_walk_in else row.learner_id
        return self.people[named] if named is not None else None

    def _is_expected(self, session: ClassSession, person: UUID) -> bool:
        """Enrolled on the session's day."""
        for first, last in self.enrolled.get((session.run_id, person), ()):
            if first <= session.held_on and (last is None or last > session.held_on):
                return True
        return False

    def _stored(self, events: Sequence[Mapping[str, Any]]) -> dict[UUID, int]:
        """The numbers of those that were not there; a number that is taken lets none in."""
        then = "ON CONFLICT DO NOTHING RETURNING event_id, server_seq"
        found = put("courses_markevent", EVENT_COLUMNS, events, then) if events else []
        return {key(event_id): number for event_id, number in found}

    def _project(self, events: Collection[Mapping[str, Any]], numbers: Mapping[UUID, int]) -> None:
        touched: dict[UUID, set[UUID] | None] = {}
        persons = dict(self.people.values())
        for event in events:
            known = touched.setdefault(event["session_id"], set())
            if event["learner_id"] is None:
                touched[event["session_id"]] = None
            elif known is not None:
                known.add(persons[event["learner_id"]])
        for session_id, learners in touched.items():
            session = self.sessions[session_id]
            own = [event for event in events if event["session_id"] == session_id]
            read = self._read_already(session_id, learners, own, numbers)
            changed = _project(session, learners, read)
            _follow_changes(session, changed, self.author)

    def _read_already(
        self,
        session_id: UUID,
        learners: Collection[UUID] | None,
        events: Iterable[Mapping[str, Any]],
        numbers: Mapping[UUID, int],
    ) -> tuple[dict[int, Event], dict[UUID, State]] | None:
        """What the database would answer now; None where what was asked before does not say."""
        asked = {merged_into or record for record, merged_into, *_ in self.known.people}
        if learners is None or not asked.issuperset(learners):
            return None
        stored, states = self.known.of(session_id, learners)
        for event in events:
            person = self.people[event["learner_id"]][1]
            stored[numbers[event["event_id"]]] = _as_read(event, person)
        return stored, states


#: Columns of the table of events, with their types on PostgreSQL.
EVENT_COLUMNS = {
    "event_id": "uuid",
    "device_id": "uuid",
    "seq": "bigint",
    "body_sha256": "varchar",
    "kind": "varchar",
    "session_id": "uuid",
    "learner_id": "uuid",
    "status": "varchar",
    "source": "varchar",
    "method": "varchar",
    "actor_id": "uuid",
    "base": "uuid",
    "target": "uuid",
    "wall_ms": "bigint",
    "skew_ms": "bigint",
    "t_ms": "bigint",
    "snapshot_version": "bigint",
    "app_version": "varchar",
    "batch_id": "uuid",
    "received_at": "timestamptz",
    "flags": "jsonb",
    "reason": "varchar",
    "payload": "jsonb",
}


WAITING = (CourseRun.Status.DRAFT.value, CourseRun.Status.OPEN.value)
#: Sessions of runs that this process saw begun; a run never goes back.
_begun: set[UUID] = set()


def lock_for_rows(rows: Sequence[TabletRow]) -> None:
    """Runs, then sessions."""
    ids = {row.session_id for row in rows}
    if any(row.is_walk_in for row in rows):
        # Their places are given by one at a time.
        sessions = ClassSession.objects.filter(pk__in=ids).values("run")
        found = CourseRun.objects.filter(pk__in=sessions).order_by("pk")
        list(found.select_for_update(of=("self",)))
    lock_for(ids)


def lock_for(ids: Collection[UUID]) -> None:
    """Sessions. A class whose first mark this is begins."""
    if not _begun.issuperset(ids):
        _begin(ids)
    _lock_sessions(ids)


def has_begun(session: UUID) -> None:
    """What `lock_for` need not ask about again, once it is stored."""
    if session not in _begun:
        transaction.on_commit(partial(_begun.add, session))


_NOT_BEGUN = (
    "SELECT r.id FROM courses_courserun r WHERE r.id"
    " {within run_id FROM courses_classsession WHERE id {among}} AND r.status IN (%s, %s)"
)


def _begin(ids: Collection[UUID]) -> None:
    if new := [key(row[0]) for row in ask(_NOT_BEGUN, list(ids), *WAITING)]:
        waiting = CourseRun.objects.filter(pk__in=new, status__in=WAITING).order_by("pk")
        list(waiting.select_for_update(of=("self",)))
        waiting.update(status=CourseRun.Status.RUNNING)


_PEOPLE = (
    "SELECT l.id, l.merged_into_id, e.run_id, e.enrolled_on, e.withdrawn_on"
    " FROM learners_learner l LEFT JOIN courses_enrolment e"
    " ON e.learner_id = COALESCE(l.merged_into_id, l.id) AND e.run_id {among}"
    " AND e.status <> 'WAITING' WHERE l.id {among}"
)


def asked_of(rows: Sequence[TabletRow]) -> Asked:
    return Asked(
        events=set_of(row.event_id for row in rows),
        seqs=set_of(row.seq for row in rows),
        sessions=set_of({row.session_id for row in rows}),
        learners=set_of({row.learner_id for row in rows if row.learner_id is not None}),
    )


def _as_read(event: Mapping[str, Any], person: UUID) -> Event:
    """A row of the table of events that was just written, as it would be read."""
    return Event(
        event_id=event["event_id"],
        kind=event["kind"],
        source=event["source"],
        t_ms=event["t_ms"],
        learner=person,
        status=event["status"],
        device=event["device_id"],
        seq=event["seq"],
        base=event["base"],
        target=event["target"],
        clock_suspect=CLOCK_SUSPECT in event["flags"],
    )


def _walked_in(asked: Collection[UUID]) -> dict[UUID, tuple[UUID, UUID]]:
    """Tablets name somebody who walked in by the event that said so."""
    rows = MarkEvent.objects.filter(event_id__in=asked, kind=Kind.WALK_IN, learner__isnull=False)
    columns = ("event_id", "learner_id", "learner__merged_into_id")
    return {own: (who, merged or who) for own, who, merged in rows.values_list(*columns)}


class _Clocked(Protocol):
    @property
    def skew_ms(self) -> int | None: ...
    @property
    def t_ms(self) -> int: ...
    @property
    def snapshot_version(self) -> int | None: ...


def clock_flags(row: _Clocked, now: int) -> list[str]:
    """The day of a mark comes from its session; a clock that cannot be right only warns."""
    issued = row.snapshot_version or 0
    before_issue = _FIRST_MOMENT < issued <= now and row.t_ms < issued - _AHEAD_MS
    wrong = row.skew_ms is None or row.t_ms > now + _AHEAD_MS or before_issue
    return [CLOCK_SUSPECT] if wrong else []


def _payload(row: TabletRow) -> Mapping[str, object]:
    if row.kind != "close":
        return {}
    return {
        "head_count": row.head_count,
        "saw": sorted(str(event_id) for event_id in row.saw or ()),
        "photo_sha256": row.photo_sha256 or "",
        "signature_sha256": row.signature_sha256 or "",
    }
