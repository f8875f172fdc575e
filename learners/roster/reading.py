"""Decide how each sheet of a file is to be read, and say where that is not certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from learners.roster import days
from learners.roster.answers import NO_ANSWERS, Answers, SheetAnswer, fingerprint
from learners.roster.evidence import STRONG, WEAK, Evidence, column_values, is_id_like
from learners.roster.headers import (
    MOST_HEADER_ROWS,
    SEARCHED_ROWS,
    STEP,
    Layout,
    find_layout,
    is_of_others,
    is_roster,
    read_block,
    recognise,
    with_marks_only,
)
from learners.roster.normalise import cell_text
from lms.lib.spreadsheets import Cell, Sheet, Workbook

#: Without these no row can be registered; the place may also come from the sheet's name.
PLACE_FIELDS = ("township", "address", "village", "county")
# What may be told by values alone, the surest first. Of the last only where a place is missing.
_INFERRED = (
    *("id_number", "phone", "household_type", "sex", "ethnic"),
    *("name", "township", "address", "village"),
)
_ASKED_RIVALS = ("name", "id_number", "phone", "township", "village", "household_type")
# Titles that claim little: their column may turn out to be something else.
_VAGUE = frozenset({"serial", "remark"})
_CLEARLY_MORE = 0.3
_FEW = 0.1
_FEWEST_PEOPLE = 2


@dataclass(frozen=True)
class Doubt:
    """Why somebody should look: `code` is one of NO_HEADER, MISSING, RIVALS, SIDE_BY_SIDE,
    CROSSED, LOOKS_LIKE, DATES."""

    code: str
    field: str = ""
    columns: tuple[int, ...] = ()


@dataclass
class SheetReading:
    """`layout` is None for a sheet that is no roster; `proposed` is then the nearest to one.

    `source` says who decided: TITLES, ANSWERED for this file, or REMEMBERED from an earlier one.
    """

    sheet: Sheet
    layout: Layout | None = None
    proposed: Layout | None = None
    source: str = "TITLES"
    fingerprint: str = ""
    doubts: list[Doubt] = field(default_factory=list)


def read_sheets(
    workbook: Workbook, evidence: Evidence, answers: Answers = NO_ANSWERS
) -> list[SheetReading]:
    """A reading for every sheet; a hidden one is never a roster."""
    readings = []
    for sheet in workbook.sheets:
        if sheet.visible:
            readings.append(_answered(sheet, evidence, answers) or _recognised(sheet, evidence))
        else:
            readings.append(SheetReading(sheet))
    return readings


def _answered(sheet: Sheet, evidence: Evidence, answers: Answers) -> SheetReading | None:
    given = answers.sheets.get(sheet.name or "")
    if given:
        return _by_answer(sheet, given, "ANSWERED")
    found = _remembered(sheet, answers) if answers.remembered else None
    if found and found.layout:
        columns = _Columns(sheet, found.layout, evidence)
        if columns.are_crossed():  # what was right for one file is plainly wrong for this one
            return None
        # What titles cannot tell is asked of every file.
        found.doubts = columns.doubts_of_values()
    return found


def _remembered(sheet: Sheet, answers: Answers) -> SheetReading | None:
    """Look for a header whose titles somebody has explained before."""
    for first in range(min(len(sheet.rows), SEARCHED_ROWS)):
        if sum(value is not None for value in sheet.rows[first]) < _FEWEST_PEOPLE:
            continue
        for last in range(first, min(first + MOST_HEADER_ROWS, len(sheet.rows))):
            titles = read_block(sheet, first, last).titles
            known = answers.remembered.get(fingerprint(titles))
            if known and known.last_row - known.first_row == last - first:
                given = SheetAnswer(
                    first + 1, last + 1, known.columns, known.orders, "", known.is_roster
                )
                return _by_answer(sheet, given, "REMEMBERED")
    return None


def _by_answer(sheet: Sheet, given: SheetAnswer, source: str) -> SheetReading:
    layout = layout_at(sheet, given.first_row, given.last_row)
    found = SheetReading(sheet, source=source, fingerprint=fingerprint(layout.titles))
    layout.columns = _with_reasons(layout.titles, given.columns)
    layout.orders = dict(given.orders)
    layout.township = given.township
    layout.rivals.clear()
    if given.is_roster and is_roster(layout.columns):
        found.layout = with_marks_only(sheet, layout)
    else:
        found.proposed = layout
    return found


def _with_reasons(titles: Sequence[str], columns: Mapping[str, int]) -> dict[str, int]:
    """The reasons of a file that comes back keep their column; the next ones go there again."""
    last = len(titles) - 1
    if titles and recognise(titles[last]) == "reason" and last not in columns.values():
        return {"reason": last, **columns}
    return dict(columns)


def layout_at(sheet: Sheet, first_row: int, last_row: int) -> Layout:
    """The layout by the titles in these rows (1-based); without a header columns are lettered."""
    last_row = min(last_row, len(sheet.rows))
    if 0 < first_row <= last_row:
        return read_block(sheet, first_row - 1, last_row - 1)
    width = max((len(row) for row in sheet.rows[:SEARCHED_ROWS]), default=0)
    return Layout(0, 0, {}, [column_letters(at) for at in range(width)])


def column_letters(at: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# --- recognising ---
def _recognised(sheet: Sheet, evidence: Evidence) -> SheetReading:
    found = SheetReading(sheet)
    layout = find_layout(sheet) or _header_above_people(sheet)
    if layout is None:
        found.proposed = _nearest(sheet, evidence)
        if found.proposed:
            found.doubts.append(Doubt("NO_HEADER"))
        return found
    columns = _Columns(sheet, layout, evidence)
    columns.settle_rivals()
    is_crossed = columns.uncross()
    columns.infer()
    found.fingerprint = fingerprint(layout.titles)
    if is_roster(layout.columns) and not columns.has_rows():
        found.layout = layout  # a form that nobody filled in leaves nothing to ask
    elif is_roster(layout.columns):
        found.layout = with_marks_only(sheet, layout)
        found.doubts = columns.doubts()
        if is_crossed:
            at = (layout.columns["name"], layout.columns["id_number"])
            found.doubts.append(Doubt("CROSSED", "name", at))
    elif columns.holds_people():
        found.proposed = layout
        found.doubts = columns.doubts()
    return found


def _first_person(sheet: Sheet) -> int | None:
    """The 0-based row of the first ID number."""
    for at, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        if any(is_id_like(value) for value in row if value is not None):
            return at
    return None


def _header_above_people(sheet: Sheet) -> Layout | None:
    """A row of titles in words of its own, just above the first person."""
    person = _first_person(sheet)
    if not person:
        return None
    titles = [cell_text(value) for value in sheet.rows[person - 1]]
    filled = sum(value is not None for value in sheet.rows[person])
    named = [text for text in titles if text and not any(sign.isdigit() for sign in text)]
    if len(named) < _FEWEST_PEOPLE + 1 or len(named) * 2 < filled:
        return None
    return read_block(sheet, person - 1, person - 1)


def _nearest(sheet: Sheet, evidence: Evidence) -> Layout | None:
    """What to show of a sheet of people that has no header."""
    if _first_person(sheet) is None:
        return None
    layout = layout_at(sheet, 0, 0)
    _Columns(sheet, layout, evidence).infer()
    return layout


class _Columns:
    """What titles and values together say about the columns of one sheet."""

    def __init__(self, sheet: Sheet, layout: Layout, evidence: Evidence) -> None:
        self._sheet = sheet
        self._layout = layout
        self._evidence = evidence
        self._values: dict[int, list[Cell]] = {}
        self._shares: dict[tuple[str, int], float] = {}

    def values(self, column: int) -> list[Cell]:
        if column not in self._values:
            below = self._layout.last_row
            self._values[column] = column_values(self._sheet, column, below=below)
        return self._values[column]

    def share(self, name: str, column: int) -> float:
        key = (name, column)
        if key not in self._shares:
            known = self._evidence.knows(name)
            self._shares[key] = (
                self._evidence.share(name, self.values(column)) if known else float("nan")
            )
        return self._shares[key]

    def has_rows(self) -> bool:
        """Whether anything at all stands under the titles."""
        below = self._sheet.rows[self._layout.last_row :]
        return any(cell_text(value) for row in below for value in row)

    def holds_people(self) -> bool:
        """Whether some column holds ID numbers, so that a name or number wants a column."""
        columns = [*self._free(), *self._layout.columns.values()]
        return any(self.share("id_number", column) >= WEAK / 2 for column in columns)

    # Rivals

    def settle_rivals(self) -> None:
        """Of two columns with the same title take the one that holds what the title says."""
        columns = self._layout.columns
        for name, claims in list(self._layout.rivals.items()):
            filled = [claim for claim in claims if self.values(claim[1])] or claims
            best = filled[0]
            if self._evidence.knows(name):
                richest = max(filled, key=lambda claim: self.share(name, claim[1]))
                if self.share(name, richest[1]) > self.share(name, best[1]) + _CLEARLY_MORE:
                    best = richest
            columns[name] = best[1]
            self._layout.rivals[name] = [
                claim for claim in filled if claim != best and self._is_rival(name, best, claim)
            ]
        self._layout.rivals = {
            name: claims for name, claims in self._layout.rivals.items() if claims
        }

    def _is_rival(self, name: str, best: tuple[int, int], claim: tuple[int, int]) -> bool:
        """Whether the titles are as sure as each other and the columns say different things."""
        if best[0] // STEP != claim[0] // STEP:
            return False
        if self._evidence.knows(name) and (
            self.share(name, best[1]) > self.share(name, claim[1]) + _CLEARLY_MORE
        ):
            return False
        return self.values(best[1]) != self.values(claim[1])

    # Headings that stand over each other's column

    def are_crossed(self) -> bool:
        """Whether the numbers stand in the column of names, and the names in that of numbers."""
        columns = self._layout.columns
        if not is_roster(columns):
            return False
        name, number = columns["name"], columns["id_number"]
        return (
            self.share("id_number", name) >= STRONG
            and self.share("id_number", number) < _FEW
            and self.share("name", number) >= WEAK
        )

    def uncross(self) -> bool:
        """Read the columns by what they hold; returns whether their headings say otherwise."""
        if not self.are_crossed():
            return False
        columns = self._layout.columns
        columns["name"], columns["id_number"] = columns["id_number"], columns["name"]
        return True

    # Values

    def infer(self) -> None:
        """Fields that no title names, from columns that hold nothing else."""
        columns = self._layout.columns
        if self._is_empty("id_number"):
            columns.pop("id_number")
        for name in _INFERRED:
            if name not in columns and self._evidence.knows(name) and self._is_wanted(name):
                strong = [at for at in self._free() if self._may_be(name, at, STRONG)]
                if len(strong) == 1:
                    columns.pop(self._layout.field_of(strong[0]), None)
                    columns[name] = strong[0]
                    self._layout.inferred.add(name)

    def _is_empty(self, name: str) -> bool:
        """Whether a column has the title and next to nothing below it, and another holds it."""
        at = self._layout.columns.get(name)
        if at is None or self.values(at):
            return False
        return any(self._may_be(name, other, STRONG) for other in self._free())

    def _is_wanted(self, name: str) -> bool:
        if name == "village":
            return "address" not in self._layout.columns
        return name not in ("township", "address") or not self.has_place()

    def has_place(self) -> bool:
        columns = self._layout.columns
        if "township" in columns or "address" in columns:
            return True
        if "village" in columns and self._village_names_township(columns["village"]):
            return True
        return self._evidence.township_of_sheet(self._sheet.name or "")

    def _village_names_township(self, column: int) -> bool:
        return self._evidence.knows("address") and self.share("address", column) >= WEAK

    def _free(self) -> list[int]:
        """Columns without a title that is sure of itself."""
        taken = {at for name, at in self._layout.columns.items() if name not in _VAGUE}
        rivals = {claim[1] for claims in self._layout.rivals.values() for claim in claims}
        marks = {column for column, _title in self._layout.attendance}
        width = max(
            [len(self._layout.titles), *(len(row) for row in self._sheet.rows[:SEARCHED_ROWS])]
        )
        return [at for at in range(width) if at not in taken | rivals | marks]

    def _may_be(self, name: str, column: int, least: float) -> bool:
        titles = self._layout.titles
        if column < len(titles) and is_of_others(titles[column]):
            return False
        if name == "name" and self.share("name", column) > 0 and self._names_villages(column):
            return False
        return self.share(name, column) >= least

    def _names_villages(self, column: int) -> bool:
        """Many villages are called as people are."""
        return self._evidence.knows("village") and self.share("village", column) >= WEAK

    # Doubts

    def doubts(self) -> list[Doubt]:
        columns = self._layout.columns
        found = [Doubt("MISSING", name) for name in ("name", "id_number") if name not in columns]
        asked = _ASKED_RIVALS if "township" in columns else (*_ASKED_RIVALS, "address")
        for name in asked:
            rivals = tuple(column for _rank, column in self._layout.rivals.get(name, ()))
            if rivals and name in columns:
                found.append(Doubt(self._rivalry(name, rivals), name, (columns[name], *rivals)))
        found.extend(self._alike())
        return [*found, *self.doubts_of_values()]

    def _rivalry(self, name: str, rivals: tuple[int, ...]) -> str:
        """Two columns of numbers under one title: two people stand beside one another."""
        several = name == "id_number" and "name" in self._layout.rivals
        full = all(self.share("id_number", column) >= STRONG for column in rivals)
        return "SIDE_BY_SIDE" if several and full else "RIVALS"

    def doubts_of_values(self) -> list[Doubt]:
        found = [] if self.has_place() else [Doubt("MISSING", "township")]
        return [*found, *self._unclear_dates()]

    def _alike(self) -> list[Doubt]:
        """Columns that nobody named and that look like ours all the same."""
        found = []
        named = self._layout.columns
        for column in self._free():
            if self._layout.field_of(column) or self._is_repeated(column):
                continue
            for name in ("id_number", "phone", "household_type"):
                is_open = name == "id_number" or name not in named
                if is_open and self._may_be(name, column, WEAK):
                    found.append(Doubt("LOOKS_LIKE", name, (column,)))
                    break
        return found

    def _is_repeated(self, column: int) -> bool:
        """A copy of a column that is read already says nothing new."""
        values = self.values(column)
        return any(self.values(other) == values for other in self._layout.columns.values())

    def _unclear_dates(self) -> list[Doubt]:
        """Dates such as 03/04/2026: the column itself may tell, else it is asked for."""
        found = []
        for name in days.FIELDS:
            at = self._layout.columns.get(name)
            if at is None or name in self._layout.orders:
                continue
            if not any(map(days.is_unclear, self.values(at))):
                continue
            values = [row[at] for row in self._sheet.rows if at < len(row)]
            order = days.order_of(values)
            if order:
                self._layout.orders[name] = order
            else:
                found.append(Doubt("DATES", name, (at,)))
        return found


class UnsureError(Exception):
    """Somebody must say how the file is to be read before its rows can be judged."""

    def __init__(self, readings: Sequence[SheetReading]) -> None:
        super().__init__("UNSURE")
        self.readings = list(readings)
