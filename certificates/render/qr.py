"""The QR code of the verify address, as filled rectangles."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import segno

from certificates.render.strokes import number, numbers

MASK: Final = 2  # trying all eight masks costs four times as much and reads no better


def runs(row: bytearray) -> list[tuple[int, int]]:
    """Start and length of each dark run of a row."""
    found, at = [], 0
    for dark, cells in groupby(row):
        length = len(list(cells))
        if dark:
            found.append((at, length))
        at += length
    return found


def qr(url: str, left: float, bottom: float, side: float) -> str:
    """Upper case fits the dense alphanumeric mode, which pays for level Q at the same size."""
    code = segno.make(url.upper(), error="q", mask=MASK, micro=False, boost_error=False)
    matrix = code.matrix
    module = side / len(matrix)
    boxes = [f"q {number(module)} 0 0 {number(-module)} {numbers(left, bottom + side)} cm"]
    for y, row in enumerate(matrix):
        boxes += [f"{x} {y} {length} 1 re" for x, length in runs(row)]
    return "\n".join([*boxes, "f Q"])
