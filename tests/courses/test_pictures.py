"""Photos and signatures of whoever may not add evidence any more: kept, shown nowhere, decided."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from courses.actions import (
    CourseError,
    mark_device_lost,
    pictures,
    receive_picture,
    resolve_picture,
    retire_device,
)
from courses.models import ParkedPicture, SessionEvidence
from courses.queries import drawing
from courses.queries.drawing import drawn_anew
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories
from tests.courses.tablets import Tablet, bring_file, new_id, queue_file
from tests.courses.test_devices import picture, send_picture, with_place

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def parked(tablet, session, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    assert send_picture(tablet, session, picture()).status_code == 201
    return ParkedPicture.objects.get()


def files() -> list[str]:
    found = []
    for directory in ("custody", "evidence"):
        if default_storage.exists(directory):
            found += [f"{directory}/{name}" for name in default_storage.listdir(directory)[1]]
    return found


# --- drawn before anybody waits -------------------------------------------------------------------
@pytest.fixture
def drawn_within(monkeypatch) -> list[int]:
    """For each picture that is decoded, how many transactions were begun by then."""
    found, begun, decode = [], depth(), drawing.Image.open

    def noted(*args, **options):
        found.append(depth() - begun)
        return decode(*args, **options)

    monkeypatch.setattr(drawing.Image, "open", noted)
    return found


def depth() -> int:
    return len(connection.savepoint_ids) + connection.in_atomic_block


def test_nobody_waits_for_a_photo_of_a_tablet(tablet, session, drawn_within):
    """On SQLite a transaction keeps all other writers out: none begins before it is drawn."""
    assert send_picture(tablet, session, picture()).status_code == 201
    assert drawn_within == [0]


def test_nor_for_one_that_goes_into_custody(tablet, session, county_clerk, drawn_within):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    assert send_picture(tablet, session, picture()).status_code == 201
    assert drawn_within == [0]


def test_nor_for_those_of_a_file(tablet, session, county_clerk, drawn_within):
    said = [
        {"session_id": str(session.pk), "kind": kind, "b64": b64encode(picture()).decode()}
        for kind in ("photo", "signature")
    ]
    assert bring_file(queue_file(tablet, evidence=said), county_clerk).pictures == 2
    assert drawn_within == [0, 0]
    line = AuditEvent.objects.get(action="courses.queue_imported")
    assert line.detail["pictures"] == SessionEvidence.objects.count() == 2


def test_nor_for_one_of_the_page(session, trainer, signed_in, drawn_within):
    page = signed_in(trainer)
    address = reverse("courses:evidence_add", args=[session.pk])
    photo = SimpleUploadedFile("a.jpg", picture())
    assert page.post(address, {"photo": photo}).status_code == 302
    assert drawn_within == [0]


def test_what_a_decoder_stumbles_over_is_refused_for_good(tablet, session, monkeypatch):
    """Otherwise the tablet would send it again for ever, and hear of a broken server."""

    def stumbles(*_args, **_options):
        raise RuntimeError("an assertion deep inside of a decoder")

    monkeypatch.setattr(drawing.ImageOps, "exif_transpose", stumbles)
    answer = send_picture(tablet, session, picture())
    assert (answer.status_code, answer.json()["error"]) == (422, "not_an_image")
    assert not files()


# --- taken into custody ---------------------------------------------------------------------------
def test_a_lost_tablets_photo_is_kept_and_is_no_evidence(tablet, session, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    content = with_place()
    answer = send_picture(tablet, session, content)
    assert (answer.status_code, answer.json()) == (201, {"result": "parked", "code": "quarantine"})
    assert send_picture(tablet, session, content).json() == {"result": "duplicate"}
    kept = ParkedPicture.objects.get()
    assert kept.session == session
    with default_storage.open(kept.file.name) as file:
        stored = file.read()
    assert b"MAKER-OF-CAMERA" not in stored
    assert len(stored) == kept.size
    assert not SessionEvidence.objects.exists()
    assert AuditEvent.objects.filter(action="courses.picture_parked").count() == 1


def test_so_is_a_signature_of_one_that_was_handed_in(tablet, session, county_clerk):
    retire_device(device=tablet.device, actor=county_clerk)
    send_picture(tablet, session, picture("PNG"), "signature")
    assert ParkedPicture.objects.get().kind == "signature"


def test_and_of_a_trainer_whose_role_ended(tablet, session, trainer):
    trainer.grants.update(ends_on=today() - timedelta(days=1))
    assert send_picture(tablet, session, picture()).json()["code"] == "quarantine"


def test_a_class_of_somebody_else_or_unknown_waits_too(tablet, session):
    other = factories.make_session(factories.make_run("411522"))
    assert send_picture(tablet, other, picture()).json()["code"] == "foreign_session"
    assert send_picture(tablet, new_id(), picture()).json()["code"] == "unknown_session"
    assert not SessionEvidence.objects.exists()


def test_what_was_evidence_before_the_loss_is_here_already(tablet, session, county_clerk):
    send_picture(tablet, session, picture())
    mark_device_lost(device=tablet.device, actor=county_clerk)
    assert send_picture(tablet, session, picture()).json() == {"result": "duplicate"}
    assert not ParkedPicture.objects.exists()


def test_a_file_of_a_lost_tablet_makes_no_evidence_either(tablet, session, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    said = {
        "session_id": str(session.pk), "kind": "photo", "b64": b64encode(picture()).decode(),
    }  # fmt: skip
    content = queue_file(tablet, evidence=[said])
    assert bring_file(content, county_clerk).pictures == 1
    assert bring_file(content, county_clerk).pictures == 1
    assert ParkedPicture.objects.get().code == "quarantine"
    assert not SessionEvidence.objects.exists()


def test_custody_is_bounded_in_number_and_size(tablet, session, county_clerk, monkeypatch):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    assert send_picture(tablet, session, bytes(2 * 1024 * 1024 + 1)).status_code == 413
    assert send_picture(tablet, session, b"x").json()["error"] == "not_an_image"
    with pytest.raises(CourseError) as refused:
        receive_picture(
            device=tablet.device,
            session_id=session.pk,
            picture=drawn_anew(bytes(2**21 + 1), "photo"),
        )
    assert refused.value.code == "too_large"
    monkeypatch.setattr(pictures, "MOST_WAITING", 2)
    for n in range(2):
        assert send_picture(tablet, session, picture(size=(9 + n, 9))).status_code == 201
    third = send_picture(tablet, session, picture(size=(12, 9)))
    assert (third.status_code, third.json()["error"]) == (409, "too_many")
    # What is here already is no more of it.
    assert send_picture(tablet, session, picture(size=(9, 9))).json() == {"result": "duplicate"}
    monkeypatch.setattr(pictures, "MOST_WAITING", 200)
    monkeypatch.setattr(pictures, "MOST_WAITING_BYTES", 100)
    assert send_picture(tablet, session, picture(size=(12, 9))).json()["error"] == "too_many"
    assert len(files()) == ParkedPicture.objects.count() == 2


def test_one_tablets_custody_is_not_anothers(tablet, trainer, session, county_clerk, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_WAITING", 1)
    other = Tablet(trainer)
    for each in (tablet, other):
        mark_device_lost(device=each.device, actor=county_clerk)
        assert send_picture(each, session, picture()).status_code == 201


# --- decided --------------------------------------------------------------------------------------
def test_taken_in_it_is_evidence(parked, session, trainer, county_clerk):
    resolve_picture(picture=parked, take_in=True, reason="讲师确认", actor=county_clerk)
    kept = SessionEvidence.objects.get()
    assert (kept.session, kept.added_by, kept.device) == (session, trainer, parked.device)
    assert kept.source_sha256 == parked.source_sha256
    assert files() == [kept.file.name]
    parked.refresh_from_db()
    assert (parked.taken_in, parked.file.name, parked.resolved_by) == (True, "", county_clerk)
    audited = AuditEvent.objects.get(action="courses.picture_resolved")
    assert audited.detail["taken_in"] is True
    assert "讲师" not in str(audited.detail)


def test_set_aside_the_file_goes_and_the_reason_stays(
    parked, county_clerk, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        resolve_picture(picture=parked, take_in=False, reason="不是本班", actor=county_clerk)
    assert files() == []
    assert not SessionEvidence.objects.exists()
    parked.refresh_from_db()
    assert (parked.taken_in, parked.reason, parked.file.name) == (False, "不是本班", "")
    with pytest.raises(CourseError) as refused:
        resolve_picture(picture=parked, take_in=True, reason="还是要", actor=county_clerk)
    assert refused.value.code == "RESOLVED"


def test_what_was_set_aside_does_not_come_back(parked, tablet, session, county_clerk):
    resolve_picture(picture=parked, take_in=False, reason="不是本班", actor=county_clerk)
    assert send_picture(tablet, session, picture()).json() == {"result": "duplicate"}
    assert not ParkedPicture.objects.waiting().exists()


def test_without_a_reason_or_a_class_nothing_is_decided(tablet, session, parked, county_clerk):
    with pytest.raises(CourseError) as refused:
        resolve_picture(picture=parked, take_in=True, reason=" ", actor=county_clerk)
    assert refused.value.code == "NO_REASON"
    send_picture(tablet, new_id(), picture("PNG"), "signature")
    nameless = ParkedPicture.objects.get(kind="signature")
    with pytest.raises(CourseError) as refused:
        resolve_picture(picture=nameless, take_in=True, reason="确认", actor=county_clerk)
    assert refused.value.code == "unknown_session"
    facts = {"take_in": True, "reason": "确认", "actor": county_clerk}
    resolve_picture(picture=nameless, session=session, **facts)
    assert SessionEvidence.objects.get().session == session


def test_a_decision_is_whole(parked):
    with pytest.raises(IntegrityError), transaction.atomic():
        ParkedPicture.objects.filter(pk=parked.pk).update(file="")
    with pytest.raises(IntegrityError), transaction.atomic():
        ParkedPicture.objects.filter(pk=parked.pk).update(taken_in=True)


# --- pages ----------------------------------------------------------------------------------------
def test_the_clerk_looks_and_decides(parked, session, signed_in, county_clerk):
    client = signed_in(county_clerk)
    address = reverse("courses:picture_list", args=[parked.device_id])
    assert session.run.title in client.get(address).content.decode()
    shown = client.get(reverse("courses:picture_file", args=[parked.device_id, parked.pk]))
    assert shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown.streaming_content)[:2] == b"\xff\xd8"
    assert AuditEvent.objects.filter(action="courses.parked_picture_shown").count() == 1
    empty = client.post(address, {"answer": "take_in", "reason": "确认"})
    assert "至少勾选一份" in empty.content.decode()
    said = {"picture": parked.pk, "answer": "take_in", "reason": "讲师确认"}
    done = client.post(address, said)
    assert done.url == reverse("courses:tablet_detail", args=[parked.device_id])
    assert "讲师确认" in client.get(done.url).content.decode()
    # Decided, it is shown as evidence or not at all.
    gone = client.get(reverse("courses:picture_file", args=[parked.device_id, parked.pk]))
    assert gone.status_code == 404


def test_the_page_of_the_class_shows_nothing_of_it(parked, session, signed_in, county_clerk):
    client = signed_in(county_clerk)
    page = client.get(reverse("courses:session_correct", args=[session.pk])).content.decode()
    assert "还没有。" in page
    assert str(parked.pk) not in page


def test_the_trainer_sees_that_it_waits_and_not_the_picture(parked, signed_in, trainer):
    client = signed_in(trainer)
    page = client.get(reverse("courses:picture_list", args=[parked.device_id]))
    assert "由县经办裁定" in page.content.decode()
    address = reverse("courses:picture_file", args=[parked.device_id, parked.pk])
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("count", [3, 30])
def test_queries_do_not_grow_with_the_pictures(
    tablet, session, signed_in, county_clerk, django_assert_max_num_queries, count
):
    from tests.courses.test_worklist import park_picture

    for _n in range(count):
        park_picture(tablet.device, session)
    client = signed_in(county_clerk)
    with django_assert_max_num_queries(14):
        client.get(reverse("courses:picture_list", args=[tablet.device.pk]))
