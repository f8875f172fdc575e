"""Find out in which county, township and village one row's person lives."""

from __future__ import annotations

from dataclasses import dataclass

from learners.roster.normalise import cell_text
from learners.roster.places import AMBIGUOUS, UNKNOWN, Match, Places
from lms.lib.spreadsheets import Cell

_PLACE_FIELDS = ("county", "township", "village", "address")


@dataclass(frozen=True, slots=True)
class Located:
    county: str = ""
    township: Match = UNKNOWN
    township_text: str = ""
    township_field: str = "township"
    village_code: str = ""
    village_name: str = ""
    village_text: str = ""


class Locator:
    """Locates the rows of one sheet, whose name may say the county or the township."""

    def __init__(self, places: Places, counties: tuple[str, ...], sheet_name: str | None) -> None:
        self._places = places
        self._counties = counties
        self._sheet_name = sheet_name or ""
        self._sheet_county = self._county_of_sheet()
        self._known: dict[tuple[Cell, ...], Located] = {}

    def _county_of_sheet(self) -> str:
        if len(self._counties) == 1 or not self._sheet_name:
            return ""
        found = self._places.find_county(self._sheet_name, self._counties)
        return found or self._places.read_address(self._sheet_name, self._counties).county

    def locate(self, values: dict[str, Cell]) -> Located:
        key = tuple([values.get(name, False) for name in _PLACE_FIELDS])
        known = self._known.get(key)
        if known is None:
            texts = {name: cell_text(values[name]) for name in _PLACE_FIELDS if name in values}
            known = self._known[key] = self._locate(texts)
        return known

    def _locate(self, texts: dict[str, str]) -> Located:
        counties = self._counties_of(texts)
        if not counties:
            return Located(township_text=texts.get("county", ""), township_field="county")
        address = texts.get("address", "")
        if not texts.get("township"):
            address = address or texts.get("village", "")
        read = self._places.read_address(address, counties) if address else None
        township, text = self._township_of(texts, counties)
        rest = ""
        if (
            read
            and township.problem == "UNKNOWN"
            and not text
            and read.township.problem != "UNKNOWN"
        ):
            township, text, rest = read.township, address, read.rest
        elif read:
            rest = read.rest if read.township.code == township.code else address
        if not township.code:
            text = text or address or ("" if "township" in texts else self._sheet_name)
            return Located(counties[0] if len(counties) == 1 else "", township, text)
        return self._with_village(township, texts, rest)

    def _with_village(self, township: Match, texts: dict[str, str], rest: str) -> Located:
        text = texts.get("village", "")
        village = self._places.find_village(text, township.code) if text else ""
        if not village and rest:
            village = self._places.village_in(rest, township.code)
        name = self._places.names.get(village, "")
        return Located(
            self._places.parent_of(township.code),
            township,
            township.name,
            "township",
            village,
            name,
            text or rest,
        )

    def _counties_of(self, texts: dict[str, str]) -> tuple[str, ...]:
        """The county of a row, several where nothing tells, none where it says another one."""
        said = texts.get("county", "")
        if len(self._counties) == 1:
            return () if said and self._is_elsewhere(said) else self._counties
        if said:
            found = self._places.find_county(said, self._counties)
            return (found,) if found else ()
        if self._sheet_county:
            return (self._sheet_county,)
        return self._counties

    def _is_elsewhere(self, said: str) -> bool:
        if self._places.find_county(said, self._counties):
            return False
        neighbours = self._places.counties(self._places.parent_of(self._counties[0]))
        return bool(self._places.find_county(said, neighbours))

    def _township_of(self, texts: dict[str, str], counties: tuple[str, ...]) -> tuple[Match, str]:
        """The township by its column or, where there is no such column, by the sheet's name."""
        text = texts.get("township", "")
        if text:
            counties = self._narrowed(texts, counties)
            return self._in_one_of(counties, text), text
        if "township" not in texts and self._sheet_name:
            matches = [self._places.township_of_sheet(self._sheet_name, code) for code in counties]
            return _only(matches), ""
        return UNKNOWN, ""

    def _narrowed(self, texts: dict[str, str], counties: tuple[str, ...]) -> tuple[str, ...]:
        """Let the address tell the county where neither column nor sheet did."""
        if len(counties) == 1 or not texts.get("address"):
            return counties
        county = self._places.read_address(texts["address"], counties).county
        return (county,) if county else counties

    def _in_one_of(self, counties: tuple[str, ...], text: str) -> Match:
        return _only([self._places.find_township(text, code) for code in counties])


def _only(matches: list[Match]) -> Match:
    possible = [match for match in matches if match.problem != "UNKNOWN"]
    if not possible:
        return UNKNOWN
    return possible[0] if len(possible) == 1 else AMBIGUOUS
