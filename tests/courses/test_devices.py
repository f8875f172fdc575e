"""Tablets are let in by a code, once; seals, tags and personal codes."""

import json
from base64 import b64decode, b64encode
from datetime import timedelta
from hashlib import sha256
from hmac import digest
from io import BytesIO

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from accounts.models import Device, EnrolCode
from courses.actions import (
    CourseError,
    ensure_seal_key,
    issue_enrol_code,
    mark_device_lost,
    retire_device,
    rotate_seal_key,
)
from courses.models import ClassSession, SealKey, SessionEvidence
from courses.queries.codes import personal_qr, read_personal_qr
from courses.queries.seals import SealError, open_seal
from courses.queries.tablets import enrol_text
from lms.lib.periods import today
from tests import factories
from tests.courses.tablets import API, Tablet, bring_file, new_id, queue_file, seal

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def no_counts():
    cache.clear()


@pytest.fixture
def session(trainer):
    return factories.make_session(factories.make_run(starts_on=today()), user=trainer)


@pytest.fixture
def tablet(trainer, session):
    return Tablet(trainer)


# --- enrolling -----------------------------------------------------------------------------------
def enrol(client, code: str, **fields):
    said = {"code": code, "label": "平板-1", "standalone": True, "persisted": True} | fields
    return client.post(f"{API}/enrol", said, "application/json")


def test_a_code_lets_one_tablet_in_once(client, trainer):
    issued = issue_enrol_code(actor=trainer)
    assert issued.text not in str(EnrolCode.objects.values())
    answer = enrol(client, issued.text.lower().replace("-", " "), app_version="1.4.0")
    assert answer.status_code == 201
    said = answer.json()
    device = Device.objects.get()
    assert (said["device_id"], device.label, device.app_version) == (
        str(device.pk), "平板-1", "1.4.0",
    )  # fmt: skip
    assert (said["trainer"], said["wrap_iter"]) == (trainer.display_name, 600_000)
    assert set(said["seal_key"]["jwk"]) == {"kty", "alg", "n", "e"}
    assert said["token"] not in str(Device.objects.values())
    assert not answer.cookies
    again = enrol(client, issued.text)
    assert (again.status_code, again.json()["error"]) == (410, "code_used_or_expired")
    assert Device.objects.count() == 1


def test_a_code_ends_after_a_quarter_of_an_hour(client, trainer):
    issued = issue_enrol_code(actor=trainer)
    EnrolCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert enrol(client, issued.text).status_code == 410


def test_a_code_of_somebody_who_teaches_no_longer_lets_nobody_in(client, trainer):
    issued = issue_enrol_code(actor=trainer)
    trainer.grants.all().delete()
    assert enrol(client, issued.text).status_code == 410


def test_only_trainers_issue_codes(county_clerk):
    with pytest.raises(CourseError, match="NOT_TRAINER"):
        issue_enrol_code(actor=county_clerk)


def test_a_label_is_cleaned(client, trainer):
    enrol(client, issue_enrol_code(actor=trainer).text, label="  \x00平板\n三 " + "长" * 90)
    assert Device.objects.get().label == ("平板三 " + "长" * 90)[:60]


def test_the_text_of_the_code_on_the_page():
    said = json.loads(enrol_text("7KQ2-M9XD", origin="https://a.example/"))
    assert said == {"v": 1, "url": "https://a.example/attendance/", "code": "7KQ2-M9XD"}


def test_a_tablet_handed_in_brings_into_quarantine(tablet, session, county_clerk):
    retire_device(device=tablet.device, actor=county_clerk)
    assert tablet.results(tablet.mark(session, new_id())) == ["parked:quarantine"]
    assert mark_device_lost(device=tablet.device, actor=county_clerk).status == "LOST"


# --- snapshot ------------------------------------------------------------------------------------
def test_a_snapshot_holds_no_number_and_tags_that_the_tablet_can_compute(tablet, session):
    learner = factories.make_enrolment(session.run).learner
    answer = tablet.snapshot()
    assert learner.clear_id_number() not in answer.content.decode()
    said = answer.json()
    key = b64decode(said["sessions"][0]["class_key"])
    expected = digest(key, learner.clear_id_number().encode(), sha256)
    row = said["roster"][0]
    assert b64decode(row["id_tag"]) == expected
    assert row["id_last4"] == learner.id_tail
    assert read_personal_qr(row["qr"]) == learner.pk


def test_a_snapshot_is_of_own_classes_of_three_weeks(tablet, session, trainer):
    factories.make_session(factories.make_run(starts_on=today()))
    far = today() + timedelta(days=15)
    factories.make_session(factories.make_run(starts_on=far), user=trainer)
    assert [row["id"] for row in tablet.snapshot().json()["sessions"]] == [str(session.pk)]


@pytest.mark.parametrize("amount", [1, 6])
def test_a_snapshot_costs_the_same_queries(
    tablet, session, trainer, amount, django_assert_max_num_queries
):
    for n in range(amount):
        run = factories.make_run(starts_on=today() + timedelta(days=n + 1))
        other = factories.make_session(run, user=trainer)
        for _person in range(amount):
            factories.make_enrolment(other.run)
    with django_assert_max_num_queries(15):
        assert tablet.snapshot().status_code == 200


# --- seals and codes -----------------------------------------------------------------------------
def test_what_was_sealed_to_an_older_key_is_opened(trainer):
    old = ensure_seal_key()
    sealed = seal({"id": str(old.pk), "jwk": old.public}, b'{"name": "x"}')
    new = rotate_seal_key()
    assert ensure_seal_key() == new != old
    assert open_seal(sealed) == {"name": "x"}
    assert SealKey.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"key": "3f2b6f0e-5a7c-4c2e-9a35-1c2d3e4f5a6b"},
        {"key": "x"},
        {"wrapped": ""},
        {"wrapped": b64encode(bytes(256)).decode()},
        {"iv": ""},
        {"data": "AAAA"},
        {"data": "?"},
    ],
)
def test_what_is_no_seal_of_ours_is_told_apart(db, change):
    key = ensure_seal_key()
    sealed = seal({"id": str(key.pk), "jwk": key.public}, b"{}")
    with pytest.raises(SealError):
        open_seal(sealed | change)


def test_a_personal_code_cannot_be_made_up():
    learner_id = new_id()
    code = personal_qr(learner_id)
    assert read_personal_qr(code) == learner_id
    assert len(code) == 2 + 1 + 22 + 1 + 11
    other = personal_qr(new_id())
    forged = ".".join([*other.split(".")[:2], code.split(".")[2]])
    for bad in ("", "T1", "T1..", "T2" + code[2:], forged, code[:-1], code + "x", "T1.é.é"):
        assert read_personal_qr(bad) is None


# --- pictures ------------------------------------------------------------------------------------
def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 200), **fields) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **fields)
    return out.getvalue()


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "MAKER-OF-CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x0112] = 6  # turned by a quarter
    return picture(exif=exif)


def send_picture(tablet, session, content: bytes, kind: str = "photo", **headers):
    headers = {"X-Content-SHA256": sha256(content).hexdigest()} | headers
    path = f"evidence/{getattr(session, 'pk', session)}/{kind}"
    return tablet.post(path, content, content_type="image/jpeg", **headers)


def test_a_photo_is_written_anew_without_place_or_maker(tablet, session):
    content = with_place()
    assert b"MAKER-OF-CAMERA" in content
    answer = send_picture(tablet, session, content)
    assert (answer.status_code, answer.json()) == (201, {"result": "accepted"})
    assert send_picture(tablet, session, content).json() == {"result": "duplicate"}
    kept = SessionEvidence.objects.get()
    stored = kept.file.read()
    kept.file.close()
    assert b"MAKER-OF-CAMERA" not in stored
    assert sha256(stored).hexdigest() == kept.sha256
    with Image.open(BytesIO(stored)) as image:
        assert not image.getexif()
        assert image.size == (200, 300) == (kept.width, kept.height)
    default_storage.delete(kept.file.name)


def test_a_signature_is_kept_too(tablet, session):
    assert send_picture(tablet, session, picture("PNG"), "signature").status_code == 201
    kept = SessionEvidence.objects.get()
    assert kept.kind == "signature"
    default_storage.delete(kept.file.name)


def bomb() -> bytes:
    """A PNG that says it is 30,000 by 30,000."""
    content = bytearray(picture("PNG"))
    content[16:24] = (30_000).to_bytes(4) * 2
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff" + b"x" * 100,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
        b"\x00\x00\x00\x18ftypheic" + b"x" * 50,
        picture("GIF"),
        picture()[:400],
        bomb(),
    ],
)
def test_what_is_no_picture_is_refused(tablet, session, content):
    answer = send_picture(tablet, session, content)
    assert (answer.status_code, answer.json()["error"]) == (422, "not_an_image")
    assert not SessionEvidence.objects.exists()


def test_pictures_have_limits(tablet, session):
    assert send_picture(tablet, session, bytes(2 * 1024 * 1024 + 1)).status_code == 413
    half = send_picture(tablet, session, picture(), **{"X-Content-SHA256": "0" * 64})
    assert (half.status_code, half.json()["error"]) == (400, "half_sent")
    assert send_picture(tablet, session, picture(), "diploma").status_code == 400
    assert not SessionEvidence.objects.exists()


def test_pictures_come_by_file_as_well(tablet, session, county_clerk):
    good = {
        "session_id": str(session.pk), "kind": "photo", "b64": b64encode(picture()).decode(),
    }  # fmt: skip
    bad = [good | {"b64": "?"}, good | {"session_id": "x"}, good | {"kind": "x"}, 7]
    content = queue_file(tablet, tablet.close(session), evidence=[good, *bad])
    found = bring_file(content, county_clerk)
    assert (found.pictures, found.pictures_refused) == (1, 3)
    assert ClassSession.objects.get(pk=session.pk).status == "CLOSED"
    default_storage.delete(SessionEvidence.objects.get().file.name)
