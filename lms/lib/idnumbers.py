"""Resident identity numbers (GB 11643) and the masks that screens show.

The six-digit birth-place prefix is never checked: abolished county codes, people from elsewhere,
residence permits (81-83) and foreigners' cards (9) are all in use.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WEIGHT_OF_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK_CHARACTERS = "10X98765432"
_LOOKS_LIKE_X = "xХх×"
_EARLIEST_YEAR = 1900

_PLAIN = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_EIGHTEEN = re.compile(r"\d{17}[\dX]", re.ASCII)
_FIFTEEN = re.compile(r"\d{15}", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
# Blanks, hyphens, dashes, minus signs, zero-width and direction marks.
_FILLING = re.compile(r"[\s\-‐-―−\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f\xad]+")
_FORMULA_TEXT = re.compile(r'=\s*"(.*)"', re.DOTALL)


def unwrap(text: str) -> str:
    """Take off what spreadsheets put round a text cell: a leading ' or ="..."."""
    text = text.strip()
    wrapped = _FORMULA_TEXT.fullmatch(text)
    return (wrapped[1] if wrapped else text.lstrip("'‘’`")).strip()


def normalise(text: str) -> str:
    """The number as it would be typed with care; what cannot be cleared up stays as it is."""
    if _PLAIN.fullmatch(text):
        return text
    number = _cleared(text)
    # Without the filling, what stood apart may compose, and a mark before the number come first.
    while (again := _cleared(number)) != number:
        number = again
    if number and number[-1] in _LOOKS_LIKE_X:
        repaired = number[:-1] + "X"
        if is_checksum_right(repaired) or number[-1] == "x":
            return repaired
    return number


def is_plain(text: str) -> bool:
    """Whether it is written as a number of eighteen characters is, whatever it says."""
    return bool(_PLAIN.fullmatch(text))


def _cleared(text: str) -> str:
    return _FILLING.sub("", unwrap(unicodedata.normalize("NFKC", text)))


def check_character(first_17: str) -> str:
    """The 18th character; sums over byte values, for an import does this 100,000 times."""
    total = sum(map(mul, first_17.encode("ascii"), _WEIGHTS)) - _WEIGHT_OF_ZEROS
    return _CHECK_CHARACTERS[total % 11]


def is_checksum_right(number: str) -> bool:
    return bool(_EIGHTEEN.fullmatch(number)) and check_character(number[:17]) == number[17]


def upgrade_15(number: str) -> str:
    """A first-generation number as its holder's card shows it today."""
    first_17 = f"{number[:6]}19{number[6:]}"
    return first_17 + check_character(first_17)


def birth_date(number: str) -> date | None:
    """The birth date in an 18-character number, or None if there is no such day."""
    return _day(number[6:14])


@lru_cache(maxsize=40_000)
def _day(text: str) -> date | None:
    """Of a hundred thousand people most share their birth date with somebody."""
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return day if day.year >= _EARLIEST_YEAR else None


def sex(number: str) -> str:
    return "男" if int(number[16]) % 2 else "女"


def age_on(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def find_problem(number: str, *, as_of: date) -> str:
    """Why a normalised 18- or 15-character number cannot stand, or "" when it can.

    One of LENGTH, MASKED, FORMAT, DATE, CHECKSUM; a day after `as_of` is no birth date.
    """
    if len(number) not in (15, 18):
        return "LENGTH"
    if "*" in number:
        return "MASKED"
    if not (_EIGHTEEN.fullmatch(number) or _FIFTEEN.fullmatch(number)):
        return "FORMAT"
    full = upgrade_15(number) if len(number) == 15 else number
    born = birth_date(full)
    if born is None or born > as_of:
        return "DATE"
    return "" if check_character(full[:17]) == full[17] else "CHECKSUM"


def looks_like_id_number(text: str) -> bool:
    return bool(_EIGHTEEN.fullmatch(text) or _FIFTEEN.fullmatch(text))


def is_mobile(text: str) -> bool:
    return bool(_MOBILE.fullmatch(text))


def mask_id(number: str) -> str:
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def mask_phone(phone: str) -> str:
    if len(phone) < 8:
        return "*" * len(phone)
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def mask_name(name: str) -> str:
    """A name for a public page: 李*, 李*军, and of longer names the first and last character."""
    if len(name) <= 1:
        return "*" * len(name)
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' if len(name) == 3 else '***'}{name[-1]}"
