"""A round seal as outlines: the issuer's name on the ring, a star, and a line below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path
from typing import Any, Final

from fontTools.pens.basePen import BasePen
from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.ttLib import TTFont

from certificates.render import glyphs, sfnt
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.strokes import circle, number, numbers, star

RADIUS: Final = 21.0
RING: Final = 1.15  # thickness of the rim
LETTER: Final = 5.1  # height of a ring letter
LINE_LETTER: Final = 4.0
TEXT_RADIUS: Final = RADIUS - RING - 0.85 - LETTER / 2  # through the middle of the ring letters
LINE_DROP: Final = 12.2  # from the centre down to the middle of the line
MIDDLE: Final = 0.38  # height of the middle of a Chinese letter, in em
LINE_ROOM: Final = 22.0
SHORTEST, LONGEST = 2, 20
RED: Final = "#B3261E"
INK: Final = 0.84  # how much of it covers
#: In font units, of which a letter has a thousand. Our fonts' curves were split in two or three
#: when they were made, within as much; joined again, a seal takes half the bytes.
CURVE_ERROR: Final = 1.0
STEP: Final = 2  # font units: a hundredth of a millimetre, finer than any press


@dataclass(frozen=True, slots=True)
class Place:
    x: float
    y: float
    size: float
    angle: float
    squeeze: float  # under 1 narrows the letter


class PathPen(BasePen):  # type: ignore[misc]
    """Writes a glyph's outline as PDF path operators, in whole steps: shorter by half."""

    def __init__(self, glyph_set: Any) -> None:
        super().__init__(glyph_set)
        self.parts: list[str] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - the pen protocol's name
        self.parts.append(f"{steps(pt)} m")

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.parts.append(f"{steps(pt)} l")

    def _curveToOne(self, pt1: Any, pt2: Any, pt3: Any) -> None:  # noqa: N802
        self.parts.append(f"{steps(pt1)} {steps(pt2)} {steps(pt3)} c")

    def _closePath(self) -> None:  # noqa: N802
        self.parts.append("h")


def steps(point: tuple[float, float]) -> str:
    return f"{round(point[0] / STEP)} {round(point[1] / STEP)}"


class Face:
    """One font, read for as long as a seal is drawn."""

    def __init__(self, font: glyphs.FontFile) -> None:
        path = glyphs.find(font) or Path()  # there is one: it has been found to draw the letter
        self.numbers = sfnt.character_map(path, max(font.face, 0))
        self.table = TTFont(path, fontNumber=font.face, lazy=True)
        self.glyph_set = self.table.getGlyphSet()
        self.units = self.table["head"].unitsPerEm

    def outline(self, char: str, place: Place) -> str:
        """One letter, its middle at the place, turned by its angle."""
        glyph = self.glyph_set[self.table.getGlyphName(self.numbers[ord(char)])]
        scale = place.size / self.units * STEP
        a, b = cos(place.angle) * scale * place.squeeze, sin(place.angle) * scale * place.squeeze
        c, d = -sin(place.angle) * scale, cos(place.angle) * scale
        across, up = glyph.width / 2 / STEP, MIDDLE * self.units / STEP
        e, f = place.x - a * across - c * up, place.y - b * across - d * up
        pen = PathPen(self.glyph_set)
        glyph.draw(Qu2CuPen(pen, CURVE_ERROR, all_cubic=True))
        matrix = f"{a:.7f} {b:.7f} {c:.7f} {d:.7f} {numbers(e, f)} cm"
        return "\n".join([f"q {matrix}", *pen.parts, "f Q"])


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
