"""A list of villages from a workbook: which village each row means, or what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from learners.models import RegisterEdition
from learners.queries.places import places_of
from learners.roster.headers import header_key
from learners.roster.normalise import cell_text, squeeze
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
            row.problem, row.code = "TWICE", ""
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
        for number, cells in enumerate(sheet.rows[first:], first + 1):
            if row := _read(number, cells, columns):
                _locate(row, places, counties)
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
    return next((name for name in ("township", "village") if key in WORDINGS[name]), "")


def _read(number: int, cells: list[Cell], columns: dict[str, int]) -> VillageRow | None:
    def text(name: str) -> str:
        at = columns.get(name)
        return cell_text(cells[at]) if at is not None and at < len(cells) else ""

    first = next((squeeze(cell_text(cell)) for cell in cells if cell is not None), "")
    if first.startswith(_TOTALS) or not (text("township") or text("village")):
        return None
    return VillageRow(number, text("township"), text("village"), text("reason")[:_LONGEST_REASON])


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
