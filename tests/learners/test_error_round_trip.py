"""The workbook of rows to correct: as the file looked, and repaired it comes in as it should."""

from io import BytesIO

import openpyxl
import pytest
import xlsxwriter

from learners.actions.imports import write_error_workbook
from learners.models import Learner, RosterImport
from learners.queries.rosters import judged_row
from tests import factories
from tests.learners.rosters import HEADER, imported, make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
WRONG = factories.make_id_number(2)[:17] + "?"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def make_book() -> bytes:
    """Two sheets with titles, a header of two rows, merged cells and widths of their own."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for name, first in (("东片", 1), ("西片", 11)):
            page = book.add_worksheet(name)
            page.set_column(0, 0, 5)
            page.set_column(1, 3, 31.5)
            page.merge_range(0, 0, 0, 6, "罗山县花名册")
            page.merge_range(1, 0, 1, 3, "填报单位：商务局")
            page.merge_range(2, 1, 2, 3, "个人信息")
            page.merge_range(2, 4, 2, 6, "住址")
            page.write_row(3, 0, HEADER)
            for at, row in enumerate(make_rows(first, first + 4)):
                page.write_row(4 + at, 0, row)
            page.write(6, 2, WRONG)
            page.merge_range(9, 4, 9, 5, "")
            page.write_row(10, 0, ["合计", "5人"])
        notes = book.add_worksheet("说明")
        notes.write(0, 0, "没有人")
    return stream.getvalue()


def book_of(found: RosterImport) -> openpyxl.Workbook:
    content = write_error_workbook(roster_import=found, actor=None)
    return openpyxl.load_workbook(BytesIO(content))


def red_cells(sheet) -> list[str]:
    cells = [cell for row in sheet.iter_rows() for cell in row]
    return [cell.coordinate for cell in cells if cell.fill.fgColor.rgb == "FFFFC7CE"]


def repaired(book: openpyxl.Workbook, numbers: dict[str, str]) -> bytes:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value in numbers:
                    cell.value = numbers[cell.value]
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def test_it_looks_like_the_file_it_came_from(county_clerk):
    book = book_of(imported(content=make_book(), actor=county_clerk))
    assert book.sheetnames == ["东片", "西片"]
    for sheet in book:
        assert [sheet.cell(row, 1).value for row in (1, 2, 4)] == [
            "罗山县花名册",
            "填报单位：商务局",
            "序号",
        ]
        assert {str(span) for span in sheet.merged_cells.ranges} == {
            *("A1:G1", "A2:D2", "B3:D3", "E3:G3")
        }
        widths = {letter: sheet.column_dimensions[letter].width for letter in "AB"}
        assert widths["A"] == pytest.approx(5.71, abs=0.1)
        assert widths["B"] == pytest.approx(32.21, abs=0.1)
        assert red_cells(sheet) == ["C5"]
        assert sheet.cell(4, 8).value == "原因"
        assert sheet.cell(5, 8).value
        assert sheet.max_row == 5


def test_repaired_it_brings_exactly_its_rows_and_nobody_twice(county_clerk):
    first = imported(content=make_book(), actor=county_clerk)
    assert Learner.objects.count() == 8
    book = book_of(first)
    book["西片"]["C5"] = factories.make_id_number(13)
    again = imported(
        content=repaired(book, {WRONG: factories.make_id_number(3)}), actor=county_clerk
    )
    rows = again.rows.exclude(verdict="SKIPPED")
    assert {(row.verdict, row.outcome) for row in rows} == {("OK", "CREATED")}
    assert len(rows) == 2
    assert Learner.objects.count() == 10
    once_more = imported(content=make_book(), actor=county_clerk)
    assert not once_more.rows.filter(outcome="CREATED").exists()
    assert Learner.objects.count() == 10


@pytest.mark.parametrize(
    ("encoding", "separator"), [("gbk", ","), ("utf-16", "\t"), ("utf-8-sig", ",")]
)
def test_text_files_come_back_as_workbooks(encoding, separator, county_clerk):
    rows = [HEADER, *make_rows(1, 3)]
    rows[2][2] = WRONG
    text = "\r\n".join(separator.join(map(str, row)) for row in rows)
    first = imported(content=text.encode(encoding), name="名单.csv", actor=county_clerk)
    book = book_of(first)
    assert red_cells(book.active) == ["C2"]
    content = repaired(book, {WRONG: factories.make_id_number(2)})
    again = imported(content=content, name="改.xlsx", actor=county_clerk)
    (row,) = again.rows.exclude(verdict="SKIPPED")
    assert (row.verdict, row.outcome) == ("OK", "CREATED")
    assert judged_row(row).fields["id_number"] == factories.make_id_number(2)
    assert Learner.objects.count() == 3
