"""Find the official township and village behind what a roster says. Never the first of several."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from learners.roster.normalise import ETHNIC_CODES, simplify, squeeze


class Level(IntEnum):
    PROVINCE = 1
    PREFECTURE = 2
    COUNTY = 3
    TOWNSHIP = 4
    VILLAGE = 5


_TOWNSHIP_SUFFIXES = (
    *("街道办事处", "镇人民政府", "乡人民政府", "街道办", "镇政府", "乡政府"),
    *("办事处", "街道", "苏木", "镇", "乡"),
)
_VILLAGE_SUFFIXES = (
    "嘎查村民委员会",
    "社区居民委员会",
    "村民委员会",
    "居民委员会",
    "社区居委会",
    "嘎查委员会",
    "社区委员会",
    "牧民委员会",
    "村委员会",
    "居委会",
    "村委会",
    "牧委会",
    "村委员",
    "嘎查",
    "社区",
    "村委",
    "村",
)
_NUMERAL = "(?:[0-9]+|[一二三四五六七八九十〇零百]+)"
_GROUP = re.compile(rf"第?{_NUMERAL}(?:村民)?小?组$")
_AFTER_VILLAGE = re.compile(
    r"第?[0-9一二三四五六七八九十〇零百]+(?:村民)?(?:小组|组|社|队|号|户)|$"
)
_ANY_ETHNIC = "|".join(name[:-1] for name in ETHNIC_CODES)
_COUNTY_SUFFIX = re.compile(
    rf"(?:(?:{_ANY_ETHNIC})族?)*(?:自治县|自治旗)$|(?:林区|特区|县|区|市|旗)$"
)
_WIDER_SUFFIX = re.compile(
    rf"(?:省|市|地区|盟|特别行政区|(?:(?:{_ANY_ETHNIC})族?)*自治州|(?:维吾尔|壮族|回族)?自治区)$"
)
# What people write behind the short name of a province or prefecture.
_WIDER_ENDINGS = ("自治州", "自治区", "地区", "州", "盟", "市", "省", "")
_SHEET_DECORATION = re.compile(r"\(.*?\)|^[\d.、_\-]+|[\d人_\-]+$")
# What people set between places, or round one: 周党镇-桂店村, 1.周党镇, 桂店村（社区）.
_SEPARATORS = re.compile(r"^\d+[.、)]|[-‐-―−~/\\|,，、.。·・:：;；>＞()\[\]【】]+")
_BRACKETED = re.compile(r"[(\[【].*?[)\]】]")
_SHORTEST_PLACE, _LONGEST_VILLAGE = 2, 24


@dataclass(frozen=True)
class Match:
    """One place, or none: `problem` is then UNKNOWN or AMBIGUOUS."""

    code: str = ""
    name: str = ""
    problem: str = ""


UNKNOWN = Match(problem="UNKNOWN")
AMBIGUOUS = Match(problem="AMBIGUOUS")


@dataclass(frozen=True)
class Address:
    """What an address text names, as far as it could be read."""

    county: str = ""
    township: Match = UNKNOWN
    rest: str = ""


@dataclass
class _Index:
    """The children of one region by each of the keys that may be asked for, in order."""

    exact: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    stems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    bare: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def place_key(text: str) -> str:
    return simplify(squeeze(unicodedata.normalize("NFKC", text)))


def strip_suffix(name: str, suffixes: Sequence[str]) -> str:
    for suffix in suffixes:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def _stems(name: str) -> set[str]:
    """A village's name without each of the endings that it has: 某社区 and 某 for 某社区居委会."""
    return {
        name[: -len(suffix)]
        for suffix in _VILLAGE_SUFFIXES
        if name.endswith(suffix) and len(name) > len(suffix)
    } or {name}


def _strip_all(name: str) -> str:
    while (shorter := strip_suffix(name, _VILLAGE_SUFFIXES)) != name:
        name = shorter
    return name


class Places:
    """The regions that a file may name, from (code, parent_code, level, name) rows."""

    def __init__(self, rows: Iterable[tuple[str, str, int, str]]) -> None:
        self.names: dict[str, str] = {}
        self._level: dict[str, int] = {}
        self._parent: dict[str, str] = {}
        self._children: dict[str, list[str]] = defaultdict(list)
        for code, parent, level, name in rows:
            self.names[code] = name
            self._level[code] = int(level)
            self._parent[code] = parent
            self._children[parent].append(code)
        self._indexes: dict[str, _Index] = {}
        self._township_cache: dict[tuple[str, str], Match] = {}
        self._village_cache: dict[tuple[str, str], str] = {}
        self._address_cache: dict[tuple[str, tuple[str, ...]], Address] = {}

    def counties(self, scope: str) -> tuple[str, ...]:
        """The county that `scope` is, or every county below it."""
        if self._level.get(scope) == Level.COUNTY:
            return (scope,)
        found: list[str] = []
        for child in self._children.get(scope, ()):
            found.extend(self.counties(child))
        return tuple(found)

    def parent_of(self, code: str) -> str:
        return self._parent.get(code, "")

    # Counties

    def find_county(self, text: str, counties: Sequence[str]) -> str:
        key = place_key(text)
        for candidate in (key, self._without_wider(key, counties)):
            exact = [code for code in counties if place_key(self.names[code]) == candidate]
            stem = _COUNTY_SUFFIX.sub("", candidate)
            alike = exact or [
                code for code in counties if len(stem) > 1 and self._county_stem(code) == stem
            ]
            if len(alike) == 1:
                return alike[0]
        return ""

    def _county_stem(self, code: str) -> str:
        return _COUNTY_SUFFIX.sub("", place_key(self.names[code]))

    def _without_wider(self, key: str, counties: Sequence[str]) -> str:
        """Take the province's and the prefecture's names off the front."""
        if not counties:
            return key
        prefecture = self._parent.get(counties[0], "")
        for code in (self._parent.get(prefecture, ""), prefecture):
            name = place_key(self.names.get(code, ""))
            stem = _WIDER_SUFFIX.sub("", name)
            short = [stem + ending for ending in _WIDER_ENDINGS] if len(stem) > 1 else []
            key = _without_prefix(key, (name, *short))
        return key

    # Townships

    def find_township(self, text: str, county: str) -> Match:
        known = self._township_cache.get((text, county))
        if known is None:
            known = self._township_cache[text, county] = self._find_township(
                place_key(text), county
            )
        return known

    def _find_township(self, key: str, county: str) -> Match:
        index = self._index(county)
        plain = _SEPARATORS.sub("", key)
        ways = (key, plain, *(self._below_county(text, county) for text in (key, plain)))
        for candidate in dict.fromkeys((*ways, self._below_stem(plain, county))):
            stem = strip_suffix(candidate, _TOWNSHIP_SUFFIXES)
            for found in (
                index.exact.get(candidate),
                index.stems.get(candidate),
                index.stems.get(stem),
                index.bare.get(candidate),
            ):
                if found:
                    return self._one(found)
        return UNKNOWN

    def _one(self, codes: list[str]) -> Match:
        return Match(codes[0], self.names[codes[0]]) if len(codes) == 1 else AMBIGUOUS

    def _below_county(self, key: str, county: str) -> str:
        """Without the county before it, or its government, as some official names begin."""
        rest = self._without_wider(key, (county,))
        name = place_key(self.names.get(county, ""))
        return _without_prefix(rest, (f"{name}人民政府", name))

    def _below_stem(self, key: str, county: str) -> str:
        """Without the county's name as people say it: 罗山周党镇. "" where it is not so written."""
        rest = self._without_wider(key, (county,))
        stem = self._county_stem(county)
        after = rest.removeprefix(stem) if len(stem) > 1 else rest
        return after if after != rest and len(after) > 1 else ""

    def township_of_sheet(self, sheet_name: str, county: str) -> Match:
        name = place_key(sheet_name)
        for candidate in (name, _SHEET_DECORATION.sub("", name)):
            found = self.find_township(candidate, county)
            if found.problem != "UNKNOWN":
                return found
        return self.read_address(sheet_name, (county,)).township

    # Villages

    def find_village(self, text: str, township: str) -> str:
        """The village's code, or "" when none or several fit."""
        known = self._village_cache.get((text, township))
        if known is None:
            known = self._village_cache[text, township] = self._find_village(
                place_key(text), township
            )
        return known

    def _find_village(self, key: str, township: str) -> str:
        plain = _SEPARATORS.sub("", key)
        outside = (_BRACKETED.sub("", key), plain) if plain != key else ()
        for text in (key, *outside):
            found = self._village_written(text, township)
            if found is not None:
                return found
        return ""

    def _village_written(self, key: str, township: str) -> str | None:
        """As `find_village`, of one way to write it; None when nothing fits."""
        name = place_key(self.names.get(township, ""))
        stem = strip_suffix(name, _TOWNSHIP_SUFFIXES)
        county = self._parent.get(township, "")
        below = _without_prefix(self._below_county(key, county), (name, stem))
        below = "" if len(below) < _SHORTEST_PLACE else below
        for candidate in dict.fromkeys((key, _GROUP.sub("", key), below, _GROUP.sub("", below))):
            found = self._villages_called(candidate, township)
            if found:
                return found[0] if len(found) == 1 else ""
        return None

    def _villages_called(self, key: str, township: str) -> list[str]:
        index = self._index(township)
        return (
            index.exact.get(key)
            or index.stems.get(key)
            or index.stems.get(strip_suffix(key, _VILLAGE_SUFFIXES))
            or index.bare.get(_strip_all(key))
            or []
        )

    def village_key(self, text: str) -> str:
        """A village's name without its ending and group, to tell names of villages from others."""
        return _strip_all(_GROUP.sub("", place_key(text)))

    def village_keys(self, counties: Sequence[str]) -> frozenset[str]:
        villages = (
            village
            for county in counties
            for township in self._children.get(county, ())
            for village in self._children.get(township, ())
        )
        return frozenset(self.village_key(self.names[code]) for code in villages)

    def children(self, code: str) -> tuple[str, ...]:
        return tuple(self._children.get(code, ()))

    def candidates(self, text: str, parent: str) -> tuple[str, ...]:
        """The children of `parent` that `text` could mean, where it means several of them."""
        key = place_key(text)
        index = self._index(parent)
        if self._level.get(parent) == Level.COUNTY:
            stem = strip_suffix(self._below_county(key, parent), _TOWNSHIP_SUFFIXES)
            found = (*index.exact.get(key, ()), *index.stems.get(stem, ()))
        else:
            bare = _strip_all(_GROUP.sub("", key))
            found = (*index.stems.get(bare, ()), *index.bare.get(bare, ()))
        return tuple(dict.fromkeys(found))

    # Addresses

    def read_address(self, text: str, counties: tuple[str, ...]) -> Address:
        known = self._address_cache.get((text, counties))
        if known is None:
            known = self._address_cache[text, counties] = self._read_written(
                place_key(text), counties
            )
        return known

    def _read_written(self, key: str, counties: tuple[str, ...]) -> Address:
        """As it is written, else without what separates its parts."""
        read = self._read_address(key, counties)
        plain = _SEPARATORS.sub("", key)
        if plain == key or (read.township.code and self.village_in(read.rest, read.township.code)):
            return read
        again = self._read_address(plain, counties)
        return again if again.township.code else read

    def _read_address(self, key: str, counties: tuple[str, ...]) -> Address:
        rest = self._without_wider(key, counties)
        for text in (key, rest):  # a county's own name may begin with its prefecture's
            county, after = self._leading_county(text, counties)
            if county:
                return self._leading_township(after, county)
        readings = [self._leading_township(rest, code) for code in counties]
        sure = [reading for reading in readings if reading.township.code]
        sure = sure or self._below_stems(rest, counties)
        if len(sure) == 1:
            return sure[0]
        return readings[0] if len(readings) == 1 else Address(rest=rest)

    def _below_stems(self, rest: str, counties: tuple[str, ...]) -> list[Address]:
        """A county by its short name, believed only when one of its townships follows."""
        readings = [
            self._leading_township(after, code)
            for code in counties
            if (after := self._below_stem(rest, code))
        ]
        return [reading for reading in readings if reading.township.code]

    def _leading_county(self, rest: str, counties: tuple[str, ...]) -> tuple[str, str]:
        for code in counties:
            name = place_key(self.names[code])
            if rest.startswith(name):
                return code, rest[len(name) :]
        stems = [(self._county_stem(code), code) for code in counties]
        for stem, code in stems:
            suffix = re.match(r"自治县|[县区市旗]", rest[len(stem) :])
            if len(stem) > 1 and suffix and rest.startswith(stem):
                return code, rest[len(stem) + suffix.end() :]
        return "", rest

    def _leading_township(self, rest: str, county: str) -> Address:
        index = self._index(county)
        for name in sorted(index.exact, key=len, reverse=True):
            if rest.startswith(name):
                return Address(county, self._one(index.exact[name]), rest[len(name) :])
        for stem in sorted(index.stems, key=len, reverse=True):
            if not rest.startswith(stem):
                continue
            for suffix in _TOWNSHIP_SUFFIXES:
                if rest.startswith(stem + suffix):
                    after = rest[len(stem) + len(suffix) :]
                    return Address(county, self._one(index.stems[stem]), after)
        return self._leading_stem(rest, county)

    def _leading_stem(self, rest: str, county: str) -> Address:
        """A township without its ending, believed only when one of its villages follows."""
        for stem, codes in self._index(county).stems.items():
            if len(codes) == 1 and len(stem) > 1 and rest.startswith(stem):
                after = rest[len(stem) :]
                if after and self.village_in(after, codes[0]):
                    return Address(county, self._one(codes), after)
        return Address(county, UNKNOWN, rest)

    def village_in(self, rest: str, township: str) -> str:
        """The village that the rest of an address begins with."""
        whole = self.find_village(rest, township)
        if whole:
            return whole
        for length in range(min(len(rest), _LONGEST_VILLAGE), 1, -1):
            head, after = rest[:length], rest[length:]
            if head.endswith(_VILLAGE_SUFFIXES) or _AFTER_VILLAGE.match(after):
                found = self._villages_called(head, township)
                if found:
                    return found[0] if len(found) == 1 else ""
        return ""

    def _index(self, parent: str) -> _Index:
        if parent not in self._indexes:
            self._indexes[parent] = self._build_index(parent)
        return self._indexes[parent]

    def _build_index(self, parent: str) -> _Index:
        index = _Index()
        for code in self._children.get(parent, ()):
            name = place_key(self.names[code])
            index.exact[name].append(code)
            if self._level[code] == Level.VILLAGE:
                for stem in _stems(name):
                    index.stems[stem].append(code)
                index.bare[_strip_all(name)].append(code)
            else:
                below = self._below_county(name, parent)
                for stem in {strip_suffix(each, _TOWNSHIP_SUFFIXES) for each in (name, below)}:
                    index.stems[stem].append(code)
                index.bare[below].append(code)
        return index


def _without_prefix(text: str, prefixes: Iterable[str]) -> str:
    for prefix in prefixes:
        if len(prefix) > 1 and text.startswith(prefix) and len(text) > len(prefix):
            return text[len(prefix) :]
    return text
