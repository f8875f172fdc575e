"""What the columns of a sign-in sheet say of one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from learners.roster import normalise
from learners.roster.headers import Layout
from lms.lib.spreadsheets import Cell

QUALIFYING_RATE = 0.8
_ATTENDED = ("present", "late")


def attendance_of(layout: Layout, cells: Sequence[Cell]) -> dict[str, Any]:
    """The marks, their rate and whether it qualifies; blank is not attended."""
    marks = [_mark(title, cells[column]) for column, title in layout.attendance]
    rate = sum(entry["mark"] in _ATTENDED for entry in marks) / len(marks)
    return {
        "attendance": marks,
        "attendance_rate": round(rate, 4),
        "attendance_qualified": rate >= QUALIFYING_RATE,
    }


def _mark(title: str, value: Cell) -> dict[str, str]:
    """A sign that stands for none of the marks is kept, so that somebody is told of it."""
    mark = normalise.attendance_mark(value)
    sign = "" if mark else normalise.cell_text(value)
    return {"column": title, "mark": mark} | ({"sign": sign[:12]} if sign else {})
