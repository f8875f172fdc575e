"""The engraved ground of a certificate: paper, guilloche border, corner and centre rosettes.

Drawn as PDF paths in millimetres with the origin at the lower left. One period of the border and
one circle of the rosette are forms that the page repeats, so the whole ground is a few kilobytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sin, tau
from typing import Final

from certificates.render.design import Border
from certificates.render.layouts import Geometry
from certificates.render.strokes import circle, number, numbers, placed, rgb, ripple, trace

PAPER: Final = "#FFFDF8"
GOLD: Final = "#9C7A2E"
GOLD_DEEP: Final = "#85651F"
WATERMARK: Final = "#F1E8D5"  # gold at about a sixth on the paper: no transparency for a press
OUTER, INNER = 8.2, 16.1  # the two frame lines, from the edge
BAND = (OUTER + INNER) / 2  # the middle of the guilloche
PERIOD = 13.6  # wanted length of one wave; fitted to whole waves on each side
PETALS: Final = 54
PIECES: Final = 4  # cubic ones in a wave: off the sine by a third of a line's width at most


@dataclass(frozen=True, slots=True)
class Drawing:
    """Operators in millimetres and the named forms they use; a form may use those before it."""

    operators: str
    forms: dict[str, str]


def wave() -> str:
    """One period, 0 to 1 along x: two mirrored strands of fine lines, woven over each other."""
    strands = []
    for mirror in (1, -1):
        for line in range(7):
            phase = (line - 3) * 0.22

            def curve(x: float, phase: float = phase, mirror: int = mirror) -> tuple[float, float]:
                swell = 2.0 - 0.3 * abs(phase)
                return x * PERIOD, mirror * swell * sin(tau * x + phase)

            strands.append(trace(curve, 0, 1, PIECES))
    return "1 J 0.1 w\n" + "\n".join(strands)


#: The two rings of a corner: middle radius, depth of the ripples, ripples, and turned copies.
RINGS: Final = {"Inner": (2.45, 1.05, 14, 5), "Outer": (4.75, 1.15, 24, 4)}


def ring(name: str) -> str:
    middle, depth, waves, _ = RINGS[name]
    return "0.09 w\n" + trace(ripple(middle, depth, waves, 0), 0, tau, waves * 4)


def rosette() -> str:
    """A corner: rings of rippled circles around a bright eye."""
    rings = [f"{rgb(PAPER)} rg", circle(0, 0, 7.1, "f")]
    for name, (_, _, waves, turns) in RINGS.items():
        rings += [placed(name, 0, 0, turn * tau / turns / waves) for turn in range(turns)]
    rings += ["0.22 w", circle(0, 0, 7.1), "0.14 w", circle(0, 0, 6.35), circle(0, 0, 1.1)]
    return "\n".join(rings)


def frame(place: Geometry) -> str:
    lines = [f"{rgb(GOLD_DEEP)} RG"]
    for inset, weight in ((OUTER, 0.42), (INNER, 0.22), (INNER + 0.75, 0.1)):
        box = numbers(inset, inset, place.width - 2 * inset, place.height - 2 * inset)
        lines.append(f"{number(weight)} w {box} re S")
    return "\n".join(lines)


def guilloche(place: Geometry) -> str:
    width, height = place.width, place.height
    lines = [f"{rgb(GOLD)} RG"]
    lines += side(width - 2 * BAND, 0, ((BAND, BAND), (BAND, height - BAND)))
    lines += side(height - 2 * BAND, pi / 2, ((BAND, BAND), (width - BAND, BAND)))
    for x in (BAND, width - BAND):
        lines += [placed("Corner", x, y) for y in (BAND, height - BAND)]
    return "\n".join(lines)


def side(length: float, angle: float, starts: tuple[tuple[float, float], ...]) -> list[str]:
    """Whole waves from corner to corner, on the two opposite sides."""
    waves = round(length / PERIOD)
    step = length / waves
    along = (0.0, 1.0) if angle else (1.0, 0.0)
    return [
        placed("Wave", x + along[0] * step * n, y + along[1] * step * n, angle, step / PERIOD)
        for x, y in starts
        for n in range(waves)
    ]


def watermark(place: Geometry) -> str:
    turns = (placed("Petal", *place.centre, petal * tau / PETALS) for petal in range(PETALS))
    return f"{rgb(WATERMARK)} RG 0.14 w\n" + "\n".join(turns)


def ground(place: Geometry, border: str) -> Drawing:
    """Paper that brings a border of its own gets nothing but letters, QR code and seal."""
    if border == Border.NONE:
        return Drawing("", {})
    paper = f"{rgb(PAPER)} rg 0 0 {numbers(place.width, place.height)} re f"
    parts = [paper, watermark(place), frame(place)]
    forms = {"Petal": circle(13.85, 0, 39.5)}
    if border == Border.GUILLOCHE:
        parts.append(guilloche(place))
        forms |= {"Wave": wave(), "Inner": ring("Inner"), "Outer": ring("Outer")}
        forms["Corner"] = rosette()
    return Drawing("\n".join(parts), forms)
