"""Tablets in the office: list, code, lost, handed in, rows in custody, queue files."""

import hmac
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Device, EnrolCode
from courses.actions import enrol_device
from courses.models import AttendanceState, MarkEvent, ParkedRow
from lms.lib.ids import uuid7
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories
from tests.courses.tablets import Tablet, seal

pytestmark = pytest.mark.django_db
LIST = "/courses/worklist/tablets/"
ENROL, QUEUE = f"{LIST}enrol/", f"{LIST}queue/"


@pytest.fixture
def session(trainer):
    return factories.make_session(factories.make_run(starts_on=today()), user=trainer)


@pytest.fixture
def learner(session):
    return factories.make_enrolment(session.run, factories.make_learner("李建军")).learner


def at(name: str, device) -> str:
    return reverse(f"courses:{name}", args=[device.pk])


# --- list -----------------------------------------------------------------------------------------
def make(trainer, label: str, **fields):
    device = factories.make_device(trainer, label, uuid7().hex * 2)
    Device.objects.filter(pk=device.pk).update(**fields)
    return device


@pytest.fixture
def four(trainer):
    now = timezone.now()
    make(trainer, "今天的", last_seen_at=now, reported_pending=4)
    make(trainer, "上周的", last_seen_at=now - timedelta(days=3))
    make(trainer, "很久的", last_seen_at=now - timedelta(days=40))
    make(trainer, "丢了的", status="LOST", last_seen_at=None)


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ({}, {"今天的", "上周的", "很久的", "丢了的"}),
        ({"q": "今天"}, {"今天的"}),
        ({"q": "trainer"}, {"今天的", "上周的", "很久的", "丢了的"}),
        ({"status": "LOST"}, {"丢了的"}),
        ({"seen": "day"}, {"今天的"}),
        ({"seen": "week"}, {"今天的", "上周的"}),
        ({"seen": "longer"}, {"很久的"}),
        ({"seen": "never"}, {"丢了的"}),
        ({"waiting": "yes"}, {"今天的"}),
        ({"waiting": "no", "status": "ACTIVE"}, {"上周的", "很久的"}),
    ],
)
def test_the_list_is_searched_and_filtered(clerk, four, query, labels):
    page = clerk.get(LIST, query)
    assert {row.record.label for row in page.context["table"].rows} == labels


def test_the_list_without_tablets_says_what_they_are_for(clerk):
    assert "还没有平板" in clerk.get(LIST).content.decode()


def test_a_trainer_sees_own_tablets_only(signed_in, trainer, four):
    colleague = factories.make_user("colleague", ("TRAINER", "411521"))
    make(colleague, "同事的")
    found = signed_in(trainer).get(LIST).context["table"].rows
    assert "同事的" not in {row.record.label for row in found}


def test_queries_do_not_grow_with_tablets(clerk, trainer, django_assert_max_num_queries):
    for count in (3, 27):
        for n in range(count):
            device = make(trainer, f"平板{n}")
            ParkedRow.objects.create(
                device=device, raw={}, raw_sha256=uuid7().hex, code="incomplete"
            )
        with django_assert_max_num_queries(16):
            page = clerk.get(LIST)
    assert page.content.decode().count("<tr") == 31


# --- a code ---------------------------------------------------------------------------------------
def test_a_code_is_shown_until_a_tablet_took_it(signed_in, trainer):
    desk = signed_in(trainer)
    assert desk.get(ENROL).context["text"] == ""
    assert desk.post(ENROL).url == ENROL
    page = desk.get(ENROL)
    text = page.context["text"]
    assert text in page.content.decode()
    assert 'http-equiv="refresh"' in page.content.decode()
    enrol_device(code=text, label="一号平板")
    page = desk.get(ENROL)
    assert "一号平板" in page.content.decode()
    assert text not in page.content.decode()


def test_the_code_stands_in_no_session_and_no_table_in_clear(signed_in, trainer):
    desk = signed_in(trainer)
    desk.post(ENROL)
    text = desk.get(ENROL).context["text"]
    assert text not in json.dumps(dict(desk.session))
    assert text not in json.dumps(list(EnrolCode.objects.values_list("code_sha256", flat=True)))


def test_a_code_that_is_over_is_shown_no_more(signed_in, trainer):
    desk = signed_in(trainer)
    desk.post(ENROL)
    session = desk.session
    kept = session["enrol_code"] | {"expires_at": (timezone.now() - timedelta(1)).isoformat()}
    session["enrol_code"] = kept
    session.save()
    page = desk.get(ENROL)
    assert page.context["text"] == ""
    assert "已过期" in page.content.decode()


# --- lost, handed in ------------------------------------------------------------------------------
def test_a_lost_tablet_needs_to_be_said_how(clerk, trainer):
    device = make(trainer, "平板")
    assert "请选择发生了什么" in clerk.post(at("tablet_lose", device), {}).content.decode()
    device.refresh_from_db()
    assert device.status == "ACTIVE"
    assert clerk.post(at("tablet_lose", device), {"reason": "stolen"}).status_code == 302
    device.refresh_from_db()
    assert device.status == "LOST"
    assert AuditEvent.objects.get(action="courses.device_lost").detail["reason"] == "stolen"


def test_a_tablet_is_taken_out_of_use(signed_in, trainer):
    device = make(trainer, "平板")
    signed_in(trainer).post(at("tablet_retire", device))
    device.refresh_from_db()
    assert device.status == "RETIRED"


def test_the_page_of_a_tablet_shows_what_it_brought(clerk, trainer, session, learner):
    tablet = Tablet(trainer)
    tablet.send(tablet.mark(session, learner), tablet.mark(uuid7(), learner))
    page = clerk.get(at("tablet_detail", tablet.device))
    assert (page.context["brought"], page.context["parked"]) == (1, 1)
    assert [batch.accepted for batch in page.context["batches"]] == [1]


# --- rows in custody ------------------------------------------------------------------------------
@pytest.fixture
def lost(trainer, session, learner):
    """A lost tablet that brought one mark."""
    tablet = Tablet(trainer)
    Device.objects.filter(pk=tablet.id).update(status="LOST")
    tablet.send(tablet.mark(session, learner))
    return tablet.device


def test_a_row_in_custody_is_taken_in_with_a_reason(clerk, lost, learner):
    row = ParkedRow.objects.get()
    page = clerk.get(at("parked_list", lost), {"code": "quarantine"})
    assert "平板已挂失" in page.content.decode()
    assert str(learner.pk) not in page.content.decode()
    facts = {"row": row.pk, "answer": "take_in", "reason": "讲师确认"}
    assert clerk.post(at("parked_list", lost), facts).url == at("tablet_detail", lost)
    assert AttendanceState.objects.get().status == "PRESENT"
    row.refresh_from_db()
    assert row.resolved_event_id


def test_a_row_in_custody_is_set_aside(clerk, lost):
    facts = {"row": ParkedRow.objects.get().pk, "answer": "set_aside", "reason": "不是本班"}
    clerk.post(at("parked_list", lost), facts)
    row = ParkedRow.objects.get()
    assert (row.resolved_event, row.reason) == (None, "不是本班")
    assert not MarkEvent.objects.exists()
    assert "已搁置" in clerk.get(at("tablet_detail", lost)).content.decode()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"answer": "take_in", "reason": "因为"}, "请至少勾选一条"),
        ({"answer": "take_in", "reason": "", "row": "own"}, "请填写理由"),
        ({"answer": "take_in", "reason": "因为", "row": str(uuid7())}, "刚被别人裁定"),
    ],
)
def test_a_decision_that_lacks_something_changes_nothing(clerk, lost, facts, words):
    if facts.get("row") == "own":
        facts = facts | {"row": ParkedRow.objects.get().pk}
    page = clerk.post(at("parked_list", lost), facts)
    assert words in page.content.decode()
    assert ParkedRow.objects.get().resolved_at is None


def test_what_cannot_be_taken_in_says_why_and_keeps_waiting(clerk, trainer, learner):
    tablet = Tablet(trainer)
    tablet.send(tablet.mark(uuid7(), learner))
    facts = {"row": ParkedRow.objects.get().pk, "answer": "take_in", "reason": "试试"}
    page = clerk.post(at("parked_list", tablet.device), facts, follow=True)
    assert "请先选择这条记录属于哪一节课" in page.content.decode()
    assert ParkedRow.objects.waiting().exists()


def test_a_row_of_no_known_session_is_taken_into_the_one_chosen(clerk, trainer, session, learner):
    tablet = Tablet(trainer)
    tablet.send(tablet.mark(uuid7(), learner))
    facts = {
        "row": ParkedRow.objects.get().pk,
        "answer": "take_in",
        "reason": "讲师说是上午",
        "session": session.pk,
    }
    page = clerk.get(at("parked_list", tablet.device))
    assert session.run.title in page.content.decode()
    clerk.post(at("parked_list", tablet.device), facts)
    assert AttendanceState.objects.get().session == session


def test_a_row_of_nobody_known_is_taken_in_for_the_person_chosen(clerk, trainer, session, learner):
    tablet = Tablet(trainer)
    tablet.send(tablet.mark(session, uuid7()))
    facts = {
        "row": ParkedRow.objects.get().pk,
        "answer": "take_in",
        "reason": "讲师说是他",
        "learner": learner.pk,
    }
    clerk.post(at("parked_list", tablet.device), facts)
    assert AttendanceState.objects.get().learner == learner


# --- queue files ----------------------------------------------------------------------------------
def queue_of(tablet, *rows, mac: str = "") -> SimpleUploadedFile:
    plain = json.dumps({"events": rows, "evidence": []}).encode()
    key = bytes.fromhex(sha256(tablet.token.encode()).hexdigest())
    outer = {
        "format": "lms-attendance-queue",
        "v": 1,
        "device": tablet.id,
        "sealed": seal(tablet.seal_key, plain),
        "mac": mac or hmac.digest(key, plain, "sha256").hex(),
    }
    return SimpleUploadedFile("queue.attq", json.dumps(outer).encode())


def test_a_queue_file_is_answered_line_by_line(clerk, trainer, session, learner):
    tablet = Tablet(trainer)
    sent = tablet.mark(session, learner)
    tablet.send(sent)
    rows = [sent, tablet.mark(session, learner, "LATE"), tablet.mark(uuid7(), learner), "x"]
    page = clerk.post(QUEUE, {"file": queue_of(tablet, *rows)})
    outcome = page.context["outcome"]
    words = [line.look[2] for line in outcome.lines]
    assert words == ["已有", "已收下", "待裁定", "无法读取"]
    assert [count for *_look, count in outcome.boxes] == [1, 1, 1, 1]
    assert "课次不存在" in page.content.decode()


def test_a_queue_file_taken_in_twice_is_harmless(clerk, trainer, session, learner):
    tablet = Tablet(trainer)
    row = tablet.mark(session, learner)
    for _ in range(2):
        page = clerk.post(QUEUE, {"file": queue_of(tablet, row)})
    assert [line.look[2] for line in page.context["outcome"].lines] == ["已有"]
    assert MarkEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "请选择平板导出的文件"),
        (b"", "这个文件是空的"),
        (b"hello", "不是平板导出的队列文件"),
        (b'{"format": "x"}', "不是平板导出的队列文件"),
    ],
)
def test_what_is_no_queue_file_is_told(clerk, content, words):
    data = {} if content is None else {"file": SimpleUploadedFile("q.attq", content)}
    page = clerk.post(QUEUE, data)
    assert page.status_code == 422
    assert words in page.content.decode()


def test_a_file_with_a_false_mark_or_from_next_door_is_refused(
    clerk, signed_in, trainer, session, learner, neighbour_clerk
):
    tablet = Tablet(trainer)
    row = tablet.mark(session, learner)
    page = clerk.post(QUEUE, {"file": queue_of(tablet, row, mac="0" * 64)})
    assert page.status_code == 422
    page = signed_in(neighbour_clerk).post(QUEUE, {"file": queue_of(tablet, row)})
    assert "不是您辖区内平板" in page.content.decode()
    assert not MarkEvent.objects.exists()
