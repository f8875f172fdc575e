import contextlib
import io
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.lib import spreadsheets, spreadsheets_preflight
from lms.lib.spreadsheets import (
    FileError,
    MergedRange,
    read_workbook,
)
from lms.lib.spreadsheets_preflight import Limits, RefusedError, _Budget, scan_package
from tests.lms.workbooks import (
    DAMAGED_UTF8,
    HALF_PAST_EIGHT,
    SHEET_HEAD,
    SHEET_TAIL,
    code_of,
    make_sheet_xlsx,
    make_xlsx,
)

# Workbooks that are read


def test_cells_keep_their_types():
    data = make_xlsx([["文字", 1.5, 15437200014, True, None, "411521195107269181"]])

    (sheet,) = read_workbook(data).sheets

    assert sheet.name == "名单"
    assert sheet.visible
    assert sheet.rows == [["文字", 1.5, 15437200014.0, True, None, "411521195107269181"]]
    assert type(sheet.rows[0][3]) is bool


def test_dates_come_as_dates():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet()
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_datetime(0, 0, date(2019, 10, 29), day)
        sheet.write_datetime(0, 1, HALF_PAST_EIGHT, moment)

    assert read_workbook(buffer.getvalue()).sheets[0].rows == [
        [date(2019, 10, 29), HALF_PAST_EIGHT]
    ]


def test_merged_ranges_hidden_rows_and_hidden_sheets_are_told():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet("名单")
        sheet.merge_range("A1:C1", "标题")
        sheet.write_column("A2", ["甲", "乙", "丙"])
        sheet.set_row(2, None, None, {"hidden": True})
        workbook.add_worksheet("草稿").hide()
        workbook.add_worksheet("密").very_hidden()

    first, second, third = read_workbook(buffer.getvalue()).sheets

    assert first.merged == [MergedRange(1, 0, 1, 2)]
    assert first.hidden_rows == {3}
    assert [sheet.visible for sheet in (first, second, third)] == [True, False, False]


def test_rows_count_from_the_top_even_when_the_table_begins_lower():
    data = make_sheet_xlsx(b'<row r="3"><c r="B3" t="inlineStr"><is><t>a</t></is></c></row>')

    assert read_workbook(data).sheets[0].rows == [[None, None], [None, None], [None, "a"]]


def test_formats_without_a_value_may_reach_as_far_as_they_like():
    cells = b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row>'

    assert read_workbook(make_sheet_xlsx(cells)).sheets[0].rows == [[1.0]]


def test_formulas_outside_the_cells_are_no_cells():
    sheet = (
        SHEET_HEAD
        + b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row></sheetData>'
        + b'<extLst xmlns:xm="http://m"><ext><xm:f>A1</xm:f></ext></extLst></worksheet>'
    )

    data = make_xlsx(**{"xl/worksheets/sheet1.xml": sheet})

    assert read_workbook(data).sheets[0].rows == [[1.0]]


def test_a_path_an_open_file_and_bytes_are_all_read(tmp_path):
    path = tmp_path / "名单.xlsx"
    path.write_bytes(make_xlsx())

    workbook = read_workbook(path)

    assert workbook.filename == "名单.xlsx"
    with path.open("rb") as stream:
        assert read_workbook(stream, "名单.xlsx") == workbook
    assert read_workbook(path.read_bytes(), "名单.xlsx") == workbook


def test_a_xlsm_by_openpyxl_without_shared_strings_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["姓名", "李四"])
    book.save(tmp_path / "a.xlsx")

    assert read_workbook(tmp_path / "a.xlsx").sheets[0].rows == [["姓名", "李四"]]


# Bad files


def test_a_far_cell_is_refused_before_the_parser_aborts_on_it():
    near = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    bomb = make_sheet_xlsx(near + far)

    assert code_of(bomb) == "FILE_TOO_MANY_CELLS"


def test_cells_without_references_are_counted():
    wide = b"<row>" + b"<c><v>1</v></c>" * 101 + b"</row>"

    assert code_of(make_sheet_xlsx(wide)) == "FILE_TOO_MANY_CELLS"


@pytest.mark.parametrize("prefix", [b"", b"x:"])
def test_one_row_over_the_limit_is_refused(prefix):
    limits = Limits(rows=3)
    row = b'<%srow r="%d"><%sc r="A%d"><%sv>1</%sv></%sc></%srow>'
    rows = [row % (prefix, n, prefix, n, prefix, prefix, prefix, prefix) for n in range(1, 5)]
    head = SHEET_HEAD
    if prefix:
        head = head.replace(b"<", b"<x:").replace(b"xmlns=", b"xmlns:x=")
    tail = SHEET_TAIL.replace(b"</", b"</" + prefix)

    def workbook_of(count):
        sheet = head + b"".join(rows[:count]) + tail
        return make_xlsx(**{"xl/worksheets/sheet1.xml": sheet})

    assert code_of(workbook_of(4), limits=limits) == "FILE_TOO_MANY_CELLS"
    if not prefix:
        assert len(read_workbook(workbook_of(3), limits=limits).sheets[0].rows) == 3


def test_a_gigabyte_of_blanks_is_refused_by_the_directory():
    data = bytearray(make_xlsx(**{"xl/blanks.xml": deflated_gigabyte()}))
    local, central = data.rfind(b"PK\x03\x04"), data.rfind(b"PK\x01\x02")
    struct.pack_into("<H", data, local + 8, zipfile.ZIP_DEFLATED)
    struct.pack_into("<H", data, central + 10, zipfile.ZIP_DEFLATED)
    struct.pack_into("<L", data, central + 24, 1 << 30)

    assert len(data) < 2 << 20
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("xl/blanks.xml") as member:
        assert member.read(1 << 20) == b" " * (1 << 20)
    assert code_of(bytes(data)) == "FILE_UNPACKS_TOO_LARGE"


def deflated_gigabyte():
    """What deflating 1 GB of blanks gives, without the seconds that it takes."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = press.compress(b" " * (1 << 24)) + press.flush(zlib.Z_FULL_FLUSH)
    return block * 64 + press.flush()


def test_a_directory_that_lies_about_sizes_is_found_out_while_unpacking():
    limits = Limits(unpacked_bytes=1 << 20)
    data = bytearray(make_xlsx(**{"xl/media/image1.bin": b" " * (2 << 20)}))
    central = data.rfind(b"PK\x01\x02")
    assert data[central + 46 :].startswith(b"xl/media/image1.bin")
    struct.pack_into("<L", data, central + 24, 10)

    # zipfile stops at the size that the directory claims, so the member looks damaged or short.
    assert code_of(bytes(data), limits=limits) in {"FILE_DAMAGED", "FILE_UNPACKS_TOO_LARGE"}


def test_the_streaming_counter_stops_what_really_comes_out():
    data = make_xlsx(**{"xl/media/image1.bin": b" " * (2 << 20)})
    with zipfile.ZipFile(io.BytesIO(data)) as archive, pytest.raises(RefusedError) as caught:
        list(_Budget(1 << 20).pieces(archive, archive.getinfo("xl/media/image1.bin")))

    assert caught.value.code == "FILE_UNPACKS_TOO_LARGE"


@pytest.mark.parametrize("count", [201, 10_000])
def test_too_many_members_are_refused(count):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(count):
            archive.writestr(f"xl/{number}.xml", b"")

    assert code_of(out.getvalue()) == "FILE_TOO_MANY_PARTS"


def test_a_directory_that_lies_about_its_count_is_refused_all_the_same():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(10_000):
            archive.writestr(f"xl/{number}.xml", b"")
    data = bytearray(out.getvalue())
    end = data.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", data, end + 8, 3, 3)

    assert code_of(bytes(data)) == "FILE_TOO_MANY_PARTS"


@pytest.mark.parametrize(
    "member",
    ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/extra.xml"],
)
def test_a_document_type_is_refused_in_any_part(member):
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        + SHEET_HEAD
        + b"<row><c><v>&b;</v></c></row>"
        + SHEET_TAIL
    )

    assert code_of(make_xlsx(**{member: laughs})) == "FILE_HAS_DOCTYPE"


def test_sizes_and_counts_are_refused_before_anything_is_unpacked(monkeypatch):
    def refuse(*_):
        raise AssertionError("a member was unpacked")

    many, large = make_xlsx(), make_xlsx(**{"xl/media/image1.bin": b" " * (2 << 20)})
    monkeypatch.setattr(spreadsheets_preflight.zipfile.ZipFile, "open", refuse)

    for data, limits, code in (
        (large, Limits(unpacked_bytes=1 << 20), "FILE_UNPACKS_TOO_LARGE"),
        (many, Limits(members=3), "FILE_TOO_MANY_PARTS"),
    ):
        with pytest.raises(RefusedError) as caught:
            scan_package(data, limits)
        assert caught.value.code == code


def test_a_long_directory_is_refused_before_it_is_listed(monkeypatch):
    data = make_xlsx()
    monkeypatch.delattr(spreadsheets_preflight.zipfile, "ZipFile")

    with pytest.raises(RefusedError) as caught:
        scan_package(data, Limits(members=3))

    assert caught.value.code == "FILE_TOO_MANY_PARTS"


def test_a_document_type_in_utf_16_is_refused_too():
    sheet = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a []>{SHEET_HEAD.decode()}'

    data = make_xlsx(**{"xl/worksheets/sheet1.xml": sheet.encode("utf-16")})

    assert code_of(data) == "FILE_HAS_DOCTYPE"


def test_a_password_is_asked_to_be_removed():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")

    assert code_of(ole) == "FILE_ENCRYPTED"


def test_a_zip_password_is_asked_to_be_removed():
    data = bytearray(make_xlsx())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(signature), bytes(data)):
            data[found.start() + offset] |= 1

    assert code_of(bytes(data)) == "FILE_ENCRYPTED"


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"", "a.xlsx", "FILE_EMPTY"),
        (b"", "a.csv", "FILE_EMPTY"),
        (b"\xef\xbb\xbf\r\n\r\n", "a.csv", "FILE_EMPTY"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a.xls", "FILE_SAVE_AS_XLSX"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><table/>", "a.xlsx", "FILE_SAVE_AS_XLSX"),
        (b'<?xml version="1.0"?><Workbook/>', "a.xls", "FILE_SAVE_AS_XLSX"),
        (b"MIME-Version: 1.0\r\n", "a.xls", "FILE_SAVE_AS_XLSX"),
        (b"%PDF-1.7\n", "a.xlsx", "FILE_NOT_A_TABLE"),
        (b"\x89PNG\r\n\x1a\n", "a.xlsx", "FILE_NOT_A_TABLE"),
        (b"\xff\xd8\xff\xe0", "a.jpg", "FILE_NOT_A_TABLE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.et", "FILE_SAVE_AS_XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "FILE_SAVE_AS_XLSX"),
        (b"\x01\x00\x02\x00" * 40, "a.xlsx", "FILE_DAMAGED"),
        (b"PK\x03\x04 not really", "a.xlsx", "FILE_DAMAGED"),
        ("姓名,电话\n张\0伟,1\n".encode(), "a.csv", "TEXT_HAS_NUL"),
        ("姓名,电话\n张伟,1\n".encode()[:-9] + b"\xe5,1\n", "a.csv", "TEXT_ENCODING"),
        (DAMAGED_UTF8, "a.csv", "TEXT_ENCODING"),
        (b"\xff\xfe\x00\xd8", "a.csv", "TEXT_ENCODING"),
        (b"\x81", "a.csv", "TEXT_ENCODING"),
        ('姓名,电话\n"张伟,1\n李四,2\n'.encode(), "a.csv", "TEXT_QUOTES"),
    ],
)
def test_files_of_other_kinds_are_told_what_to_do(content, filename, code):
    assert code_of(content, filename) == code


def test_a_zip_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")

    assert code_of(out.getvalue()) == "FILE_NOT_A_TABLE"


def test_a_binary_workbook_is_asked_to_be_saved_as_xlsx():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")

    assert code_of(out.getvalue()) == "FILE_SAVE_AS_XLSX"


def test_a_file_cut_off_in_the_middle_is_damaged():
    data = make_xlsx()

    assert code_of(data[: len(data) // 2]) == "FILE_DAMAGED"


def test_a_file_over_the_size_limit_is_not_read_to_its_end():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            assert size > 0
            self.taken += size
            return b"a" * size

    stream = Endless()

    assert code_of(stream, "a.csv", Limits(file_bytes=1000)) == "FILE_TOO_LARGE"
    assert stream.taken == 1001


# The child process


def use_child(monkeypatch, program):
    monkeypatch.setattr(spreadsheets, "_CHILD", (sys.executable, "-c", program))


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "raise SystemExit(1)",
        'print(\'{"sheet": "a"\')',
        'print(\'{"sheet": "a", "visible": true, "hidden": [], "merged": []}\')',
    ],
    ids=["abort", "exit", "garbage", "cut off"],
)
def test_a_child_that_dies_costs_the_file_and_nothing_else(monkeypatch, program):
    use_child(monkeypatch, program)

    assert code_of(make_xlsx()) == "FILE_TOO_COMPLEX"


def test_a_child_that_hangs_is_ended(monkeypatch):
    use_child(monkeypatch, "while True: pass")

    assert code_of(make_xlsx(), limits=Limits(wall_seconds=1)) == "FILE_TOO_COMPLEX"


def test_a_file_that_needs_too_much_memory_ends_the_child_only():
    text = "字" * 30_000
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 9000)
    )
    data = make_xlsx(
        **{
            "xl/worksheets/sheet1.xml": SHEET_HEAD + rows + SHEET_TAIL,
            "xl/sharedStrings.xml": f"<sst><si><t>{text}</t></si></sst>".encode(),
        }
    )

    assert code_of(data, limits=Limits(memory_bytes=300 << 20)) == "FILE_TOO_COMPLEX"


def test_text_repeated_beyond_measure_is_refused():
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 5001)
    )
    data = make_xlsx(
        **{
            "xl/worksheets/sheet1.xml": SHEET_HEAD + rows + SHEET_TAIL,
            "xl/sharedStrings.xml": f"<sst><si><t>{'a' * 1000}</t></si></sst>".encode(),
        }
    )

    assert code_of(data, limits=Limits(text_bytes=1 << 20)) == "FILE_TOO_COMPLEX"


def test_the_child_knows_nothing_of_the_web_application():
    program = (
        "import sys, lms.lib.spreadsheets_child; "
        "print([name for name in sys.modules if name.split('.')[0] == 'django'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(spreadsheets.__file__).parents[2],
    )

    assert done.stdout.strip() == "[]"


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.txt", ""]))
def test_any_bytes_are_read_or_refused(data, filename):
    if data.startswith((b"PK", b"\xd0\xcf")):
        return
    with contextlib.suppress(FileError):
        read_workbook(data, filename)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=40))
def test_a_workbook_with_any_bytes_overwritten_is_read_or_refused(at, junk):
    data = bytearray(make_xlsx())
    at %= len(data)
    data[at : at + len(junk)] = junk
    with contextlib.suppress(FileError):
        read_workbook(bytes(data), "a.xlsx")
