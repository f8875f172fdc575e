"""The sign-in desk on a page, cards with codes, and what is printed for a run."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from courses.actions import close_session
from courses.models import AttendanceState, MarkEvent
from courses.queries.codes import personal_qr
from courses.queries.sheets import sheet_facts
from lms.lib.periods import today
from lms.models import ExportFile, TaskProgress
from lms.tasks import run_progress
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(trainer):
    session = factories.make_session(factories.make_run(starts_on=today()), user=trainer)
    # It began a minute ago, whatever the time of day is.
    session.starts_at = timezone.now() - timedelta(minutes=1)
    session.ends_at = session.starts_at + timedelta(hours=2)
    type(session).objects.filter(pk=session.pk).update(
        starts_at=session.starts_at, ends_at=session.ends_at
    )
    return session


@pytest.fixture
def learner(session):
    found = factories.make_learner("李建军", initials="ljj")
    return factories.make_enrolment(session.run, found).learner


@pytest.fixture
def desk(signed_in, trainer):
    return signed_in(trainer)


def ask(client, session, **data):
    return client.post(reverse("courses:session_desk", args=[session.pk]), data, follow=True)


def said() -> list[tuple[str, str, str]]:
    return list(MarkEvent.objects.values_list("status", "source", "method"))


def test_a_number_finds_who_it_is_and_a_yes_signs_in(desk, session, learner):
    page = ask(desk, session, number=learner.clear_id_number().lower())
    text = page.content.decode()
    assert "李建军" in text
    assert learner.clear_id_number() not in text
    assert said() == []
    page = ask(desk, session, learner=learner.pk, method=page.context["method"])
    assert "签到成功" in page.content.decode()
    assert said() == [("PRESENT", "self", "id_card")]


def test_a_second_time_is_no_mark(desk, session, learner):
    for _ in range(2):
        page = ask(desk, session, learner=learner.pk, method="id_card")
    assert "已经签到过了" in page.content.decode()
    assert len(said()) == 1


def test_a_scanner_types_the_code_of_a_card(desk, session, learner):
    page = ask(desk, session, number=personal_qr(learner.pk))
    assert page.context["method"] == "qr"
    ask(desk, session, learner=learner.pk, method="qr")
    assert said() == [("PRESENT", "self", "qr")]


def test_a_name_wants_the_last_four(desk, session, learner):
    for text in ("lj", "建军"):
        assert [row.learner for row in ask(desk, session, name=text).context["named"]] == [learner]
    page = ask(desk, session, learner=learner.pk, method="name", tail="0000")
    assert "对不上" in page.content.decode()
    assert said() == []
    ask(desk, session, learner=learner.pk, method="name", tail=learner.id_tail.lower())
    assert said() == [("PRESENT", "self", "name")]


def test_who_comes_late_is_late(desk, session, learner, settings):
    settings.LATE_AFTER_MINUTES = 0
    ask(desk, session, learner=learner.pk, method="id_card")
    assert AttendanceState.objects.get().status == "LATE"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请先输入身份证号或姓名"),
        ({"number": "123"}, "身份证号有误"),
        ({"number": "T1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAA"}, "不是本系统的二维码"),
        ({"number": "T1.x"}, "不是本系统的二维码"),
        ({"number": factories.make_id_number(499)}, "不在本班名单上"),
        ({"name": "没有这人"}, "不在本班名单上"),
        ({"learner": "0190a000-0000-7000-8000-000000000000"}, "不在本班名单上"),
    ],
)
def test_what_finds_nobody_says_so(desk, session, learner, data, words):
    page = ask(desk, session, **data)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert said() == []


def test_somebody_elses_code_is_not_on_the_list(desk, session, learner):
    stranger = factories.make_learner("外人")
    text = ask(desk, session, number=personal_qr(stranger.pk)).content.decode()
    assert "不在本班名单上" in text
    assert "外人" not in text


def test_many_namesakes_want_more_letters(desk, session):
    for n in range(13):
        factories.make_enrolment(session.run, factories.make_learner(f"张{n}", initials="z"))
    assert "请多输几个字母" in ask(desk, session, name="z").content.decode()


def test_nobody_who_came_before_is_shown(desk, session, learner):
    ask(desk, session, learner=learner.pk, method="id_card")
    text = desk.get(reverse("courses:session_desk", args=[session.pk])).content.decode()
    assert "李建军" not in text.replace("例如李建军", "")
    assert 'type="password"' in text


def test_a_closed_session_has_no_desk(desk, session, trainer):
    close_session(session=session, head_count=0, actor=trainer)
    answer = desk.get(reverse("courses:session_desk", args=[session.pk]))
    assert answer.url == reverse("courses:session_correct", args=[session.pk])


# --- cards and sheets -----------------------------------------------------------------------------
def test_a_learner_shows_the_own_code_and_no_number(signed_in, trainee):
    learner = trainee.learner
    text = (
        signed_in(trainee).get(reverse("courses:learner_card", args=[learner.pk])).content.decode()
    )
    assert "<path" in text
    assert learner.clear_id_number() not in text
    assert personal_qr(learner.pk) not in text


def test_a_learner_does_not_see_anybody_elses(signed_in, trainee, learner):
    client = signed_in(trainee)
    assert client.get(reverse("courses:learner_card", args=[learner.pk])).status_code == 404


@pytest.mark.parametrize("what", ["sheet", "cards"])
def test_paper_for_a_run_is_made_by_the_worker(desk, session, learner, what, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    address = reverse("courses:run_print", args=[session.run_id, what])
    answer = desk.post(address)
    export = ExportFile.objects.get()
    assert answer.url == reverse("export_detail", args=[export.pk])
    run_progress.call(str(export.progress_id))
    export.refresh_from_db()
    assert TaskProgress.objects.get().state == "DONE"
    with default_storage.open(export.file) as file:
        assert file.read(5) == b"%PDF-"
    assert export.row_count == 1
    answer = desk.post(reverse("export_download", args=[export.pk]), follow=True)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.getvalue().startswith(b"%PDF-")
    assert ".pdf" in answer["Content-Disposition"]


def test_paper_of_another_kind_is_not_found(desk, session):
    address = reverse("courses:run_print", args=[session.run_id, "poster"])
    assert desk.post(address).status_code == 404


def test_a_sheet_has_six_columns_and_a_run_of_more_sessions_more_sheets(session, trainer):
    for n in range(1, 8):
        day = session.held_on + timedelta(days=n)
        factories.make_session(session.run, day, user=trainer)
    parts = sheet_facts(trainer, session.run)["parts"]
    assert [len(part.columns) for part in parts] == [6, 6]
    assert [sum(one is not None for one in part.columns) for part in parts] == [6, 2]
