"""Close-out with photo and signature, who may look at pictures, and taking one out."""

import hashlib
from datetime import time
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from courses.actions import CourseError, MarkInput, close_session, record_marks, remove_evidence
from courses.models import MarkEvent, SessionCheck, SessionEvidence
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def session(trainer):
    run = factories.make_run(starts_on=today())
    session = factories.make_session(run, user=trainer)
    learner = factories.make_enrolment(run, factories.make_learner("李建军")).learner
    mark = MarkInput(learner_id=learner.pk, status="PRESENT")
    record_marks(session=session, marks=[mark], actor=trainer)
    return session


@pytest.fixture
def desk(signed_in, trainer):
    return signed_in(trainer)


def photo(kind: str = "JPEG", **options) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (80, 60), "#14527f").save(out, kind, **options)
    return SimpleUploadedFile("class.jpg", out.getvalue())


def photo_taken_somewhere() -> SimpleUploadedFile:
    exif = Image.Exif()
    exif[0x010F] = "一台手机"
    exif.get_ifd(0x8825)[2] = (32.0, 12.0, 0.0)
    return photo(exif=exif)


def at(name: str, session, *more) -> str:
    return reverse(f"courses:{name}", args=[session.pk, *more])


def close(client, session, **data):
    data = {"head_count": 1, "known": 0, "close": 1, "signed": "trainer"} | data
    return client.post(at("session_close", session), data)


# --- signature ------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["", "somebody else", "traine"])
def test_it_does_not_close_without_ones_own_name(desk, session, typed):
    page = close(desk, session, signed=typed)
    assert "请输入您本人的姓名" in page.content.decode()
    session.refresh_from_db()
    assert session.status == "PLANNED"


def test_the_close_says_that_it_was_signed_and_names_the_photo(desk, session):
    desk.post(at("session_close", session), {"head_count": 1, "add_photo": 1, "photo": photo()})
    assert close(desk, session, signed=" trainer ").url == at("session_correct", session)
    said = MarkEvent.objects.get(kind="close").payload
    kept = SessionEvidence.objects.get()
    assert said["signature"] == "typed"
    assert said["photo_sha256"] == kept.source_sha256
    text = desk.get(at("session_correct", session)).content.decode()
    assert "已输入姓名签字" in text
    assert at("evidence_file", session, kept.pk) in text


# --- photo ----------------------------------------------------------------------------------------
def test_a_photo_is_kept_without_its_place_and_the_count_stays(desk, session):
    data = {"head_count": 3, "add_photo": 1, "photo": photo_taken_somewhere()}
    answer = desk.post(at("session_close", session), data)
    assert answer.url == f"{at('session_close', session)}?heads=3"
    kept = SessionEvidence.objects.get()
    with kept.file.open("rb") as file:
        assert not Image.open(file).getexif()
    page = desk.get(answer.url)
    assert page.context["heads"] == 3
    assert at("evidence_file", session, kept.pk) in page.content.decode()


def test_a_photo_may_come_before_the_count(desk, session):
    data = {"head_count": "", "add_photo": 1, "photo": photo()}
    answer = desk.post(at("session_close", session), data)
    assert answer.url == at("session_close", session)
    assert SessionEvidence.objects.count() == 1
    text = desk.get(answer.url).content.decode()
    assert 'id="head_count" value=""' in text
    assert "填好人数才能结束本节" in text


def test_a_photo_sent_with_the_close_is_kept_too(desk, session):
    assert close(desk, session, photo=photo()).status_code == 302
    assert SessionEvidence.objects.count() == 1
    assert MarkEvent.objects.get(kind="close").payload["photo_sha256"]


def test_the_same_photo_twice_is_one(desk, session):
    for _ in range(2):
        desk.post(at("evidence_add", session), {"photo": photo()})
    assert SessionEvidence.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "请先选择或拍摄照片"),
        (SimpleUploadedFile("a.jpg", b""), "空文件"),
        (SimpleUploadedFile("a.jpg", b"<svg onload='x'/>"), "不是能读取的 JPEG"),
        (SimpleUploadedFile("a.jpg", b"GIF89a" + b"0" * 50), "不是能读取的 JPEG"),
        (SimpleUploadedFile("a.jpg", b"0" * (2 * 1024 * 1024 + 1)), "超过 2 MB"),
    ],
)
def test_what_is_no_photo_is_told_and_not_kept(desk, session, file, words):
    data = {"head_count": 1, "add_photo": 1} | ({"photo": file} if file else {})
    page = desk.post(at("session_close", session), data, follow=True)
    assert words in page.content.decode()
    assert not SessionEvidence.objects.exists()


def test_a_bad_photo_does_not_close_the_session(desk, session):
    close(desk, session, photo=SimpleUploadedFile("a.jpg", b"no"))
    session.refresh_from_db()
    assert session.status == "PLANNED"


def test_more_than_the_limit_is_refused_unread(desk, session):
    file = SimpleUploadedFile("a.jpg", b"0" * (3 * 1024 * 1024 + 1))
    assert desk.post(at("evidence_add", session), {"photo": file}).status_code == 413


# --- warnings -------------------------------------------------------------------------------------
def test_it_warns_of_tablets_that_still_hold_marks(desk, session, trainer):
    device = factories.make_device(trainer, "二号平板")
    device.reported_pending = 17
    device.save()
    text = desk.get(at("session_close", session)).content.decode()
    assert "二号平板" in text
    assert "17" in text


# --- looking, taking out --------------------------------------------------------------------------
@pytest.fixture
def kept(desk, session):
    desk.post(at("evidence_add", session), {"photo": photo()})
    return SessionEvidence.objects.get()


def test_who_looks_is_written_down_unless_they_added_it(
    desk, signed_in, session, kept, county_clerk
):
    answer = desk.get(at("evidence_file", session, kept.pk))
    assert answer["Content-Type"] == "image/jpeg"
    shown = hashlib.sha256(answer.getvalue()).hexdigest()
    assert shown == kept.sha256
    assert not AuditEvent.objects.filter(action="courses.evidence_shown").exists()
    assert "no-store" in answer["Cache-Control"]
    signed_in(county_clerk).get(at("evidence_file", session, kept.pk)).getvalue()
    assert AuditEvent.objects.get(action="courses.evidence_shown").actor == county_clerk


def test_a_picture_is_found_under_its_own_session_only(desk, session, kept, trainer):
    other = factories.make_session(session.run, at=time(14), user=trainer)
    assert desk.get(at("evidence_file", other, kept.pk)).status_code == 404


def test_a_picture_is_removed_for_good_with_a_reason(
    signed_in, session, kept, trainer, county_clerk
):
    close_session(session=session, head_count=1, actor=trainer)
    clerk = signed_in(county_clerk)
    name, storage = kept.file.name, kept.file.storage
    assert storage.exists(name)
    page = clerk.post(at("evidence_remove", session, kept.pk), {"reason": ""})
    assert page.status_code == 200
    with pytest.raises(CourseError):
        remove_evidence(evidence=kept, reason=" ", actor=county_clerk)
    assert SessionEvidence.objects.exists()
    clerk.post(at("evidence_remove", session, kept.pk), {"reason": "本人要求删除"})
    assert not SessionEvidence.objects.exists()
    # It is known why there is none: the list of work does not ask for it.
    assert SessionCheck.objects.get(kind="photo").reason == "本人要求删除"


def test_the_file_goes_with_the_row(kept, county_clerk, django_capture_on_commit_callbacks):
    name, storage = kept.file.name, kept.file.storage
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(evidence=kept, reason="本人要求", actor=county_clerk)
        assert storage.exists(name)
    assert not storage.exists(name)
