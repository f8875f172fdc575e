"""Keep beside the states who of a session is a question to somebody: the list of work reads it."""

from collections.abc import Collection
from uuid import UUID

from courses.models import ClassSession, CloseQuestion, MarkQuestion
from courses.projection import LearnerState, SessionState
from lms.lib.sets import ask, key, put

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
    if learners is None:
        _write_close_question(session, state)
    found = {who: kind for who, own in state.learners.items() if (kind := question_of(own))}
    if not (found or was_doubted or state.is_closed or learners is None):
        return
    known = _known(session, learners)
    gone = [pk for pk, who, kind in known if found.get(who) != kind]
    if gone:
        MarkQuestion.objects.filter(pk__in=gone).delete()
    same = {who for _pk, who, kind in known if found.get(who) == kind}
    new = [
        {"session_id": session.pk, "learner_id": who, "kind": kind}
        for who, kind in found.items()
        if who not in same
    ]
    if new:
        put("courses_markquestion", _COLUMNS, new, "")


_COLUMNS = {"session_id": "uuid", "learner_id": "uuid", "kind": "varchar"}
_KNOWN = "SELECT id, learner_id, kind FROM courses_markquestion WHERE session_id = %s"


def _known(session: ClassSession, learners: Collection[UUID] | None) -> list[tuple[int, UUID, str]]:
    if learners is None:
        rows = ask(_KNOWN, session.pk)
    else:
        rows = ask(f"{_KNOWN} AND learner_id {{among}}", session.pk, list(learners))
    return [(pk, key(who), kind) for pk, who, kind in rows]


def _write_close_question(session: ClassSession, state: SessionState) -> None:
    """Only a close, or taking one back, changes the answer: both concern everybody."""
    is_asked = bool(ask(_ASKED, session.pk))
    if is_asked == state.is_closed_twice:
        return
    if is_asked:
        CloseQuestion.objects.filter(session=session).delete()
    else:
        CloseQuestion.objects.create(session=session)


_ASKED = "SELECT 1 FROM courses_closequestion WHERE session_id = %s"


def question_of(own: LearnerState) -> str:
    """The one question that an answer settles all of; "" where there is none."""
    if own.late:
        return Kind.LATE
    if own.conflict:
        return Kind.CONFLICT
    return Kind.CLOCK if own.clock_suspect else ""
