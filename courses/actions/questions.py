"""Keep beside the states who of a session is a question to somebody: the list of work reads it."""

from collections.abc import Collection, Mapping
from typing import Any

from courses.models import CloseQuestion, MarkQuestion
from courses.projection import LearnerState, SessionState
from lms.lib.sets import ask, put_rows, set_of, spelled, spelling

Kind = MarkQuestion.Kind
#: A UUID, or its text.
Key = Any


def write_questions(
    session: Key, state: SessionState, learners: Collection[Key] | None, *, was_doubted: bool
) -> None:
    """For `learners` (None = everybody)."""
    if learners is None:
        _write_close_question(session, state)
    found = {
        spelled(who): kind for who, own in state.learners.items() if (kind := question_of(own))
    }
    if found or was_doubted or state.is_closed or learners is None:
        asked = None if learners is None else set_of(learners)
        _keep_questions(spelled(session), found, asked)


def _keep_questions(session: str, found: Mapping[str, str], learners: str | None) -> None:
    """`found` is all that is asked about `learners` now. Call this only where there is or was a
    question: there is none nearly always while a class is being marked."""
    if learners is None:
        rows = ask(_KNOWN, session)
    else:
        rows = ask(f"{_KNOWN} AND learner_id {{among}}", session, learners)
    spell = spelling()
    known = [(pk, spell(who), kind) for pk, who, kind in rows]
    if gone := [pk for pk, who, kind in known if found.get(who) != kind]:
        MarkQuestion.objects.filter(pk__in=gone).delete()
    same = {who for _pk, who, kind in known if found.get(who) == kind}
    new = [(who, kind) for who, kind in found.items() if who not in same]
    if new:
        put_rows("courses_markquestion", _COLUMNS, new, "", {"session_id": session})


_COLUMNS = {"session_id": "uuid", "learner_id": "uuid", "kind": "varchar"}
_KNOWN = "SELECT id, learner_id, kind FROM courses_markquestion WHERE session_id = %s"


def _write_close_question(session: Key, state: SessionState) -> None:
    """Only a close, or taking one back, changes the answer: both concern everybody."""
    is_asked = bool(ask(_ASKED, session))
    if is_asked == state.is_closed_twice:
        return
    if is_asked:
        CloseQuestion.objects.filter(session_id=session).delete()
    else:
        CloseQuestion.objects.create(session_id=session)


_ASKED = "SELECT 1 FROM courses_closequestion WHERE session_id = %s"


def question_of(own: LearnerState) -> str:
    """The one question that an answer settles all of; "" where there is none."""
    if own.late:
        return Kind.LATE
    if own.conflict:
        return Kind.CONFLICT
    return Kind.CLOCK if own.clock_suspect else ""
