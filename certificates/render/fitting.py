"""Choose the sizes at which the letters fit: full, or one step smaller, or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from certificates.render import glyphs
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.facts import CertificateFacts
from certificates.render.seal import LONGEST, SHORTEST
from certificates.render.wording import TIE, Sentence, chinese_date

POINT: Final = 25.4 / 72  # millimetres
NAME_ROOM: Final = 225.0
NAME_GAP: Final = 9.0
NAME_SPACING: Final = 0.03
NAME_STEPS: Final = (("", 32, 23), ("smaller", 26, 18))
STACKED_NATIVE: Final = 16
LINE_ROOM: Final = 233.0
LINES: Final = 3
SENTENCE_STEPS: Final = (("", 20), ("smaller", 17))
ISSUER_SIZE: Final = 18
INDENT: Final = 2.0
HALF_BRACKETS: Final = 1.0  # 「 and 」 are set half as wide
BLOCK: Final = re.compile(
    rf"\S(?:{TIE}*[0-9.]+)*(?:{TIE}\S+?)*[，。]*|\s"
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


def fit_name(name: str, native_name: str) -> str:
    for step, size, native_size in NAME_STEPS:
        native = NAME_GAP + name_width(native_name, native_size) if native_name else 0.0
        if name_width(name, size) + native <= NAME_ROOM:
            return step
    _, smallest, _ = NAME_STEPS[-1]
    widest = max(name_width(name, smallest), name_width(native_name, STACKED_NATIVE))
    if widest > NAME_ROOM:
        raise RenderError(RenderErrorCode.NAME_TOO_LONG, name)
    return "smaller stacked"


def line_count(sentence: Sentence, room: float) -> int:
    """Lines that the sentence takes in a measure of so many em; the course moves as one block."""
    fonts = glyphs.TEXT_FONTS
    course = HALF_BRACKETS + glyphs.advance(sentence.course + sentence.closing, fonts)
    hours = glyphs.advance(sentence.hours, fonts)
    before, after = (
        [glyphs.advance(block, fonts) for block in BLOCK.findall(text)]
        for text in (sentence.before, sentence.after)
    )
    lines, used = 1, INDENT
    for width in (*before, course, hours, *after):
        if width > room:
            return LINES + 1
        if used + width > room:
            lines, used = lines + 1, 0.0
        used += width
    return lines


def fit_sentence(sentence: Sentence) -> str:
    for step, size in SENTENCE_STEPS:
        if line_count(sentence, LINE_ROOM / (size * POINT)) <= LINES:
            return step
    raise RenderError(RenderErrorCode.COURSE_TOO_LONG, sentence.course)


def issuer_width(facts: CertificateFacts) -> float:
    lines = (
        (facts.issuer, 0.02),
        (chinese_date(facts.issued_on), 0.06),
    )
    ems = (glyphs.advance(text, glyphs.TEXT_FONTS) + len(text) * gap for text, gap in lines)
    if not SHORTEST <= len(facts.issuer) <= LONGEST:
        raise RenderError(RenderErrorCode.ISSUER_TOO_LONG, facts.issuer)
    return round(max(ems) * ISSUER_SIZE * POINT, 2)


def fitted(facts: CertificateFacts, sentence: Sentence) -> Fit:
    return Fit(fit_name(facts.name, facts.native_name), fit_sentence(sentence), issuer_width(facts))
