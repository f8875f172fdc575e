"""What people mark on the server: pages, corrections, walk-ins; and the locks of all that marks.

Order: lock the sessions, insert, project. The lock makes "read the events, write what they say"
one step; without it two tablets of a class could each write what it alone knew. How an event gets
into the table is in `courses.actions.events`, for tablets too.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from courses.actions.errors import CourseError
from courses.actions.events import NewEvent, body_of, brought, read_all, take_in, write_down
from courses.models import AttendanceState, AttendanceStatus, ClassSession, Enrolment, MarkEvent
from courses.projection import OVERRIDE, RANKS, SessionState
from courses.queries import active_enrolments
from learners.models import Learner
from lms.lib.ids import uuid7
from lms.lib.periods import today
from lms.lib.sets import ask

if TYPE_CHECKING:
    from accounts.models import User

#: What follows from a corrected mark in the apps above, in the correction's transaction.
CONSEQUENCES: list[Callable[[Enrolment, "User"], None]] = []

Kind, Source = MarkEvent.Kind, MarkEvent.Source
#: What a close or a correction says, in the order in which a tablet's row says it.
_SAID = ("head_count", "saw", "photo_sha256", "signature_sha256")
BODY_DIFFERS = "id_reused_different_body"


@dataclass(frozen=True)
class MarkInput:
    """One event as somebody made it on the server, whose clock and numbers it gets."""

    learner_id: UUID | None = None
    status: str = ""
    kind: str = Kind.MARK
    event_id: UUID = field(default_factory=uuid7)
    source: str = Source.TRAINER
    method: str = MarkEvent.Method.NAME
    base: UUID | None = None
    target: UUID | None = None
    reason: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)

    def body_sha256(self, session_id: UUID) -> str:
        """As of a tablet's row that says no clocks."""
        said = (self.event_id, self.kind, session_id, self.learner_id, self.status, self.source)
        more = (self.method, self.base, self.target, *[None] * 4, *map(self.payload.get, _SAID))
        others = {name: said for name, said in self.payload.items() if name not in _SAID}
        rest = [self.reason, json.dumps(others, sort_keys=True)] if self.reason or others else []
        return body_of(*said, *more, *rest)


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
    if numbers := _session_locks(ids):
        ask(
            "SELECT COUNT(pg_advisory_xact_lock(number)) FROM unnest(%s::bigint[]) o(number)",
            numbers,
        )


def _session_locks(ids: Iterable[UUID]) -> list[int]:
    """Their numbers, in that order; none on SQLite."""
    if connection.vendor != "postgresql":
        return []
    return sorted(_lock_key(session_id) for session_id in ids)


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
    new = _events(session, fresh, people)
    taken = take_in(new, brought(actor=actor.pk), read_all)
    again = [mark for mark in sound if _is_again(session, mark, present)]
    done = {*taken.numbers, *(mark.event_id for mark in again)}
    errors |= {mark.event_id: BODY_DIFFERS for mark in sound if mark.event_id not in done}
    changed: frozenset[UUID] = frozenset()
    for written in taken.written.values():
        _follow_close(session, written.state)
        changed = written.changed
    return MarksResult(
        accepted=tuple(mark.event_id for mark in fresh if mark.event_id in taken.numbers),
        duplicates=tuple(mark.event_id for mark in again),
        errors=tuple(MarkError(event_id, code) for event_id, code in errors.items()),
        changed=changed,
    )


def _people(marks: Sequence[MarkInput]) -> dict[UUID, UUID]:
    """Who is meant: a page may still show a person by a record that was merged meanwhile."""
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


def _is_again(session: ClassSession, mark: MarkInput, present: Mapping[UUID, str]) -> bool:
    return present.get(mark.event_id) == mark.body_sha256(session.pk)


def _events(
    session: ClassSession, marks: Sequence[MarkInput], people: dict[UUID, UUID]
) -> list[NewEvent]:
    winners = _winners(session, marks, people)
    enrolled = _enrolled(session, people)
    now = _server_clock(session)
    found = [
        _event(session, mark, now + order, winners, people) for order, mark in enumerate(marks)
    ]
    for event in found:
        event.judge(
            now,
            is_expected=event.learner_id is None or event.learner_id in enrolled,
            is_cancelled=session.status == ClassSession.Status.CANCELLED,
        )
    return found


def _event(
    session: ClassSession,
    mark: MarkInput,
    t_ms: int,
    winners: Mapping[UUID | None, UUID],
    people: Mapping[UUID, UUID],
) -> NewEvent:
    """By the server's clock, which is right by definition."""
    base = mark.base or (None if mark.kind == Kind.VOID else winners.get(mark.learner_id))
    return NewEvent(
        event_id=mark.event_id,
        kind=mark.kind,
        source=mark.source,
        t_ms=t_ms,
        learner=people[mark.learner_id] if mark.learner_id else None,
        learner_id=mark.learner_id,
        status=mark.status,
        base=base,
        target=mark.target,
        saw=frozenset(map(UUID, mark.payload.get("saw", ()))),
        head_count=mark.payload.get("head_count"),
        session_id=session.pk,
        method=mark.method,
        wall_ms=_now_ms(),
        skew_ms=0,
        body_sha256=mark.body_sha256(session.pk),
        reason=mark.reason,
        payload=json.dumps(mark.payload),
    )


def _winners(
    session: ClassSession, marks: Sequence[MarkInput], people: dict[UUID, UUID]
) -> dict[UUID | None, UUID]:
    """What the server shows now: the base of the marks that are made on it."""
    asked = {people[who]: who for mark in marks if (who := mark.learner_id) in people}
    rows = AttendanceState.objects.filter(session=session, learner__in=list(asked))
    return {asked[who]: event for who, event in rows.values_list("learner_id", "event__event_id")}


def _enrolled(session: ClassSession, people: dict[UUID, UUID]) -> set[UUID]:
    """Of those spoken of, who is expected: themselves, or the person they were merged into."""
    rows = active_enrolments(session).filter(learner__in=list(people.values()))
    here = set(rows.values_list("learner_id", flat=True))
    return {who for who, person in people.items() if person in here}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _server_clock(session: ClassSession) -> int:
    """Now, but after every mark that the server made in this session."""
    rows = MarkEvent.objects.filter(session=session, device__isnull=True)
    last = rows.aggregate(last=Max("t_ms"))["last"]
    return max(_now_ms(), (last or 0) + 1)


def _project(session: ClassSession, learners: Collection[UUID] | None = None) -> frozenset[UUID]:
    """Write down what the events of `learners` (None = of all) say; who changed."""
    if learners is not None and not learners:
        return frozenset()
    written = write_down(session.pk, *read_all(session.pk, learners), learners)
    _follow_close(session, written.state)
    return written.changed


def _follow_close(session: ClassSession, state: SessionState) -> None:
    if session.status == ClassSession.Status.CANCELLED:
        return
    close = state.closed_by
    status = ClassSession.Status.CLOSED if close else ClassSession.Status.PLANNED
    heads = state.head_count
    if (session.status, session.head_count) != (status, heads):
        session.status, session.head_count = status, heads
        session.save(update_fields=["status", "head_count", "held_on"])


def _require_markable(session: ClassSession, marks: Sequence[MarkInput]) -> None:
    """Tablets may bring anything at any time; who marks on the server is told at once."""
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
