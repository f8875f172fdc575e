"""The two built-in layouts: where on the paper things stand, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from certificates.render.design import Layout


@dataclass(frozen=True, slots=True)
class Geometry:
    """Boxes are (left, bottom, side); heights are from the lower edge, as PDF counts them."""

    name: str  # of the style sheet
    width: float
    height: float
    centre: tuple[float, float]  # of the watermark
    qr: tuple[float, float, float]
    issuer_right: float  # where the issuer's block ends; the seal's middle is the block's
    seal_height: float
    #: Room for the name on its line, before and after one step down.
    name_room: float
    name_line: float
    #: Point sizes of (name, native name), each step with its class.
    name_steps: tuple[tuple[str, float, float], ...]
    stacked_native: float
    sentence_room: float
    sentence_lines: int
    sentence_steps: tuple[tuple[str, float], ...]
    second_size: float
    second_lines: int
    signatory_room: float
    issuer_size: float


LANDSCAPE: Final = Geometry(
    name="landscape",
    width=297.0,
    height=210.0,
    centre=(148.5, 101.0),
    qr=(33.4, 25.6, 26.6),
    issuer_right=259.0,
    # Between the issuer's line and the date's, the seal's own line stands clear of both.
    seal_height=45.0,
    name_room=225.0,
    name_line=148.0,
    name_steps=(("", 32, 23), ("smaller", 26, 18)),
    stacked_native=16,
    sentence_room=233.0,
    sentence_lines=3,
    sentence_steps=(("", 20), ("smaller", 17)),
    second_size=15,
    second_lines=2,
    signatory_room=160.0,
    issuer_size=18,
)
PORTRAIT: Final = Geometry(
    name="portrait",
    width=210.0,
    height=297.0,
    centre=(105.0, 152.0),
    qr=(31.0, 24.5, 27.0),
    issuer_right=181.0,
    seal_height=84.6,
    name_room=152.0,
    name_line=112.0,
    name_steps=(("", 32, 22), ("smaller", 24, 17)),
    stacked_native=16,
    sentence_room=148.0,
    sentence_lines=5,
    # Loose: a course name wider than the page breaks.
    sentence_steps=(("", 19), ("smaller", 16.5), ("smaller loose", 16.5)),
    second_size=15,
    second_lines=2,
    signatory_room=148.0,
    issuer_size=17,
)
GEOMETRY: Final = {Layout.LANDSCAPE: LANDSCAPE, Layout.PORTRAIT: PORTRAIT}


def geometry(layout: str) -> Geometry:
    return GEOMETRY[Layout(layout)]
