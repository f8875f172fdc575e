"""Files of learners: what stands in them, who may have them, and when they are gone."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.conf import settings as product
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Grant
from learners.models import Audience, HouseholdType, RoleHeld
from learners.tasks import EXPORT_LEARNERS
from lms.actions import ExportError, ask_export, erase_exports, give_export_link, use_export_link
from lms.exports import line, sweep_exports
from lms.lib.scope import Role
from lms.lib.searching import hidden_search
from lms.models import AuditEvent, ExportFile, TaskProgress
from lms.tasks import run_progress
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
EXPORT = "/learners/export/"
NOBODY = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
FULL = {"numbers": "full", "purpose": "ACCEPTANCE", "reason": "省级验收组调阅"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)


@pytest.fixture
def exporter(county_clerk):
    Grant.objects.create(
        user=county_clerk,
        role=Role.EXPORTER,
        region=factories.make_region("411521"),
        starts_on=timezone.localdate(),
    )
    return county_clerk


@pytest.fixture
def make(clerk, django_capture_on_commit_callbacks):
    """Ask on the page; the worker does it at once."""

    def make(query="", **data) -> ExportFile:
        with django_capture_on_commit_callbacks(execute=True):
            response = clerk.post(f"{EXPORT}?{query}", data)
        assert response.status_code == 302, response.context["form"].errors
        return ExportFile.objects.select_related("progress").latest("created_at")

    return make


def download(client, export):
    response = client.post(reverse("export_download", args=[export.pk]))
    return client.get(response.url), response.url


def book_of(client, export):
    response, _link = download(client, export)
    assert response.status_code == 200
    # Read to its end a streamed answer closes itself, and leaves the test's connection open.
    content = b"".join(response.streaming_content)
    return openpyxl.load_workbook(BytesIO(content))


def rows_of(client, export) -> list[list]:
    return [list(row) for row in book_of(client, export).worksheets[0].iter_rows(values_only=True)]


def actions() -> list[str]:
    found = AuditEvent.objects.filter(action__startswith="lms.export").order_by("seq")
    return list(found.values_list("action", flat=True))


# --- what stands in it ---
def test_the_file_is_the_list_masked(clerk, make):
    learner = factories.make_learner("李建军", household=factories.make_household())
    RoleHeld.objects.create(
        learner=learner,
        role="RETURNEE",
        region=learner.home_region,
        starts_on=timezone.localdate(),
    )
    factories.make_learner("乡镇户籍", "411521100")
    factories.make_learner("邻县人", "411522001001")
    factories.make_learner("无证件", provisional=True, phone="")
    rows = {row[0]: row for row in rows_of(clerk, make())[1:]}
    assert set(rows) == {"李建军", "乡镇户籍", "无证件"}
    assert rows["李建军"] == [
        *("李建军", "男", learner.masked_id, "138****0617", ""),
        *("罗山县", "丽水街道", "邵洼社区居民委员会"),
        learner.memberships.get().household.number,
        HouseholdType.objects.get(pk="GENERAL_POOR").name,
        str(Audience.RETURNEE.label),
    ]
    assert rows["乡镇户籍"][5:8] == ["罗山县", "周党镇", ""]
    assert rows["无证件"][2:4] == ["", ""]


def test_filters_and_search_hold_in_the_file(clerk, county_clerk, make):
    factories.make_learner("李建军")
    factories.make_learner("李小红", "411521100200")
    query = f"q={hidden_search('李', county_clerk)}&place=411521100"
    assert [row[0] for row in rows_of(clerk, make(query))[1:]] == ["李小红"]
    stored = TaskProgress.objects.get().args["query"]
    assert "李" not in stored
    assert "%E6%9D%8E" not in stored


def test_everything_is_text_and_nothing_a_formula(clerk, make):
    for name in ("=1+1", "@SUM(A1)", "-2+3", "a&b<c>", "http://x.example", "_x0041_"):
        factories.make_learner(name)
    sheet = book_of(clerk, make()).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    shown = {row[0].value for row in sheet.iter_rows(min_row=2)}
    assert {"=1+1", "@SUM(A1)", "-2+3", "a&b<c>", "http://x.example"} <= shown


def test_the_stamp_says_who_when_and_what(clerk, county_clerk, make):
    factories.make_learner("李建军")
    export = make()
    book = book_of(clerk, export)
    sheet, proof = book.worksheets
    assert proof.sheet_state == "hidden"
    facts = [row[1] for row in proof.iter_rows(values_only=True)]
    assert str(export.pk) in facts
    assert any(county_clerk.username in str(fact) for fact in facts)
    assert facts[-1] == export.sha256
    assert county_clerk.username in sheet.oddHeader.right.text
    assert str(export.pk) in sheet.oddFooter.left.text
    assert export.sha256 in sheet.oddFooter.center.text
    from hashlib import sha256

    digest = sha256()
    for row in sheet.iter_rows(values_only=True):
        digest.update(line([str(value or "") for value in row]))
    assert digest.hexdigest() == export.sha256
    made = AuditEvent.objects.get(action="lms.export_made")
    assert (made.target_id, made.detail["sha256"]) == (str(export.pk), export.sha256)


@pytest.mark.postgres
def test_many_rows_come_in_batches(clerk, make, monkeypatch):
    monkeypatch.setattr("learners.queries.exports.BATCH", 4)
    names = sorted(factories.make_learner(f"学员{n:02d}").name for n in range(10))
    assert [row[0] for row in rows_of(clerk, make())[1:]] == names
    assert TaskProgress.objects.get().done_count == 10


# --- asking for it ---
def test_the_page_says_how_many_rows_and_which_columns(clerk):
    factories.make_learner("李建军")
    response = clerk.get(EXPORT)
    assert response.context["count"] == 1
    text = response.content.decode()
    assert all(title in text for title in response.context["columns"])
    assert "numbers" not in response.context["form"].fields


@pytest.mark.parametrize("missing", ["purpose", "reason"])
def test_full_numbers_need_a_purpose_and_a_reason(clerk, exporter, missing):
    response = clerk.post(EXPORT, {name: v for name, v in FULL.items() if name != missing})
    assert response.status_code == 422
    assert missing in response.context["form"].errors
    assert not ExportFile.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportFile.objects.create(title="x", requested_by=exporter, is_unmasked=True)


def test_full_numbers_for_whoever_has_the_right(clerk, exporter, make):
    learner = factories.make_learner("李建军", phone="13911112222")
    export = make(**FULL)
    assert rows_of(clerk, export)[1][2:4] == [learner.clear_id_number(), "13911112222"]
    asked = AuditEvent.objects.get(action="lms.export_asked").detail
    assert asked["unmasked"] is True
    assert asked["purpose"] == "ACCEPTANCE"
    assert FULL["reason"] not in str(asked)
    assert ExportFile.objects.get().reason == FULL["reason"]


def test_full_numbers_for_nobody_else(clerk, make):
    learner = factories.make_learner("李建军")
    export = make(**FULL)  # the page offers no such choice, so it is not heard
    assert not export.is_unmasked
    assert rows_of(clerk, export)[1][2] == learner.masked_id


def test_the_right_alone_reaches_nobody(signed_in, regions):
    user = factories.make_user("", (Role.EXPORTER, "411521"))
    client = signed_in(user)
    factories.make_learner("李建军")
    assert client.get("/learners/").status_code == 403
    assert client.get(EXPORT).status_code == 403


def test_ten_files_an_hour(clerk, make):
    factories.make_learner("李建军")
    for _ in range(product.EXPORTS_AN_HOUR):
        make()
    assert clerk.post(EXPORT).status_code == 422
    assert ExportFile.objects.count() == product.EXPORTS_AN_HOUR
    ExportFile.objects.update(created_at=timezone.now() - timedelta(hours=2))
    make()


# --- when it is made ---
def waiting(user, query="", **more) -> ExportFile:
    with override_settings(TASKS=NOBODY):
        return ask_export(
            kind=EXPORT_LEARNERS,
            title="学员",
            region_path="411521",
            columns=["姓名"] * 11,
            args={"region": "411521", "query": query},
            total=1,
            actor=user,
            **more,
        )


def work(export) -> TaskProgress:
    run_progress.call(str(export.progress_id))
    return TaskProgress.objects.get(pk=export.progress_id)


def nothing_kept(export) -> bool:
    export.refresh_from_db()
    return not export.file and not default_storage.exists(f"exports/{export.pk}.xlsx")


def test_grants_of_the_moment_it_runs_decide(county_clerk):
    factories.make_learner("李建军")
    export = waiting(county_clerk)
    Grant.objects.filter(user=county_clerk).delete()
    assert work(export).state == TaskProgress.State.FAILED
    assert nothing_kept(export)


def test_the_right_to_full_numbers_must_still_be_there(exporter):
    factories.make_learner("李建军")
    export = waiting(exporter, is_unmasked=True, purpose="PAYMENT", reason="核对补贴")
    Grant.objects.filter(user=exporter, role=Role.EXPORTER).delete()
    progress = work(export)
    assert progress.state == TaskProgress.State.FAILED
    assert progress.error
    assert nothing_kept(export)


def test_a_requester_disabled_before_it_runs(county_clerk):
    factories.make_learner("李建军")
    export = waiting(county_clerk)
    type(county_clerk).objects.update(is_active=False)
    assert work(export).state == TaskProgress.State.FAILED
    assert nothing_kept(export)


def test_a_requester_disabled_while_it_runs(county_clerk, monkeypatch):
    monkeypatch.setattr("learners.queries.exports.BATCH", 1)
    for _ in range(4):
        factories.make_learner()
    export = waiting(county_clerk)
    reads: list[int] = []

    def read(self, order):
        reads.append(len(order))
        if len(reads) == 2:
            type(county_clerk).objects.update(is_active=False)
        return [("行",) * 11]

    monkeypatch.setattr("learners.queries.exports.Reader.batch", read)
    assert work(export).state == TaskProgress.State.FAILED
    assert len(reads) == 2  # it stopped at once
    assert nothing_kept(export)


def test_a_file_begun_before_a_kill_is_made_anew(clerk, county_clerk):
    factories.make_learner("李建军")
    export = waiting(county_clerk)
    default_storage.save(f"exports/{export.pk}.xlsx", BytesIO(b"half"))
    assert work(export).state == TaskProgress.State.DONE
    export.refresh_from_db()
    assert len(rows_of(clerk, export)) == 2


# --- having it ---
def test_a_link_works_once_and_every_download_is_on_the_trail(clerk, make):
    factories.make_learner("李建军")
    export = make()
    response, link = download(clerk, export)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    response.close()
    again = clerk.get(link)
    assert again.status_code == 302
    assert again.url == reverse("export_detail", args=[export.pk])
    download(clerk, export)[0].close()
    assert actions() == [
        "lms.export_asked",
        "lms.export_made",
        "lms.export_link_given",
        "lms.export_downloaded",
        "lms.export_link_given",
        "lms.export_downloaded_again",
    ]


def test_a_newer_link_ends_the_older(county_clerk, make):
    factories.make_learner("李建军")
    export = make()
    old = give_export_link(export=export, actor=county_clerk)
    new = give_export_link(export=export, actor=county_clerk)
    with pytest.raises(ExportError):
        use_export_link(export=export, link=old, actor=county_clerk)
    use_export_link(export=export, link=new, actor=county_clerk)


def test_a_file_is_for_whoever_asked(make, signed_in, county_official, clerk):
    factories.make_learner("李建军")
    export = make()
    link = clerk.post(reverse("export_download", args=[export.pk])).url
    other = signed_in(county_official)
    assert other.get(link).status_code == 404
    assert other.get(reverse("export_detail", args=[export.pk])).status_code == 404
    assert list(other.get(reverse("export_list")).context["table"].rows) == []


def test_after_a_day_it_is_gone(clerk, make):
    factories.make_learner("李建军")
    export = make()
    path = default_storage.path(export.file)
    link = clerk.post(reverse("export_download", args=[export.pk])).url
    ExportFile.objects.update(expires_at=timezone.now())
    assert clerk.get(link).status_code == 302
    assert erase_exports() == 1
    assert erase_exports() == 0
    export.refresh_from_db()
    assert export.erased_at
    assert not export.file
    assert clerk.get(reverse("export_detail", args=[export.pk])).status_code == 200
    assert clerk.get(reverse("export_list")).status_code == 200
    assert actions()[-1] == "lms.export_erased"
    assert path


def test_the_sweep_takes_other_old_files_and_those_of_the_disabled(
    make, county_clerk, settings, django_capture_on_commit_callbacks
):
    import os
    import time

    factories.make_learner("李建军")
    export = make()
    path = default_storage.path(export.file)
    folder = settings.MEDIA_ROOT / "exports"
    for name, hours in (("old.xlsx", 25), ("new.xlsx", 1)):
        (folder / name).write_bytes(b"x")
        then = time.time() - hours * 3600
        os.utime(folder / name, (then, then))
    sweep_exports()
    assert {entry.name for entry in folder.iterdir()} == {"new.xlsx", f"{export.pk}.xlsx"}
    type(county_clerk).objects.update(is_active=False)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_exports()
    assert not default_storage.exists(path)
    assert {entry.name for entry in folder.iterdir()} == {"new.xlsx"}


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_one_s_files(count, clerk, county_clerk, django_assert_max_num_queries):
    ExportFile.objects.bulk_create(
        [ExportFile(title="学员", requested_by=county_clerk) for _ in range(count)]
    )
    with django_assert_max_num_queries(10):
        clerk.get(reverse("export_list"))
