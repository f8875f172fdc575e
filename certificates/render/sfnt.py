"""Which characters a font file has and how wide they are, read from its own tables.

A font library makes names and objects of every glyph for this: seconds and a hundred megabytes
for a Chinese collection, against milliseconds.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from struct import unpack_from
from typing import Final

PREFERRED: Final = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3))  # platform and encoding: widest first
Data = mmap | bytes


def character_map(path: Path, face: int) -> dict[int, int]:
    """Glyph numbers by character."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return dict(pairs(data, tables(data, face)["cmap"]))


def widths(path: Path, face: int) -> dict[int, float]:
    """Advance in em of every character."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        at = tables(data, face)
        (units,) = unpack_from(">H", data, at["head"] + 18)
        (count,) = unpack_from(">H", data, at["hhea"] + 34)
        advances = unpack_from(f">{count * 2}H", data, at["hmtx"])[::2]
        return {
            code: advances[min(glyph, count - 1)] / units for code, glyph in pairs(data, at["cmap"])
        }


def tables(data: Data, face: int) -> dict[str, int]:
    """Where each table of the face begins; a collection lists its faces first."""
    start = unpack_from(">L", data, 12 + 4 * face)[0] if data[:4] == b"ttcf" else 0
    (count,) = unpack_from(">H", data, start + 4)
    records = (unpack_from(">4sLLL", data, start + 12 + 16 * number) for number in range(count))
    return {tag.decode("latin-1"): offset for tag, _, offset, _ in records}


def pairs(data: Data, start: int) -> Iterator[tuple[int, int]]:
    (count,) = unpack_from(">H", data, start + 2)
    records = (unpack_from(">HHL", data, start + 4 + 8 * number) for number in range(count))
    found = {(platform, encoding): start + offset for platform, encoding, offset in records}
    at = next((found[kind] for kind in PREFERRED if kind in found), None)
    if at is None:
        return iter(())
    (kind,) = unpack_from(">H", data, at)
    return groups(data, at) if kind == 12 else segments(data, at)


def groups(data: Data, at: int) -> Iterator[tuple[int, int]]:
    """Format 12: runs of characters with runs of glyphs."""
    (count,) = unpack_from(">L", data, at + 12)
    for number in range(count):
        first, last, glyph = unpack_from(">LLL", data, at + 16 + 12 * number)
        yield from zip(range(first, last + 1), range(glyph, glyph + last - first + 1), strict=True)


def segments(data: Data, at: int) -> Iterator[tuple[int, int]]:
    """Format 4: the same in 16 bits, with a shift, or a list of glyphs for each segment."""
    (length,) = unpack_from(">H", data, at + 2)
    (double,) = unpack_from(">H", data, at + 6)
    words = array("H", bytes(data[at : at + length]))
    words.byteswap()
    count, ends = double // 2, 7
    starts, deltas, offsets = ends + count + 1, ends + 2 * count + 1, ends + 3 * count + 1
    for number in range(count):
        first, last = words[starts + number], words[ends + number]
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offset := words[offsets + number]:
                glyph = words[offsets + number + offset // 2 + code - first]
            if not offset or glyph:
                glyph = (glyph + words[deltas + number]) & 0xFFFF
            if glyph:
                yield code, glyph
