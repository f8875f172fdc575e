"""A round seal as outlines: the issuer's name on the ring, a star, and a line below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from certificates.render import glyphs
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.strokes import circle, number, star

RADIUS: Final = 21.0
RING: Final = 1.15  # thickness of the rim
LETTER: Final = 5.1  # height of a ring letter
LINE_LETTER: Final = 4.0
TEXT_RADIUS: Final = RADIUS - RING - 0.85 - LETTER / 2  # through the middle of the ring letters
LINE_DROP: Final = 12.2  # from the centre down to the middle of the line
LINE_ROOM: Final = 22.0
SHORTEST, LONGEST = 2, 20
RED: Final = "#B3261E"
INK: Final = 0.84  # how much of it covers


@dataclass(frozen=True, slots=True)
class Place:
    x: float
    y: float
    size: float
    angle: float
    squeeze: float  # under 1 narrows the letter


def ring_places(count: int) -> Iterator[Place]:
    """Spread the letters over the upper arc; a long name takes more of it, then narrows."""
    span = min(pi * 228 / 180, (count - 1) * pi * 22 / 180)
    pitch = span / (count - 1)
    room = pitch * (TEXT_RADIUS - LETTER * 0.18)  # a letter is narrowest at its foot
    for index in range(count):
        angle = -span / 2 + pitch * index
        x, y = TEXT_RADIUS * sin(angle), TEXT_RADIUS * cos(angle)
        yield Place(x, y, LETTER, -angle, min(1.0, room / LETTER))


def line_places(count: int) -> Iterator[Place]:
    """The line under the star, kept within the rim."""
    pitch = min(LINE_LETTER * 1.08, LINE_ROOM / max(count, 1))
    for index in range(count):
        x = pitch * (index - (count - 1) / 2)
        yield Place(x, -LINE_DROP, LINE_LETTER, 0.0, min(1.0, pitch / LINE_LETTER))


def lettering(placed: list[tuple[str, Place]]) -> Iterator[str]:
    """The outlines, each font opened once and only if one of its letters is wanted."""
    from certificates.render.outlines import Face  # 3 MB, for those who draw a seal

    faces: dict[glyphs.FontFile, Face] = {}
    try:
        for char, place in placed:
            font = next((f for f in glyphs.SEAL_FONTS if glyphs.drawn(ord(char), (f,))), None)
            if font is None:
                raise RenderError(RenderErrorCode.MISSING_GLYPH, char)
            if font not in faces:
                faces[font] = Face(font)
            yield faces[font].outline(char, place)
    finally:
        for face in faces.values():
            face.table.close()


def seal(issuer: str, line: str) -> str:
    """Operators in millimetres around the seal's centre; colours are left to the caller."""
    rim = f"{number(RING)} w\n{circle(0, 0, RADIUS - RING / 2)}"
    places = [*ring_places(len(issuer)), *line_places(len(line))]
    letters = lettering(list(zip(issuer + line, places, strict=True)))
    return "\n".join((rim, star(0, 0.9, 5.7), *letters))
