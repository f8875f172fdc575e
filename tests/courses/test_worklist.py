"""The supervisor's list: what is on it, what an answer does, and what it costs to show."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Device
from courses.actions import (
    CourseError,
    MarkInput,
    check_session,
    close_session,
    confirm_marks,
    rebuild_projection,
    record_marks,
)
from courses.models import (
    AttendanceState,
    ClassSession,
    MarkEvent,
    ParkedPicture,
    ParkedRow,
    SessionCheck,
)
from courses.queries import waiting
from courses.queries.worklist import EVERYTHING, Work, head_difference, work_counts, work_rows
from lms.lib.ids import uuid7
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories
from tests.courses.disputed import answer, closed, questions, said
from tests.courses.tablets import bring

pytestmark = pytest.mark.django_db
LIST = "/courses/worklist/"


@pytest.fixture(autouse=True)
def _no_counts_kept():
    waiting._kept.clear()


@pytest.fixture
def session(trainer):
    run = factories.make_run(starts_on=today() - timedelta(days=1))
    return factories.make_session(run, user=trainer)


@pytest.fixture
def learner(session):
    return factories.make_enrolment(session.run, factories.make_learner("李建军")).learner


# --- answers --------------------------------------------------------------------------------------
def late_session(session, learner, tablets, trainer):
    close_session(session=session, head_count=0, actor=trainer)
    bring(tablets[0], said(session, learner))


def test_late_marks_are_let_in_with_a_reason(session, learner, tablets, trainer, clerk):
    late_session(session, learner, tablets, trainer)
    answer(clerk, session, answer="accept", learner=learner.pk, reason="第二台平板没有信号")
    assert AttendanceState.objects.get().status == "PRESENT"
    assert questions(session) == {}


def test_late_marks_are_set_aside_with_a_reason(session, learner, tablets, trainer, clerk):
    late_session(session, learner, tablets, trainer)
    answer(clerk, session, answer="keep", learner=learner.pk, reason="本人没有来")
    assert AttendanceState.objects.get().status == "ABSENT"
    assert questions(session) == {}
    event = MarkEvent.objects.get(source="override")
    assert event.reason == "本人没有来"
    audited = AuditEvent.objects.get(action="courses.marks_confirmed")
    assert "本人" not in str(audited.detail)


@pytest.mark.parametrize("given", ["accept", "keep"])
def test_without_a_reason_nothing_is_decided(session, learner, tablets, trainer, clerk, given):
    late_session(session, learner, tablets, trainer)
    response = clerk.post(
        reverse("courses:session_answer", args=[session.pk]),
        {"answer": given, "learner": learner.pk, "reason": "  "},
        follow=True,
    )
    assert "理由" in response.content.decode()
    assert questions(session) == {learner.pk: "late"}


def test_marks_of_a_wrong_clock_are_confirmed(session, learner, tablets, trainer, clerk):
    bring(tablets[0], said(session, learner, "LATE", skew_ms=None))
    close_session(session=session, head_count=1, actor=trainer)
    assert "李建军" in clerk.get(LIST, {"kind": "clock"}).content.decode()
    answer(clerk, session, answer="keep", learner=learner.pk, reason="核对签到表")
    state = AttendanceState.objects.get()
    assert (state.status, state.clock_suspect) == ("LATE", False)
    assert questions(session) == {}


def test_an_answer_given_twice_is_told(session, learner, tablets, trainer, county_clerk):
    late_session(session, learner, tablets, trainer)
    facts = {"session": session, "learners": [learner.pk], "reason": "核对", "actor": county_clerk}
    confirm_marks(**facts)
    with pytest.raises(CourseError) as refused:
        confirm_marks(**facts)
    assert refused.value.code == "NO_QUESTION"


@pytest.mark.parametrize(
    "data",
    [{"answer": "HERE"}, {"answer": "LATE"}, {"answer": "keep", "learner": "x"}, {}],
)
def test_forged_answers_are_refused(session, learner, clerk, data):
    assert answer(clerk, session, **data).status_code == 400


def test_an_answer_leads_back_to_our_pages_only(session, learner, tablets, trainer, clerk):
    late_session(session, learner, tablets, trainer)
    facts = {"answer": "keep", "learner": learner.pk, "reason": "核对"}
    ours = answer(clerk, session, next="/courses/worklist/?kind=late", **facts)
    assert ours.url == "/courses/worklist/?kind=late"
    assert answer(clerk, session, next="https://example.org/", **facts).url == LIST


# --- what closed sessions lack --------------------------------------------------------------------
@pytest.mark.postgres
def test_a_head_count_that_differs_is_listed_until_somebody_says_why(
    session, learner, trainer, clerk, county_clerk
):
    mark = MarkInput(learner_id=learner.pk, status="PRESENT")
    record_marks(session=session, marks=[mark], actor=trainer)
    close_session(session=session, head_count=3, actor=trainer)
    assert head_difference(session) == 2
    assert work_counts(county_clerk)[Work.HEADS] == 1
    address = reverse("courses:session_check", args=[session.pk])
    assert clerk.post(address, {"answer": "heads", "reason": "两位来宾"}).status_code == 302
    assert work_counts(county_clerk)[Work.HEADS] == 0
    check = SessionCheck.objects.get()
    assert (check.difference, check.reason) == (2, "两位来宾")


def test_left_early_and_withdrawn_are_not_in_the_room(session, learner, trainer, county_clerk):
    gone = factories.make_enrolment(session.run)
    for who, status in ((learner, "LEFT_EARLY"), (gone.learner, "PRESENT")):
        mark = MarkInput(learner_id=who.pk, status=status)
        record_marks(session=session, marks=[mark], actor=trainer)
    gone.status, gone.withdrawn_on = "WITHDRAWN", session.held_on
    gone.save()
    close_session(session=session, head_count=0, actor=trainer)
    assert head_difference(session) == 0


def test_another_difference_is_a_new_question(session, learner, trainer, county_clerk):
    close_session(session=session, head_count=3, actor=trainer)
    check_session(session=session, kind="heads", reason="来宾", actor=county_clerk)
    assert work_counts(county_clerk)[Work.HEADS] == 0
    mark = MarkInput(learner_id=learner.pk, status="PRESENT", source="override", reason="补记")
    event = MarkEvent(
        **vars(mark),
        session=session,
        actor=county_clerk,
        body_sha256="",
    )
    event.wall_ms = event.t_ms = 1
    event.save()
    rebuild_projection(session=session, actor=None)
    assert work_counts(county_clerk)[Work.HEADS] == 1


def test_a_missing_photo_is_listed_for_some_weeks(session, trainer, county_clerk, settings):
    close_session(session=session, head_count=0, actor=trainer)
    assert work_counts(county_clerk)[Work.PHOTO] == 1
    settings.WORKLIST_DAYS = 0
    assert work_counts(county_clerk)[Work.PHOTO] == 0


@pytest.mark.parametrize(
    ("kind", "reason", "code"), [("photo", " ", "NO_REASON"), ("x", "因为", "KIND")]
)
def test_checks_without_reason_or_kind_are_refused(session, trainer, kind, reason, code):
    close_session(session=session, head_count=0, actor=trainer)
    with pytest.raises(CourseError) as refused:
        check_session(session=session, kind=kind, reason=reason, actor=trainer)
    assert refused.value.code == code


def test_an_open_session_has_nothing_to_check(session, trainer):
    with pytest.raises(CourseError) as refused:
        check_session(session=session, kind="photo", reason="因为", actor=trainer)
    assert refused.value.code == "NOT_CLOSED"


# --- tablets, rows, walk-ins ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("heard_hours", "pending", "status", "listed"),
    [
        (1, 0, "ACTIVE", False),
        (1, 5, "ACTIVE", False),
        (30, 5, "ACTIVE", True),
        (30, 0, "ACTIVE", False),
        (24 * 8, 0, "ACTIVE", True),
        (24 * 8, 5, "LOST", False),
    ],
)
def test_silent_tablets_and_those_holding_marks_are_listed(
    trainer, county_clerk, heard_hours, pending, status, listed
):
    device = factories.make_device(trainer)
    device.last_seen_at = timezone.now() - timedelta(hours=heard_hours)
    device.reported_pending, device.status = pending, status
    device.save()
    assert work_counts(county_clerk)[Work.TABLET] == listed


def test_a_gap_in_what_came_is_marks_waiting(trainer, county_clerk):
    device = factories.make_device(trainer)
    device.last_seen_at = timezone.now() - timedelta(hours=30)
    device.reported_last_seq, device.contig_seq = 12, 9
    device.save()
    assert work_counts(county_clerk)[Work.TABLET] == 1


def park(device, code="quarantine", n=1, **fields):
    for _ in range(n):
        ParkedRow.objects.create(
            device=device, raw={"kind": "mark"}, raw_sha256=uuid7().hex, code=code, **fields
        )


def park_picture(device, session=None, code="quarantine"):
    return ParkedPicture.objects.create(
        device=device,
        named_session=session.pk if session else uuid4(),
        session=session,
        kind="photo",
        source_sha256=uuid7().hex,
        file="custody/none.jpg",
        size=1,
        width=1,
        height=1,
        code=code,
    )


@pytest.mark.postgres
def test_pictures_in_custody_are_one_entry_for_a_tablet_and_reason(
    session, trainer, clerk, county_clerk
):
    device = factories.make_device(trainer)
    for code in ("quarantine", "quarantine", "foreign_session"):
        park_picture(device, session, code)
    assert work_counts(county_clerk)[Work.PICTURE] == 2
    text = clerk.get(LIST, {"kind": "picture"}).content.decode()
    assert reverse("courses:picture_list", args=[device.pk]) in text


@pytest.mark.postgres
def test_rows_in_custody_are_one_entry_for_a_tablet_and_reason(trainer, clerk, county_clerk):
    device = factories.make_device(trainer)
    park(device, n=3)
    park(device, "unknown_session")
    assert work_counts(county_clerk)[Work.PARKED] == 2
    text = clerk.get(LIST, {"kind": "parked"}).content.decode()
    assert reverse("courses:parked_list", args=[device.pk]) in text


def test_walk_ins_are_the_clerks_to_identify(session, trainer, clerk, county_clerk, learner):
    walk_in = factories.make_learner("来客", provisional=True)
    factories.make_enrolment(session.run, walk_in, source="WALK_IN")
    assert [row.pk for row in work_rows(county_clerk, Work.WALK_IN, EVERYTHING)] == [walk_in.pk]
    assert work_counts(trainer)[Work.WALK_IN] == 0
    text = clerk.get(LIST, {"kind": "walkin"}).content.decode()
    assert reverse("learners:learner_identify", args=[walk_in.pk]) in text


# --- who sees what --------------------------------------------------------------------------------
@pytest.mark.postgres
def test_a_trainer_sees_own_sessions_and_a_clerk_those_of_the_county(
    session, learner, tablets, trainer, county_clerk, neighbour_clerk
):
    other = factories.make_user("colleague", ("TRAINER", "411521"))
    colleagues = factories.make_session(session.run, at=time(14), user=other)
    for one in (session, colleagues):
        close_session(session=one, head_count=0, actor=trainer)
    found = {user: work_counts(user)[Work.PHOTO] for user in (trainer, other, county_clerk)}
    assert found == {trainer: 1, other: 1, county_clerk: 2}
    assert sum(work_counts(neighbour_clerk).values()) == 0


def test_filters_by_kind_township_and_trainer(session, trainer, clerk, county_clerk):
    elsewhere = factories.make_run("411521100", starts_on=today() - timedelta(days=1))
    other = factories.make_user("colleague", ("TRAINER", "411521"))
    second = factories.make_session(elsewhere, user=other)
    for one in (session, second):
        close_session(session=one, head_count=0, actor=trainer)

    def keys(**query):
        page = clerk.get(LIST, {"kind": "photo"} | query)
        return {item.key for _v, _l, _c, items in page.context["groups"] for item in items}

    assert keys() == {f"photo-{session.pk}", f"photo-{second.pk}"}
    assert keys(township="411521100") == {f"photo-{second.pk}"}
    assert keys(trainer=str(other.pk)) == {f"photo-{second.pk}"}
    assert keys(kind="heads") == set()


@pytest.mark.parametrize("query", [{"kind": "x"}, {"township": "41"}, {"trainer": "x"}])
def test_unknown_filters_are_not_found(clerk, query):
    assert clerk.get(LIST, query).status_code == 404


def test_an_empty_list_says_so(clerk):
    assert "没有需要核对的" in clerk.get(LIST).content.decode()


def test_the_navigation_counts_and_counts_again_after_an_answer(session, trainer, clerk):
    close_session(session=session, head_count=0, actor=trainer)
    assert '<span class="count count-bad">' in clerk.get("/courses/").content.decode()
    address = reverse("courses:session_check", args=[session.pk])
    clerk.post(address, {"answer": "photo", "reason": "没有拍照"})
    assert '<span class="count count-bad">' not in clerk.get("/courses/").content.decode()


# --- cost -----------------------------------------------------------------------------------------
def fill(trainer, tablets, count):
    """`count` entries of every kind."""
    for n in range(count):
        day = today() - timedelta(days=ClassSession.objects.count() + 1)
        one = factories.make_session(factories.make_run(starts_on=day), user=trainer)
        people = [factories.make_enrolment(one.run).learner for _ in range(3)]
        for device, status in zip(tablets, ("PRESENT", "LEAVE"), strict=True):
            seq = Device.objects.get(pk=device.pk).events.count() + 1
            bring(device, said(one, people[0], status, seq))
        seq = tablets[0].events.count() + 1
        bring(tablets[0], said(one, people[1], seq=seq, skew_ms=None))
        close_session(session=one, head_count=9, actor=trainer)
        late = said(one, people[2], seq=seq + 1)
        bring(tablets[0], late, closed(one, 8, seq + 2, t_ms=9**13))
        walk_in = factories.make_learner(provisional=True)
        factories.make_enrolment(one.run, walk_in)
        device = factories.make_device(trainer, f"旧平板{n}", uuid4().hex * 2)
        device.last_seen_at = timezone.now() - timedelta(days=9)
        device.save()
        park(device)
        park_picture(device, one)


def test_queries_do_not_grow_with_the_entries(
    trainer, tablets, county_clerk, clerk, django_assert_max_num_queries
):
    for count in (3, 27):
        fill(trainer, tablets, count)
        for kind in ("", *Work.values):
            with django_assert_max_num_queries(26):
                page = clerk.get(LIST, {"kind": kind})
            assert page.status_code == 200
        with django_assert_max_num_queries(40):
            clerk.get(LIST, {"export": "xlsx"})
    assert min(work_counts(county_clerk).values()) == 30


def test_the_navigation_counts_once(county_clerk, django_assert_num_queries):
    assert county_clerk.scope.grants
    with django_assert_num_queries(1):
        assert [waiting.waiting_work(county_clerk) for _ in range(2)] == [0, 0]


def test_an_answer_counts_anew_in_every_process(session, trainer, clerk, county_clerk):
    """Each process keeps a count of its own: when an answer was given goes with the person."""
    close_session(session=session, head_count=3, actor=trainer)
    clerk.get(LIST)
    kept = dict(waiting._kept)
    address = reverse("courses:session_check", args=[session.pk])
    clerk.post(address, {"answer": "heads", "reason": "三位来宾"})
    waiting._kept.update(kept)  # of the other process
    now = waiting.waiting_work(county_clerk, clerk.session[waiting.ANSWERED_KEY])
    assert now == sum(work_counts(county_clerk).values()) == kept[county_clerk.pk][0] - 1
