"""What is said on one certificate and at which sizes, settled before anything is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from certificates.render import glyphs
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.facts import CertificateFacts
from certificates.render.fitting import Fit, fitted
from certificates.render.wording import NATIVE_TITLES, Sentence, chinese_date, sentence

EDITIONS: Final = ("1",)  # an edition once used is never changed or removed


@dataclass(frozen=True, slots=True)
class Page:
    facts: CertificateFacts
    sentence: Sentence
    fit: Fit
    issued_on: str
    native_title: str


def page_for(facts: CertificateFacts) -> Page:
    """Refuse what cannot be drawn well before anything is laid out."""
    if facts.template_edition not in EDITIONS:
        raise RenderError(RenderErrorCode.UNKNOWN_EDITION, facts.template_edition)
    checks = (
        (facts.name + facts.native_name, glyphs.NAME_FONTS),
        (facts.course + facts.region + facts.programme + facts.issuer, glyphs.TEXT_FONTS),
        (facts.number + facts.masked_id, (glyphs.MONO,)),
        (facts.issuer + facts.seal_line, glyphs.SEAL_FONTS),
    )
    for text, fonts in checks:
        if missing := glyphs.missing_glyphs(text, fonts):
            raise RenderError(RenderErrorCode.MISSING_GLYPH, missing)
    words = sentence(facts)
    native_title = NATIVE_TITLES.get(facts.native_script, "")
    return Page(facts, words, fitted(facts, words), chinese_date(facts.issued_on), native_title)
