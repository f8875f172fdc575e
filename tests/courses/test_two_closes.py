"""A class that two tablets closed: which head count holds is asked, and decided with a reason."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse

from courses.actions import CourseError, decide_head_count, rebuild_projection
from courses.models import AttendanceState, CloseQuestion, MarkEvent
from courses.queries.worklist import Work, work_counts
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories
from tests.courses.tablets import bring
from tests.courses.test_worklist import LIST, closed, questions, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts_kept():
    cache.clear()


@pytest.fixture
def session(trainer):
    run = factories.make_run(starts_on=today() - timedelta(days=1))
    return factories.make_session(run, user=trainer)


def closed_twice(session, tablets, first=26, second=27):
    for device, heads in zip(tablets, (first, second), strict=True):
        bring(device, closed(session, heads, t_ms=1_790_000_000_000 + heads * 60_000))
    session.refresh_from_db()


@pytest.mark.postgres
def test_a_second_close_with_other_heads_is_listed_and_decided(
    session, learner, tablets, trainer, clerk, county_clerk
):
    closed_twice(session, tablets)
    assert session.head_count == 26
    assert work_counts(county_clerk)[Work.CLOSE] == 1
    text = clerk.get(LIST, {"kind": "close"}).content.decode()
    for words in ("26 人", "27 人", "平板1", "平板2", trainer.display_name, "收到", "以 27 人为准"):
        assert words in text
    second = MarkEvent.objects.get(device=tablets[1])
    address = reverse("courses:session_heads", args=[session.pk])
    clerk.post(address, {"answer": second.event_id, "reason": "签到表 27 人"})
    session.refresh_from_db()
    assert session.head_count == 27
    assert work_counts(county_clerk)[Work.CLOSE] == 0
    decided = MarkEvent.objects.get(source="override")
    assert (decided.actor, decided.reason, decided.base) == (
        county_clerk, "签到表 27 人", second.event_id,
    )  # fmt: skip
    audited = AuditEvent.objects.get(action="courses.head_count_decided")
    assert audited.detail == {"old": 26, "new": 27}
    page = clerk.get(reverse("courses:session_correct", args=[session.pk])).content.decode()
    assert "签到表 27 人" in page


def test_the_count_that_holds_may_be_kept_and_a_third_close_asks_again(
    session, tablets, trainer, county_clerk
):
    closed_twice(session, tablets)
    first = MarkEvent.objects.get(device=tablets[0])
    facts = {"session": session, "reason": "照片上 26 人", "actor": county_clerk}
    decide_head_count(close=first.event_id, **facts)
    session.refresh_from_db()
    assert (session.head_count, work_counts(county_clerk)[Work.CLOSE]) == (26, 0)
    with pytest.raises(CourseError) as refused:
        decide_head_count(close=first.event_id, **facts)
    assert refused.value.code == "NO_QUESTION"
    third = factories.make_device(trainer, "平板3", "3" * 64)
    bring(third, closed(session, 30))
    session.refresh_from_db()
    assert (session.head_count, work_counts(county_clerk)[Work.CLOSE]) == (26, 1)


def test_a_second_close_with_the_same_heads_is_no_question(session, tablets, trainer, county_clerk):
    closed_twice(session, tablets, 26, 26)
    assert work_counts(county_clerk)[Work.CLOSE] == 0


def test_the_order_of_arrival_decides_nothing_and_rebuilding_finds_it_again(
    session, tablets, trainer, county_clerk
):
    closed_twice(session, tablets, 27, 26)
    assert session.head_count == 26
    CloseQuestion.objects.all().delete()
    rebuild_projection(session=session, actor=None)
    assert work_counts(county_clerk)[Work.CLOSE] == 1


def test_a_decision_about_heads_makes_no_mark_late(
    session, learner, tablets, trainer, county_clerk
):
    """What the closing tablet wrote before its close may still arrive after the decision."""
    first = closed(session, 26, seq=2)
    bring(tablets[0], first)
    bring(tablets[1], closed(session, 27, t_ms=1_790_000_900_000))
    decide_head_count(
        session=session, close=UUID(first["event_id"]), reason="数过", actor=county_clerk
    )
    bring(tablets[0], said(session, learner))
    assert AttendanceState.objects.get().status == "PRESENT"
    assert questions(session) == {}


@pytest.mark.parametrize(("reason", "code"), [("  ", "NO_REASON"), ("因为", "NO_QUESTION")])
def test_heads_are_not_decided_without_a_reason_or_a_close(
    session, tablets, trainer, county_clerk, reason, code
):
    closed_twice(session, tablets)
    with pytest.raises(CourseError) as refused:
        decide_head_count(session=session, close=uuid4(), reason=reason, actor=county_clerk)
    assert refused.value.code == code


def test_a_trainer_does_not_decide_about_the_own_count(session, tablets, trainer, signed_in):
    closed_twice(session, tablets)
    client = signed_in(trainer)
    address = reverse("courses:session_heads", args=[session.pk])
    assert address not in client.get(LIST, {"kind": "close"}).content.decode()
    first = MarkEvent.objects.get(device=tablets[0])
    assert client.post(address, {"answer": first.event_id, "reason": "是我"}).status_code == 403
    assert client.post(address, {"answer": "x", "reason": "是我"}).status_code == 403
