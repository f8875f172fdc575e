"""The QR code of the verify address, as filled rectangles.

Drawing one takes a QR library longer than everything else on the page. But of two codes of one
size and mask, the modules that differ are a sum, without carry, of what each differing bit of the
address turns over: so the library draws an address of zeros and one for each bit, once for all
addresses of a site, and a code is the sum of a few dozen of these.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import segno

from certificates.render.strokes import number, numbers

MASK: Final = 2  # trying all eight masks costs four times as much and reads no better
SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # a pair is 11 bits, a last one 6
VARIED: Final = 12  # the code at the end of an address
DARK: Final = re.compile("1+")


def drawn(url: str) -> tuple[int, int]:
    """The side, and the modules as the bits of one number, row by row."""
    code = segno.make(url, error="q", mask=MASK, micro=False, boost_error=False)
    rows = (bytes(48 + module for module in row) for row in code.matrix)
    return len(code.matrix), int(b"".join(rows), 2)


@lru_cache(maxsize=4)
def zeros(prefix: str, length: int) -> tuple[int, int]:
    return drawn(prefix + "0" * length)


@lru_cache(maxsize=512)
def turned(prefix: str, length: int, place: int, bit: int) -> int:
    """The modules that one bit of the signs at a place turns over."""
    signs = written(1 << bit, min(2, length - place))
    tail = ("0" * place + signs).ljust(length, "0")
    return zeros(prefix, length)[1] ^ drawn(prefix + tail)[1]


def written(value: int, width: int) -> str:
    """A value of 11 bits as two signs, or of 6 as one."""
    high, low = divmod(value, len(SIGNS))
    return (SIGNS[high] + SIGNS[low])[-width:]


def modules(url: str) -> tuple[int, int]:
    if not set(url) <= set(SIGNS) or len(url) <= VARIED:
        return drawn(url)
    length = VARIED + len(url) % 2  # the signs are paired from the start of the address
    prefix, tail = url[:-length], url[-length:]
    side, found = zeros(prefix, length)
    for place in range(0, length, 2):
        value = 0
        for sign in tail[place : place + 2]:
            value = value * len(SIGNS) + SIGNS.index(sign)
        for bit in range(value.bit_length()):
            if value >> bit & 1:
                found ^= turned(prefix, length, place, bit)
    return side, found


def qr(url: str, left: float, bottom: float, side: float) -> str:
    """Upper case fits the dense alphanumeric mode, which pays for level Q at the same size."""
    count, found = modules(url.upper())
    text = f"{found:0{count * count}b}"
    module = side / count
    boxes = [f"q {number(module)} 0 0 {number(-module)} {numbers(left, bottom + side)} cm"]
    for y in range(count):
        row = text[y * count : (y + 1) * count]
        boxes += [f"{run.start()} {y} {run.end() - run.start()} 1 re" for run in DARK.finditer(row)]
    return "\n".join([*boxes, "f Q"])
