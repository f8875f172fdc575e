"""What we write stays text."""

import io
import zipfile
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from lms.lib.spreadsheets import (
    cell_text,
    guard_csv_cell,
    open_workbook,
    read_workbook,
    write_rows_xlsx,
)

DANGEROUS = [
    '=HYPERLINK("http://x")',
    "@SUM(A1)",
    "\t=1",
    "-2+3",
    "+1",
    "411521195107269181",
    "http://x",
]


def test_what_is_written_stays_text_and_comes_back_the_same():
    buffer = io.BytesIO()
    write_rows_xlsx(buffer, [DANGEROUS, ["", "{{7*7}}", "<script>", None, "'; DROP TABLE"]])

    with zipfile.ZipFile(buffer) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"<hyperlink" not in sheet
        assert b"<v>" not in sheet
    rows = read_workbook(buffer.getvalue()).sheets[0].rows
    assert rows[0] == DANGEROUS
    assert rows[1][:5] == [None, "{{7*7}}", "<script>", None, "'; DROP TABLE"]


def test_the_writer_of_exports_makes_neither_formulas_nor_numbers():
    buffer = io.BytesIO()
    with open_workbook(buffer) as workbook:
        workbook.add_worksheet().write_row(0, 0, ["=1+1", "411521195107269181"])

    buffer.seek(0)
    rows = CalamineWorkbook.from_filelike(buffer).get_sheet_by_index(0).to_python()
    assert rows == [["=1+1", "411521195107269181"]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (15437200014.0, "15437200014"),
        (4.115e17, "4.115e+17"),
        (float("nan"), "nan"),
        (True, "True"),
        (date(2019, 1, 2), "2019-01-02"),
        ("\ud800", "?"),
        ("a" * 40_000, "a" * 32_767),
    ],
)
def test_cells_are_written_as_people_read_them(value, text):
    assert cell_text(value) == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_csv_cells_cannot_become_formulas(start):
    assert guard_csv_cell(f"{start}1") == f"'{start}1"
    assert guard_csv_cell("张伟") == "张伟"


# Anything at all
