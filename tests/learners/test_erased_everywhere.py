"""Erasing reaches every place of the register, and moves no figure and no hash."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction

from courses.models import (
    AttendanceState,
    Enrolment,
    MarkEvent,
    ParkedPicture,
    ParkedRow,
    SessionEvidence,
)
from courses.queries.seals import open_seal
from learners.actions.erasing import erase_learner
from learners.models import Erasure, Learner, RegisterEntry, RosterImport, RosterRow
from learners.queries.erasing import (
    PLACES,
    Fate,
    findings,
    findings_of,
    records_of,
    subject_of,
)
from lms import removal
from lms.models import AuditEvent, ExportFile, FileToRemove
from tests.learners import known_everywhere
from tests.learners.known_everywhere import NAME, PHONE, cells, erased_columns, everywhere
from tests.learners.test_erasing import everything

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.usefixtures("regions")]
State = RosterImport.State


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def learner(media, county_clerk, trainer):
    return everywhere(county_clerk, trainer)


@pytest.fixture
def erased(learner, administrator, django_capture_on_commit_callbacks):
    number = learner.clear_id_number()
    with django_capture_on_commit_callbacks(execute=True):
        erase_learner(learner=learner, reason="ASKED", photos=True, actor=administrator)
    return number


def opened_rows() -> str:
    return str([row.raw() for row in RosterRow.objects.all()])


def fates(found) -> dict:
    return {one.place.key: (one.count, one.fate) for one in found}


def named_in(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.name for path in files if NAME.encode() in path.read_bytes()}


def test_each_place_is_emptied(learner, administrator, media, django_capture_on_commit_callbacks):
    before = {column: cells(column) for column in erased_columns(photos=True)}
    counted = {one.place.key: one.count for one in findings(subject_of(records_of(learner)))}
    with django_capture_on_commit_callbacks(execute=True):
        erasure = erase_learner(learner=learner, reason="ASKED", photos=True, actor=administrator)
    for column, was in before.items():
        assert was != cells(column), f"{column}: nothing of it went"
    # What was foretold is what was written down.
    assert erasure.counts == {key: count for key, count in counted.items() if count}
    assert {place.key for place in PLACES if place.personal} <= set(erasure.counts)


def test_no_word_and_no_picture_is_left(erased, media):
    left = everything() + opened_rows()
    for word in (NAME, PHONE, erased, "李建钧", "ljj@example", "xueyuan", "lijianjun"):
        assert word not in left, word
    for row in ParkedRow.objects.filter(raw__has_key="sealed"):
        assert open_seal(row.raw["sealed"])["name"] == "别人"
    # Of the pictures the trainer's signature alone stays.
    assert named_in(media) == {"b.png"}


def test_what_was_counted_stays(learner, administrator):
    tables = (Enrolment, MarkEvent, AttendanceState, RegisterEntry)
    hashes = sorted(MarkEvent.objects.values_list("body_sha256", flat=True))
    before = [model.objects.count() for model in tables]
    erase_learner(learner=learner, reason="ASKED", actor=administrator)
    assert [model.objects.count() for model in tables] == before
    assert sorted(MarkEvent.objects.values_list("body_sha256", flat=True)) == hashes
    assert MarkEvent.objects.filter(learner=learner, reason="—").count() == 1


def test_photos_of_attended_classes_go_where_chosen_and_the_trail_says_so(erased):
    erasure = Erasure.objects.get()
    assert erasure.photos
    assert AuditEvent.objects.get(action="learners.learner_erased").detail["photos"] is True
    assert fates(findings_of(erasure))["courses.pictures"] == (2, Fate.ERASED)
    assert [row.kind for row in SessionEvidence.objects.all()] == ["signature"]
    assert AuditEvent.objects.filter(action="courses.evidence_removed").count() == 1
    picture = ParkedPicture.objects.get()
    assert (picture.file.name, picture.taken_in, picture.reason) == ("", False, "—")
    assert picture.resolved_at


@pytest.mark.parametrize("reason", Erasure.Reason.values)
def test_photos_stay_where_nothing_else_is_chosen(
    reason, learner, administrator, media, django_capture_on_commit_callbacks
):
    foretold = fates(findings(subject_of(records_of(learner))))
    with django_capture_on_commit_callbacks(execute=True):
        erasure = erase_learner(learner=learner, reason=reason, actor=administrator)
    assert not erasure.photos
    assert foretold["courses.pictures"] == (2, Fate.KEPT)
    assert fates(findings_of(erasure))["courses.pictures"] == (2, Fate.KEPT)
    assert SessionEvidence.objects.filter(kind="photo").exists()
    picture = ParkedPicture.objects.waiting().get()
    for file in (SessionEvidence.objects.get(kind="photo").file, picture.file):
        assert (media / file.name).exists()
    assert not AuditEvent.objects.filter(action="courses.evidence_removed").exists()


def test_who_was_entered_by_mistake_stands_on_no_photo(learner, administrator):
    from learners.actions.erasing import ErasureError

    with pytest.raises(ErasureError) as error:
        erase_learner(learner=learner, reason="WRONG", photos=True, actor=administrator)
    assert error.value.code == "PHOTOS"
    assert SessionEvidence.objects.filter(kind="photo").exists()
    assert not Erasure.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Erasure.objects.create(learner=learner, reason="WRONG", photos=True)


@pytest.mark.parametrize("photos", [False, True])
def test_a_replay_does_the_same_with_photos(photos, learner, administrator, tmp_path):
    from io import StringIO

    with transaction.atomic():
        point = transaction.savepoint()
        given = ["--photos"] if photos else []
        call_command(
            "erase_learner", str(learner.pk), *given,
            by=administrator.username, reason="ORDERED", stdout=StringIO(),
        )  # fmt: skip
        out = StringIO()
        call_command("erase_learner", "--list", stdout=out)
        transaction.savepoint_rollback(point)  # the backup is older
    assert SessionEvidence.objects.filter(kind="photo").exists()
    file = tmp_path / "erased.txt"
    file.write_text(out.getvalue())
    call_command("erase_learner", f"--from={file}", by=administrator.username, stdout=StringIO())
    assert SessionEvidence.objects.filter(kind="photo").exists() is not photos
    assert ParkedPicture.objects.waiting().exists() is not photos
    erasure = Erasure.objects.get()
    assert (erasure.reason, erasure.photos) == ("ORDERED", photos)


def test_sealed_rows_of_the_person_are_set_aside_and_those_of_others_wait(erased):
    mine = ParkedRow.objects.filter(raw__erased=True)
    assert mine.count() == 3, "two that were sealed, one that came in pieces"
    assert all(row.resolved_at and row.reason == "—" for row in mine)
    assert all(len(row.raw_sha256) == 64 and "sealed" not in row.raw for row in mine)
    assert ParkedRow.objects.waiting().get().raw["sealed"]


def test_rosters_forget_the_person_and_nobody_else(erased):
    rosters = list(RosterImport.objects.order_by("uploaded_at"))
    assert [roster.state for roster in rosters] == [
        State.IMPORTED, State.CHECKED, State.CHECKED, State.ABANDONED,
    ]  # fmt: skip
    assert not any(roster.file or roster.reading_cipher for roster in rosters)
    # Two others of each, and the line of titles.
    assert [roster.rows.count() for roster in rosters] == [3, 3, 2, 0]
    assert rosters[1].file_name == "—"
    relative = next(row.raw() for row in rosters[2].rows.all() if row.verdict != "SKIPPED")
    assert relative["fields"]["name"] == "李小妹"
    assert (relative["fields"]["head_name"], relative["fields"]["head_of"]) == ("", "")


def test_a_roster_that_names_somebody_else_keeps_its_file(learner, administrator, county_clerk):
    other = known_everywhere.checked(known_everywhere.make_rows(40, 41), actor=county_clerk)
    erase_learner(learner=learner, reason="ASKED", actor=administrator)
    other.refresh_from_db()
    assert other.file
    assert other.reading_cipher
    assert other.rows.count() == 3


def test_a_file_that_is_being_made_is_not_handed_out(learner, administrator, county_clerk):
    from lms.actions import ExportError, finish_export
    from lms.models import TaskProgress

    progress = TaskProgress.objects.create(kind="x", key="x", title="x", state="RUNNING")
    export = ExportFile.objects.create(
        requested_by=county_clerk, title="学员", region_path="41", progress=progress
    )
    erase_learner(learner=learner, reason="ASKED", actor=administrator)
    with pytest.raises(ExportError) as error:
        finish_export(export=export, file="x", row_count=1, sha256="0" * 64, actor=county_clerk)
    assert error.value.code == "ERASED"


def test_a_file_that_the_disk_keeps_is_tried_again(
    learner, administrator, media, monkeypatch, django_capture_on_commit_callbacks
):
    def fails(name: str) -> None:
        raise OSError("read-only")

    with monkeypatch.context() as broken, django_capture_on_commit_callbacks(execute=True):
        broken.setattr(default_storage, "delete", fails)
        erase_learner(learner=learner, reason="ASKED", photos=True, actor=administrator)
        waiting = set(FileToRemove.objects.values_list("name", flat=True))
    assert {"evidence/a.jpg", "custody/c.jpg", "proofs/1.jpg", "exports/1.xlsx"} <= waiting


def test_the_worker_removes_what_waits(media):
    kept = default_storage.save("proofs/2.jpg", known_everywhere.ContentFile(b"x"))
    row = FileToRemove.objects.create(name=kept)
    assert removal.sweep_files() == 0, "it is in the hands of whoever asked"
    FileToRemove.objects.update(asked_at=row.asked_at - 2 * removal.WAIT)
    assert removal.sweep_files() == 1
    assert not default_storage.exists(kept)
    assert not FileToRemove.objects.exists()


@pytest.mark.parametrize(
    "note", ["{name}来信", "来信 411521198506010010", "电话 139-1111-2222", "138 0000 1111"]
)
def test_the_note_is_kept_and_names_nobody(note, learner, administrator):
    from learners.actions.erasing import ErasureError

    with pytest.raises(ErasureError) as error:
        erase_learner(
            learner=learner, reason="ASKED", note=note.format(name=NAME), actor=administrator
        )
    assert error.value.code == "PERSONAL_NOTE"
    assert not Erasure.objects.exists()
    erase_learner(learner=learner, reason="ORDERED", note="法院函 2026-0012", actor=administrator)
    kept = Erasure.objects.get()
    assert (kept.reason, kept.note, kept.erased_by) == (
        "ORDERED",
        "法院函 2026-0012",
        administrator,
    )
    line = AuditEvent.objects.get(action="learners.learner_erased")
    assert line.detail["reason"] == "ORDERED"


def test_the_database_lets_nothing_but_the_words_go(learner):
    """Tables that are only added to, and sealed editions."""
    erasing = (
        (MarkEvent, {"reason": "—"}, ({"status": "LATE"}, {"reason": "甲"})),
        (RegisterEntry, {"reason": "", "project": "", "drive_way": ""},
         ({"willing": False}, {"reason": "甲"},
          {"reason": "", "project": "", "drive_way": "", "willing": False})),
    )  # fmt: skip
    for model, blanks, wrongs in erasing:
        rows = model.objects.filter(learner=learner).exclude(reason="")
        for wrong in wrongs:
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(**wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete("default")
        rows.update(**blanks)
    assert Learner.objects.filter(pk=learner.pk, erased_at=None).exists()
