"""Our drawings as SVG, for WeasyPrint's own rendering of a whole certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

PATH: Final = {"m": "M", "l": "L", "c": "C", "h": "Z"}
PAINT: Final = {"S": "stroke", "f": "fill"}


@dataclass(frozen=True, slots=True)
class State:
    """What the operators have set; empty = as whoever uses the form has it."""

    stroke: str = ""
    fill: str = ""
    width: str = ""
    cap: str = ""
    matrices: tuple[str, ...] = field(default=())

    def said(self, paint: str = "") -> str:
        named = {
            "stroke": "none" if paint == "fill" else self.stroke,
            "fill": "none" if paint == "stroke" else self.fill,
            "stroke-width": self.width,
            "stroke-linecap": self.cap,
            "transform": " ".join(f"matrix({matrix})" for matrix in self.matrices),
        }
        return "".join(f' {name}="{value}"' for name, value in named.items() if value)


def colour(numbers: list[str]) -> str:
    return f"rgb({','.join(f'{float(number):.2%}' for number in numbers)})"


SETTERS: Final[dict[str, Callable[[State, list[str]], State]]] = {
    "RG": lambda state, numbers: replace(state, stroke=colour(numbers)),
    "rg": lambda state, numbers: replace(state, fill=colour(numbers)),
    "w": lambda state, numbers: replace(state, width=numbers[0]),
    "J": lambda state, numbers: replace(state, cap="round"),
    "cm": lambda state, numbers: replace(state, matrices=(*state.matrices, " ".join(numbers))),
}


def elements(operators: str) -> Iterator[str]:
    """The SVG elements of the few PDF operators that our drawings are made of."""
    state, kept = State(), list[State]()
    path: list[str] = []
    waiting: list[str] = []
    for word in operators.split():
        if word in PATH:
            path.append(PATH[word] + " ".join(waiting))
        elif word == "re":
            x, y, width, height = waiting
            path.append(f"M{x} {y}h{width}v{height}h-{width}Z")
        elif word in SETTERS:
            state = SETTERS[word](state, waiting)
        elif word in PAINT:
            yield f'<path d="{"".join(path)}"{state.said(PAINT[word])}/>'
            path = []
        elif word == "q":
            kept.append(state)
        elif word == "Q":
            state = kept.pop()
        elif word == "Do":
            yield f'<use href="#{waiting[0][1:]}"{state.said()}/>'
        else:
            waiting.append(word)
            continue
        waiting = []


def svg(
    operators: str,
    forms: Mapping[str, str],
    box: tuple[float, float, float, float],
    opacity: float = 1.0,
) -> bytes:
    """A picture of the box (left, bottom, width, height), millimetres upwards."""
    left, bottom, width, height = box
    defined = "".join(
        f'<g id="{name}">{"".join(elements(form))}</g>' for name, form in forms.items()
    )
    drawn = "".join(elements(operators))
    ink = f' opacity="{opacity}"' if opacity < 1 else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
        f' viewBox="0 0 {width} {height}"><defs>{defined}</defs>'
        f'<g{ink} transform="matrix(1 0 0 -1 {-left} {bottom + height})">{drawn}</g></svg>'
    ).encode()
