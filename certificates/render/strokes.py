"""Smooth curves as PDF path operators, in millimetres; the same numbers give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin
from typing import Final

Point = tuple[float, float]
Curve = Callable[[float], Point]

MM: Final = 72 / 25.4  # points in a millimetre
CIRCLE: Final = 0.5522847498  # handle of the cubic that draws a quarter circle


def number(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def numbers(*values: float) -> str:
    return " ".join(map(number, values))


def rgb(colour: str) -> str:
    """'#9C7A2E' as three PDF numbers."""
    return numbers(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))


def rough(*values: float) -> str:
    """To the hundredth: finer than any press, and a curve has many numbers."""
    return " ".join(number(round(value, 2)) for value in values)


def trace(curve: Curve, start: float, end: float, pieces: int) -> str:
    """Draw a parametric curve as cubic pieces that keep its direction at every joint."""
    step = (end - start) / pieces
    nudge = step / 1000

    def slope(at: float) -> Point:
        (x0, y0), (x1, y1) = curve(at - nudge), curve(at + nudge)
        return (x1 - x0) / (2 * nudge) * step / 3, (y1 - y0) / (2 * nudge) * step / 3

    parts = [f"{rough(*curve(start))} m"]
    for piece in range(pieces):
        here, there = start + piece * step, start + (piece + 1) * step
        (x0, y0), (x1, y1) = curve(here), curve(there)
        (dx0, dy0), (dx1, dy1) = slope(here), slope(there)
        parts.append(f"{rough(x0 + dx0, y0 + dy0, x1 - dx1, y1 - dy1, x1, y1)} c")
    return "\n".join([*parts, "S"])


def circle(x: float, y: float, radius: float, paint: str = "S") -> str:
    r, h = radius, radius * CIRCLE
    arcs = (
        (x + r, y + h, x + h, y + r, x, y + r),
        (x - h, y + r, x - r, y + h, x - r, y),
        (x - r, y - h, x - h, y - r, x, y - r),
        (x + h, y - r, x + r, y - h, x + r, y),
    )
    body = "\n".join(f"{numbers(*arc)} c" for arc in arcs)
    return f"{numbers(x + r, y)} m\n{body}\nh {paint}"


def star(x: float, y: float, radius: float) -> str:
    """A filled five-pointed star, one point up."""
    inner = radius * sin(pi / 10) / sin(3 * pi / 10)
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else inner
        angle = pi / 2 + corner * pi / 5
        points.append(numbers(x + reach * cos(angle), y + reach * sin(angle)))
    return f"{points[0]} m\n" + "\n".join(f"{point} l" for point in points[1:]) + "\nh f"


def placed(name: str, x: float, y: float, angle: float = 0.0, stretch: float = 1.0) -> str:
    """Use a form: turned, stretched along its own x axis, then moved."""
    c, s = cos(angle), sin(angle)
    return f"q {c * stretch:.5f} {s * stretch:.5f} {-s:.5f} {c:.5f} {numbers(x, y)} cm /{name} Do Q"


def ripple(radius: float, depth: float, waves: int, phase: float) -> Curve:
    """A circle whose radius swings `waves` times per turn."""

    def at(angle: float) -> Point:
        reach = radius + depth * sin(waves * angle + phase)
        return reach * cos(angle), reach * sin(angle)

    return at
