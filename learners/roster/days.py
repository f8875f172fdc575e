"""Dates of which nobody can tell the day from the month, such as 03/04/2026."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

from learners.roster.normalise import cell_text, day, squeeze
from lms.lib.spreadsheets import Cell

#: Columns that are asked about; the birth date is told by the ID number anyway.
FIELDS = ("train_date", "train_start", "train_end", "surveyed_on")
#: Year, month and day in the order in which a column writes them.
ORDERS = ("YMD", "MDY", "DMY")
_THREE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})", re.ASCII)
_CENTURY = 2000


def _parts(value: Cell) -> tuple[str, str, str] | None:
    if not isinstance(value, str) or day(value):
        return None
    found = _THREE.fullmatch(squeeze(cell_text(value)))
    return (found[1], found[2], found[3]) if found else None


def is_unclear(value: Cell) -> bool:
    """Three numbers, none of them in the place in which a date is always understood."""
    return _parts(value) is not None and bool(_orders(value))


def _orders(value: Cell) -> set[str]:
    return {order for order in ORDERS if day_by(value, order)}


def order_of(values: Iterable[Cell]) -> str:
    """The one order in which every date of a column makes sense, or "" where several do."""
    possible = set(ORDERS)
    for value in values:
        if is_unclear(value):
            possible &= _orders(value)
    return possible.pop() if len(possible) == 1 else ""


def day_by(value: Cell, order: str) -> date | None:
    parts = _parts(value)
    if not parts:
        return day(value)
    by_name = dict(zip(order, parts, strict=True))
    if len(by_name["Y"]) not in (2, 4) or max(len(by_name["M"]), len(by_name["D"])) > 2:
        return None
    year = int(by_name["Y"])
    try:
        return date(
            year + _CENTURY if len(by_name["Y"]) == 2 else year,
            int(by_name["M"]),
            int(by_name["D"]),
        )
    except ValueError:
        return None


def reader(order: str) -> Callable[[Cell], date | str]:
    """What reads the cells of a column whose order is known."""
    return lambda value: day_by(value, order) or ""
