"""What people said about a file: which column is which, which place was meant."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from learners.roster.headers import header_key, is_attendance_title, recognise

_FEWEST_TITLES = 2
# Where titles are shown such numbers are masked, so they count as any number.
_NUMBER = re.compile(r"\d[\d\s*-]{5,}[\dXx]", re.ASCII)


class PlaceQuestion(NamedTuple):
    """A text that names no place, or several. `parent` is the code of the county or township
    inside which it was looked for, "" where that was not known either."""

    kind: str
    parent: str
    text: str


@dataclass(frozen=True)
class SheetAnswer:
    """How one sheet is to be read. Rows count from 1; `last_row` 0 = there is no header."""

    first_row: int = 0
    last_row: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)
    township: str = ""
    is_roster: bool = True

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SheetAnswer:
        return cls(**stored)

    def as_json(self) -> dict[str, Any]:
        return {
            "first_row": self.first_row,
            "last_row": self.last_row,
            "columns": dict(self.columns),
            "orders": dict(self.orders),
            "township": self.township,
            "is_roster": self.is_roster,
        }


@dataclass(frozen=True)
class Answers:
    """`sheets` by name, "" for a text file; `remembered` by the fingerprint of the titles."""

    sheets: Mapping[str, SheetAnswer] = field(default_factory=dict)
    remembered: Mapping[str, SheetAnswer] = field(default_factory=dict)
    places: Mapping[PlaceQuestion, str] = field(default_factory=dict)


NO_ANSWERS = Answers()


def fingerprint(titles: Sequence[str]) -> str:
    """The same for headers that say the same in the same order, "" for too few titles.

    The days of a sign-in sheet change from file to file, so they count as days only. A file that
    comes back repaired has the reasons behind its own columns; they do not count either.
    """
    keys = [_title_key(title) for title in titles]
    while keys and (keys[-1] in ("", "@") or recognise(titles[len(keys) - 1]) == "reason"):
        keys.pop()
    if sum(bool(key) for key in keys) < _FEWEST_TITLES:
        return ""
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _title_key(title: str) -> str:
    return "@" if is_attendance_title(title) else header_key(_NUMBER.sub("", title))
