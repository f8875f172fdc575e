"""The rejected rows as a workbook: correct the red cells, upload it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from learners.roster.headers import Layout
from learners.roster.report import JudgedRow, Report, Shape
from lms.lib.spreadsheets import Cell, cell_text, open_workbook

_REASON_WIDTH = 70
_COLUMN_WIDTH = 16
_ID_WIDTH = 24
#: Files say a column's width with what Excel adds to it; the writer adds that again.
_PADDING = 0.71
_PLAIN_SHEET = "Sheet1"


def write_error_book(report: Report, target: Path | str | IO[bytes]) -> int:
    """Write the rejected rows in the layout of their own file; returns how many there are.

    Each sheet keeps its titles and header, gets a last column with the reason, and holds text
    only, so that a number typed into it keeps its digits.
    """
    chosen = _rows_by_sheet(report)
    with open_workbook(target) as workbook:
        formats = _formats(workbook)
        for name, layout in report.layouts.items():
            if name in chosen:
                sheet = workbook.add_worksheet(name or _PLAIN_SHEET)
                shape = report.shapes.get(name, Shape())
                _write_sheet(_SheetWriter(sheet, formats), chosen[name], layout, shape)
        if not chosen:
            workbook.add_worksheet(_PLAIN_SHEET)
    return sum(row.is_person for rows in chosen.values() for row in rows)


def _rows_by_sheet(report: Report) -> dict[str | None, list[JudgedRow]]:
    chosen: dict[str | None, list[JudgedRow]] = defaultdict(list)
    for row in report.rejected():
        chosen[row.sheet].append(row)
    for row in report.skipped():
        if row.sheet in chosen and row.row <= report.layouts[row.sheet].last_row:
            chosen[row.sheet].append(row)
    return {name: sorted(rows, key=lambda row: row.row) for name, rows in chosen.items()}


def _formats(workbook: Any) -> dict[str, Any]:
    text = {"num_format": "@", "font_size": 11}
    return {
        "text": workbook.add_format(text),
        "header": workbook.add_format({**text, "bold": True, "bg_color": "#E7ECF3"}),
        "fault": workbook.add_format({**text, "bg_color": "#FFC7CE", "font_color": "#9C0006"}),
        "reason": workbook.add_format({**text, "text_wrap": True, "font_color": "#9C0006"}),
    }


class _SheetWriter:
    """Writes row after row, each cell as text."""

    def __init__(self, sheet: Any, formats: dict[str, Any]) -> None:
        self.sheet = sheet
        self._formats = formats
        self._row = 0

    def write(self, cells: Iterable[tuple[Cell, str]]) -> None:
        for column, (value, style) in enumerate(cells):
            self.sheet.write_string(self._row, column, cell_text(value), self._formats[style])
        self._row += 1


def _write_sheet(writer: _SheetWriter, rows: list[JudgedRow], layout: Layout, shape: Shape) -> None:
    reason_column = _reason_column(layout)
    for column in range(reason_column):
        least = _ID_WIDTH if column == layout.columns["id_number"] else 0
        width = shape.widths.get(column, _COLUMN_WIDTH + _PADDING) - _PADDING
        writer.sheet.set_column(column, column, max(width, least))
    writer.sheet.set_column(reason_column, reason_column, _REASON_WIDTH)
    _merge(writer.sheet, rows, shape, reason_column)
    writer.sheet.freeze_panes(sum(not row.is_person for row in rows), 0)
    for row in rows:
        if row.is_person:
            writer.write(_person_cells(row, layout, reason_column))
        else:
            writer.write(_heading_cells(row, layout, reason_column))


def _merge(sheet: Any, rows: list[JudgedRow], shape: Shape, reason_column: int) -> None:
    """Titles and headings reach over the cells that they reached over in the file.

    The cells themselves are written row by row like all others; `merge_range` would write them
    out of order, which a sheet that keeps no rows in memory cannot do.
    """
    line_of = {row.row: line for line, row in enumerate(rows)}
    for span in shape.merged:
        lines = [line_of.get(row) for row in range(span.first_row, span.last_row + 1)]
        if None not in lines and span.last_column < reason_column:
            sheet.merge.append([lines[0], span.first_column, lines[-1], span.last_column])


def _reason_column(layout: Layout) -> int:
    """Behind the last column, or the old reasons' own column when an error book comes back."""
    return layout.columns.get("reason", len(layout.titles))


def _padded(cells: list[Cell], width: int) -> list[Cell]:
    return (cells + [None] * width)[:width]


def _heading_cells(row: JudgedRow, layout: Layout, reason_column: int) -> list[tuple[Cell, str]]:
    style = "header" if row.row >= layout.first_row else "text"
    cells = [(value, style) for value in _padded(row.cells, reason_column)]
    return (
        [*cells, (pgettext("error workbook", "Reason"), "header")]
        if row.row == layout.last_row
        else cells
    )


def _column_of(layout: Layout, name: str) -> int | None:
    """Where a field stands; a place without a column of its own stands in the address."""
    columns = layout.columns
    if name in ("county", "township", "village") and name not in columns:
        return columns.get("address", columns.get("village"))
    return columns.get(name)


def _person_cells(row: JudgedRow, layout: Layout, reason_column: int) -> list[tuple[Cell, str]]:
    cells = _padded(row.cells, reason_column)
    for name, value in row.meant.items():
        if layout.columns[name] < reason_column:
            cells[layout.columns[name]] = value
    faulty = {_column_of(layout, finding.field) for finding in row.findings}
    marked = [(value, "fault" if at in faulty else "text") for at, value in enumerate(cells)]
    place = _("Row %(row)d of the file.") % {"row": row.row}
    reasons = " ".join(finding.reason() for finding in row.findings)
    return [*marked, (f"{place} {reasons}", "reason")]
