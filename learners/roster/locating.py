"""Find out in which county, township and village one row's person lives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from learners.roster.answers import PlaceQuestion
from learners.roster.normalise import cell_text
from learners.roster.places import AMBIGUOUS, UNKNOWN, Match, Places, place_key
from lms.lib.spreadsheets import Cell

_PLACE_FIELDS = ("county", "township", "village", "address")
# What of an address could be a township or village, for somebody to say which: never a number.
_TOWNSHIP_PART = re.compile(
    r"[^\d]{1,12}?(?:街道办事处|街道办|办事处|街道|苏木|镇|乡|农场|林场|牧场)"
)
_VILLAGE_PART = re.compile(r"[^\d]{1,12}?(?:村民委员会|居民委员会|村委会|居委会|社区|嘎查|村)")
_ANY_PART = re.compile(r"[^\d一二三四五六七八九十]{2,12}")


@dataclass(frozen=True, slots=True)
class Located:
    county: str = ""
    township: Match = UNKNOWN
    township_text: str = ""
    township_field: str = "township"
    village_code: str = ""
    village_name: str = ""
    village_text: str = ""
    #: What somebody could be asked to clear the township or village up.
    asked: PlaceQuestion | None = None


class Locator:
    """Locates the rows of one sheet, whose name may say the county or the township."""

    def __init__(
        self,
        places: Places,
        counties: tuple[str, ...],
        sheet_name: str | None,
        *,
        township: str = "",
        picked: Mapping[PlaceQuestion, str] | None = None,
    ) -> None:
        """`township` is the one that the sheet was said to be for; `picked` what texts mean."""
        self._places = places
        self._counties = counties
        self._sheet_name = sheet_name or ""
        self._sheet_township = township
        self._picked = picked or {}
        self._sheet_county = self._county_of_sheet()
        self._known: dict[tuple[Cell, ...], Located] = {}

    def _county_of_sheet(self) -> str:
        if len(self._counties) == 1 or not self._sheet_name:
            return ""
        found = self._places.find_county(self._sheet_name, self._counties)
        return found or self._places.read_address(self._sheet_name, self._counties).county

    def locate(self, values: dict[str, Cell]) -> Located:
        said = values.get
        key = (
            said("county", False),
            said("township", False),
            said("village", False),
            said("address", False),
        )
        known = self._known.get(key)
        if known is None:
            texts = {name: cell_text(values[name]) for name in _PLACE_FIELDS if name in values}
            known = self._known[key] = self._locate(texts)
        return known

    def _locate(self, texts: dict[str, str]) -> Located:
        counties = self._counties_of(texts)
        if not counties:
            return self._outside(texts)
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
        if township.problem and texts.get("township"):
            township, rest = self._township_in_text(texts["township"], counties, township, rest)
        elif township.problem and read:
            township, rest = self._township_picked(read.rest, counties, township, rest)
        if township.code:
            return self._with_village(township, texts, rest)
        return self._without_township(texts, counties, township, text, address)

    def _outside(self, texts: dict[str, str]) -> Located:
        """The row says a county that is not among those of the file."""
        said = texts.get("county", "")
        several = len(self._counties) > 1
        asked = PlaceQuestion("county", "", place_key(said)) if several else None
        return Located(township_text=said, township_field="county", asked=asked)

    def _without_township(
        self,
        texts: dict[str, str],
        counties: tuple[str, ...],
        township: Match,
        text: str,
        address: str,
    ) -> Located:
        county = counties[0] if len(counties) == 1 else ""
        if texts.get("township"):
            asked = _township_question(county, texts["township"])
            return Located(county, township, text, asked=asked)
        rest = self._places.read_address(address, counties).rest if address else ""
        part = _part(_TOWNSHIP_PART, rest)
        question = _township_question(county, part) if part else None
        text = text or address or ("" if "township" in texts else self._sheet_name)
        return Located(county, township, text, asked=question)

    def _township_picked(
        self, text: str, counties: tuple[str, ...], township: Match, rest: str
    ) -> tuple[Match, str]:
        """The township that somebody picked for the part of an address that names one."""
        county = counties[0] if len(counties) == 1 else ""
        part = _part(_TOWNSHIP_PART, text)
        code = self._picked.get(_township_question(county, part), "") if part else ""
        if code not in self._places.names:
            return township, rest
        return Match(code, self._places.names[code]), text[len(part) :]

    def _township_in_text(
        self, text: str, counties: tuple[str, ...], township: Match, rest: str
    ) -> tuple[Match, str]:
        """The township that somebody picked for this text, or that begins a longer text.

        A cell may hold township and village in one; what follows must then be a village of it.
        """
        county = counties[0] if len(counties) == 1 else ""
        code = self._picked.get(_township_question(county, text), "")
        if code in self._places.names:
            return Match(code, self._places.names[code]), rest
        read = self._places.read_address(text, counties)
        if read.township.code and self._places.village_in(read.rest, read.township.code):
            return read.township, read.rest
        return township, rest

    def _with_village(self, township: Match, texts: dict[str, str], rest: str) -> Located:
        text = texts.get("village", "")
        village = self._places.find_village(text, township.code) if text else ""
        if not village and rest:
            village = self._places.village_in(rest, township.code)
        asked = None
        named = text or _part(_VILLAGE_PART, place_key(rest))
        if not village and named:
            asked = PlaceQuestion("village", township.code, place_key(named))
            village = self._picked.get(asked, "")
        name = self._places.names.get(village, "")
        return Located(
            self._places.parent_of(township.code),
            township,
            township.name,
            "township",
            village if name else "",
            name,
            text or rest,
            asked,
        )

    def _counties_of(self, texts: dict[str, str]) -> tuple[str, ...]:
        """The county of a row, several where nothing tells, none where it says another one."""
        said = texts.get("county", "")
        if len(self._counties) == 1:
            return () if said and self._is_elsewhere(said) else self._counties
        if said:
            found = self._places.find_county(said, self._counties)
            found = found or self._picked.get(PlaceQuestion("county", "", place_key(said)), "")
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
        if self._sheet_township:
            code = self._sheet_township
            return Match(code, self._places.names.get(code, "")), ""
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


def _township_question(county: str, text: str) -> PlaceQuestion:
    return PlaceQuestion("township", county, place_key(text))


def _part(pattern: re.Pattern[str], text: str) -> str:
    """The words at the front of an address that may be asked about, or ""."""
    found = pattern.match(text) or (_ANY_PART.match(text) if pattern is _TOWNSHIP_PART else None)
    return found[0] if found else ""


def _only(matches: list[Match]) -> Match:
    possible = [match for match in matches if match.problem != "UNKNOWN"]
    if not possible:
        return UNKNOWN
    return possible[0] if len(possible) == 1 else AMBIGUOUS
