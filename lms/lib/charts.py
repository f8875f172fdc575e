"""Geometry of bars and lines: numbers in, SVG attributes out. Colour is the style sheet's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

#: A bullet's axis runs from 0 to 110 per cent.
AXIS_END = 110.0


def percent(value: float) -> str:
    """A length along the axis, as an SVG attribute."""
    inside = min(max(value, 0.0), AXIS_END)
    return f"{inside / AXIS_END * 100:.2f}%"


@dataclass(frozen=True)
class Bullet:
    """Where the pieces of a progress bullet stand; "" for a piece that is not drawn."""

    track: str
    done: str
    over_from: str = ""
    over: str = ""
    gap_from: str = ""
    gap: str = ""
    due: str = ""
    forecast: str = ""
    runs_off: bool = False


def bullet(value: float, due: float | None = None, forecast: float | None = None) -> Bullet:
    """Pieces for `value`, `due` and `forecast`, all in per cent of the target."""
    over = min(value, AXIS_END) - 100
    gap = min(due, AXIS_END) - max(value, 0.0) if due is not None else 0.0
    return Bullet(
        track=percent(100),
        done=percent(min(value, 100)),
        over_from=percent(100) if over > 0 else "",
        over=percent(over) if over > 0 else "",
        gap_from=percent(value) if gap > 0 else "",
        gap=percent(gap) if gap > 0 else "",
        due=percent(due) if due is not None else "",
        forecast=percent(forecast) if forecast is not None else "",
        runs_off=value > AXIS_END,
    )


Point = tuple[date, float]


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Trend:
    """Paths and labels of a line against its plan, in a box of `width` by `height`."""

    width: float
    height: float
    base: float
    line: str
    area: str
    plan: str = ""
    cast: str = ""
    dot: tuple[float, float] = (0.0, 0.0)
    goal: tuple[float, float] | None = None
    labels: list[Label] = field(default_factory=list)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


class _Box:
    """From days and amounts to a place in the drawing."""

    def __init__(self, width: float, height: float, first: date, last: date, top: float) -> None:
        self.left, self.right, self.head, self.base = 2.0, width - 46.0, 10.0, height - 20.0
        self.first, self.days, self.top = first, max((last - first).days, 1), top or 1.0

    def place(self, point: Point) -> tuple[float, float]:
        day, amount = point
        x = self.left + (self.right - self.left) * (day - self.first).days / self.days
        y = self.base - (self.base - self.head) * amount / self.top
        return x, y


def trend(
    actual: Sequence[Point],
    plan: Sequence[Point] = (),
    forecast: Point | None = None,
    *,
    width: float = 360,
    height: float = 120,
) -> Trend | None:
    """A cumulative line against its plan, with where it is heading; None without any amount."""
    if not actual:
        return None
    every = [*actual, *plan, *([forecast] if forecast else [])]
    days, amounts = [day for day, _ in every], [amount for _, amount in every]
    box = _Box(width, height, min(days), max(days), max(amounts))
    line = [box.place(point) for point in actual]
    dot = line[-1]
    goal = box.place(forecast) if forecast else None
    return Trend(
        width=width,
        height=height,
        base=box.base,
        line=_path(line),
        area=_path([*line, (dot[0], box.base), (line[0][0], box.base)]) + "Z",
        plan=_path([box.place(point) for point in plan]) if plan else "",
        cast=_path([dot, goal]) if goal else "",
        dot=dot,
        goal=goal,
        labels=[*_day_labels(box, min(days), max(days)), *_amount_labels(box, plan, forecast)],
    )


def _day_labels(box: _Box, first: date, last: date) -> list[Label]:
    """The first day, each new year that has room, and the last day."""
    y = box.base + 15
    found = [Label(box.left, y, f"{first:%Y-%m}")]
    for year in range(first.year + 1, last.year + 1):
        x, _ = box.place((date(year, 1, 1), 0))
        if x - found[-1].x > 62 and box.right - x > 46:
            found.append(Label(x, y, f"{year}-01", "middle"))
    return [*found, Label(box.right, y, f"{last:%m-%d}", "end")]


def _amount_labels(box: _Box, plan: Sequence[Point], forecast: Point | None) -> list[Label]:
    """Plan and forecast at the end of their lines, kept apart when they would touch."""
    ends = [point for point in (plan[-1] if plan else None, forecast) if point]
    ends.sort(key=lambda point: -point[1])
    found: list[Label] = []
    for day, amount in ends:
        y = box.place((day, amount))[1] + 4
        if found and y - found[-1].y < 12:
            y = found[-1].y + 12
        found.append(Label(box.right + 8, y, f"{amount:,.0f}"))
    return found


@dataclass(frozen=True)
class Column:
    x: float
    y: float
    width: float
    height: float
    kind: int
    label: str


def columns(
    values: Sequence[float], labels: Sequence[str], kinds: Sequence[int], *, height: float = 90
) -> list[Column]:
    """Columns 28 wide and 8 apart over a base line at `height`; the tallest fills the height."""
    top = max([*values, 0.0]) or 1.0
    return [
        Column(
            x=2 + i * 36.0,
            y=round(height - height * max(value, 0.0) / top, 1),
            width=28.0,
            height=round(height * max(value, 0.0) / top, 1),
            kind=kinds[i] if i < len(kinds) else 1,
            label=labels[i] if i < len(labels) else "",
        )
        for i, value in enumerate(values)
    ]
