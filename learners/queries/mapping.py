"""How the sheets of a roster were read, what people said about them, and what is still open."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from learners.models import RosterImport, RosterLayout
from learners.queries.places import places_of
from learners.roster import days, normalise
from learners.roster.answers import Answers, PlaceQuestion, SheetAnswer
from learners.roster.evidence import is_id_like
from learners.roster.headers import Layout
from learners.roster.places import Places
from learners.roster.reading import SheetReading, column_letters, layout_at
from learners.roster.sorting import is_numbering
from lms.lib import idnumbers
from lms.lib.spreadsheets import Cell, Sheet
from regions.models import Region

#: Rows below the header that the page shows of each sheet.
SAMPLE_ROWS = 8
MOST_SHEETS, MOST_COLUMNS = 30, 100
_LONGEST_TEXT = 200
#: Digits that could be a person's number, wherever in a text they stand.
_NUMBER = re.compile(r"\d[\d\s\-]{5,}[\dXx]", re.ASCII)
#: Texts that are asked about at once; the others follow when these are answered.
MOST_QUESTIONS = 40
_MOST_KEPT = 500


# --- what people said ---
def answers_for(roster_import: RosterImport) -> Answers:
    """What was said about this file, and about earlier ones of the county."""
    said = roster_import.answers
    remembered = RosterLayout.objects.filter(region=roster_import.region)
    return Answers(
        sheets={
            name: SheetAnswer.from_json(answer) for name, answer in said.get("sheets", {}).items()
        },
        remembered={
            layout.fingerprint: SheetAnswer.from_json(layout.answer) for layout in remembered
        },
        places={
            PlaceQuestion(kind, parent, text): code
            for kind, parent, text, code in said.get("places", [])
        },
    )


def remembered_for(roster_import: RosterImport, reading: Mapping[str, Any]) -> list[RosterLayout]:
    """The remembered layouts by which sheets of this file are read."""
    prints = [sheet["fingerprint"] for sheet in reading["sheets"] if sheet["fingerprint"]]
    found = RosterLayout.objects.filter(region=roster_import.region, fingerprint__in=prints)
    return list(found.select_related("updated_by"))


# --- what is kept of a reading ---
def reading_content(
    readings: Sequence[SheetReading], asked: Counter[PlaceQuestion] | None = None
) -> dict[str, Any]:
    """The first rows of the visible sheets, numbers masked, and every open question."""
    visible = [found for found in readings if found.sheet.visible and found.sheet.rows]
    return {
        "sheets": [_sheet_content(found) for found in visible[:MOST_SHEETS]],
        "places": [
            [*question, rows] for question, rows in (asked or Counter()).most_common(_MOST_KEPT)
        ],
    }


def _sheet_content(found: SheetReading) -> dict[str, Any]:
    layout = found.layout or found.proposed or Layout(1, 1, {}, [])
    shown = found.sheet.rows[: layout.last_row + SAMPLE_ROWS]
    return {
        "name": found.sheet.name or "",
        "rows": [[masked_text(cell) for cell in row[:MOST_COLUMNS]] for row in shown],
        "people": [at for at, row in enumerate(shown, 1) if any(map(is_id_like, row))],
        "first_row": layout.first_row,
        "last_row": layout.last_row,
        "columns": layout.columns,
        "attendance": [column for column, _title in layout.attendance],
        "orders": layout.orders,
        "township": layout.township,
        "is_roster": bool(found.layout or found.doubts),
        "is_answered": found.source != "TITLES",
        "source": found.source,
        "inferred": sorted(layout.inferred),
        "fingerprint": found.fingerprint,
        "doubts": [[doubt.code, doubt.field, list(doubt.columns)] for doubt in found.doubts],
    }


def masked_text(value: Cell) -> str:
    """What a cell says, every long number in it masked."""
    if is_id_like(value) and isinstance(value, float | int):
        return f"{value:.5E}"
    text = normalise.cell_text(value)[:_LONGEST_TEXT]
    return _NUMBER.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    text = found[0]
    if normalise.day(text) or days.is_unclear(text):
        return text
    return idnumbers.mask_id(re.sub(r"[\s\-]", "", text))


def titles_at(sheet: Mapping[str, Any], first_row: int, last_row: int) -> Layout:
    """The titles in other rows of the sample, and what they are recognised as."""
    rows: list[list[Cell]] = [[text or None for text in row] for row in sheet["rows"]]
    return layout_at(Sheet(sheet["name"], rows=rows), first_row, last_row)


@dataclass(frozen=True)
class SampleColumn:
    letters: str
    title: str
    values: list[str]


def sample_columns(sheet: Mapping[str, Any], first_row: int, last_row: int) -> list[SampleColumn]:
    """Each column with its title and its first values below the header."""
    titles = titles_at(sheet, first_row, last_row).titles if last_row else []
    rows = sheet["rows"]
    width = max((len(row) for row in rows), default=0)
    below = [row for row in rows[last_row:] if not is_numbering([text for text in row if text])]
    return [
        SampleColumn(
            column_letters(at),
            titles[at] if at < len(titles) else "",
            [row[at] for row in below if at < len(row) and row[at]][:3],
        )
        for at in range(width)
    ]


# --- places to be picked ---
def township_choices(region: Region) -> list[tuple[str, str]]:
    """The townships of a county; of several counties each with its own."""
    rows = Region.objects.current().within(region)
    rows = rows.filter(level=Region.Level.TOWNSHIP, is_statistical=False).select_related("parent")
    is_county = region.level == Region.Level.COUNTY
    return [
        (row.code, row.name if is_county or row.parent is None else f"{row.parent.name} {row.name}")
        for row in rows
    ]


@dataclass(frozen=True)
class PlaceChoice:
    """One text that names no place for certain, and the places it may stand for."""

    question: PlaceQuestion
    rows: int
    parent: str
    is_ambiguous: bool
    likely: list[tuple[str, str]]
    others: list[tuple[str, list[tuple[str, str]]]]

    @property
    def codes(self) -> set[str]:
        groups = [self.likely, *(entries for _name, entries in self.others)]
        return {code for entries in groups for code, _name in entries}


def place_choices(
    roster_import: RosterImport, reading: Mapping[str, Any], *, most: int = MOST_QUESTIONS
) -> list[PlaceChoice]:
    """Open questions, those of most rows first."""
    entries = reading["places"][:most]
    if not entries:
        return []
    places = places_of(roster_import.region)
    counties = places.counties(roster_import.region.code)
    return [
        _choice(places, counties, PlaceQuestion(kind, parent, text), rows)
        for kind, parent, text, rows in entries
    ]


def _choice(
    places: Places, counties: tuple[str, ...], question: PlaceQuestion, rows: int
) -> PlaceChoice:
    kind, parent, text = question
    parents = (parent,) if parent else counties
    if kind == "county":
        groups = [("", _named(places, counties))]
        fitting: list[str] = []
    else:
        groups = [(places.names[code], _named(places, places.children(code))) for code in parents]
        fitting = [found for code in parents for found in places.candidates(text, code)]
    entries = [entry for _name, group in groups for entry in group]
    likely = fitting if len(fitting) > 1 else _alike(text, entries)
    is_alone = bool(parent) or kind == "county"
    return PlaceChoice(
        question,
        rows,
        places.names.get(parent, ""),
        len(fitting) > 1,
        [(code, _with_parent(places, code, is_alone=is_alone)) for code in likely],
        groups,
    )


def _named(places: Places, codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, places.names[code]) for code in codes]


def _with_parent(places: Places, code: str, *, is_alone: bool) -> str:
    name = places.names[code]
    return name if is_alone else f"{name}（{places.names.get(places.parent_of(code), '')}）"


def _alike(text: str, entries: Sequence[tuple[str, str]], most: int = 3) -> list[str]:
    """The names most like the text; offered first, never taken by themselves."""
    scored = [(SequenceMatcher(None, text, name).ratio(), code) for code, name in entries]
    return [code for score, code in sorted(scored, reverse=True)[:most] if score >= 0.5]
