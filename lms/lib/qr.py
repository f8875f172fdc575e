"""QR codes as SVG drawn in place: geometry in attributes, as the content policy asks."""

from dataclasses import dataclass
from itertools import groupby

import segno


@dataclass(frozen=True)
class QrCode:
    """`side` in modules, and the dark runs as one path."""

    side: int
    path: str


def qr_code(text: str, *, error: str = "m") -> QrCode:
    """`error` is l, m, q or h: how much of a worn card may be missing. Without a quiet zone."""
    matrix = segno.make_qr(text, error=error).matrix
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return QrCode(len(matrix), "".join(runs))
