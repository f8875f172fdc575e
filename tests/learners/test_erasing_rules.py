"""Erasing: what the database still refuses, what is read, and what happens at the same moment."""

import logging
import re
from io import StringIO

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from courses.models import MarkEvent
from incubation.models import SupportVoid
from learners.actions.erasing import ErasureError, erase_learner
from learners.models import (
    Erasure,
    FactChange,
    Learner,
    MergeChange,
    RegisterAdjustment,
    RegisterEntry,
    Reveal,
)
from learners.queries import roster_traces as traces_module
from learners.queries.erasing import PLACES, records_of, subject_of, to_erase
from learners.queries.roster_traces import roster_traces
from lms import removal
from lms.actions import drop_exports
from lms.lib.dbrules import VendorSQL, append_only, erasable
from lms.models import ExportFile, TaskProgress
from tests import factories
from tests.learners.known_everywhere import NAME, everywhere
from tests.learners.merged import merge
from tests.learners.rosters import checked, make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.usefixtures("regions")]
SQLITE = connection.vendor == "sqlite"


@pytest.fixture
def learner(settings, tmp_path, county_clerk, trainer):
    settings.MEDIA_ROOT = tmp_path
    return everywhere(county_clerk, trainer)


# --- what the database refuses ---
def run(operation: VendorSQL) -> None:
    with connection.cursor() as cursor:
        for statement in operation.by_vendor[connection.vendor][0]:
            cursor.execute(statement)


@pytest.mark.parametrize("value", ["NULL", "'x'", "''"])
def test_a_blank_is_the_blank_alone_also_where_the_column_takes_null(value):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE words (id integer, said text, why text)")
    run(append_only("words"))
    run(erasable("words", kept=("id",), blanks={"said": "—", "why": "—"}))
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO words VALUES (1, 'a', 'b')")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(f"UPDATE words SET said = {value}, why = '—'")
        cursor.execute("UPDATE words SET said = '—', why = '—'")
        cursor.execute("SELECT said, why FROM words")
        assert cursor.fetchall() == [("—", "—")]


#: Of each table that refuses UPDATE: what its words become.
BLANKS = {
    MarkEvent: {"reason": "—"},
    SupportVoid: {"reason": "—"},
    RegisterAdjustment: {"reason": "—"},
    RegisterEntry: {"reason": "", "project": "", "drive_way": ""},
    Reveal: {"note": "—"},
    FactChange: {"changes": {}, "reason": "—"},
    MergeChange: {"before": {}, "after": {}},
}


def test_no_other_column_and_no_other_word_may_be_written(learner):
    """Whatever a column is set to, its own value too, except for an entry of a sealed edition,
    whose rule compares."""
    refused = []
    for model, blanks in BLANKS.items():
        rows = model._base_manager.all()
        if model is RegisterEntry:
            rows = rows.filter(edition__sealed_at__isnull=False)
        key = rows.values_list("pk", flat=True).first()
        assert key, model
        table = connection.ops.quote_name(model._meta.db_table)
        others = [f.column for f in model._meta.concrete_fields if f.name not in blanks]
        words = [f.column for f in model._meta.concrete_fields if f.name in blanks]
        where = f"{model._meta.pk.column} = %s"
        kept = model._meta.pk.get_db_prep_value(key, connection)
        said = [f"{name} = NULL" for name in [*others, *words] if name != model._meta.pk.column]
        if model is not RegisterEntry:
            said += [f"{name} = {name}" for name in others]
        for change in said:
            with (
                pytest.raises(IntegrityError, match=r"append-only|sealed|(?i:null)"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"UPDATE {table} SET {change} WHERE {where}", [kept])
            refused.append(change)
    assert len(refused) > 80


def test_what_was_erased_is_not_rewritten(learner, administrator):
    erasure = erase_learner(learner=learner, reason="ASKED", actor=administrator)
    for change in ({"photos": True}, {"reason": "OVER"}, {"note": "x"}, {"counts": {}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Erasure.objects.filter(pk=erasure.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        erasure.delete()


# --- what is read ---
#: Of a million people these are not read whole.
LARGE = {
    model._meta.db_table
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in ("learners", "courses", "certificates", "incubation", "quotas")
} | {"lms_auditevent", "accounts_user"}
#: An upload, a join of households, a row in custody each: hundreds, and found by what is in them.
FEW = {"learners_rosterimport", "learners_householdjoin", "courses_parkedrow"}


@pytest.mark.skipif(not SQLITE, reason="with a handful of rows PostgreSQL reads every table whole")
def test_no_large_table_is_read_whole(learner, administrator):
    asked: list[tuple] = []

    def listen(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        erase_learner(learner=learner, reason="ASKED", photos=True, actor=administrator)
    whole = set()
    for sql, params in asked:
        if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
            continue
        names = dict(re.findall(r'"(\w+)" (U\d+)\b', sql))
        names = {alias: table for table, alias in names.items()}
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            steps = [row[3] for row in cursor.fetchall()]
        scanned = {step.split()[1] for step in steps if step.startswith("SCAN ")}
        whole |= {names.get(table, table) for table in scanned}
    assert len(asked) > 50
    assert whole & LARGE <= FEW


def test_rows_of_uploads_are_opened_once(learner, administrator, monkeypatch):
    looked = []
    look = traces_module._look_in_rows

    def counted(subject, found):
        looked.append(subject)
        look(subject, found)

    monkeypatch.setattr(traces_module, "_look_in_rows", counted)
    erase_learner(learner=learner, reason="ASKED", actor=administrator)
    assert len(looked) == 1


# --- at the same moment ---
def test_a_merge_at_the_same_moment_leaves_nobody_half_erased(learner, administrator, county_clerk):
    other = factories.make_learner("李建筠", "411521001003")
    merged = []

    def between(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        # Uploads are locked after the records were looked up, before these are.
        if not merged and "learners_rosterimport" in sql:
            merged.append(True)
            merge(learner, other, county_clerk)
        return result

    with connection.execute_wrapper(between), pytest.raises(ErasureError) as error:
        erase_learner(learner=Learner(pk=learner.pk), reason="ASKED", actor=administrator)
    assert error.value.code == "RECORDS_CHANGED"
    assert Learner.objects.get(pk=learner.pk).name == NAME


@pytest.mark.skipif(SQLITE, reason="SQLite has one writer at a time")
def test_locks_are_taken_in_the_order_of_everybody_else(learner, administrator):
    """Uploads, tablets and runs before people, as where rows are taken in; what is theirs behind
    them."""
    with CaptureQueriesContext(connection) as queries:
        erase_learner(learner=learner, reason="ASKED", photos=True, actor=administrator)
    locks = [
        re.search(r'FROM "(\w+)"', query["sql"])[1]
        for query in queries
        if re.search(r"FOR (NO KEY )?UPDATE", query["sql"])
    ]
    order = list(dict.fromkeys(locks))
    assert order[:4] == [
        "learners_rosterimport",
        "accounts_device",
        "courses_courserun",
        "learners_learner",
    ]
    behind = {"courses_parkedrow", "courses_parkedpicture", "certificates_certificate"}
    assert behind <= set(order[4:])


def waiting_export(clerk, path: str) -> ExportFile:
    progress = TaskProgress.objects.create(kind="x", key=path, title="x", state="RUNNING")
    return ExportFile.objects.create(
        requested_by=clerk, title="签到表", region_path=path, progress=progress
    )


def test_sheets_of_classes_elsewhere_go_too(learner, administrator, county_clerk):
    run = factories.make_run()
    run.host_region = factories.make_region("110101")
    run.save()
    factories.make_enrolment(run, learner)
    there = waiting_export(county_clerk, run.host_region.path)
    elsewhere = waiting_export(county_clerk, "120101")
    erase_learner(learner=learner, reason="ASKED", actor=administrator)
    there.refresh_from_db()
    elsewhere.refresh_from_db()
    assert there.erased_at
    assert not elsewhere.erased_at


def test_a_file_begun_before_the_commit_is_not_handed_out(
    learner, administrator, county_clerk, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        erase_learner(learner=learner, reason="ASKED", actor=administrator)
        export = waiting_export(county_clerk, "4115")
    export.refresh_from_db()
    assert export.erased_at


def test_a_file_of_which_nothing_was_known_is_dropped_by_no_path(county_clerk):
    export = waiting_export(county_clerk, "4115")
    assert drop_exports(region_paths=[], actor=None) == 0
    export.refresh_from_db()
    assert not export.erased_at


# --- merged records ---
def test_a_backup_older_than_the_merge_forgets_both_records(administrator, county_clerk, tmp_path):
    kept = factories.make_learner("李建军", "411521001003")
    other = factories.make_learner("李建均", "411521001003")
    with transaction.atomic():
        point = transaction.savepoint()
        merge(kept, other, county_clerk)
        erase_learner(learner=kept, reason="ORDERED", actor=administrator)
        out = StringIO()
        call_command("erase_learner", "--list", stdout=out)
        transaction.savepoint_rollback(point)
    file = tmp_path / "erased.txt"
    file.write_text(out.getvalue())
    call_command("erase_learner", f"--from={file}", by=administrator.username, stdout=StringIO())
    assert set(Learner.objects.values_list("name", flat=True)) == {"—"}
    assert set(Erasure.objects.values_list("reason", flat=True)) == {"ORDERED"}


def test_uploads_where_a_merged_record_was_entered_are_looked_through(administrator, county_clerk):
    kept = factories.make_learner("李建军", "110101001001")
    other = factories.make_learner("李建均", "411521001003")
    factories.make_household("411521001003")
    roster = checked(make_rows(11, 12), actor=county_clerk)
    row = roster.rows.exclude(verdict="SKIPPED").first()
    content = row.raw()
    content["fields"]["id_number"] = other.clear_id_number()
    row.set_raw(content)
    row.save()
    roster.state = roster.State.IMPORTED
    roster.save()
    merge(kept, other, county_clerk)
    assert roster_traces(subject_of(records_of(kept))).own == [row.pk]


def test_the_number_of_a_merged_record_leads_to_the_person_in_one_s_regions(
    administrator, county_clerk
):
    """And to nobody where the kept record lives elsewhere: that is another administrator's."""
    near = factories.make_learner("李建军", "411521001003")
    far = factories.make_learner("李建均", "110101001001")
    number = near.clear_id_number()
    assert to_erase(administrator, number) == near
    merge(far, near, county_clerk)
    assert to_erase(administrator, number) is None


# --- names ---
def test_a_file_that_stays_leaves_no_name_in_the_log(settings, tmp_path, monkeypatch, caplog):
    settings.MEDIA_ROOT = tmp_path

    def fails(name: str) -> None:
        raise OSError(30, "Read-only file system", f"/media/{name}")

    monkeypatch.setattr(default_storage, "delete", fails)
    with caplog.at_level(logging.WARNING):
        assert removal._remove([f"rosters/{NAME}.xlsx"]) == 0
    assert "Read-only file system" in caplog.text
    assert NAME not in caplog.text


@pytest.mark.parametrize("note", ["李 建 军来信", "李·建军", "Li-Jianjun wrote"])
def test_a_name_with_signs_in_it_is_a_name(note, learner, administrator):
    with pytest.raises(ErasureError) as error:
        erase_learner(learner=learner, reason="ASKED", note=note, actor=administrator)
    assert error.value.code == "PERSONAL_NOTE"


def test_nothing_is_counted_by_reading_the_whole_trail():
    trail = next(place for place in PLACES if place.key == "lms.trail")
    assert trail.count is None
