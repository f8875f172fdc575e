"""How events are stored and what they say is written down: shared by everything that marks.

Order: lock the sessions, insert, project. The lock makes "read the events, write what they say"
one step; without it two tablets of a class could each write what it alone knew.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from courses.actions.errors import CourseError
from courses.actions.questions import _write_questions
from courses.models import AttendanceState, AttendanceStatus, ClassSession, Enrolment, MarkEvent
from courses.projection import OVERRIDE, RANKS, Event, LearnerState, SessionState, project
from courses.queries import active_enrolments, stored_events
from courses.queries.batches import State
from courses.queries.events import CLOCK_SUSPECT
from learners.models import Learner
from lms.lib.ids import uuid7
from lms.lib.periods import today
from lms.lib.sets import ask, key, put

if TYPE_CHECKING:
    from accounts.models import User

#: What follows from a corrected mark in the apps above, in the correction's transaction.
CONSEQUENCES: list[Callable[[Enrolment, "User"], None]] = []

Kind, Source = MarkEvent.Kind, MarkEvent.Source
#: A clock further ahead than this is not believed.
CLOCK_AHEAD = timedelta(minutes=5)
NOT_ENROLLED, SESSION_CANCELLED = "not_enrolled", "session_cancelled"


@dataclass(frozen=True)
class MarkInput:
    """One event as its author made it; marks made on the server leave device, seq, clocks out."""

    learner_id: UUID | None = None
    status: str = ""
    kind: str = Kind.MARK
    event_id: UUID = field(default_factory=uuid7)
    source: str = Source.TRAINER
    method: str = MarkEvent.Method.NAME
    base: UUID | None = None
    target: UUID | None = None
    reason: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    device_id: UUID | None = None
    seq: int | None = None
    wall_ms: int | None = None
    skew_ms: int | None = None
    t_ms: int | None = None
    snapshot_version: int | None = None
    app_version: str = ""
    batch_id: UUID | None = None
    flags: tuple[str, ...] = ()

    def body_sha256(self, session_id: UUID) -> str:
        """Of all that the author said; what only tells how it travelled is left out."""
        body = {key: value for key, value in vars(self).items() if key not in {"batch_id", "flags"}}
        body["session_id"] = session_id
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class MarkError:
    event_id: UUID
    code: str


@dataclass(frozen=True)
class MarksResult:
    """Every event is in exactly one of the three."""

    accepted: tuple[UUID, ...] = ()
    duplicates: tuple[UUID, ...] = ()
    errors: tuple[MarkError, ...] = ()
    #: Learners of whom something else holds now.
    changed: frozenset[UUID] = frozenset()


def _lock_sessions(ids: Iterable[UUID]) -> None:
    """Until the transaction ends; in one order everywhere, so that no two wait for each other.

    SQLite has one writer at a time, which is the same.
    """
    if connection.vendor != "postgresql":
        return
    for number in sorted(_lock_key(session_id) for session_id in ids):
        ask("SELECT 1 FROM pg_advisory_xact_lock(%s)", number)


def _lock_key(session_id: UUID) -> int:
    digest = hashlib.sha256(b"courses.session:" + session_id.bytes).digest()
    return int.from_bytes(digest[:8], signed=True)


def _locked_session(session: ClassSession) -> ClassSession:
    _lock_sessions([session.pk])
    rows = ClassSession.objects.select_related("run__host_region", "run__completion_rule")
    return rows.get(pk=session.pk)


def _store(session: ClassSession, marks: Sequence[MarkInput], actor: "User") -> MarksResult:
    """Insert events of a locked session and write down what they now say."""
    marks = list({mark.event_id: mark for mark in marks}.values())
    people = _people(marks)
    errors = _problems(marks, people)
    sound = [mark for mark in marks if mark.event_id not in errors]
    present = _stored_bodies(sound)
    fresh = [mark for mark in sound if mark.event_id not in present]
    MarkEvent.objects.bulk_create(_rows(session, fresh, people, actor), ignore_conflicts=True)
    stored = _stored_bodies(sound)
    errors |= _clashes(session, sound, stored)
    good = [mark for mark in sound if mark.event_id not in errors]
    accepted = [mark for mark in good if mark.event_id not in present]
    changed = _project(session, _touched(accepted, people))
    return MarksResult(
        accepted=tuple(mark.event_id for mark in accepted),
        duplicates=tuple(mark.event_id for mark in good if mark.event_id in present),
        errors=tuple(MarkError(event_id, code) for event_id, code in errors.items()),
        changed=changed,
    )


def _people(marks: Sequence[MarkInput]) -> dict[UUID, UUID]:
    """Who is meant: a tablet may still know a person by a record that was merged meanwhile."""
    asked = {mark.learner_id for mark in marks if mark.learner_id is not None}
    rows = Learner.objects.filter(pk__in=asked).values_list("pk", "merged_into_id")
    return {pk: merged_into or pk for pk, merged_into in rows}


def _problems(marks: Sequence[MarkInput], known: Collection[UUID]) -> dict[UUID, str]:
    found = {mark.event_id: _problem(mark, known) for mark in marks}
    return {event_id: code for event_id, code in found.items() if code}


def _problem(mark: MarkInput, known: Collection[UUID]) -> str:
    """What the table would refuse, told apart; "" when the event can be stored."""
    if mark.kind not in Kind.values or mark.source not in Source.values:
        return "unknown_kind"
    if mark.learner_id is not None and mark.learner_id not in known:
        return "unknown_learner"
    if (mark.device_id is None) != (mark.seq is None):
        return "device_without_seq"
    if mark.source == Source.OVERRIDE and not mark.reason:
        return "reason_missing"
    return _incomplete(mark)


def _incomplete(mark: MarkInput) -> str:
    if mark.status and mark.status not in AttendanceStatus.values:
        return "unknown_status"
    if mark.kind == Kind.MARK and not (mark.learner_id and mark.status):
        return "mark_incomplete"
    if mark.kind == Kind.VOID and mark.target is None:
        return "void_without_target"
    return ""


def _stored_bodies(marks: Sequence[MarkInput]) -> dict[UUID, str]:
    rows = MarkEvent.objects.filter(event_id__in=[mark.event_id for mark in marks])
    return dict(rows.values_list("event_id", "body_sha256"))


def _clashes(
    session: ClassSession, marks: Sequence[MarkInput], stored: dict[UUID, str]
) -> dict[UUID, str]:
    found = {}
    for mark in marks:
        if mark.event_id not in stored:
            found[mark.event_id] = "seq_reused"
        elif stored[mark.event_id] != mark.body_sha256(session.pk):
            found[mark.event_id] = "id_reused_different_body"
    return found


def _rows(
    session: ClassSession, marks: Sequence[MarkInput], people: dict[UUID, UUID], actor: "User"
) -> list[MarkEvent]:
    winners = _winners(session, marks, people)
    enrolled = _enrolled(session, people)
    now = _server_clock(session)
    rows = []
    for order, mark in enumerate(marks):
        base = mark.base or (None if mark.device_id else winners.get(mark.learner_id))
        row = MarkEvent(
            session=session,
            actor=actor,
            body_sha256=mark.body_sha256(session.pk),
            flags=_flags(session, mark, enrolled),
            **{key: value for key, value in vars(mark).items() if key != "flags"},
        )
        row.base = base if mark.kind != Kind.VOID else mark.base
        row.wall_ms = mark.wall_ms if mark.wall_ms is not None else _now_ms()
        row.t_ms = mark.t_ms if mark.t_ms is not None else now + order
        rows.append(row)
    return rows


def _winners(
    session: ClassSession, marks: Sequence[MarkInput], people: dict[UUID, UUID]
) -> dict[UUID | None, UUID]:
    """What the server shows now: the base of the marks that are made on it."""
    learners = [mark.learner_id for mark in marks if mark.device_id is None]
    asked = {people[who]: who for who in learners if who in people}
    rows = AttendanceState.objects.filter(session=session, learner__in=list(asked))
    return {asked[who]: event for who, event in rows.values_list("learner_id", "event__event_id")}


def _enrolled(session: ClassSession, people: dict[UUID, UUID]) -> set[UUID]:
    """Of those spoken of, who is expected: themselves, or the person they were merged into."""
    rows = active_enrolments(session).filter(learner__in=list(people.values()))
    here = set(rows.values_list("learner_id", flat=True))
    return {who for who, person in people.items() if person in here}


def _flags(session: ClassSession, mark: MarkInput, enrolled: Collection[UUID]) -> list[str]:
    flags = list(mark.flags)
    if mark.device_id is not None and _is_clock_suspect(mark):
        flags.append(CLOCK_SUSPECT)
    if mark.learner_id is not None and mark.learner_id not in enrolled:
        flags.append(NOT_ENROLLED)
    if session.status == ClassSession.Status.CANCELLED:
        flags.append(SESSION_CANCELLED)
    return sorted(set(flags))


def _is_clock_suspect(mark: MarkInput) -> bool:
    limit = _now_ms() + int(CLOCK_AHEAD.total_seconds() * 1000)
    return mark.skew_ms is None or (mark.t_ms or 0) > limit


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _server_clock(session: ClassSession) -> int:
    """Now, but after every mark that the server made in this session."""
    rows = MarkEvent.objects.filter(session=session, device__isnull=True)
    last = rows.aggregate(last=Max("t_ms"))["last"]
    return max(_now_ms(), (last or 0) + 1)


def _touched(marks: Iterable[MarkInput], people: dict[UUID, UUID]) -> set[UUID] | None:
    """None = everybody: a close decides for all what is late."""
    learners = set()
    for mark in marks:
        if mark.learner_id is None:
            return None
        learners.add(people[mark.learner_id])
    return learners


def _project(
    session: ClassSession,
    learners: Collection[UUID] | None = None,
    read: tuple[dict[int, Event], dict[UUID, State]] | None = None,
) -> frozenset[UUID]:
    """Write down what the events of `learners` (None = of all) say; who changed.

    `read`: these events and states, where they are known already.
    """
    if learners is not None and not learners:
        return frozenset()
    if read is None:
        read = stored_events(session.pk, learners), _states_of(session, learners)
    events, old = read
    state = project(events.values())
    rows = {event.event_id: server_seq for server_seq, event in events.items()}
    _follow_close(session, state)
    return _write_states(session, state, rows, learners, old)


def _states_of_events(events: Iterable[Event]) -> dict[Any, LearnerState]:
    """Of a session that is not closed; keys are as they are in `events`."""
    return dict(project(events).learners)


def _follow_close(session: ClassSession, state: SessionState) -> None:
    if session.status == ClassSession.Status.CANCELLED:
        return
    close = state.closed_by
    status = ClassSession.Status.CLOSED if close else ClassSession.Status.PLANNED
    heads = state.head_count
    if (session.status, session.head_count) != (status, heads):
        session.status, session.head_count = status, heads
        session.save(update_fields=["status", "head_count", "held_on"])


_STATES = (
    "SELECT learner_id, event_id, status, conflict, clock_suspect"
    " FROM courses_attendancestate WHERE session_id = %s"
)
STATE_COLUMNS = {
    "session_id": "uuid",
    "learner_id": "uuid",
    "event_id": "bigint",
    "status": "varchar",
    "conflict": "boolean",
    "clock_suspect": "boolean",
}
STATE_REPLACES = (
    "ON CONFLICT (session_id, learner_id) DO UPDATE SET event_id = excluded.event_id,"
    " status = excluded.status, conflict = excluded.conflict,"
    " clock_suspect = excluded.clock_suspect"
)


def _write_states(
    session: ClassSession,
    state: SessionState,
    rows: dict[UUID, int],
    learners: Collection[UUID] | None,
    old: dict[UUID, State],
) -> frozenset[UUID]:
    new = {who: _state(own, rows) for who, own in state.learners.items() if own.winner is not None}
    if gone := set(old) - set(new):
        AttendanceState.objects.filter(session=session, learner__in=gone).delete()
    other = {who: row for who, row in new.items() if old.get(who) != row}
    names = tuple(STATE_COLUMNS)[2:]
    written = [
        {"session_id": session.pk, "learner_id": who, **dict(zip(names, row, strict=True))}
        for who, row in other.items()
    ]
    if written:
        put("courses_attendancestate", STATE_COLUMNS, written, STATE_REPLACES)
    doubted = any(conflict or clock for _event, _status, conflict, clock in old.values())
    _write_questions(session, state, learners, was_doubted=doubted)
    moved = {who for who, row in other.items() if who not in old or old[who][1] != row[1]}
    return frozenset(gone | moved)


def _states_of(session: ClassSession, learners: Collection[UUID] | None) -> dict[UUID, State]:
    if learners is None:
        found = ask(_STATES, session.pk)
    else:
        found = ask(f"{_STATES} AND learner_id {{among}}", session.pk, list(learners))
    return {key(who): (event, said, bool(a), bool(b)) for who, event, said, a, b in found}


def _state(own: LearnerState, rows: Mapping[Any, int]) -> State:
    assert own.winner is not None  # noqa: S101 - the caller left the others out
    return (rows[own.winner.event_id], own.status, own.conflict, own.clock_suspect)


def _require_markable(session: ClassSession, marks: Sequence[MarkInput]) -> None:
    """Tablets may bring anything at any time; who marks on the server is told at once."""
    if all(mark.device_id is not None for mark in marks):
        return
    if any(RANKS.get(mark.source, 0) >= OVERRIDE for mark in marks):
        raise CourseError("OVERRIDE", _("A correction is made on the page of corrections."))
    _require_not_cancelled(session)
    if session.status == ClassSession.Status.CLOSED:
        raise CourseError(
            "SESSION_CLOSED", _("This session is closed. Correct the mark and give a reason.")
        )
    if session.held_on > today():
        raise CourseError(
            "SESSION_AHEAD", _("This session is not today. People can be marked on its day.")
        )


def _require_not_cancelled(session: ClassSession) -> None:
    if session.status == ClassSession.Status.CANCELLED:
        raise CourseError("SESSION_CANCELLED", _("This session was cancelled."))


def _void(target: MarkEvent, **fields: Any) -> MarkInput:
    void = MarkInput(kind=Kind.VOID, target=target.event_id, learner_id=target.learner_id)
    return replace(void, **fields)
