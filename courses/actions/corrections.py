"""After the close: reasoned overrides, with their consequences in the same transaction."""

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.actions.completion import _follow_changes
from courses.actions.errors import CourseError
from courses.actions.marking import MarkInput, MarksResult, _locked_session, _store
from courses.models import (
    AttendanceState,
    AttendanceStatus,
    ClassSession,
    CourseRun,
    MarkEvent,
    MarkQuestion,
)
from courses.projection import project
from courses.queries import active_enrolments, late_marks, stored_events
from learners.models import Learner
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def correct_mark(
    *, session: ClassSession, learner: Learner, status: str, reason: str, actor: "User"
) -> MarksResult:
    """Set what holds of a learner in a closed session, and say why.

    Settles the conflicts known until now. Completion and what the apps above derive follow in the
    same transaction: all of it or nothing.
    """
    session = _locked_closed(session)
    _require_reason(reason)
    if status not in AttendanceStatus.values:
        raise CourseError("STATUS", _("Choose what the mark should be."))
    enrolment = active_enrolments(session).filter(learner=learner).first()
    if enrolment is None:
        raise CourseError("NOT_ENROLLED", _("This person was not enrolled on that day."))
    before = _statuses(session, [learner.pk])
    result = _override(session, {learner.pk: status}, reason, actor)
    detail = {"old": before.get(learner.pk, ""), "new": status, "enrolment": str(enrolment.pk)}
    _audit("courses.mark_corrected", session, actor, **detail)
    return result


@transaction.atomic
def accept_late_marks(
    *, session: ClassSession, event_ids: Collection[UUID], reason: str, actor: "User"
) -> MarksResult:
    """Let marks that came after the close hold after all; the last of a learner decides."""
    session = _locked_closed(session)
    _require_reason(reason)
    late = [x.event for x in late_marks(session) if x.event.event_id in set(event_ids)]
    wanted = {
        _person(event): event.status or AttendanceStatus.PRESENT
        for event in sorted(late, key=lambda event: (event.t_ms, event.event_id))
        if event.learner is not None and event.kind != MarkEvent.Kind.VOID
    }
    if not wanted:
        raise CourseError("NO_MARK", _("Choose at least one late mark."))
    result = _override(session, wanted, reason, actor)
    _audit("courses.late_marks_accepted", session, actor, count=len(wanted))
    return result


@transaction.atomic
def confirm_marks(
    *, session: ClassSession, learners: Collection[UUID], reason: str, actor: "User"
) -> MarksResult:
    """Let what holds of these people hold for good: late marks are set aside, doubts settled."""
    session = _locked_closed(session)
    _require_reason(reason)
    asked = MarkQuestion.objects.filter(session=session, learner__in=learners)
    statuses = _statuses(session, set(asked.values_list("learner_id", flat=True)))
    if not statuses:
        raise CourseError("NO_QUESTION", _("Nothing is open about these marks any more."))
    result = _override(session, statuses, reason, actor)
    _audit("courses.marks_confirmed", session, actor, count=len(statuses))
    return result


@transaction.atomic
def decide_head_count(
    *, session: ClassSession, close: UUID, reason: str, actor: "User"
) -> ClassSession:
    """A class was closed twice: the heads that `close` counted hold. What is late stays late."""
    session = _locked_closed(session)
    _require_reason(reason)
    state = project(stored_events(session.pk).values())
    rows = MarkEvent.objects.filter(session=session, kind=MarkEvent.Kind.CLOSE)
    closes = {row.event_id: row for row in rows}
    if not state.is_closed_twice or close not in closes:
        raise CourseError("NO_QUESTION", _("Somebody has decided about this close already."))
    before, heads = session.head_count, closes[close].payload.get("head_count")
    seen = sorted(map(str, closes))
    decision = MarkInput(
        kind=MarkEvent.Kind.CLOSE,
        method="",
        source=MarkEvent.Source.OVERRIDE,
        base=close,
        reason=reason.strip(),
        payload={"head_count": heads, "saw": seen},
    )
    _store(session, [decision], actor)
    _audit("courses.head_count_decided", session, actor, old=before, new=heads)
    return session


def _person(event: MarkEvent) -> UUID:
    """Whom a late mark is about, by now."""
    assert event.learner is not None  # noqa: S101 - the caller left the others out
    return event.learner.merged_into_id or event.learner.pk


def _locked_closed(session: ClassSession) -> ClassSession:
    """Runs lock before sessions: a completion of the run waits, or has waited."""
    CourseRun.objects.select_for_update(of=("self",)).get(pk=session.run_id)
    session = _locked_session(session)
    if session.status != ClassSession.Status.CLOSED:
        raise CourseError(
            "NOT_CLOSED", _("This session is still open: mark it on the roll call page.")
        )
    return session


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise CourseError("NO_REASON", _("Say why the mark is corrected: the log keeps it."))


def _override(
    session: ClassSession, statuses: dict[UUID, str], reason: str, actor: "User"
) -> MarksResult:
    before = _statuses(session, statuses)
    marks = [
        MarkInput(
            learner_id=learner,
            status=status,
            source=MarkEvent.Source.OVERRIDE,
            reason=reason.strip(),
            payload={"saw": _events_of(session, learner)},
        )
        for learner, status in statuses.items()
    ]
    result = _store(session, marks, actor)
    after = _statuses(session, statuses)
    changed = {who for who in statuses if before.get(who) != after.get(who)}
    _follow_changes(session, changed, actor)
    return result


def _events_of(session: ClassSession, learner: UUID) -> list[str]:
    own = Q(learner=learner) | Q(learner__merged_into=learner)
    rows = MarkEvent.objects.filter(own, session=session)
    return [str(event_id) for event_id in rows.values_list("event_id", flat=True)]


def _statuses(session: ClassSession, learners: Collection[UUID]) -> dict[UUID, str]:
    """What counts of each: in a closed session nobody is unmarked, but absent."""
    rows = AttendanceState.objects.filter(session=session, learner__in=list(learners))
    known = dict(rows.values_list("learner_id", "status"))
    return {who: known.get(who, AttendanceStatus.ABSENT) for who in learners}


def _audit(action: str, session: ClassSession, actor: "User", **detail: object) -> None:
    """The reason stands on the event: it may name a person, the audit trail never does."""
    path = session.run.host_region.path
    record_audit(action, actor=actor, target=session, region_path=path, detail=detail)
