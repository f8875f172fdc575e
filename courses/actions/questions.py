"""Keep beside the states who of a session is a question to somebody: the list of work reads it."""

from collections.abc import Collection
from typing import Any

from courses.models import CloseQuestion, MarkQuestion
from courses.projection import LearnerState, SessionState
from lms.lib.sets import Asked, ask, put_later, set_of, spelled

Kind = MarkQuestion.Kind
#: A UUID, or its text.
Key = Any


def write_questions(
    session: Key,
    state: SessionState,
    learners: Collection[Key] | None,
    later: list[Asked] | None = None,
    *,
    was_doubted: bool,
) -> None:
    """For `learners` (None = everybody). `was_doubted`: there may be a question about them now, as
    there is hardly ever while a class is being marked. `later`: see `put_later`."""
    if learners is None:
        _write_close_question(session, state)
    found = {
        spelled(who): kind for who, own in state.learners.items() if (kind := question_of(own))
    }
    if was_doubted or state.is_closed or learners is None:
        _forget_others(spelled(session), found, learners)
    if found:
        rows, shared = list(found.items()), {"session_id": spelled(session)}
        put_later(later, "courses_markquestion", _COLUMNS, rows, _REPLACES, shared)


def _forget_others(session: str, found: Collection[str], learners: Collection[Key] | None) -> None:
    """Of `learners` (None = everybody) those about whom nothing is asked now."""
    if learners is None:
        ask(_FORGET, session, set_of(found))
    else:
        ask(f"{_FORGET} AND learner_id {{among}}", session, set_of(found), set_of(learners))


_COLUMNS = {"session_id": "uuid", "learner_id": "uuid", "kind": "varchar"}
_FORGET = "DELETE FROM courses_markquestion WHERE session_id = %s AND NOT learner_id {among}"
_REPLACES = (
    "ON CONFLICT (session_id, learner_id) DO UPDATE SET kind = excluded.kind"
    " WHERE courses_markquestion.kind <> excluded.kind"
)


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
