import io
import zipfile

import openpyxl
import pytest

from learners.roster.error_book import write_error_book
from learners.roster.judging import judge
from learners.roster.verdicts import CODES
from lms.lib.spreadsheets import Sheet, Workbook, read_workbook
from tests.learners.roster_cases import (
    AS_OF,
    FIXTURES,
    HEADER,
    LUOSHAN,
    codes,
    judge_sheets,
    make_id,
    make_row,
    merged,
    places,
)

TITLE = ["罗山县花名册"] + [None] * 8
OTHER = make_id(serial="013")


@pytest.fixture
def book(tmp_path):
    def write(report):
        path = tmp_path / "errors.xlsx"
        count = write_error_book(report, path)
        return path, count

    return write


def messy():
    rows = [
        TITLE,
        HEADER,
        make_row(),
        make_row(name="=1+1", id_number=4.1152119800101e17, township="同上", village=None),
        make_row(name="李四", id_number=OTHER, township="没有镇"),
    ]
    return judge_sheets(Sheet("名单", rows=rows, merged=[merged(3, 7, 4, 7)]))


def test_rejected_rows_keep_their_layout_and_get_reasons(book):
    path, count = book(messy())

    sheet = read_workbook(path).sheets[0]

    assert count == 2
    assert sheet.name == "名单"
    assert sheet.rows[0][:9] == TITLE
    assert sheet.rows[1][:9] == HEADER
    assert sheet.rows[2][1] == "=1+1"
    assert sheet.rows[2][3] == "4.1152119800101e+17"
    assert sheet.rows[2][6:8] == ["周党镇", "桂店村"]
    assert str(CODES["ID_PRECISION_LOST"].what) in sheet.rows[2][9]
    assert str(CODES["TOWNSHIP_UNKNOWN"].remedy) in sheet.rows[3][9]
    assert len(sheet.rows) == 4


def test_only_the_faulty_cells_are_red_and_every_cell_is_text(book):
    path, _count = book(messy())

    sheet = openpyxl.load_workbook(path)["名单"]

    def red(row):
        return [cell.column for cell in sheet[row] if cell.fill.fgColor.rgb == "FFFFC7CE"]

    assert red(3) == [4]
    assert red(4) == [7]
    assert {cell.number_format for row in sheet["A3:I4"] for cell in row} == {"@"}


def test_nothing_in_it_is_a_formula_or_a_link(book):
    path, _count = book(messy())

    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet


def test_a_place_without_a_column_is_red_where_the_address_is(book):
    header = ["姓名", "家庭住址", "身份证号"]
    path, _count = book(
        judge_sheets(Sheet("名单", rows=[header, ["张伟", "某岗镇李家湾", make_id()]]))
    )

    (_header, row) = openpyxl.load_workbook(path)["名单"].iter_rows()

    assert [cell.column for cell in row if cell.fill.fgColor.rgb == "FFFFC7CE"] == [2]


def test_a_repaired_book_can_be_uploaded_again(book):
    path, _count = book(messy())
    repaired = openpyxl.load_workbook(path)
    sheet = repaired["名单"]
    sheet["D3"] = make_id(serial="017")
    sheet["G4"] = "周党镇"
    repaired.save(path)

    report = judge(read_workbook(path), places(), as_of=AS_OF, county_code=LUOSHAN)

    assert [codes(row) for row in report.people()] == [[], []]


def test_a_book_that_comes_back_unrepaired_keeps_one_reason_column(book):
    path, _count = book(messy())
    again = judge(read_workbook(path), places(), as_of=AS_OF, county_code=LUOSHAN)

    path, count = book(again)

    assert count == 2
    assert [len(row) for row in read_workbook(path).sheets[0].rows[1:]] == [10, 10, 10]
    assert [codes(row) for row in again.people()] == [["ID_PRECISION_LOST"], ["TOWNSHIP_UNKNOWN"]]


def test_a_township_known_from_the_sheet_has_no_red_cell_but_a_reason(book):
    report = judge_sheets(
        Sheet("没有镇", rows=[["姓名", "身份证号"], ["张伟", make_id()]]),
        Sheet("周党镇", rows=[["姓名", "身份证号"], ["李四", OTHER]]),
    )

    path, count = book(report)

    workbook = read_workbook(path)
    assert count == 1
    assert [sheet.name for sheet in workbook.sheets] == ["没有镇"]
    assert str(CODES["TOWNSHIP_UNKNOWN"].what) in workbook.sheets[0].rows[1][2]


def test_a_text_file_and_a_faultless_file_give_books_too():
    rejected = io.BytesIO()
    sheet = Sheet(None, rows=[HEADER, make_row(name="")])
    report = judge(Workbook([sheet], "x", "csv"), places(), as_of=AS_OF, county_code=LUOSHAN)

    assert write_error_book(report, rejected) == 1
    assert len(read_workbook(rejected.getvalue()).sheets[0].rows) == 2
    assert write_error_book(judge_sheets(Sheet("a", rows=[HEADER, make_row()])), io.BytesIO()) == 0


@pytest.mark.parametrize(
    "name", ["p1_luoshan_households.xlsx", "p2_yuepuhu_gbk.csv", "p3_zhuozi_by_township.xlsx"]
)
def test_the_samples_rejected_rows_come_back_with_the_same_verdicts(book, name):
    code = {"p1": "411521", "p2": "653128", "p3": "150921"}[name[:2]]
    report = judge(read_workbook(FIXTURES / name), places(), as_of=AS_OF, county_code=code)
    rejected = [found.code for row in report.rejected() for found in row.findings]

    path, count = book(report)
    again = judge(read_workbook(path), places(), as_of=AS_OF, county_code=code)

    assert count == len(rejected)
    assert len(list(again.people())) == count
    duplicates = {"DUP_IN_FILE", "DUP_CONFLICT"}
    same = [found.code for row in again.rejected() for found in row.findings]
    lost_zeros = {"ID_CHECKSUM": "ID_PRECISION_LOST"} if name.endswith("csv") else {}
    expected = [code for code in rejected if code not in duplicates]
    assert [lost_zeros.get(code, code) for code in same if code not in duplicates] == [
        lost_zeros.get(code, code) for code in expected
    ]
