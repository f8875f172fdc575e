"""From an uploaded file to learners: checking, importing, breaking off, going on."""

from functools import partial
from threading import Thread

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from learners import tasks
from learners.actions import create_register, seal_edition
from learners.actions import imports as import_actions
from learners.actions.imports import (
    RosterError,
    abandon_import,
    begin_import,
    confirm_import,
    import_chunk,
)
from learners.models import Household, Learner, Membership, RosterImport, RosterRow
from learners.queries.rosters import judged_row, refusal_message, verdict_counts, worst_first
from lms.models import AuditEvent, TaskProgress
from lms.tasks import restart_stale, run_progress
from tests import factories
from tests.learners.rosters import checked, imported, make_import, make_rows, make_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


@pytest.fixture(autouse=True)
def media(tmp_path):
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


def test_checking_keeps_every_row_and_the_file_encrypted(media, django_capture_on_commit_callbacks):
    rows = [*make_rows(1, 3), *make_rows(1, 1), [4, "王无号", "", "", "丽水街道", "", ""]]
    with django_capture_on_commit_callbacks(execute=True):
        found = checked(rows)
    assert found.state == "CHECKED"
    assert verdict_counts(found) == {"OK": 3, "WARNING": 0, "ERROR": 2, "SKIPPED": 1}
    assert found.summary["outcomes"] == {"CREATED": 3}
    assert [row.row for row in worst_first(found.rows)][:2] == [5, 6]
    number = factories.make_id_number(1)
    (upload,) = media.rglob("*.upload")
    # Two letters alone stand among forty encrypted bytes now and then.
    assert b"PK\x03\x04" not in upload.read_bytes()
    assert found.read_file().startswith(b"PK\x03\x04")
    stored = RosterRow.objects.get(roster_import=found, position=1)
    assert number.encode() not in bytes(stored.raw_cipher)
    assert judged_row(stored).fields["id_number"] == number
    assert number not in str(found.summary)


def test_the_file_goes_when_the_import_is_confirmed(media, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        found = imported(make_rows(1, 1))
    assert (found.state, found.file.name) == ("IMPORTED", "")
    assert not list(media.rglob("*.upload"))


def test_a_refused_file_leaves_its_reason_and_nothing_else(
    media, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        found = checked(content=b"%PDF-1.7 not a table")
    assert found.state == "REFUSED"
    assert refusal_message(found)
    assert not found.rows.exists()
    assert not list(media.rglob("*.upload"))


def test_a_missing_column_is_refused_by_name():
    found = checked(content=make_xlsx([[1, "某人"]], header=["序号", "姓名"]))
    assert (found.state, found.refusal) == ("REFUSED", "HEADER_NOT_FOUND")


def test_importing_creates_and_marks_each_row(county_clerk):
    found = imported([*make_rows(1, 5), *make_rows(1, 1)], actor=county_clerk)
    assert found.state == "IMPORTED"
    assert Learner.objects.count() == Household.objects.count() == 5
    assert found.rows.filter(outcome="CREATED", learner__isnull=False).count() == 5
    assert found.rows.get(verdict="ERROR").outcome == ""
    assert AuditEvent.objects.filter(action="learners.roster_imported").count() == 1


def test_the_corrected_file_again_makes_nobody_twice(county_clerk):
    imported(make_rows(1, 5), actor=county_clerk)
    again = checked(make_rows(1, 6), actor=county_clerk)
    assert again.summary["outcomes"] == {"MATCHED": 5, "CREATED": 1}
    begin_import(roster_import=again, actor=county_clerk)
    import_chunk(roster_import=again, actor=county_clerk)
    assert Learner.objects.count() == 6


def test_a_person_of_another_county_is_held_back_without_their_data(county_clerk):
    other = factories.make_learner("邻县人", "411522001001")
    other.set_id_number(factories.make_id_number(2))
    other.save()
    found = imported(make_rows(1, 3), actor=county_clerk)
    held = found.rows.get(verdict="ERROR")
    assert (held.codes, held.learner, held.outcome) == (["KNOWN_ELSEWHERE"], None, "")
    assert "邻县人" not in str(judged_row(held))
    assert found.rows.filter(outcome="CREATED").count() == 2


def test_people_become_known_elsewhere_between_check_and_import(county_clerk):
    found = checked(make_rows(1, 2), actor=county_clerk)
    other = factories.make_learner("邻县人", "411522001001")
    other.set_id_number(factories.make_id_number(2))
    other.save()
    begin_import(roster_import=found, actor=county_clerk)
    while import_chunk(roster_import=found, actor=county_clerk):
        pass
    assert verdict_counts(found)["ERROR"] == 1
    assert found.rows.filter(outcome="CREATED").count() == 1


def test_importing_onto_a_register(county_clerk):
    region = factories.make_region("411521")
    register = create_register(purpose="ABLE_WILLING", year=2026, region=region, actor=county_clerk)
    edition = register.editions.get()
    imported(make_rows(1, 4), actor=county_clerk, edition=edition)
    assert edition.entries.count() == 4
    seal_edition(edition=edition, actor=county_clerk)
    late = checked(make_rows(5, 6), actor=county_clerk, edition=edition)
    begin_import(roster_import=late, actor=county_clerk)
    with pytest.raises(Exception, match="EDITION_SEALED"):
        import_chunk(roster_import=late, actor=county_clerk)
    assert Learner.objects.count() == 4


@pytest.mark.parametrize("broken_at", [0, 1, 2])
def test_an_import_killed_between_chunks_goes_on_without_gap_or_double(
    broken_at, county_clerk, monkeypatch, django_capture_on_commit_callbacks
):
    """The worker dies at some chunk, in the middle of its transaction; the task is taken up."""
    monkeypatch.setattr(tasks, "import_chunk", partial(import_chunk, size=4))
    found = checked(make_rows(1, 10), actor=county_clerk)
    real, calls = import_actions.take_in_people, []

    class Killed(BaseException):
        pass

    def dying(*args, **kwargs):
        taken = real(*args, **kwargs)
        calls.append(1)
        if len(calls) == broken_at + 1:
            raise Killed
        return taken

    monkeypatch.setattr(import_actions, "take_in_people", dying)
    progress = confirm_import(roster_import=found, actor=county_clerk)
    with pytest.raises(Killed):
        run_progress.call(str(progress.pk))
    assert Learner.objects.count() == 4 * broken_at
    found.refresh_from_db()
    assert (found.state, found.progress.state) == ("IMPORTING", "RUNNING")
    TaskProgress.objects.update(heartbeat_at="2020-01-01T00:00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        restart_stale()
    found.refresh_from_db()
    assert (found.state, found.progress.state) == ("IMPORTED", "DONE")
    assert found.progress.done_count == found.progress.total_count == 10
    assert Learner.objects.count() == Membership.objects.count() == 10
    assert found.rows.filter(outcome="CREATED").values("learner").distinct().count() == 10


def test_confirming_twice_is_one_task(county_clerk):
    found = checked(make_rows(1, 3), actor=county_clerk)
    first = confirm_import(roster_import=found, actor=county_clerk)
    assert confirm_import(roster_import=found, actor=county_clerk) == first
    assert AuditEvent.objects.filter(action="learners.import_confirmed").count() == 1


def test_a_clerk_who_lost_the_region_imports_nobody(county_clerk):
    found = checked(make_rows(1, 3), actor=county_clerk)
    progress = confirm_import(roster_import=found, actor=county_clerk)
    county_clerk.grants.all().delete()
    run_progress.call(str(progress.pk))
    progress.refresh_from_db()
    assert progress.state == "FAILED"
    assert progress.error
    assert not Learner.objects.exists()


def test_what_cannot_be_confirmed_or_abandoned(county_clerk):
    found = checked([[1, "王无号", "", "", "丽水街道", "", ""]], actor=county_clerk)
    with pytest.raises(RosterError) as refused:
        confirm_import(roster_import=found, actor=county_clerk)
    assert refused.value.code == "NOTHING_TO_IMPORT"
    abandon_import(roster_import=found, actor=county_clerk)
    with pytest.raises(RosterError) as refused:
        begin_import(roster_import=found, actor=county_clerk)
    assert refused.value.code == "WRONG_STATE"
    done = imported(make_rows(1, 1), actor=county_clerk)
    with pytest.raises(RosterError):
        abandon_import(roster_import=done, actor=county_clerk)


def test_an_abandoned_upload_leaves_no_file(county_clerk, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        found = make_import(make_rows(1, 1), actor=county_clerk)
        name = found.file.name
        assert default_storage.exists(name)
        abandon_import(roster_import=found, actor=county_clerk)
    assert not default_storage.exists(name)


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "@SUM(1)", "-2+3", "<script>x</script>", "{{7*7}}", "'; DROP TABLE"]
)
def test_texts_that_look_like_code_are_stored_as_text(name, county_clerk):
    rows = make_rows(1, 1, name=name)
    imported(rows, actor=county_clerk)
    # Blanks inside a name and a spreadsheet's leading apostrophe are taken off, nothing else.
    assert Learner.objects.get().name.replace(" ", "") == name.lstrip("'").replace(" ", "")


def make_twins(county_clerk) -> list[RosterImport]:
    """The same file checked twice: to both everybody of it is new."""
    imports = [checked(make_rows(1, 40), actor=county_clerk) for _ in range(2)]
    for found in imports:
        begin_import(roster_import=found, actor=county_clerk)
    return imports


def assert_each_person_once() -> None:
    assert Learner.objects.count() == Household.objects.count() == 40
    outcomes = RosterRow.objects.exclude(outcome="").order_by().values_list("outcome", flat=True)
    assert sorted(outcomes) == ["CREATED"] * 40 + ["MATCHED"] * 40


def test_the_same_file_imported_twice_in_turns_makes_each_person_once(county_clerk):
    twins = make_twins(county_clerk)
    while sum(import_chunk(roster_import=twin, size=10, actor=county_clerk) for twin in twins):
        pass
    assert_each_person_once()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_same_file_imported_twice_at_once_makes_each_person_once(county_clerk):
    if connection.vendor != "postgresql":
        pytest.skip("the test database of SQLite lies in memory and has one writer")
    twins, failures = make_twins(county_clerk), []

    def run(found: RosterImport) -> None:
        try:
            while import_chunk(roster_import=found, size=10, actor=county_clerk):
                pass
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(twin,)) for twin in twins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert_each_person_once()


@pytest.mark.parametrize(
    ("name", "is_told"),
    [("学员戊", False), ("王小红", True)],  # of the first some characters stay: corrected
)
def test_a_known_number_under_quite_another_name_is_pointed_out(
    name, is_told, signed_in, county_clerk
):
    imported(make_rows(1, 1), actor=county_clerk)
    found = checked(make_rows(1, 1, name=name), actor=county_clerk)
    page = signed_in(county_clerk).get(reverse("learners:import_detail", args=[found.pk]))
    (line,) = page.context["lines"]
    assert f"将更新：姓名 学员丁 → {name}" in line.texts
    assert any("与本行完全不同" in text for text in line.texts) is is_told
