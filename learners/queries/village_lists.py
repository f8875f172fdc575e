"""A list of villages from a workbook: which village each row means, or what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from learners.models import RegisterEdition
from learners.queries.places import places_of
from learners.roster.entries import is_meant
from learners.roster.headers import header_key
from learners.roster.normalise import cell_text, is_ditto, squeeze
from learners.roster.places import Places
from learners.roster.wordings import WORDINGS
from lms.lib.spreadsheets import Cell, FileError, Sheet, Workbook, read_workbook
from regions.models import Region

_SEARCHED_ROWS = 40
_LONGEST_REASON = 200
_REASONS = {
    *WORDINGS["remark"],
    *WORDINGS["reason"],
    "理由",
    "依据",
    "认定依据",
    "认定理由",
    "条件",
    "有利条件",
}
_QUALIFIES = frozenset(
    {
        *("是否有条件", "有无条件", "有条件", "是否符合条件", "符合条件", "是否符合"),
        *("是否具备条件", "具备条件", "条件是否具备", "是否合格", "是否列入"),
    }
)
_TOTALS = ("合计", "总计", "小计", "填表人", "审核人", "负责人", "制表")

PROBLEMS: dict[str, Promise] = {
    "TOWNSHIP_EMPTY": _(
        "The township is empty. Enter it: villages of one name may lie in several."
    ),
    "TOWNSHIP_UNKNOWN": _(
        "The county has no such township. Choose its name from the county's list."
    ),
    "TOWNSHIP_AMBIGUOUS": _("Two townships fit this name. Write it in full with its ending."),
    "VILLAGE_EMPTY": _("The village is empty. Enter its name, or delete the row."),
    "VILLAGE_UNKNOWN": _(
        "The township has no such village. Choose its name from the county's list."
    ),
    "NOT_SAID": _(
        "The list does not say whether the village qualifies. Enter yes or no; nothing is guessed."
    ),
    "TWICE": _("This village stands in the file already. Delete this row; nothing is lost."),
}
NO_HEADER = _(
    "No sheet has a header row with both a township and a village column, so nothing was read. "
    "Name these two columns in the header row and upload the file again."
)
NO_ROWS = _("The file has a header but no village below it. Upload the filled-in version.")


@dataclass
class VillageRow:
    """One row of the file; either `code` or `problem`."""

    row: int
    township: str
    village: str
    reason: str
    code: str = ""
    name: str = ""
    problem: str = ""
    #: On the edition already: nothing will be done.
    is_present: bool = False
    #: The list itself says that it does not qualify: nothing will be done.
    is_left_out: bool = False

    @property
    def words(self) -> str:
        return str(PROBLEMS[self.problem]) if self.problem else ""


def read_village_list(content: bytes, file_name: str, edition: RegisterEdition) -> list[VillageRow]:
    """Every row with its verdict; raises FileError when the file is no list of villages."""
    region = edition.register.region
    places = places_of(region)
    found = list(_rows(read_workbook(content, file_name), places, places.counties(region.code)))
    present = set(edition.entries.values_list("village__code", flat=True))
    seen: set[str] = set()
    for row in found:
        if row.code and row.code in seen:
            row.problem, row.code, row.is_left_out = "TWICE", "", False
        seen.add(row.code)
        row.is_present = row.code in present
    return found


def villages_by_code(region: Region, codes: list[str]) -> dict[str, Region]:
    rows = Region.objects.current().within(region).filter(level=Region.Level.VILLAGE)
    return {row.code: row for row in rows.filter(code__in=codes)}


def signed_for(edition_id: UUID) -> str:
    """The salt of the proposal that the preview hands to the confirmation."""
    return f"learners.village_list:{edition_id}"


def _rows(book: Workbook, places: Places, counties: tuple[str, ...]) -> Iterator[VillageRow]:
    sheets = [
        (sheet, found) for sheet in book.sheets if sheet.visible and (found := _header(sheet))
    ]
    if not sheets:
        raise FileError("HEADER_NOT_FOUND", NO_HEADER)
    count = 0
    for sheet, (first, columns) in sheets:
        townships = _townships(sheet, first, columns["township"])
        for number, cells in enumerate(sheet.rows[first:], first + 1):
            if row := _read(number, cells, columns, townships[number]):
                _locate(row, places, counties)
                _qualify(row, cells, columns)
                count += 1
                yield row
    if not count:
        raise FileError("NO_VILLAGES", NO_ROWS)


def _header(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """The number of rows up to the header, and its columns."""
    for number, cells in enumerate(sheet.rows[:_SEARCHED_ROWS], 1):
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            if name := _field(cell):
                columns.setdefault(name, at)
        if {"township", "village"} <= set(columns):
            return number, columns
    return None


def _field(cell: Cell) -> str:
    if not isinstance(cell, str) or len(cell) > 60:
        return ""
    key = header_key(cell)
    if key in _REASONS:
        return "reason"
    if key in _QUALIFIES:
        return "qualifies"
    return next((name for name in ("township", "village") if key in WORDINGS[name]), "")


def _townships(sheet: Sheet, first: int, column: int) -> dict[int, str]:
    """The township of each row: a merged cell counts in all of its rows, "as above" repeats."""
    tops = {
        row: span.first_row
        for span in sheet.merged
        if span.first_column <= column <= span.last_column and span.first_row > first
        for row in range(span.first_row, span.last_row + 1)
    }
    found: dict[int, str] = {}
    above = ""
    for number in range(first + 1, len(sheet.rows) + 1):
        cells = sheet.rows[tops.get(number, number) - 1]
        value = cells[column] if column < len(cells) else None
        text = above if is_ditto(value) else cell_text(value)
        found[number] = text
        above = text or above
    return found


def _text(cells: list[Cell], columns: dict[str, int], name: str) -> str:
    at = columns.get(name)
    return cell_text(cells[at]) if at is not None and at < len(cells) else ""


def _read(
    number: int, cells: list[Cell], columns: dict[str, int], township: str
) -> VillageRow | None:
    village = _text(cells, columns, "village")
    first = next((squeeze(cell_text(cell)) for cell in cells if cell is not None), "")
    written = _text(cells, columns, "township")
    if first.startswith(_TOTALS) or not (written or village):
        return None
    reason = _text(cells, columns, "reason")[:_LONGEST_REASON]
    return VillageRow(number, township, village, reason)


def _qualify(row: VillageRow, cells: list[Cell], columns: dict[str, int]) -> None:
    """Where the list has a column for it, only who it says to qualify is put on the register."""
    if "qualifies" not in columns or row.problem:
        return
    qualifies = is_meant(_text(cells, columns, "qualifies"))
    row.is_left_out = qualifies is False
    if qualifies is None:
        row.problem, row.code = "NOT_SAID", ""


def _locate(row: VillageRow, places: Places, counties: tuple[str, ...]) -> None:
    if not row.township or not row.village:
        row.problem = "VILLAGE_EMPTY" if row.township else "TOWNSHIP_EMPTY"
        return
    matches = [places.find_township(row.township, county) for county in counties]
    possible = [match for match in matches if match.problem != "UNKNOWN"]
    if len(possible) != 1 or possible[0].problem:
        row.problem = "TOWNSHIP_AMBIGUOUS" if possible else "TOWNSHIP_UNKNOWN"
        return
    row.code = places.find_village(row.village, possible[0].code)
    row.name = places.names.get(row.code, "")
    row.problem = "" if row.code else "VILLAGE_UNKNOWN"
