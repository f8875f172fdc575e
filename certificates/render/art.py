"""The engraved ground of a certificate: paper, guilloche border, corner and centre rosettes.

Drawn as PDF paths in millimetres with the origin at the lower left. One period of the border and
one circle of the rosette are forms that the page repeats, so the whole ground is a few kilobytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sin, tau
from typing import Final

from certificates.render.strokes import MM, circle, number, numbers, placed, rgb, ripple, trace

WIDTH, HEIGHT = 297.0, 210.0
PAPER: Final = "#FFFDF8"
GOLD: Final = "#9C7A2E"
GOLD_DEEP: Final = "#85651F"
WATERMARK: Final = "#F1E8D5"  # gold at about a sixth on the paper: no transparency for a press
OUTER, INNER = 8.2, 16.1  # the two frame lines, from the edge
BAND = (OUTER + INNER) / 2  # the middle of the guilloche
PERIOD = 13.6  # wanted length of one wave; fitted to whole waves on each side
CENTRE = (WIDTH / 2, 101.0)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Page operators and the named forms they use; `box` is the forms' reach in millimetres."""

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

            strands.append(trace(curve, 0, 1, 8))
    return "1 J 0.1 w\n" + "\n".join(strands)


def rosette() -> str:
    """A corner: rings of rippled circles around a bright eye."""
    rings = [f"{rgb(PAPER)} rg", circle(0, 0, 7.1, "f"), "0.09 w"]
    for middle, depth, waves, turns in ((2.45, 1.05, 14, 5), (4.75, 1.15, 24, 4)):
        phases = (turn * tau / turns for turn in range(turns))
        rings += [trace(ripple(middle, depth, waves, at), 0, tau, waves * 4) for at in phases]
    rings += ["0.22 w", circle(0, 0, 7.1), "0.14 w", circle(0, 0, 6.35), circle(0, 0, 1.1)]
    return "\n".join(rings)


def border() -> str:
    lines = [f"{rgb(GOLD_DEEP)} RG"]
    for inset, weight in ((OUTER, 0.42), (INNER, 0.22), (INNER + 0.75, 0.1)):
        box = numbers(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)
        lines.append(f"{number(weight)} w {box} re S")
    lines.append(f"{rgb(GOLD)} RG")
    lines += side(WIDTH - 2 * BAND, 0, ((BAND, BAND), (BAND, HEIGHT - BAND)))
    lines += side(HEIGHT - 2 * BAND, pi / 2, ((BAND, BAND), (WIDTH - BAND, BAND)))
    for x in (BAND, WIDTH - BAND):
        lines += [placed("Corner", x, y) for y in (BAND, HEIGHT - BAND)]
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


def watermark() -> str:
    petals = 54
    turns = (placed("Petal", *CENTRE, petal * tau / petals) for petal in range(petals))
    return f"{rgb(WATERMARK)} RG 0.14 w\n" + "\n".join(turns)


def ground() -> Drawing:
    page = "\n".join(
        (
            f"{MM:.6f} 0 0 {MM:.6f} 0 0 cm",
            f"{rgb(PAPER)} rg 0 0 {numbers(WIDTH, HEIGHT)} re f",
            watermark(),
            border(),
        )
    )
    forms = {"Wave": wave(), "Corner": rosette(), "Petal": circle(13.85, 0, 39.5)}
    return Drawing(page, forms)
