"""From rows that tablets bring to events: shared by uploads, by files, and by who decides later.

A step of other actions, in their transaction and under their locks.
"""

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from accounts.models import Device
from courses.actions.completion import _follow_changes
from courses.actions.events import NewEvent, Read, TakenIn, brought, read_all, take_in
from courses.actions.marking import _follow_close, _lock_sessions, _session_locks
from courses.actions.rows import TabletRow
from courses.actions.walkins import Opened, open_walk_in, unlike_anybody
from courses.models import ClassSession, CourseRun, MarkEvent, ParkedRow
from courses.queries.batches import Asked, Known, known_of
from learners.models import Learner
from lms.lib.sets import ask, day, key, set_of

if TYPE_CHECKING:
    from accounts.models import User

Code, Kind = ParkedRow.Code, MarkEvent.Kind


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
        now = time.time_ns() // 1_000_000
        events = [self._event(row, now) for row in sound]
        taken = take_in(events, self._common(), self._read_already)
        self._follow(taken)
        outcomes = {event_id: Outcome(code=code) for event_id, code in codes.items() if code}
        for event in events:
            number = taken.numbers.get(event.event_id)
            # Only in a session that is not locked here can the id have been taken meanwhile.
            code = "" if number else Code.BODY_DIFFERS
            outcomes[event.event_id] = Outcome(number, code, tuple(event.notes))
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
    def _event(self, row: TabletRow, now: int) -> NewEvent:
        record, person = self._person(row) or (None, None)
        session, opened = self.sessions[row.session_id], self.opened.get(row.event_id)
        event = NewEvent(
            event_id=row.event_id,
            kind=row.kind,
            source=row.source,
            t_ms=row.t_ms,
            learner=person,
            learner_id=record,
            status=row.status or "",
            device=self.device.pk if self.is_numbered else None,
            seq=row.seq if self.is_numbered else None,
            base=row.base,
            target=row.target,
            saw=frozenset(row.saw or ()),
            head_count=row.head_count,
            session_id=row.session_id,
            method=row.method or "",
            wall_ms=row.t_ms if row.wall_ms is None else row.wall_ms,
            skew_ms=row.skew_ms,
            snapshot_version=row.snapshot_version,
            body_sha256=row.body_sha256,
            payload=json.dumps(_payload(row)),
        )
        is_expected = opened or person is None or self._is_expected(session, person)
        is_cancelled = session.status == ClassSession.Status.CANCELLED
        others = opened.flags if opened else ()
        event.judge(now, is_expected=bool(is_expected), is_cancelled=is_cancelled, others=others)
        return event

    def _common(self) -> dict[str, Any]:
        return brought(
            actor=self.author.pk,
            device=self.device.pk if self.is_numbered else None,
            app_version=self.app_version,
            batch_id=self.batch_id,
        )

    def _person(self, row: TabletRow) -> tuple[UUID, UUID] | None:
        named = row.event_id if row.is_walk_in else row.learner_id
        return self.people[named] if named is not None else None

    def _is_expected(self, session: ClassSession, person: UUID) -> bool:
        """Enrolled on the session's day."""
        for first, last in self.enrolled.get((session.run_id, person), ()):
            if first <= session.held_on and (last is None or last > session.held_on):
                return True
        return False

    def _follow(self, taken: TakenIn) -> None:
        for session_id, written in taken.written.items():
            session = self.sessions[session_id]
            _follow_close(session, written.state)
            _follow_changes(session, written.changed, self.author)

    def _read_already(self, session_id: UUID, learners: Collection[UUID] | None) -> Read:
        """What was asked before, or the database where that does not say."""
        asked = {merged_into or record for record, merged_into, *_ in self.known.people}
        if learners is None or not asked.issuperset(learners):
            return read_all(session_id, learners)
        return self.known.of(session_id, learners)


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


def locks_at_once(ids: Collection[UUID]) -> list[int]:
    """The locks by which `lock_for` would do all that it does, for who takes them another way; none
    where there is more to do, or nothing to lock."""
    return _session_locks(ids) if _begun.issuperset(ids) else []


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


def _walked_in(asked: Collection[UUID]) -> dict[UUID, tuple[UUID, UUID]]:
    """Tablets name somebody who walked in by the event that said so."""
    rows = MarkEvent.objects.filter(event_id__in=asked, kind=Kind.WALK_IN, learner__isnull=False)
    columns = ("event_id", "learner_id", "learner__merged_into_id")
    return {own: (who, merged or who) for own, who, merged in rows.values_list(*columns)}


def _payload(row: TabletRow) -> Mapping[str, object]:
    if row.kind != "close":
        return {}
    return {
        "head_count": row.head_count,
        "saw": sorted(str(event_id) for event_id in row.saw or ()),
        "photo_sha256": row.photo_sha256 or "",
        "signature_sha256": row.signature_sha256 or "",
    }
