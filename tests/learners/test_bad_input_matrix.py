"""What people upload that no roster is, row by row of the matrix: files, 1 to 11.

Everything goes through the real door, the upload page, and is read by the real parser.
"""

import struct
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from learners.models import Learner, RosterImport
from learners.queries.rosters import judged_row, refusal_message
from tests import factories
from tests.fixtures.uploads import UPLOADS
from tests.learners.rosters import HEADER, make_rows, make_xlsx
from tests.lms.workbooks import SHEET_HEAD, make_sheet_xlsx
from tests.lms.workbooks import make_xlsx as make_package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "temp")
    (tmp_path / "temp").mkdir()
    return tmp_path


@pytest.fixture
def send(signed_in, county_clerk, media, django_capture_on_commit_callbacks):
    """Upload a file and let the worker check it."""
    client = signed_in(county_clerk)

    def upload(content: bytes, name: str = "名单.xlsx"):
        data = {"file": SimpleUploadedFile(name, content), "region": "411521"}
        data["as_of"] = "2026-03-01"
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(reverse("learners:import_create"), data)
        # Nothing that the server wrote while reading it is left behind, and the upload itself only
        # encrypted, and only while its columns may still be named otherwise.
        left = {path for path in media.rglob("*") if path.is_file()}
        assert left == {Path(row.file.path) for row in RosterImport.objects.exclude(file="")}
        assert not any(path.read_bytes()[:64] in content for path in left)
        return RosterImport.objects.first() if response.status_code == 302 else response

    return upload


def assert_refused(found: RosterImport, code: str, words: str) -> None:
    assert (found.state, found.refusal) == ("REFUSED", code)
    assert words in refusal_message(found)
    assert not found.rows.exists()
    assert not Learner.objects.exists()


def names_of(found: RosterImport) -> list[str]:
    rows = found.rows.filter(verdict__in=("OK", "WARNING"))
    return [judged_row(row).fields["name"] for row in rows]


def test_row_01_two_cells_at_both_ends_of_the_sheet(send):
    bomb = make_sheet_xlsx(
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    began = time.monotonic()
    assert_refused(send(bomb), "FILE_TOO_MANY_CELLS", "行/列超限")
    assert time.monotonic() - began < 3  # with the page, the task and the child's start


def test_row_02_a_gigabyte_in_a_megabyte(send):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(SHEET_HEAD)
            for _ in range(201):
                part.write(b" " * (1 << 20))
    assert_refused(send(stream.getvalue()), "FILE_UNPACKS_TOO_LARGE", "200 MB")


def test_row_03_a_directory_that_lies_about_sizes(send):
    data = bytearray(make_package(**{"xl/media/big.bin": b"\0" * (4 << 20)}))
    at = data.rfind(b"PK\x01\x02")
    assert data[at + 46 :].startswith(b"xl/media/big.bin")
    struct.pack_into("<L", data, at + 24, 1000)
    # What is read stops at the size that was claimed, so the part does not end where it should;
    # tests/lms/test_spreadsheets.py has the counter of what really comes out.
    assert_refused(send(bytes(data)), "FILE_DAMAGED", "损坏")


@pytest.mark.parametrize("members", [201, 10_000])
def test_row_04_ten_thousand_members_or_a_zip_in_a_zip(members, send):
    parts = {f"xl/media/{n}.bin": b"" for n in range(members)}
    assert_refused(send(make_package(**parts)), "FILE_TOO_MANY_PARTS", "200")
    nested = BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("名单.xlsx", make_xlsx(make_rows(1, 1)))
    assert_refused(send(nested.getvalue()), "FILE_NOT_A_TABLE", "不是表格")


def test_row_05_a_billion_laughs(send):
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + SHEET_HEAD
    bomb = make_package(**{"xl/worksheets/sheet1.xml": laughs + b"</sheetData></worksheet>"})
    assert_refused(send(bomb), "FILE_HAS_DOCTYPE", "DOCTYPE")


def test_row_06_a_password(send):
    """Saved with a password as Excel does it: an OLE file round the encrypted package."""
    protected = (UPLOADS / "password.xlsx").read_bytes()
    assert_refused(send(protected), "FILE_ENCRYPTED", "请取消密码后再上传")
    assert_refused(send(protected, "名单.xls"), "FILE_ENCRYPTED", "请取消密码后再上传")


def test_row_07_an_old_workbook_is_read(send):
    found = send((UPLOADS / "excel97.xls").read_bytes(), "名单.xls")
    assert found.state == "CHECKED"
    assert names_of(found) == ["学员丁", "学员丂", "学员七"]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (None, "名单.et", "FILE_SAVE_AS_XLSX"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "名单.xls", "FILE_SAVE_AS_XLSX"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><Workbook/>", "名单.xls", "FILE_SAVE_AS_XLSX"),
        (b"%PDF-1.7\n1 0 obj", "名单.xlsx", "FILE_NOT_A_TABLE"),
        (b"\x89PNG\r\n\x1a\n", "名单.xlsx", "FILE_NOT_A_TABLE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "名单.xls", "FILE_SAVE_AS_XLSX"),
    ],
)
def test_row_07_other_kinds_are_told_what_to_do(content, name, code, send):
    content = content or (UPLOADS / "excel97.xls").read_bytes()
    words = "另存为" if code == "FILE_SAVE_AS_XLSX" else "不是表格"
    assert_refused(send(content, name), code, words)


def test_row_08_twenty_one_megabytes(send, media):
    answer = send(b"x" * (21 << 20))
    assert answer.status_code == 413
    assert "20 MB" in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_row_08_two_gigabytes_are_refused_unread(send, media, client):
    class Unread(BytesIO):
        def read(self, *size):
            raise AssertionError("the body was read")

    announced = {
        "CONTENT_LENGTH": str(2 << 30),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": Unread(),
    }
    answer = client.post(reverse("learners:import_create"), **announced)
    assert answer.status_code == 413
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("gbk", b""),
        ("gb18030", b""),
        ("utf-8", b""),
        ("utf-8-sig", b""),
        ("utf-16", b""),
        ("utf-16-be", b"\xfe\xff"),
    ],
)
def test_row_09_text_in_any_encoding_of_the_office(encoding, mark, send, signed_in, county_clerk):
    separator = "\t" if encoding.startswith("utf-16") else ","
    lines = [separator.join(map(str, row)) for row in [HEADER, *make_rows(1, 3)]]
    found = send(mark + "\r\n".join(lines).encode(encoding), "名单.csv")
    assert found.state == "CHECKED"
    assert names_of(found) == ["学员丁", "学员丂", "学员七"]
    page = signed_in(county_clerk).get(reverse("learners:import_detail", args=[found.pk]))
    assert "学员丁" in page.content.decode()


def test_row_09_text_that_would_be_garbled_is_refused(send):
    lines = ["姓名,身份证号", f"张伟,{factories.make_id_number(1)}", "李四,1", "王五赵六,2"]
    damaged = b"\xe5\xe5" + "\n".join(lines).encode()[2:]
    assert_refused(send(damaged, "名单.csv"), "TEXT_ENCODING", "乱码")


def test_row_10_nothing_in_it(send):
    answer = send(b"")
    assert answer.status_code == 422
    assert "文件是空的（0 字节）" in answer.content.decode()
    assert not RosterImport.objects.exists()
    assert_refused(send(make_xlsx([])), "NO_PEOPLE", "没有")


def test_row_10_one_row_over_the_limit(send):
    over = make_sheet_xlsx(
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>1</t></is></c></row>'
        b'<row r="200001"><c r="A200001"><v>1</v></c></row>'
    )
    assert_refused(send(over), "FILE_TOO_MANY_CELLS", "200,000")
    lines = "姓名,身份证号\n" + "a,b\n" * 200_000
    assert_refused(send(lines.encode(), "名单.csv"), "FILE_TOO_MANY_CELLS", "200,000")


def test_row_11_titles_two_headers_totals_blanks_and_a_hidden_sheet(send, signed_in, county_clerk):
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("名单")
        page.merge_range(0, 0, 0, 6, "罗山县电商培训学员花名册")
        page.merge_range(1, 0, 1, 6, "填报单位：罗山县商务局")
        page.write_row(2, 0, ["基本信息", "", "", "", "住址", "", ""])
        page.write_row(3, 0, HEADER)
        for at, row in enumerate(make_rows(1, 2)):
            page.write_row(4 + at, 0, row)
        page.write_row(7, 0, make_rows(3, 3)[0])
        page.write_row(8, 0, ["合计", "3人"])
        hidden = book.add_worksheet("旧名单")
        hidden.write_row(0, 0, HEADER)
        hidden.write_row(1, 0, make_rows(9, 9)[0])
        hidden.hide()
    found = send(stream.getvalue())
    assert names_of(found) == ["学员丁", "学员丂", "学员七"]
    skipped = found.rows.filter(verdict="SKIPPED").values_list("row", "codes")
    assert dict(skipped)[9] == ["total"]
    assert {row for row, _codes in skipped} >= {1, 2, 4, 7, 9}
    assert found.summary["skipped_sheets"] == ["旧名单"]
    page = signed_in(county_clerk).get(f"/learners/imports/{found.pk}/").content.decode()
    assert "有工作表没有读取" in page
    assert "旧名单：" in page
