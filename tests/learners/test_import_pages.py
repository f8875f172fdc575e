"""Uploading, previewing and importing through the pages."""

from io import BytesIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse

from learners.actions import create_register
from learners.actions import undo as undo_actions
from learners.actions.imports import begin_import, import_chunk
from learners.models import Learner, RosterImport
from lms.lib.scope import Role
from lms.lib.spreadsheets import read_workbook
from lms.models import AuditEvent, TaskProgress
from tests import factories
from tests.learners.roster_cases import FIXTURES
from tests.learners.rosters import HEADER, checked, imported, load_places, make_rows, make_xlsx
from tests.searching import search_here

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


@pytest.fixture(autouse=True)
def media(tmp_path):
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)


def upload(client, content: bytes, name="名单.xlsx", **fields):
    data = {
        "file": SimpleUploadedFile(name, content),
        "region": "411521",
        "as_of": "2026-03-01",
    } | fields
    return client.post(reverse("learners:import_create"), data)


def detail(found: RosterImport, query: str = "") -> str:
    return reverse("learners:import_detail", args=[found.pk]) + query


def test_uploads_are_found_by_name_and_state_and_taken_along(clerk, county_clerk):
    imported(make_rows(1, 1), name="周党镇.xlsx", actor=county_clerk)
    checked(make_rows(2, 2), name="竹竿镇.xlsx", actor=county_clerk)
    address = reverse("learners:import_list")
    for query, names in (("?q=周党", {"周党镇.xlsx"}), ("?state=CHECKED", {"竹竿镇.xlsx"})):
        rows = clerk.get(address + query).context["table"].rows
        assert {row.record.file_name for row in rows} == names
    book = clerk.get(f"{address}?export=xlsx")
    (sheet,) = read_workbook(book.content, "x.xlsx").sheets
    assert [row[3] for row in sheet.rows[1:]] == ["已检查，待确认", "已导入"]


def test_a_county_s_roster_from_upload_to_archive(clerk, django_capture_on_commit_callbacks):
    load_places("411521")
    content = (FIXTURES / "p1_luoshan_households.xlsx").read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        response = upload(clerk, content, as_of="2019-11-01")
    found = RosterImport.objects.get()
    assert response.url == detail(found)
    page = clerk.get(detail(found))
    # From the truth file: 181 people, 28 rejected; 21 warnings on 20 rows.
    assert page.context["counts"]["ERROR"] == 28
    assert page.context["ready"] == 153
    assert page.context["person_rows"] == 181
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):  # a double click
            clerk.post(reverse("learners:import_confirm", args=[found.pk]))
    assert TaskProgress.objects.filter(kind="learners.import_roster").count() == 1
    assert Learner.objects.count() == 153
    done = clerk.get(detail(found))
    assert done.context["outcome"]["CREATED"] == 153
    book = clerk.get(reverse("learners:import_errors", args=[found.pk]))
    rows = read_workbook(book.content, "x.xlsx").sheets[0].rows
    assert len(rows) == 28 + 3  # two title lines, the header
    assert AuditEvent.objects.filter(action="learners.error_workbook_downloaded").count() == 1


def test_the_preview_masks_numbers_and_shows_the_worst_first(clerk, county_clerk):
    wrong = factories.make_id_number(7)[:17] + "?"
    rows = [*make_rows(1, 2), [3, "王某", wrong, "13900000001", "丽水街道", "", "脱贫户"]]
    found = checked(rows, actor=county_clerk)
    page = clerk.get(detail(found))
    text = page.content.decode()
    assert [line.row.row for line in page.context["lines"]] == [4, 2, 3]
    for secret in (factories.make_id_number(1), wrong, "13900000001", "13800000001"):
        assert secret not in text
    assert factories.make_id_number(1)[-4:] in text


def test_what_is_no_number_at_all_is_shown_for_what_it_is(clerk, county_clerk):
    found = checked([[1, "王某", "暂无", "", "丽水街道", "", ""]], actor=county_clerk)
    (line,) = clerk.get(detail(found)).context["lines"]
    assert line.number.text == "暂无"


def test_a_sign_in_sheet_says_how_often_somebody_came_and_which_sign_it_cannot_read(
    clerk, county_clerk
):
    header = [*HEADER, "3月1日上午", "3月1日下午", "3月2日上午"]
    rows = [[*make_rows(n, n)[0], "√", sign, "√"] for n, sign in enumerate("√△√", 1)]
    found = checked(content=make_xlsx(rows, header=header), actor=county_clerk)
    texts = [line.texts for line in clerk.get(detail(found)).context["lines"]]
    assert texts[0] == ["到课 3 次，共 3 次。"]
    assert texts[1] == [
        "到课 2 次，共 3 次。",
        "签到符号“△”无法识别，按未到计；请改填√、迟到、请假或缺。",
    ]


def test_the_counts_filter_the_rows(clerk, county_clerk):
    rows = [*make_rows(1, 60), [99, "王无号", "", "", "丽水街道", "", "脱贫户"]]
    found = checked(rows, actor=county_clerk)
    assert len(clerk.get(detail(found, "?verdict=ERROR")).context["lines"]) == 1
    assert len(clerk.get(detail(found, "?verdict=SKIPPED")).context["lines"]) == 1
    assert len(clerk.get(detail(found, "?page=2")).context["lines"]) == 11
    for query in ("?verdict=EVIL", "?page=abc", "?page=-1", "?page=99"):
        assert clerk.get(detail(found, query)).status_code == 404


def test_texts_that_look_like_markup_are_shown_as_text(clerk, county_clerk):
    found = checked(make_rows(1, 1, name="<script>alert(1)</script>"), actor=county_clerk)
    text = clerk.get(detail(found)).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_columns_step_shows_what_was_recognised(clerk, county_clerk):
    found = checked(make_rows(1, 1), actor=county_clerk)
    (sheet,) = clerk.get(detail(found, "?show=columns")).context["layouts"]
    assert len(sheet[1]) == 7
    assert all(word for _title, word in sheet[1])


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_a_refused_file_says_why(clerk, content, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        upload(clerk, content)
    found = RosterImport.objects.get()
    assert found.state == "REFUSED"
    page = clerk.get(detail(found))
    assert page.context["refusal"] in page.content.decode()
    assert not found.rows.exists()


def test_an_empty_or_too_large_file_is_not_taken(clerk, media):
    with override_settings(UPLOAD_MAX_BYTES=1000):
        response = upload(clerk, b"x" * 1001)
    assert response.status_code == 413
    assert response.context["form"].errors["file"].as_data()[0].code == "FILE_TOO_LARGE"
    assert upload(clerk, b"").status_code == 422
    assert not RosterImport.objects.exists()
    assert not list(media.rglob("*.upload"))


def test_what_the_form_refuses(clerk):
    content = make_xlsx(make_rows(1, 1))
    assert upload(clerk, content, as_of="2999-01-01").status_code == 422
    assert upload(clerk, content, as_of="soon").status_code == 422
    assert upload(clerk, content, region="411522").status_code == 404
    assert upload(clerk, content, region="nonsense").status_code == 404
    other = create_register(
        purpose="ABLE_WILLING", year=2026, region=factories.make_region("411522"), actor=None
    )
    edition = other.editions.get()
    assert upload(clerk, content, edition=edition.pk).status_code == 404
    assert not RosterImport.objects.exists()


def test_a_file_name_keeps_nothing_but_text(clerk, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        upload(clerk, make_xlsx(make_rows(1, 1)), name="../名\u202e单.xlsx")
    assert RosterImport.objects.get().file_name == "名单.xlsx"


def test_the_neighbour_neither_sees_nor_confirms(signed_in, neighbour_clerk, county_clerk):
    found = checked(make_rows(1, 2), actor=county_clerk)
    client = signed_in(neighbour_clerk)
    assert client.get(detail(found)).status_code == 404
    for name in ("import_confirm", "import_abandon"):
        assert client.post(reverse(f"learners:{name}", args=[found.pk])).status_code == 404
    assert client.get(reverse("learners:import_errors", args=[found.pk])).status_code == 404
    found.refresh_from_db()
    assert found.state == "CHECKED"


def test_only_a_clerk_uploads(signed_in, county_official, trainer):
    for user in (county_official, trainer):
        client = signed_in(user)
        assert client.get(reverse("learners:import_create")).status_code == 403
        assert upload(client, b"x").status_code == 403


def test_an_import_that_broke_off_offers_to_go_on(clerk, county_clerk):
    found = checked(make_rows(1, 2), actor=county_clerk)
    clerk.post(reverse("learners:import_confirm", args=[found.pk]))
    TaskProgress.objects.update(state="FAILED")
    assert clerk.get(detail(found)).context["is_stuck"]
    clerk.post(reverse("learners:import_confirm", args=[found.pk]))
    assert TaskProgress.objects.filter(state="QUEUED").count() == 1


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_the_preview_and_the_list(
    count, clerk, county_clerk, django_assert_max_num_queries
):
    found = checked(make_rows(1, count), actor=county_clerk)
    for _ in range(count):
        RosterImport.objects.create(
            region=found.region, as_of=found.as_of, file_name="x", uploaded_by=county_clerk
        )
    with django_assert_max_num_queries(17):
        clerk.get(detail(found))
    with django_assert_max_num_queries(11):
        clerk.get(reverse("learners:import_list"))


def test_a_prefecture_clerk_uploads_for_several_counties(signed_in):
    clerk = factories.make_user("prefecture", (Role.CLERK, "4115"))
    response = signed_in(clerk).get(reverse("learners:import_create"))
    offered = response.context["form"].fields["region"].queryset
    assert set(offered.values_list("code", flat=True)) == {"4115", "411521", "411522"}


def test_the_error_workbook_comes_back_as_a_roster(clerk, county_clerk):
    rows = [*make_rows(1, 1), [2, "=1+1", "", "", "丽水街道", "", "脱贫户"]]
    found = checked(rows, actor=county_clerk)
    response = clerk.get(reverse("learners:import_errors", args=[found.pk]))
    again = checked(content=BytesIO(response.content).getvalue(), actor=county_clerk)
    assert (again.state, again.rows.get(verdict="ERROR").codes) == ("CHECKED", ["ID_MISSING"])
    assert len(response.content) < settings.UPLOAD_MAX_BYTES


def test_a_county_clerk_learns_nothing_from_a_roster_that_the_province_uploaded(
    signed_in, county_clerk, django_capture_on_commit_callbacks
):
    """What is known of a person of another county is for who reaches that county, however wide
    the reach of whoever uploaded the file."""
    uploader = factories.make_user("province_clerk", (Role.CLERK, "41"))
    neighbour = imported_neighbour()
    found = checked(make_rows(3, 3), actor=uploader)
    clerk = signed_in(county_clerk)
    page = clerk.get(detail(found))
    assert neighbour.name not in page.content.decode()
    assert neighbour.masked_phone not in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        clerk.post(reverse("learners:import_confirm", args=[found.pk]))
    row, before = found.rows.exclude(verdict="SKIPPED").get(), neighbour.name
    assert (row.codes, row.learner) == (["KNOWN_ELSEWHERE"], None)
    neighbour.refresh_from_db()
    assert (neighbour.name, neighbour.home_region.code) == (before, "411522001001")
    # Who reaches both counties is told, and may change it.
    page = signed_in(uploader).get(detail(checked(make_rows(3, 3), actor=uploader)))
    assert neighbour.masked_phone in page.content.decode()


def imported_neighbour() -> Learner:
    """The person of row 3, registered in the next county under an older name and telephone."""
    learner = factories.make_learner("从前的名字", "411522001001", phone="13911112222")
    learner.set_id_number(factories.make_id_number(3))
    learner.save()
    return learner


def test_a_number_that_strayed_into_another_column_is_masked_too(clerk):
    number = factories.make_id_number(7)
    (row,) = make_rows(7, 7)
    swapped = [row[0], number, row[1], *row[3:]]
    odd = [8, f"李建军{number}", factories.make_id_number(8), "", f"乡{number}", "13800001111", ""]
    page = clerk.get(detail(checked([swapped, odd, *make_rows(9, 9)]))).content.decode()
    assert number not in page
    assert "13800001111" not in page


def test_an_import_is_taken_back_from_its_page(
    clerk, county_clerk, signed_in, neighbour_clerk, django_capture_on_commit_callbacks
):
    found = imported(make_rows(1, 5), actor=county_clerk)
    undo = reverse("learners:import_undo", args=[found.pk])
    page = clerk.get(detail(found))
    assert undo in page.content.decode()
    assert signed_in(neighbour_clerk).post(undo, {"reason": "x"}).status_code == 404
    signed_in(county_clerk)
    assert clerk.get(undo).status_code == 405
    clerk.post(undo, {"reason": ""})
    assert Learner.objects.count() == 5
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):  # a double click
            clerk.post(undo, {"reason": "传错了文件"})
    assert TaskProgress.objects.filter(kind="learners.undo_import").count() == 1
    assert not Learner.objects.exists()
    page = clerk.get(detail(found))
    assert page.context["undone"] == {"CREATED": 5, "CHANGED": 0, "MATCHED": 0}
    assert "传错了文件" in page.content.decode()
    assert undo not in page.content.decode()


def test_what_keeps_an_import_is_said_on_its_page(
    clerk, county_clerk, monkeypatch, django_capture_on_commit_callbacks
):
    found = imported(make_rows(1, 5), actor=county_clerk)
    learner = found.rows.get(position=1).learner
    factories.make_enrolment(factories.make_run(), learner)
    undo = reverse("learners:import_undo", args=[found.pk])
    # Looking at everything is the worker's: the request only asks for it.
    with django_capture_on_commit_callbacks() as asked, monkeypatch.context() as in_request:
        in_request.setattr(undo_actions, "objection_to_undo", None)
        page = clerk.post(undo, {"reason": "传错了文件"}, follow=True)
    assert page.context["state"] == "IMPORTED"
    assert "先检查这些人员名下有没有其他记录" in page.content.decode()
    assert undo not in page.content.decode()
    for callback in asked:
        callback()
    page = clerk.get(detail(found))
    assert page.context["state"] == "IMPORTED"
    assert "没有改动任何内容" in page.content.decode()
    assert "报名 1" in page.content.decode()
    assert Learner.objects.count() == 5
    # When that is put right it is asked for again.
    learner.enrolments.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        clerk.post(undo, {"reason": "传错了文件"})
    found.refresh_from_db()
    assert (found.state, Learner.objects.count()) == ("UNDONE", 0)


def make_mixed(clerk) -> RosterImport:
    """Rows 2-4 new, 5-6 known, 7 with another telephone, 8 to correct."""
    imported([*make_rows(4, 5), *make_rows(6, 6)], actor=clerk)
    changed = make_rows(6, 6, phone="13911112222")
    rows = [*make_rows(1, 5), *changed, [7, "王无号", "", "", "丽水街道", "", ""]]
    return checked(rows, actor=clerk)


def rows_shown(page) -> list[int]:
    return sorted(line.row.row for line in page.context["lines"])


def test_rows_are_filtered_by_what_the_import_does(clerk, county_clerk):
    found = make_mixed(county_clerk)
    for outcome, rows in (("CREATED", [2, 3, 4]), ("MATCHED", [5, 6]), ("CHANGED", [7])):
        page = clerk.get(detail(found, f"?outcome={outcome}"))
        assert rows_shown(page) == rows
        words = {str(line.outcome[2]) for line in page.context["lines"]}
        assert len(words) == 1
    assert rows_shown(clerk.get(detail(found, "?outcome=CREATED&verdict=ERROR"))) == []
    assert clerk.get(detail(found, "?outcome=EVIL")).status_code == 404
    clerk.get(detail(found, "?outcome=CHANGED"))
    while_imported = imported_again(found, county_clerk)
    page = clerk.get(detail(while_imported, "?outcome=CHANGED"))
    assert rows_shown(page) == [7]
    (line,) = page.context["lines"]
    assert "138****0006" in str(line.texts)
    assert "139****2222" in str(line.texts)


def imported_again(found: RosterImport, actor) -> RosterImport:
    begin_import(roster_import=found, actor=actor)
    while import_chunk(roster_import=found, actor=actor):
        pass
    found.refresh_from_db()
    return found


def test_rows_are_searched_by_name_last_four_and_row(clerk, county_clerk):
    found = checked([*make_rows(1, 30), [9, "王无号", "", "", "", "", ""]], actor=county_clerk)
    tail = factories.make_id_number(11)[-4:]
    page = detail(found)
    assert rows_shown(search_here(clerk, page, "王无")) == [32]
    assert 12 in rows_shown(search_here(clerk, page, tail))
    assert rows_shown(search_here(clerk, page, "7")) == [7]
    assert rows_shown(search_here(clerk, page, "没有这人")) == []
    # A whole number is not looked for.
    whole = search_here(clerk, page, factories.make_id_number(11))
    assert (whole.status_code, rows_shown(whole)) == (200, [])
    # What is typed into the address is no search.
    assert len(rows_shown(clerk.get(detail(found, "?q=王无")))) > 1


def test_every_change_is_shown_old_and_new(clerk, county_clerk):
    header = [*HEADER, "户编号", "民族", "文化程度"]
    first = [[*row, "H1", "", ""] for row in make_rows(1, 1)]
    imported(content=make_xlsx(first, header), actor=county_clerk)
    village = {"village": "高湾社区居民委员会", "type": "一般农户", "phone": "13911112222"}
    second = [[*row, "H2", "汉族", "初中"] for row in make_rows(1, 1, name="新名字", **village)]
    found = checked(content=make_xlsx(second, header), actor=county_clerk)
    (line,) = clerk.get(detail(found, "?outcome=CHANGED")).context["lines"]
    said = " ".join(line.texts)
    for old, new in (
        ("学员丁", "新名字"),
        ("138****0001", "139****2222"),
        ("丽水街道 邵洼社区居民委员会", "丽水街道 高湾社区居民委员会"),
        ("H1", "H2"),
        ("脱贫户", "一般农户"),
        ("—", "汉族"),
        ("—", "初中"),
    ):
        assert f"{old} → {new}" in said


def test_the_preview_as_a_workbook_is_as_masked_as_the_page(clerk, county_clerk):
    found = make_mixed(county_clerk)
    address = reverse("learners:import_rows", args=[found.pk])
    book = read_workbook(clerk.get(address).content, "x.xlsx").sheets[0].rows
    assert len(book) == 1 + 7
    text = str(book)
    for n in range(1, 7):
        assert factories.make_id_number(n) not in text
        assert f"1380000{n:04d}" not in text
    assert len(read_workbook(clerk.get(f"{address}?outcome=CHANGED").content).sheets[0].rows) == 2
    events = AuditEvent.objects.filter(action="learners.preview_exported").order_by("seq")
    assert [event.detail for event in events] == [{"rows": 7}, {"rows": 1}]
    with override_settings(EXPORT_MAX_ROWS=3):
        assert clerk.get(address).status_code == 302


def test_who_reaches_less_than_the_uploader_cannot_list_what_is_known(signed_in, county_clerk):
    uploader = factories.make_user("province_clerk", (Role.CLERK, "41"))
    imported_neighbour()
    found = checked(make_rows(3, 4), actor=uploader)
    page = signed_in(county_clerk).get(detail(found, "?outcome=CHANGED"))
    assert len(page.context["lines"]) == 2
    assert {line.outcome for line in page.context["lines"]} == {None}
    page = signed_in(uploader).get(detail(found, "?outcome=CHANGED"))
    assert len(page.context["lines"]) == 1
