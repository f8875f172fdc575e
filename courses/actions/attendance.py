"""Mark, take back, close on the server. Every way of marking, a tablet's too, ends in
`courses.actions.events.take_in`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.actions.completion import _follow_changes
from courses.actions.errors import CourseError
from courses.actions.marking import (
    MarkInput,
    MarksResult,
    _locked_session,
    _require_markable,
    _require_not_cancelled,
    _store,
    _void,
)
from courses.models import AttendanceStatus, ClassSession, CourseRun, MarkEvent
from courses.queries import session_roster
from courses.queries.evidence import newest_photo
from lms.lib.ids import uuid7
from lms.lib.periods import today
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def record_marks(
    *, session: ClassSession, marks: Sequence[MarkInput], actor: "User"
) -> MarksResult:
    """Take in marks that were made on the server; sending one again is harmless.

    Returns what came of each. An event id that came before with another body and what the table
    cannot hold are listed as errors, and do not keep the others out. CourseError once the session
    is closed. What tablets bring: `courses.actions.sync.push_events`.
    """
    _start_run(session)
    session = _locked_session(session)
    _require_markable(session, marks)
    result = _store(session, marks, actor)
    _follow_changes(session, result.changed, actor)
    detail = {
        "accepted": len(result.accepted),
        "duplicates": len(result.duplicates),
        "errors": Counter(error.code for error in result.errors),
        "said": Counter(mark.status or mark.kind for mark in marks),
    }
    _audit("courses.marks_recorded", session, actor, **detail)
    return result


@transaction.atomic
def void_mark(
    *, session: ClassSession, target: UUID, event_id: UUID | None = None, actor: "User"
) -> MarksResult:
    """Take a mark back; what was said before it holds again."""
    struck = MarkEvent.objects.filter(session=session, event_id=target).first()
    if struck is None or struck.learner_id is None:
        raise CourseError("NO_MARK", _("There is no such mark to take back."))
    void = _void(struck, event_id=event_id or uuid7())
    return record_marks(session=session, marks=[void], actor=actor)


@transaction.atomic
def mark_rest_present(*, session: ClassSession, actor: "User") -> MarksResult:
    """PRESENT, in bulk, for everybody who should be there and was not marked."""
    _start_run(session)
    session = _locked_session(session)
    marks = [
        MarkInput(
            learner_id=row.enrolment.learner_id,
            status=AttendanceStatus.PRESENT,
            method=MarkEvent.Method.BULK,
        )
        for row in session_roster(session)
        if not row.status
    ]
    return record_marks(session=session, marks=marks, actor=actor)


@transaction.atomic
def close_session(
    *,
    session: ClassSession,
    head_count: int,
    saw: Iterable[UUID] = (),
    is_signed: bool = False,
    actor: "User",
) -> ClassSession:
    """Close with the heads counted; who was not marked was absent.

    `is_signed`: the actor confirmed the roll by typing their own name. The close names the newest
    class photo.

    The close has seen every event that the server has, and `saw` besides. A count that differs
    from the marks is kept as it is. Only overrides change a mark from here on.
    """
    _start_run(session)
    session = _locked_session(session)
    _require_closable(session)
    had = MarkEvent.objects.filter(session=session).values_list("event_id", flat=True)
    seen = sorted({str(event_id) for event_id in (*had, *saw)})
    payload: dict[str, object] = {"head_count": head_count, "saw": seen}
    if photo := newest_photo(session):
        payload["photo_sha256"] = photo.source_sha256
    if is_signed:
        payload["signature"] = "typed"
    close = MarkInput(kind=MarkEvent.Kind.CLOSE, method="", payload=payload)
    _store(session, [close], actor)
    _audit("courses.session_closed", session, actor, head_count=head_count, events=len(seen))
    return session


def _require_closable(session: ClassSession) -> None:
    _require_not_cancelled(session)
    if session.status == ClassSession.Status.CLOSED:
        raise CourseError("SESSION_CLOSED", _("This session is closed already."))
    if session.held_on > today():
        raise CourseError("SESSION_AHEAD", _("This session is not today: it cannot be closed yet."))


def _start_run(session: ClassSession) -> None:
    """The first mark or close sets the run running; before the session lock, as runs lock first."""
    waiting = [CourseRun.Status.DRAFT, CourseRun.Status.OPEN]
    if session.run.status in waiting:
        rows = CourseRun.objects.filter(pk=session.run_id, status__in=waiting)
        rows.update(status=CourseRun.Status.RUNNING)


def _audit(action: str, session: ClassSession, actor: "User", **detail: object) -> None:
    path = session.run.host_region.path
    record_audit(action, actor=actor, target=session, region_path=path, detail=detail)
