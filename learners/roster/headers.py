"""Recognise a roster's header. What headers say is data: see `wordings`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from learners.roster.normalise import ATTENDANCE_MARKS, cell_text, id_number, simplify, squeeze
from learners.roster.wordings import QUALIFIERS, WORDINGS
from lms.lib import idnumbers
from lms.lib.spreadsheets import Cell, Sheet

_FIELD_OF = {wording: name for name, wordings in WORDINGS.items() for wording in wordings}
_RANK = {wording: rank for wordings in WORDINGS.values() for rank, wording in enumerate(wordings)}
_QUALIFIED = 1000
_BRACKETED = re.compile(r"[(\[{【〔<《].*?[)\]}】〕>》]")
_PUNCTUATION = re.compile(r"[^\w]+|_+")
_NUMERAL = r"[0-9一二三四五六七八九十]+"
_ATTENDANCE = re.compile(
    rf"(?:(?:20\d\d[年./-])?\d{{1,2}}[月./-]\d{{1,2}}日?|\d{{1,2}}日|第?{_NUMERAL}[天次讲课节日]|day\d+|"
    r"周[一二三四五六日]|星期[一二三四五六日天])?(?:上午|下午|晚上|晚|早|am|pm)?(?:签到|考勤|出勤)?",
    re.IGNORECASE,
)
_ATTENDANCE_GROUP = re.compile("签到|考勤|出勤|到课|点名")
_MOST_HEADER_ROWS = 3
_SEARCHED_ROWS = 40
_SAMPLED_ROWS = 200


@dataclass
class Layout:
    """Where a sheet's header stands (1-based rows) and which column holds which field."""

    first_row: int
    last_row: int
    columns: dict[str, int]
    titles: list[str]
    attendance: list[tuple[int, str]] = field(default_factory=list)


def header_key(value: Cell) -> str:
    text = simplify(squeeze(unicodedata.normalize("NFKC", cell_text(value)))).lower()
    text = text.replace("身分", "身份")
    bare = _PUNCTUATION.sub("", _BRACKETED.sub("", text))
    return bare or _PUNCTUATION.sub("", text)


def recognise(value: Cell) -> str:
    """The field that a header cell names, or ""."""
    if not isinstance(value, str) or len(value) > 60:
        return ""
    return _recognise_key(header_key(value))[0]


def _recognise_key(key: str) -> tuple[str, int]:
    """The field and how sure the wording is of it: the lower, the surer."""
    if key in _FIELD_OF:
        return _FIELD_OF[key], _RANK[key]
    for qualifier in QUALIFIERS:
        rest = key.removeprefix(qualifier)
        if rest != key and rest in _FIELD_OF:
            return _FIELD_OF[rest], _RANK[rest] + _QUALIFIED
    return "", 0


def find_layout(sheet: Sheet) -> Layout | None:
    """The header of a roster sheet: the first block of rows that names a person and a number."""
    best: Layout | None = None
    for first in range(min(len(sheet.rows), _SEARCHED_ROWS)):
        layout = _layout_at(sheet, first)
        if layout and _is_roster(layout.columns):
            return _with_marks_only(sheet, layout)
        if layout and "name" in layout.columns and len(layout.columns) > 2 and best is None:
            best = layout
    if best:
        _infer_id_column(sheet, best)
    return _with_marks_only(sheet, best) if best and _is_roster(best.columns) else None


def _with_marks_only(sheet: Sheet, layout: Layout) -> Layout:
    layout.attendance = [
        (column, title)
        for column, title in layout.attendance
        if column not in layout.columns.values() and _has_marks(sheet, layout.last_row, column)
    ]
    return layout


def _is_roster(columns: dict[str, int]) -> bool:
    return "name" in columns and "id_number" in columns


def _layout_at(sheet: Sheet, first: int) -> Layout | None:
    """Read a header that begins in row `first`, with the rows that continue it."""
    if not any(recognise(value) for value in sheet.rows[first]):
        return None
    layout = _read_block(sheet, first, first)
    for last in range(first + 1, min(first + _MOST_HEADER_ROWS, len(sheet.rows))):
        longer = _read_block(sheet, first, last)
        if not _continues(sheet, last, longer) or not _is_richer(longer, layout):
            break
        layout = longer
    if not _is_roster(layout.columns):
        return layout
    return _with_group_row(sheet, first, layout)


def _with_group_row(sheet: Sheet, first: int, layout: Layout) -> Layout:
    """A row of group headings above the header helps to tell its columns apart."""
    if first == 0 or not _is_group_row(sheet.rows[first - 1]):
        return layout
    longer = _read_block(sheet, first - 1, layout.last_row - 1)
    return longer if _is_richer(longer, layout) else layout


def _is_group_row(row: Sequence[Cell]) -> bool:
    texts = [cell_text(value) for value in row if value is not None]
    return len(texts) > 1 and not any(":" in text or len(text) > 16 for text in texts)


def _is_richer(longer: Layout, layout: Layout) -> bool:
    more = len(longer.columns) - len(layout.columns)
    return more > 0 or (more == 0 and len(longer.attendance) > len(layout.attendance))


def _continues(sheet: Sheet, row: int, layout: Layout) -> bool:
    """A row below the header belongs to it unless it names a person."""
    cells = sheet.rows[row]
    for name in ("name", "id_number"):
        at = layout.columns.get(name)
        value = cells[at] if at is not None and at < len(cells) else None
        if value is not None and recognise(value) != name:
            return False
    return any(cells) and not any(
        idnumbers.looks_like_id_number(id_number(value)) for value in cells if value is not None
    )


def _read_block(sheet: Sheet, first: int, last: int) -> Layout:
    stacks = _stacks(sheet, first, last)
    layout = Layout(first + 1, last + 1, {}, [_title(stack) for stack in stacks])
    ranks: dict[str, int] = {}
    for column, stack in enumerate(stacks):
        name, rank = _recognise_stack(stack)
        if name and rank < ranks.get(name, 2 * _QUALIFIED):
            layout.columns[name], ranks[name] = column, rank
        elif not name and _is_attendance(stack):
            layout.attendance.append((column, layout.titles[column]))
    _settle_heads(layout.columns)
    return layout


def _stacks(sheet: Sheet, first: int, last: int) -> list[list[Cell]]:
    """Per column the header cells from top to bottom; a group heading reaches over its columns."""
    block = [list(row) for row in sheet.rows[first : last + 1]]
    width = max(len(row) for row in block)
    for row in block:
        row.extend([None] * (width - len(row)))
    for depth, row in enumerate(block[:-1]):
        for column in range(1, width):
            below = any(lower[column] is not None for lower in block[depth + 1 :])
            left = any(lower[column - 1] is not None for lower in block[depth + 1 :])
            if row[column] is None and below and left:
                row[column] = row[column - 1]
    return [[row[column] for row in block] for column in range(width)]


def _title(stack: list[Cell]) -> str:
    parts = dict.fromkeys(re.sub(r"[\r\n]+", "", cell_text(value)) for value in stack)
    return "/".join(part for part in parts if part)


def _recognise_stack(stack: list[Cell]) -> tuple[str, int]:
    keys = [header_key(value) for value in stack if isinstance(value, str) and len(value) <= 60]
    for key in ("".join(dict.fromkeys(keys)), *reversed(keys)):
        name, rank = _recognise_key(key)
        if name:
            return name, rank
    return "", 0


def _settle_heads(columns: dict[str, int]) -> None:
    """A table of households lists their heads: they are then its people."""
    if "name" not in columns and "head_name" in columns:
        columns["name"] = columns.pop("head_name")
    if "id_number" not in columns and "head_id" in columns:
        columns["id_number"] = columns.pop("head_id")


def _is_attendance(stack: list[Cell]) -> bool:
    present = [value for value in stack if value is not None]
    if not present:
        return False
    if isinstance(present[-1], date):
        return True
    lowest = squeeze(cell_text(present[-1]))
    if _ATTENDANCE.fullmatch(lowest) and lowest:
        return True
    return any(_ATTENDANCE_GROUP.search(cell_text(value)) for value in present)


def _has_marks(sheet: Sheet, start: int, column: int) -> bool:
    """Whether the column was filled in with marks, rather than left for pens or used otherwise."""
    texts = [
        squeeze(cell_text(row[column]))
        for row in sheet.rows[start : start + _SAMPLED_ROWS]
        if column < len(row) and row[column] is not None
    ]
    known = sum(text in ATTENDANCE_MARKS for text in texts)
    return bool(known) and known * 2 > len(texts)


def _infer_id_column(sheet: Sheet, layout: Layout) -> None:
    """An unknown wording over a column of ID numbers still is the ID column."""
    if "id_number" in layout.columns:
        return
    taken = set(layout.columns.values())
    for column in range(len(layout.titles)):
        values = [
            row[column]
            for row in sheet.rows[layout.last_row : layout.last_row + _SAMPLED_ROWS]
            if column < len(row) and row[column] is not None
        ]
        alike = sum(idnumbers.looks_like_id_number(id_number(value)) for value in values)
        if column not in taken and alike and alike * 2 > len(values):
            layout.columns["id_number"] = column
            return


def is_repeated_header(row: Sequence[Cell], layout: Layout) -> bool:
    """Long lists repeat their header on every printed page."""
    alike = 0
    for name, column in layout.columns.items():
        value = row[column] if column < len(row) else None
        if isinstance(value, str) and recognise(value) == name:
            alike += 1
    return alike >= 2
