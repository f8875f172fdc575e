"""Questions about marks are part of the projection: they come and go with what the events say."""

import pytest

from courses.actions import close_session, rebuild_projection
from courses.actions.events import read_all, write_down
from courses.models import AttendanceState, MarkEvent, MarkQuestion
from tests import factories
from tests.courses.disputed import answer, disagree, questions, said
from tests.courses.tablets import bring

pytestmark = pytest.mark.django_db
LIST = "/courses/worklist/"


def test_two_tablets_that_disagree_are_a_question_until_somebody_corrects(
    session, learner, tablets, trainer, clerk
):
    disagree(session, learner, tablets)
    assert questions(session) == {learner.pk: "conflict"}
    close_session(session=session, head_count=1, actor=trainer)
    text = clerk.get(LIST).content.decode()
    assert learner.name in text
    assert "平板1" in text
    assert "平板2" in text
    response = answer(clerk, session, answer="LEAVE", learner=learner.pk, reason="核对签到表")
    assert response.url == LIST
    assert questions(session) == {}
    assert AttendanceState.objects.get().status == "LEAVE"


@pytest.mark.postgres
def test_of_whom_only_late_marks_are_known_is_a_question_without_a_state(
    session, learner, tablets, trainer
):
    close_session(session=session, head_count=0, actor=trainer)
    bring(tablets[0], said(session, learner))
    assert not AttendanceState.objects.exists()
    assert questions(session) == {learner.pk: "late"}


def test_a_wrong_clock_is_a_question(session, learner, tablets, trainer):
    bring(tablets[0], said(session, learner, skew_ms=None))
    assert questions(session) == {learner.pk: "clock"}


@pytest.mark.postgres
def test_a_question_about_somebody_without_a_state_ends_too(session, learner, tablets, trainer):
    """A tablet takes its mark back; another's void of it strikes nothing, until that is settled."""
    marked = said(session, learner)
    undo = {"kind": "void", "method": "", "target": marked["event_id"]}
    bring(tablets[0], marked, said(session, learner, "", 2, **undo))
    idle = said(session, learner, "", 1, **undo)
    bring(tablets[1], idle)
    assert not AttendanceState.objects.exists()
    assert questions(session) == {learner.pk: "conflict"}
    facts = {"session": session, "learner": learner, "actor": trainer, "wall_ms": 1, "t_ms": 1}
    settled = {"status": "PRESENT", "reason": "核对签到表", "payload": {"saw": [idle["event_id"]]}}
    MarkEvent.objects.create(kind="mark", source="override", **facts, **settled)
    write_down(session.pk, *read_all(session.pk, {learner.pk}), {learner.pk})
    assert AttendanceState.objects.get().status == "PRESENT"
    assert questions(session) == {}


@pytest.mark.postgres
def test_a_question_becomes_another_and_ends(session, learner, tablets):
    other = factories.make_enrolment(session.run).learner
    bring(tablets[0], said(session, learner, skew_ms=None), said(session, other, seq=2))
    theirs = said(session, learner, "LEAVE")
    bring(tablets[1], theirs, said(session, other, "LEAVE", 2))
    assert questions(session) == {learner.pk: "conflict", other.pk: "conflict"}
    bring(tablets[1], said(session, learner, "PRESENT", 3, base=theirs["event_id"]))
    assert questions(session) == {other.pk: "conflict"}


def test_rebuilding_finds_the_same_questions(session, learner, tablets, trainer):
    disagree(session, learner, tablets)
    MarkQuestion.objects.all().delete()
    rebuild_projection(session=session, actor=None)
    assert questions(session) == {learner.pk: "conflict"}


def test_a_void_of_the_close_makes_late_marks_hold_and_ends_the_question(
    session, learner, tablets, trainer, county_clerk
):
    close_session(session=session, head_count=0, actor=trainer)
    bring(tablets[0], said(session, learner))
    close = MarkEvent.objects.get(kind="close")
    MarkEvent.objects.create(
        kind="void",
        session=session,
        target=close.event_id,
        source="override",
        reason="点错了",
        actor=county_clerk,
        body_sha256="",
        wall_ms=1,
        t_ms=1,
    )
    rebuild_projection(session=session, actor=None)
    assert questions(session) == {}
    assert AttendanceState.objects.get().status == "PRESENT"
