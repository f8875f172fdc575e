"""Keep beside the states who of a session is a question to somebody: the list of work reads it."""

from collections.abc import Collection
from uuid import UUID

from courses.models import ClassSession, MarkQuestion
from courses.projection import LearnerState, SessionState

Kind = MarkQuestion.Kind


def _write_questions(
    session: ClassSession,
    state: SessionState,
    learners: Collection[UUID] | None,
    *,
    was_doubted: bool,
) -> None:
    """For `learners` (None = everybody). Nothing is asked of the database where there is and was
    no question, which is nearly always while a class is being marked."""
    found = {who: kind for who, own in state.learners.items() if (kind := question_of(own))}
    if not (found or was_doubted or state.is_closed or learners is None):
        return
    rows = MarkQuestion.objects.filter(session=session)
    if learners is not None:
        rows = rows.filter(learner__in=learners)
    known = {row.learner_id: row for row in rows}
    gone = [row.pk for who, row in known.items() if found.get(who) != row.kind]
    if gone:
        MarkQuestion.objects.filter(pk__in=gone).delete()
    MarkQuestion.objects.bulk_create(
        MarkQuestion(session=session, learner_id=who, kind=kind)
        for who, kind in found.items()
        if who not in known or known[who].kind != kind
    )


def question_of(own: LearnerState) -> str:
    """The one question that an answer settles all of; "" where there is none."""
    if own.late:
        return Kind.LATE
    if own.conflict:
        return Kind.CONFLICT
    return Kind.CLOCK if own.clock_suspect else ""
