"""Read the head counts that a workbook declares on a summary sheet, for the preview to compare."""

from __future__ import annotations

from learners.roster.headers import header_key, recognise
from learners.roster.normalise import cell_text, squeeze
from lms.lib.spreadsheets import Cell, Sheet

_COUNT_WORDS = frozenset({"人数", "培训人数", "参训人数", "学员人数", "合计人数", "人次"})
_TOTALS = frozenset({"合计", "总计", "小计", "共计"})
_SEARCHED_ROWS = 10


def declared_counts(sheet: Sheet) -> dict[str, int]:
    """Place -> number of people, from a visible sheet with a place and a count column."""
    if not sheet.visible:
        return {}
    for at, row in enumerate(sheet.rows[:_SEARCHED_ROWS]):
        place = _column_of(row, is_place=True)
        count = _column_of(row, is_place=False)
        if place is not None and count is not None:
            return _read(sheet.rows[at + 1 :], place, count)
    return {}


def _column_of(row: list[Cell], *, is_place: bool) -> int | None:
    for column, value in enumerate(row):
        if is_place and recognise(value) in ("township", "village", "county"):
            return column
        if not is_place and header_key(value) in _COUNT_WORDS:
            return column
    return None


def _read(rows: list[list[Cell]], place: int, count: int) -> dict[str, int]:
    found = {}
    for row in rows:
        name = squeeze(cell_text(row[place])) if place < len(row) else ""
        number = cell_text(row[count]) if count < len(row) else ""
        if name and name not in _TOTALS and number.isascii() and number.isdigit():
            found[name] = int(number)
    return found
