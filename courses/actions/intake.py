"""From rows that tablets bring to events: shared by uploads, by files, and by who decides later.

A step of other actions, in their transaction and under their locks.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

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
from courses.models import ClassSession, CourseRun, Enrolment, MarkEvent, ParkedRow
from courses.queries.events import CLOCK_SUSPECT
from learners.models import Learner

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
    sessions: dict[UUID, ClassSession] = field(default_factory=dict)
    own: set[UUID] = field(default_factory=set)
    people: dict[UUID, tuple[UUID, UUID]] = field(default_factory=dict)
    opened: dict[UUID, Opened] = field(default_factory=dict)

    def take(self, rows: Sequence[TabletRow]) -> dict[UUID, Outcome]:
        """By event id. No row is stored yet, and no two have one id or one number."""
        if not rows:
            return {}
        self._read_sessions(rows)
        codes = {row.event_id: self._session_code(row) for row in rows}
        self._open_walk_ins([row for row in rows if not codes[row.event_id]])
        self._read_people(rows)
        for row in rows:
            codes[row.event_id] = codes[row.event_id] or self._person_code(row)
        sound = [row for row in rows if not codes[row.event_id]]
        events = self._events(sound)
        MarkEvent.objects.bulk_create(events, ignore_conflicts=True)
        numbers = self._numbers(events)
        self._project(event for event in events if event.event_id in numbers)
        outcomes = {
            row.event_id: Outcome(code=code) for row in rows if (code := codes[row.event_id])
        }
        for event in events:
            taken = numbers.get(event.event_id)
            outcomes[event.event_id] = (
                Outcome(taken, flags=tuple(event.flags)) if taken else Outcome(code=Code.SEQ_REUSED)
            )
        return outcomes

    # --- what is known of what the rows name ---------------------------------------------------
    def _read_sessions(self, rows: Iterable[TabletRow]) -> None:
        ids = {row.session_id for row in rows}
        found = ClassSession.objects.filter(pk__in=ids)
        found = found.select_related("run__host_region", "run__completion_rule")
        self.sessions = {row.pk: row for row in found}
        visible = ClassSession.objects.visible_to(self.author).filter(pk__in=ids)
        self.own = set(visible.values_list("pk", flat=True))

    def _session_code(self, row: TabletRow) -> str:
        if row.session_id not in self.sessions:
            return Code.UNKNOWN_SESSION
        if row.session_id not in self.own and not self.is_decided:
            return Code.FOREIGN_SESSION
        return ""

    def _read_people(self, rows: Iterable[TabletRow]) -> None:
        """`people`: the id that a row names -> the record, and the person that it is by now."""
        asked = {row.learner_id for row in rows if row.learner_id is not None}
        asked |= {opened.learner_id for opened in self.opened.values()}
        self.people |= _known(asked)
        for event_id, opened in self.opened.items():
            self.people[event_id] = (opened.learner_id, opened.learner_id)
        if missing := asked - set(self.people):
            self.people |= _walked_in(missing)
        if self.named_learner is not None:
            who = (
                self.named_learner.pk,
                self.named_learner.merged_into_id or self.named_learner.pk,
            )
            self.people |= dict.fromkeys(asked - set(self.people), who)

    def _person_code(self, row: TabletRow) -> str:
        if row.kind == Kind.WALK_IN:
            return "" if row.event_id in self.opened else Code.SEAL_UNREADABLE
        if row.learner_id is None or row.learner_id in self.people:
            return ""
        return Code.UNKNOWN_LEARNER

    def _open_walk_ins(self, rows: Iterable[TabletRow]) -> None:
        for row in rows:
            if row.kind != Kind.WALK_IN or row.sealed is None:
                continue
            session = self.sessions[row.session_id]
            opened = open_walk_in(session, row.sealed.model_dump(), self.named_learner)
            if opened is not None:
                self.opened[row.event_id] = opened
        unlike_anybody(self.opened.values(), self.author)

    # --- events --------------------------------------------------------------------------------
    def _events(self, rows: Sequence[TabletRow]) -> list[MarkEvent]:
        expected = self._expected(rows)
        now = time.time_ns() // 1_000_000
        return [self._event(row, expected, now) for row in rows]

    def _event(
        self, row: TabletRow, expected: Collection[tuple[UUID, UUID]], now: int
    ) -> MarkEvent:
        record, person = self._person(row) or (None, None)
        flags = set(_clock_flags(row, now))
        if row.event_id in self.opened:
            flags |= set(self.opened[row.event_id].flags)
        elif person is not None and (row.session_id, person) not in expected:
            flags.add(NOT_ENROLLED)
        if self.sessions[row.session_id].status == ClassSession.Status.CANCELLED:
            flags.add(SESSION_CANCELLED)
        return MarkEvent(
            event_id=row.event_id,
            device=self.device if self.is_numbered else None,
            seq=row.seq if self.is_numbered else None,
            body_sha256=row.body_sha256(),
            kind=row.kind,
            session=self.sessions[row.session_id],
            learner_id=record,
            status=row.status or "",
            source=row.source,
            method=row.method or "",
            actor=self.author,
            base=row.base,
            target=row.target,
            wall_ms=row.t_ms if row.wall_ms is None else row.wall_ms,
            skew_ms=row.skew_ms,
            t_ms=row.t_ms,
            snapshot_version=row.snapshot_version,
            app_version=self.app_version[:20],
            batch_id=self.batch_id,
            flags=sorted(flags),
            payload=_payload(row),
        )

    def _person(self, row: TabletRow) -> tuple[UUID, UUID] | None:
        named = row.event_id if row.kind == Kind.WALK_IN else row.learner_id
        return self.people[named] if named is not None else None

    def _expected(self, rows: Sequence[TabletRow]) -> set[tuple[UUID, UUID]]:
        """(session, person) of those who are enrolled on the session's day."""
        people = {found[1] for row in rows if (found := self._person(row))}
        runs = {session.run_id for session in self.sessions.values()}
        enrolments = Enrolment.objects.filter(run__in=runs, learner__in=people)
        enrolments = enrolments.exclude(status=Enrolment.Status.WAITING)
        columns = ("run_id", "learner_id", "enrolled_on", "withdrawn_on")
        return {
            (session.pk, learner)
            for run, learner, first, last in enrolments.values_list(*columns)
            for session in self.sessions.values()
            if session.run_id == run
            and first <= session.held_on
            and (last is None or last > session.held_on)
        }

    def _numbers(self, events: Sequence[MarkEvent]) -> dict[UUID, int]:
        """Which of the events are stored as they are, under which number."""
        rows = MarkEvent.objects.filter(event_id__in=[event.event_id for event in events])
        stored = {
            row[0]: row[1:] for row in rows.values_list("event_id", "server_seq", "body_sha256")
        }
        return {
            event.event_id: stored[event.event_id][0]
            for event in events
            if event.event_id in stored and stored[event.event_id][1] == event.body_sha256
        }

    def _project(self, events: Iterable[MarkEvent]) -> None:
        touched: dict[UUID, set[UUID] | None] = {}
        persons = dict(self.people.values())
        for event in events:
            known = touched.setdefault(event.session_id, set())
            if event.learner_id is None:
                touched[event.session_id] = None
            elif known is not None:
                known.add(persons[event.learner_id])
        for session_id, learners in touched.items():
            session = self.sessions[session_id]
            changed = _project(session, learners)
            _follow_changes(session, changed, self.author)


def lock_for(rows: Sequence[TabletRow]) -> None:
    """Runs, then sessions. A class whose first mark this is begins."""
    ids = {row.session_id for row in rows}
    waiting = [CourseRun.Status.DRAFT, CourseRun.Status.OPEN]
    runs = CourseRun.objects.filter(sessions__in=ids).order_by("pk")
    if any(row.kind == Kind.WALK_IN for row in rows):
        # Their places are given by one at a time.
        found = CourseRun.objects.filter(pk__in=runs.values("pk")).order_by("pk")
        list(found.select_for_update(of=("self",)))
    if new := set(runs.filter(status__in=waiting).values_list("pk", flat=True)):
        begun = CourseRun.objects.filter(pk__in=new, status__in=waiting)
        begun.update(status=CourseRun.Status.RUNNING)
    _lock_sessions(ids)


def _known(asked: Collection[UUID]) -> dict[UUID, tuple[UUID, UUID]]:
    rows = Learner.objects.filter(pk__in=asked).values_list("pk", "merged_into_id")
    return {pk: (pk, merged_into or pk) for pk, merged_into in rows}


def _walked_in(asked: Collection[UUID]) -> dict[UUID, tuple[UUID, UUID]]:
    """Tablets name somebody who walked in by the event that said so."""
    rows = MarkEvent.objects.filter(event_id__in=asked, kind=Kind.WALK_IN, learner__isnull=False)
    columns = ("event_id", "learner_id", "learner__merged_into_id")
    return {own: (who, merged or who) for own, who, merged in rows.values_list(*columns)}


def _clock_flags(row: TabletRow, now: int) -> list[str]:
    """The day of a mark comes from its session; a clock that cannot be right only warns."""
    issued = row.snapshot_version or 0
    before_issue = _FIRST_MOMENT < issued <= now and row.t_ms < issued - _AHEAD_MS
    wrong = row.skew_ms is None or row.t_ms > now + _AHEAD_MS or before_issue
    return [CLOCK_SUSPECT] if wrong else []


def _payload(row: TabletRow) -> Mapping[str, object]:
    if row.kind != Kind.CLOSE:
        return {}
    return {
        "head_count": row.head_count,
        "saw": sorted(str(event_id) for event_id in row.saw or ()),
        "photo_sha256": row.photo_sha256 or "",
        "signature_sha256": row.signature_sha256 or "",
    }
