"""Choose the sizes at which the letters fit: full, or one step smaller, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from certificates.render import glyphs
from certificates.render.design import Design
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.facts import CertificateFacts
from certificates.render.layouts import Geometry
from certificates.render.seal import LONGEST, SHORTEST
from certificates.render.wording import TIE, Run, chinese_date

POINT: Final = 25.4 / 72  # millimetres
NAME_GAP: Final = 9.0
NAME_SPACING: Final = 0.03
AFTER_SIZE: Final = 18  # of 同志 after the name
INDENT: Final = 2.0
HALF_BRACKETS: Final = 1.0  # 「 and 」 are set half as wide
SIGNATORY_SIZE: Final = 12
SLACK: Final = 1.06  # lines of words end ragged
BLOCK: Final = re.compile(
    rf"\S(?:{TIE}*[0-9.]+)*(?:{TIE}\S+?)*[，。；、：]*|\s"
)  # a line may end after each


@dataclass(frozen=True, slots=True)
class Fit:
    """Class names of the sizes, and the issuer block's width, whose middle the seal takes."""

    name: str
    sentence: str
    issuer_width: float


def name_width(text: str, size: float) -> float:
    ems = glyphs.advance(text, glyphs.NAME_FONTS) + len(text) * NAME_SPACING
    return ems * size * POINT


def fit_name(facts: CertificateFacts, design: Design, place: Geometry) -> str:
    name, native_name = facts.name, facts.native_name
    after = name_width(design.name_after, AFTER_SIZE)
    for step, size, native_size in place.name_steps:
        native = NAME_GAP + name_width(native_name, native_size) if native_name else 0.0
        width = name_width(name, size) + native + after
        if width <= place.name_room:
            return f"{step} wide".strip() if width > place.name_line else step
    step, smallest, _ = place.name_steps[-1]
    widest = max(name_width(name, smallest) + after, name_width(native_name, place.stacked_native))
    if widest > place.name_room:
        raise RenderError(RenderErrorCode.NAME_TOO_LONG, name)
    return f"{step} stacked wide"


def blocks(runs: Sequence[Run], loose: bool) -> Iterator[float]:
    """Widths in em of what a line cannot end within."""
    for run in runs:
        if run.is_course and loose:
            yield from (glyphs.advance(char, glyphs.TEXT_FONTS) for char in run.text)
            yield HALF_BRACKETS + glyphs.advance(run.closing, glyphs.TEXT_FONTS)
        elif run.is_course:
            yield HALF_BRACKETS + glyphs.advance(run.text + run.closing, glyphs.TEXT_FONTS)
        else:
            yield from (
                glyphs.advance(block, glyphs.TEXT_FONTS) for block in BLOCK.findall(run.text)
            )


def line_count(widths: Sequence[float], room: float) -> int | None:
    """Lines that the sentence takes in a measure of so many em; None if a block is wider."""
    lines, used = 1, INDENT
    for width in widths:
        if width > room:
            return None
        if used + width > room:
            lines, used = lines + 1, 0.0
        used += width
    return lines


def fit_sentence(runs: Sequence[Run], place: Geometry, second: str) -> str:
    """A second language takes the room of the larger size."""
    for step, size in place.sentence_steps[1 if second else 0 :]:
        widths = list(blocks(runs, "loose" in step))
        lines = line_count(widths, place.sentence_room / (size * POINT))
        if lines and lines <= place.sentence_lines:
            return f"{step} upper" if second else step
    course = "".join(run.text for run in runs if run.is_course)
    raise RenderError(RenderErrorCode.COURSE_TOO_LONG, course)


def check_second(second: str, place: Geometry) -> None:
    width = glyphs.advance(second, glyphs.TEXT_FONTS) * place.second_size * POINT * SLACK
    if ceil(width / place.sentence_room) > place.second_lines:
        raise RenderError(RenderErrorCode.BAD_DESIGN, "second_sentence")


def check_signatories(design: Design, place: Geometry) -> None:
    said = "".join(f"{role}：{name}　　" for role, name in design.signatories)
    if glyphs.advance(said, glyphs.TEXT_FONTS) * SIGNATORY_SIZE * POINT > place.signatory_room:
        raise RenderError(RenderErrorCode.BAD_DESIGN, "signatories")


def issuer_width(facts: CertificateFacts, place: Geometry) -> float:
    lines = (
        (facts.issuer, 0.02),
        (chinese_date(facts.issued_on), 0.06),
    )
    ems = (glyphs.advance(text, glyphs.TEXT_FONTS) + len(text) * gap for text, gap in lines)
    if not SHORTEST <= len(facts.issuer) <= LONGEST:
        raise RenderError(RenderErrorCode.ISSUER_TOO_LONG, facts.issuer)
    return round(max(ems) * place.issuer_size * POINT, 2)
