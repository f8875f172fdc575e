"""Judge every row of a roster: who it names, where they live, and what is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from learners.roster import days, normalise
from learners.roster.answers import NO_ANSWERS, Answers
from learners.roster.evidence import Evidence
from learners.roster.headers import Layout, next_table
from learners.roster.locating import Located, Locator
from learners.roster.marks import attendance_of
from learners.roster.places import Places
from learners.roster.reading import UnsureError, read_sheets
from learners.roster.report import JudgedRow, Report, Shape
from learners.roster.sorting import (
    HeaderRows,
    merged_across,
    reason_above_header,
    skip_reason,
)
from learners.roster.summaries import declared_counts
from learners.roster.verdicts import FILE_MESSAGES, Finding, Verdict
from lms.lib import idnumbers
from lms.lib.spreadsheets import Cell, FileError, MergedRange, Sheet, Workbook

YOUNGEST, OLDEST = 16, 65
_SHORTEST_ID = 10**14
_IDENTITY = ("name", "id_number")
_TEXT_EXTRAS = (
    "education",
    "household_no",
    "relation",
    "disability",
    "political_status",
    "train_term",
    "group",
    "remark",
    "address",
    "shop_url",
    "able",
    "willing",
    "intention",
    "surveyed_by",
    "post",
    "category",
    "project",
    "yearly_income",
    "drive_count",
    "drive_way",
    "has_agreement",
    "shop_grant",
    "loan",
)
_DAY_EXTRAS = ("train_date", "train_start", "train_end", "surveyed_on")
_HEAD_WORDS = frozenset({"", "户主", "本人", "本人或户主"})
_YES_EXTRAS = ("completed", "has_shop")

Values = dict[str, Cell]


def judge(
    workbook: Workbook,
    places: Places,
    *,
    as_of: date,
    county_code: str,
    answers: Answers = NO_ANSWERS,
    may_ask: bool = False,
) -> Report:
    """Judge a whole file; raises `FileError` when nobody can be read from it.

    Where `may_ask` is set, a file that is not read with certainty raises `UnsureError` instead of
    being judged by the likeliest reading.
    """
    with collector_paused():
        report = judge_in_turn(
            workbook,
            places,
            as_of=as_of,
            county_code=county_code,
            answers=answers,
            may_ask=may_ask,
        )
        report.rows.extend(report.coming)
        return report


def judge_in_turn(
    workbook: Workbook,
    places: Places,
    *,
    as_of: date,
    county_code: str,
    answers: Answers = NO_ANSWERS,
    may_ask: bool = False,
) -> Report:
    """As `judge`, with the rows still `coming`, for whoever needs each of them only once.

    A `FileError` may come with any row, and with it the end of the rows.
    """
    counties = places.counties(county_code)
    if not counties:
        raise _refusal("REGION_UNKNOWN")
    report = Report(workbook.filename, as_of, county_code, workbook.encoding)
    report.readings = read_sheets(workbook, Evidence(places, counties), answers)
    if may_ask and any(reading.doubts for reading in report.readings):
        raise UnsureError(report.readings)
    judge_of_file = _Judge(places, counties, report, answers, workbook.kind)
    report.coming = _judge(report, judge_of_file)
    return report


@contextmanager
def collector_paused() -> Iterator[None]:
    """Every judged row is kept and none is cyclic: collecting would only walk them again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _judge(report: Report, judge_of_file: _Judge) -> Iterator[JudgedRow]:
    people = 0
    for reading in report.readings:
        sheet, layout = reading.sheet, reading.layout
        if layout:
            report.layouts[sheet.name] = layout
            report.shapes[sheet.name] = _shape(sheet, layout)
            for row in judge_of_file.rows_of(sheet, layout):
                people += row.is_person
                yield row
        else:
            report.skipped_sheets.append(sheet.name or "")
            report.declared_counts.update(declared_counts(sheet))
    if not report.layouts:
        raise _refusal("HEADER_NOT_FOUND")
    if not people:
        raise _refusal("NO_PEOPLE")


def _shape(sheet: Sheet, layout: Layout) -> Shape:
    above = [span for span in sheet.merged if span.last_row <= layout.last_row]
    return Shape(sheet.widths, above)


def _refusal(code: str) -> FileError:
    return FileError(code, FILE_MESSAGES[code])


@dataclass(slots=True)
class _Person:
    """A row while it is being judged."""

    values: Values
    fields: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def warn(self, code: str, name: str, value: str | int | None) -> None:
        self.findings.append(Finding(code, name, value))


class _SheetInHand:
    """What is worked out once for a sheet and asked for at each of its rows."""

    def __init__(self, sheet: Sheet, layout: Layout, locator: Locator) -> None:
        self.name = sheet.name
        self.hidden_rows = sheet.hidden_rows
        self.locate = locator.locate
        self.across = merged_across(sheet.merged)
        self._sheet = sheet
        self._first = layout
        self._dittos = _dittos_of(sheet)
        self._take(layout)

    def _take(self, layout: Layout) -> None:
        self.layout = layout
        self.header_end = layout.last_row
        self._header = HeaderRows(self._sheet, layout)
        self.width = max((*layout.columns.values(), len(layout.titles) - 1)) + 1
        self.extras = [
            (name, days.reader(layout.orders[name]) if name in layout.orders else _EXTRAS[name])
            for name in layout.columns
            if name in _EXTRAS
        ]
        self._merged = _MergedColumns(self._sheet.merged, layout)
        self._may_differ = bool(self._dittos or self._merged.spans)
        self._previous: Values = {}

    def skip_reason(self, number: int, cells: list[Cell]) -> str:
        if number < self._first.first_row:
            return reason_above_header(cells)
        if number <= self.header_end:
            return "header"
        reason = skip_reason(cells, self.layout, is_merged_across=number in self.across)
        if not reason and self._header.has(cells, self.layout):
            return "header"
        if reason == "header":
            self._begin_table(number)
        return reason

    def _begin_table(self, number: int) -> None:
        """A header in the middle repeats the one above, or begins a table of other columns."""
        layout = next_table(self._sheet, number)
        if layout and self._is_repeated(layout):
            self.header_end = layout.last_row
        elif layout:
            self._take(layout)

    def _is_repeated(self, layout: Layout) -> bool:
        """The same titles mean the same as before, whatever of two columns was taken there."""
        here = self.layout
        return layout.columns == here.columns or layout.titles == here.titles[: len(layout.titles)]

    def cells_in_place(self, cells: list[Cell]) -> list[Cell]:
        """The cells of a row under the titles of the sheet's first table."""
        if self.layout is self._first:
            return cells
        columns = self._first.columns
        placed: list[Cell] = [None] * (max(columns.values()) + 1)
        for name, column in self.layout.columns.items():
            if name in columns:
                placed[columns[name]] = cells[column]
        return placed

    def values(self, number: int, cells: list[Cell]) -> Values:
        """The row's cells by field, with what merged cells and "as above" stand for."""
        values = self._merged.values(self._sheet.rows, number, cells)
        if self._dittos and not self._dittos.isdisjoint(values.values()):
            _resolve_dittos(values, self._previous, self._dittos)
        self._previous = values
        return values

    def differences(self, values: Values, cells: list[Cell], *, is_swapped: bool) -> Values:
        """The values that are not what their own cell says."""
        if not (self._may_differ or is_swapped):
            return {}
        columns = self.layout.columns
        return {name: value for name, value in values.items() if value is not cells[columns[name]]}


class _Judge:
    """Remembers across the sheets of one file who was kept already."""

    def __init__(
        self,
        places: Places,
        counties: tuple[str, ...],
        report: Report,
        answers: Answers,
        kind: str,
    ) -> None:
        self._places = places
        self._counties = counties
        self._as_of = report.as_of
        self._asked = report.asked
        self._answers = answers
        self._is_csv = kind == "csv"
        self._kept: dict[str, tuple[str, str | None, int]] = {}
        self._heads: dict[tuple[str, str], str] = {}

    def rows_of(self, sheet: Sheet, layout: Layout) -> Iterator[JudgedRow]:
        """The rows of one sheet in order, without the blank ones after the last filled row."""
        blanks: list[JudgedRow] = []
        for row in self._all_rows(sheet, layout):
            if row.skip_reason == "blank":
                blanks.append(row)
                continue
            yield from blanks
            blanks.clear()
            yield row

    def _all_rows(self, sheet: Sheet, layout: Layout) -> Iterator[JudgedRow]:
        locator = Locator(
            self._places,
            self._counties,
            sheet.name,
            township=layout.township,
            picked=self._answers.places,
        )
        in_hand = _SheetInHand(sheet, layout, locator)
        for number, cells in enumerate(sheet.rows, 1):
            if len(cells) < in_hand.width:
                cells = cells + [None] * (in_hand.width - len(cells))
            reason = in_hand.skip_reason(number, cells)
            if reason:
                yield JudgedRow(sheet.name, number, cells, Verdict.SKIPPED, reason)
            else:
                yield self._judge(in_hand, number, cells)

    def _judge(self, sheet: _SheetInHand, number: int, cells: list[Cell]) -> JudgedRow:
        person = _Person(sheet.values(number, cells))
        if number in sheet.hidden_rows:
            person.warn("HIDDEN_ROW", "row", number)
        is_swapped = self._repair_swapped(person)
        place = sheet.locate(person.values)
        self._understand(person, place)
        error = self._find_error(person, place) or self._remember(person, sheet.name, number)
        if error:
            verdict, findings = Verdict.ERROR, [error]
            if place.asked and error.field == place.township_field:
                self._asked[place.asked] += 1
        else:
            self._find_warnings(person, place)
            findings = person.findings
            verdict = Verdict.WARNING if findings else Verdict.OK
        _add_extras(person, sheet, cells)
        if not error and person.fields.get("head_name"):
            self._follow_head(person.fields)
        meant = sheet.differences(person.values, cells, is_swapped=is_swapped)
        cells = sheet.cells_in_place(cells)
        return JudgedRow(sheet.name, number, cells, verdict, "", person.fields, findings, meant)

    def _repair_swapped(self, person: _Person) -> bool:
        """Put an ID number and a telephone back that stand in each other's column."""
        number, phone = person.values["id_number"], person.values.get("phone")
        if number is None or (type(number) is str and idnumbers.is_plain(number)):
            return False
        if not _is_long(phone):
            return False
        text = normalise.id_number(phone)
        is_id = idnumbers.looks_like_id_number(text)
        if not is_id and not normalise.has_lost_digits(phone, text, is_csv=self._is_csv):
            return False
        if not normalise.phone(number)[0]:
            return False
        person.values["id_number"], person.values["phone"] = phone, number
        person.warn("FIELDS_SWAPPED", "id_number", text)
        return True

    def _understand(self, person: _Person, place: Located) -> None:
        values = person.values
        ethnic = normalise.ethnic(values.get("ethnic"))
        person.fields = {
            "name": normalise.person_name(values["name"]),
            "sex": "",
            "id_number": normalise.id_number(values["id_number"]),
            "birth_date": None,
            "ethnic": ethnic,
            "ethnic_code": normalise.ETHNIC_CODES.get(ethnic, ""),
            "phone": "",
            "county_code": place.county,
            "township": place.township.name,
            "township_code": place.township.code,
            "village": place.village_name,
            "village_code": place.village_code,
            "household_type": normalise.household_type(values.get("household_type")),
        }

    def _find_error(self, person: _Person, place: Located) -> Finding | None:
        """The first error by the order of precedence; fills in what the ID number tells."""
        fields = person.fields
        if not fields["name"]:
            return Finding("NAME_MISSING", "name")
        number: str = fields["id_number"]
        if not number:
            return Finding("ID_MISSING", "id_number")
        if normalise.has_lost_digits(person.values["id_number"], number, is_csv=self._is_csv):
            return Finding("ID_PRECISION_LOST", "id_number", number)
        problem = idnumbers.find_problem(number, as_of=self._as_of)
        if problem:
            return Finding(f"ID_{problem}", "id_number", number)
        if len(number) == 15:
            person.warn("ID_UPGRADED_15", "id_number", number)
            number = fields["id_number"] = idnumbers.upgrade_15(number)
        fields["birth_date"] = idnumbers.birth_date(number)
        fields["sex"] = idnumbers.sex(number)
        if place.township.problem:
            code = f"TOWNSHIP_{place.township.problem}"
            return Finding(code, place.township_field, place.township_text or None)
        return None

    def _remember(self, person: _Person, sheet: str | None, row: int) -> Finding | None:
        number, name = person.fields["id_number"], person.fields["name"]
        kept = self._kept.get(number)
        if kept is None:
            self._kept[number] = (name, sheet, row)
            return None
        code = "DUP_IN_FILE" if kept[0] == name else "DUP_CONFLICT"
        return Finding(code, "id_number", number, (kept[1], kept[2]))

    def _follow_head(self, fields: dict[str, Any]) -> None:
        """Two heads of one name in a village are two people: who follows below is of the last."""
        key = (fields["village_code"] or fields["township_code"], fields["head_name"])
        relation = fields.get("relation", "")
        if fields["name"] == key[1] and relation in _HEAD_WORDS:
            self._heads[key] = fields["id_number"]
        fields["head_of"] = fields.get("head_id") or self._heads.get(key, "")

    def _find_warnings(self, person: _Person, place: Located) -> None:
        values, fields = person.values, person.fields
        given_sex = normalise.sex(values.get("sex"))
        if given_sex and given_sex != fields["sex"]:
            person.warn("SEX_MISMATCH", "sex", given_sex)
        born: date = fields["birth_date"]
        if values.get("birth_date") is not None:
            month = normalise.year_and_month(values["birth_date"])
            if month and month != (born.year, born.month):
                person.warn("BIRTH_MISMATCH", "birth_date", _text(values, "birth_date"))
        age = idnumbers.age_on(born, self._as_of)
        if not YOUNGEST <= age <= OLDEST:
            person.warn("AGE_OUT_OF_RANGE", "birth_date", age)
        if not place.village_code:
            person.warn("VILLAGE_UNKNOWN", "village", place.village_text or None)
            if place.asked:
                self._asked[place.asked] += 1
        fields["phone"], problem = normalise.phone(values.get("phone"))
        if problem:
            person.warn(f"PHONE_{problem}", "phone", _text(values, "phone"))
        if not fields["household_type"]:
            person.warn("HOUSEHOLD_TYPE_UNKNOWN", "household_type", _text(values, "household_type"))


def _text(values: Values, name: str) -> str | None:
    return normalise.cell_text(values.get(name)) or None


def _dittos_of(sheet: Sheet) -> frozenset[Cell]:
    """Every way in which this sheet writes "as above", blanks round it included."""
    short = {value for row in sheet.rows for value in row if type(value) is str and len(value) < 8}
    return normalise.dittos_among(short)


def _resolve_dittos(values: Values, previous: Values, dittos: frozenset[Cell]) -> None:
    """Nobody has the name or the number of the person above, whatever a cell says."""
    for name, value in values.items():
        if value in dittos and name not in _IDENTITY:
            values[name] = previous.get(name)


def _is_long(value: Cell) -> bool:
    """Whether a cell could hold an ID number at all, however it is written."""
    if isinstance(value, str):
        return len(value) > 10 and not idnumbers.is_mobile(value)
    return isinstance(value, float | int) and value >= _SHORTEST_ID


_EXTRAS: dict[str, Callable[[Cell], Any]] = {
    **dict.fromkeys(_TEXT_EXTRAS, normalise.cell_text),
    **dict.fromkeys(_DAY_EXTRAS, lambda value: normalise.day(value) or ""),
    **dict.fromkeys(_YES_EXTRAS, normalise.is_yes),
    "head_name": normalise.person_name,
    "head_id": normalise.id_number,
}


def _add_extras(person: _Person, sheet: _SheetInHand, cells: list[Cell]) -> None:
    values, fields = person.values, person.fields
    for name, understand in sheet.extras:
        fields[name] = understand(values[name])
    if not fields.get("train_date", True) and "train_start" not in values:
        days = normalise.day_range(values["train_date"])
        if days:
            fields["train_start"], fields["train_end"] = days
    if sheet.layout.attendance:
        fields.update(attendance_of(sheet.layout, cells))


class _MergedColumns:
    """Gives a row's cells by field; a vertically merged cell counts in each of its rows."""

    def __init__(self, merged: list[MergedRange], layout: Layout) -> None:
        self._names, columns = zip(*layout.columns.items(), strict=True)
        self._cells_of = itemgetter(*columns)
        self.spans: dict[str, list[MergedRange]] = {}
        for name, column in layout.columns.items():
            spans = [
                span
                for span in merged
                if span.first_column <= column <= span.last_column
                and span.last_row > span.first_row > layout.last_row
            ]
            if spans:
                self.spans[name] = sorted(spans, reverse=True)

    def values(self, rows: list[list[Cell]], number: int, cells: list[Cell]) -> Values:
        values = dict(zip(self._names, self._cells_of(cells), strict=True))
        for name, spans in self.spans.items():
            while spans and spans[-1].last_row < number:
                spans.pop()
            if spans and spans[-1].first_row < number:
                top = rows[spans[-1].first_row - 1]
                at = spans[-1].first_column
                values[name] = top[at] if at < len(top) else None
        return values
