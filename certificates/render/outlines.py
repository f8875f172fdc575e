"""A letter's outline out of a font file, as PDF path operators."""

from __future__ import annotations

from math import cos, sin
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fontTools.pens.basePen import BasePen
from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.ttLib import TTFont

from certificates.render import glyphs, sfnt
from certificates.render.strokes import numbers

if TYPE_CHECKING:
    from certificates.render.seal import Place

MIDDLE: Final = 0.38  # height of the middle of a Chinese letter, in em
#: In font units, of which a letter has a thousand. Our fonts' curves were split in two or three
#: when they were made, within as much; joined again, a seal takes half the bytes.
CURVE_ERROR: Final = 1.0
STEP: Final = 2  # font units: a hundredth of a millimetre, finer than any press


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
