"""Recognise a roster's header. What headers say is data: see `wordings`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from learners.roster.evidence import SAMPLED_ROWS, is_id_like
from learners.roster.normalise import ATTENDANCE_MARKS, cell_text, simplify, squeeze
from learners.roster.wordings import LOOSE, OTHERS, QUALIFIERS, WORDINGS
from lms.lib.spreadsheets import Cell, Sheet

_FIELD_OF = {wording: name for name, wordings in WORDINGS.items() for wording in wordings}
_RANK = {wording: rank for wordings in WORDINGS.values() for rank, wording in enumerate(wordings)}
# How sure a title is of its field: each step is worse than every wording of the one before.
STEP = 1000
_QUALIFIED, _ALTERED, _LOOSE_RANK = STEP, 2 * STEP, 3 * STEP
_LOOSE = tuple((name, re.compile(holds), re.compile(lacks or "$^")) for name, holds, lacks in LOOSE)
_OTHERS = re.compile(OTHERS)
_BRACKETED = re.compile(r"[(\[{【〔<《].*?[)\]}】〕>》]")
_PUNCTUATION = re.compile(r"[^\w]+|_+")
_LATIN_OR_COUNT = re.compile(
    r"[a-z]+|^[0-9]+|[0-9]+$|^[一二三四五六七八九十]+(?=[^一二三四五六七八九十])"
)
_NUMERAL = r"[0-9一二三四五六七八九十]+"
_ATTENDANCE = re.compile(
    rf"(?:(?:20\d\d[年./-])?\d{{1,2}}[月./-]\d{{1,2}}日?|\d{{1,2}}日|第?{_NUMERAL}[天次讲课节日]|day\d+|"
    r"周[一二三四五六日]|星期[一二三四五六日天])?(?:上午|下午|晚上|晚|早|am|pm)?(?:签到|考勤|出勤)?",
    re.IGNORECASE,
)
_ATTENDANCE_GROUP = re.compile(
    rf"签到|考勤|出勤|到课|点名|上午|下午|晚上|第{_NUMERAL}[天次讲课节]", re.IGNORECASE
)
# What sums the marks up is no mark.
_ATTENDANCE_SUM = re.compile("率|合计|小计|总|天数|次数|课时|学时|人数|说明|备注|时间$")
MOST_HEADER_ROWS = 3
SEARCHED_ROWS = 40
_LONGEST_TITLE = 60
_LONGEST_LOOSE = 16


@dataclass
class Layout:
    """Where a sheet's header stands (1-based rows) and which column holds which field.

    `rivals` are further columns that a title gives to the same field, with how sure it is;
    `inferred` the fields that no title but the values told; `township` the code of the one that
    the whole sheet is for; `orders` how a field's column writes day, month and year.
    """

    first_row: int
    last_row: int
    columns: dict[str, int]
    titles: list[str]
    attendance: list[tuple[int, str]] = field(default_factory=list)
    rivals: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    inferred: set[str] = field(default_factory=set)
    township: str = ""
    orders: dict[str, str] = field(default_factory=dict)

    def field_of(self, column: int) -> str:
        return next((name for name, at in self.columns.items() if at == column), "")


def header_key(value: Cell) -> str:
    text = simplify(squeeze(unicodedata.normalize("NFKC", cell_text(value)))).lower()
    text = text.replace("身分", "身份")
    bare = _PUNCTUATION.sub("", _BRACKETED.sub("", text))
    return bare or _PUNCTUATION.sub("", text)


def _is_sentence(text: str) -> bool:
    """A title ends without a full stop; an instruction about a column has one."""
    return text.rstrip().endswith("。")


def recognise(value: Cell) -> str:
    """The field that a header cell names, or ""."""
    if not isinstance(value, str) or len(value) > _LONGEST_TITLE or _is_sentence(value):
        return ""
    return _recognise_key(header_key(value))[0]


@lru_cache(maxsize=5_000)
def _recognise_key(key: str) -> tuple[str, int]:
    """The field and how sure the wording is of it: the lower, the surer."""
    if key in _FIELD_OF:
        return _FIELD_OF[key], _RANK[key]
    for qualifier in QUALIFIERS:
        rest = key.removeprefix(qualifier)
        if rest != key and rest in _FIELD_OF:
            return _FIELD_OF[rest], _RANK[rest] + _QUALIFIED
    return "", 0


@lru_cache(maxsize=5_000)
def _recognise_loosely(key: str) -> tuple[str, int]:
    """The field of a title that only resembles a wording: numbered, in two languages, longer."""
    bare = _LATIN_OR_COUNT.sub("", key)
    if bare and bare != key:
        name, rank = _recognise_key(bare)
        if name:
            return name, rank % STEP + _ALTERED
    if len(key) > _LONGEST_LOOSE:
        return "", 0
    for at, (name, holds, lacks) in enumerate(_LOOSE):
        if holds.search(bare) and not lacks.search(bare):
            return name, _LOOSE_RANK + at
    return "", 0


def is_of_others(title: str) -> bool:
    """Whether a title speaks of somebody or something else than the row's own person."""
    return bool(_OTHERS.search(header_key(title)))


def find_layout(sheet: Sheet) -> Layout | None:
    """The header by its titles: the first block of rows that names a person and a number, or
    else the one that names most."""
    best: Layout | None = None
    for first in range(min(len(sheet.rows), SEARCHED_ROWS)):
        layout = _layout_at(sheet, first)
        if layout and is_roster(layout.columns):
            return layout
        if layout and len(layout.columns) > (len(best.columns) if best else 1):
            best = layout
    return best


def with_marks_only(sheet: Sheet, layout: Layout) -> Layout:
    layout.attendance = [
        (column, title)
        for column, title in layout.attendance
        if column not in layout.columns.values() and _has_marks(sheet, layout.last_row, column)
    ]
    return layout


def is_roster(columns: dict[str, int]) -> bool:
    return "name" in columns and "id_number" in columns


def _layout_at(sheet: Sheet, first: int) -> Layout | None:
    """Read a header that begins in row `first`, with the rows that continue it."""
    if not _may_begin_header(sheet.rows[first]):
        return None
    layout = read_block(sheet, first, first)
    for last in range(first + 1, min(first + MOST_HEADER_ROWS, len(sheet.rows))):
        longer = read_block(sheet, first, last)
        if not _continues(sheet, last, longer) or not _is_richer(longer, layout):
            break
        layout = longer
    if not is_roster(layout.columns):
        return layout
    return _with_group_row(sheet, first, _with_subtitles(sheet, first, layout))


def _may_begin_header(row: Sequence[Cell]) -> bool:
    """One title that is known, or two that resemble one; neither a text nor a person's row."""
    if any(is_id_like(value) for value in row if value is not None):
        return False
    if any(recognise(value) for value in row):
        return True
    return sum(bool(_recognise_stack([value])[0]) for value in row if value is not None) > 1


def _with_group_row(sheet: Sheet, first: int, layout: Layout) -> Layout:
    """A row of group headings above the header helps to tell its columns apart."""
    if first == 0 or not _is_group_row(sheet.rows[first - 1]):
        return layout
    longer = read_block(sheet, first - 1, layout.last_row - 1)
    if _is_richer(longer, layout):
        return longer
    # It says nothing new of them, and is a header all the same where it stands over several.
    if longer.columns == layout.columns and _reaches_over_columns(sheet, first):
        layout.first_row = first
    return layout


def _reaches_over_columns(sheet: Sheet, number: int) -> bool:
    """Whether two cells of row `number` (1-based) or more are merged with their neighbours."""
    spans = [span for span in sheet.merged if span.first_row == span.last_row == number]
    return sum(span.first_column < span.last_column for span in spans) > 1


def _with_subtitles(sheet: Sheet, first: int, layout: Layout) -> Layout:
    """Rows that divide groups of columns nobody asks for, of money say, are no person either."""
    while layout.last_row - first < MOST_HEADER_ROWS and _divides_groups(sheet, first, layout):
        longer = read_block(sheet, first, layout.last_row)
        if longer.columns.keys() >= layout.columns.keys():
            layout = longer
        else:
            layout.last_row += 1
    return layout


def _divides_groups(sheet: Sheet, first: int, layout: Layout) -> bool:
    """Whether the row below goes on with the header: the titles of name and number are merged
    into it, or each of its words, two at least, stands in a group of columns."""
    below = layout.last_row
    if below >= len(sheet.rows) or not _continues(sheet, below, layout):
        return False
    persons = (layout.columns["name"], layout.columns["id_number"])
    if any(
        first < span.first_row <= below < span.last_row and span.first_column in persons
        for span in sheet.merged
    ):
        return True
    titles, row = sheet.rows[below - 1], sheet.rows[below]
    filled = [at for at, value in enumerate(row) if value is not None]
    return len(filled) > 1 and all(
        isinstance(row[at], str)
        and not any(sign.isdigit() for sign in cell_text(row[at]))
        and _stands_in_group(titles, at)
        for at in filled
    )


def _stands_in_group(titles: Sequence[Cell], column: int) -> bool:
    """Under a title that reaches over the columns after it: their own cells are empty."""

    def is_empty(at: int) -> bool:
        return at < len(titles) and titles[at] is None

    return is_empty(column) or (column < len(titles) and is_empty(column + 1))


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
    return any(cells) and not any(is_id_like(value) for value in cells if value is not None)


def read_block(sheet: Sheet, first: int, last: int) -> Layout:
    """The layout that rows `first` to `last` (0-based) give when they are taken as the header."""
    stacks = _stacks(sheet, first, last)
    layout = Layout(first + 1, last + 1, {}, [_title(stack) for stack in stacks])
    found: dict[str, list[tuple[int, int]]] = {}
    for column, stack in enumerate(stacks):
        name, rank = _recognise_stack(stack)
        if name:
            found.setdefault(name, []).append((rank, column))
        elif _is_attendance(stack):
            layout.attendance.append((column, layout.titles[column]))
    for name, claims in found.items():
        claims.sort()
        layout.columns[name] = claims[0][1]
        if len(claims) > 1:
            layout.rivals[name] = claims
    _settle_heads(layout)
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
    keys = [
        header_key(value)
        for value in stack
        if isinstance(value, str) and len(value) <= _LONGEST_TITLE and not _is_sentence(value)
    ]
    whole = "".join(dict.fromkeys(keys))
    is_of_other = any(len(key) <= _LONGEST_LOOSE and _OTHERS.search(key) for key in keys[:-1])
    for key in (whole,) if is_of_other else (whole, *reversed(keys)):
        name, rank = _recognise_key(key)
        if name:
            return name, rank
    return _recognise_loosely(whole)


def _settle_heads(layout: Layout) -> None:
    """A table of households lists their heads: they are then its people."""
    for name, head in (("name", "head_name"), ("id_number", "head_id")):
        if name not in layout.columns and head in layout.columns:
            layout.columns[name] = layout.columns.pop(head)
            if head in layout.rivals:
                layout.rivals[name] = layout.rivals.pop(head)


def is_attendance_title(title: str) -> bool:
    return _is_attendance([title])


def _is_attendance(stack: list[Cell]) -> bool:
    present = [value for value in stack if value is not None]
    if not present:
        return False
    if isinstance(present[-1], date):
        return True
    lowest = squeeze(cell_text(present[-1]))
    if _ATTENDANCE_SUM.search(lowest):
        return False
    if _ATTENDANCE.fullmatch(lowest) and lowest:
        return True
    return any(_ATTENDANCE_GROUP.search(cell_text(value)) for value in present)


def _has_marks(sheet: Sheet, start: int, column: int) -> bool:
    """Whether the column was filled in with marks, rather than left for pens or used otherwise."""
    texts = [
        squeeze(cell_text(row[column]))
        for row in sheet.rows[start : start + SAMPLED_ROWS]
        if column < len(row) and row[column] is not None
    ]
    known = sum(text in ATTENDANCE_MARKS for text in texts)
    return bool(known) and known * 2 > len(texts)


def is_repeated_header(row: Sequence[Cell], layout: Layout) -> bool:
    """Long lists repeat their header on every printed page."""
    alike = 0
    for name, column in layout.columns.items():
        value = row[column] if column < len(row) else None
        if isinstance(value, str) and recognise(value) == name:
            alike += 1
    return alike >= 2


def names_person(row: Sequence[Cell]) -> bool:
    """Whether a row has titles for both name and number, in whatever columns."""
    names = {recognise(value) for value in row if isinstance(value, str)}
    return {"name", "id_number"} <= names


def next_table(sheet: Sheet, number: int) -> Layout | None:
    """The layout of the table whose header begins in row `number`, under another table."""
    layout = _layout_at(sheet, number - 1)
    if layout is None or layout.first_row != number or not is_roster(layout.columns):
        return None
    return with_marks_only(sheet, layout)
