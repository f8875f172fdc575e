"""What is said on one certificate and at which sizes, settled before anything is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from certificates.render import fitting, glyphs, wording
from certificates.render.design import DEFAULT, Design, Seal
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.facts import CertificateFacts
from certificates.render.layouts import Geometry, geometry
from certificates.render.wording import Run


@dataclass(frozen=True, slots=True)
class Common:
    """What is the same for everyone with these course facts: the art and most of the letters.

    Laid out once and kept, so it must hold nothing personal.
    """

    design: Design
    issuer: str
    seal_line: str
    sentence: tuple[Run, ...]
    sentence_step: str
    issuer_width: float
    issued_on: str
    id_label: str
    title_script: str
    title_native: str
    second_sentence: str

    @property
    def place(self) -> Geometry:
        return geometry(self.design.layout)

    @property
    def issuer_box(self) -> str:
        """Words, not numbers: how those are written would depend on the language in use."""
        left = self.place.issuer_right - self.issuer_width
        return f"left: {left:.2f}mm; width: {self.issuer_width:.2f}mm"

    @property
    def seal_across(self) -> float:
        return self.place.issuer_right - self.issuer_width / 2


@dataclass(frozen=True, slots=True)
class Page:
    facts: CertificateFacts
    common: Common
    name_step: str


@lru_cache
def sha256(design: Design) -> str:
    return design.sha256


@lru_cache
def checked(design: Design) -> Design:
    """The design, once its words are known to be allowed and to draw."""
    design.check()
    texts = design.texts()
    bold = texts.pop("title") + texts.pop("seal_line")
    for text, fonts in (
        (bold, glyphs.SEAL_FONTS),
        ("".join(texts.values()), glyphs.TEXT_FONTS),
    ):
        if missing := glyphs.missing_glyphs(text, fonts):
            raise RenderError(RenderErrorCode.MISSING_GLYPH, missing)
    fitting.check_signatories(design, geometry(design.layout))
    return design


def check_letters(facts: CertificateFacts) -> None:
    checks = (
        (facts.name + facts.native_name, glyphs.NAME_FONTS),
        (facts.course + facts.region + facts.programme + facts.issuer, glyphs.TEXT_FONTS),
        (facts.number + facts.masked_id, (glyphs.MONO,)),
        (facts.issuer, glyphs.SEAL_FONTS),
    )
    for text, fonts in checks:
        if missing := glyphs.missing_glyphs(text, fonts):
            raise RenderError(RenderErrorCode.MISSING_GLYPH, missing)


def page_for(facts: CertificateFacts, design: Design = DEFAULT) -> Page:
    """Refuse what cannot be drawn well before anything is laid out."""
    checked(design)
    if facts.design_sha256 and facts.design_sha256 != sha256(design):
        raise RenderError(RenderErrorCode.OTHER_DESIGN, facts.number)
    check_letters(facts)
    common = common_for(facts, design)
    return Page(facts, common, fitting.fit_name(facts, design, common.place))


def common_for(facts: CertificateFacts, design: Design) -> Common:
    place = geometry(design.layout)
    runs = wording.sentence(facts, design)
    second = wording.second_sentence(facts, design)
    fitting.check_second(second, place)
    script = design.second_script or facts.native_script
    native = design.second_title if design.second_script else wording.NATIVE_TITLES.get(script, "")
    return Common(
        design=design,
        issuer=facts.issuer,
        seal_line=design.seal_line if design.seal == Seal.VECTOR else "",
        sentence=runs,
        sentence_step=fitting.fit_sentence(runs, place, second),
        issuer_width=fitting.issuer_width(facts, place),
        issued_on=wording.chinese_date(facts.issued_on),
        id_label=design.id_label if facts.masked_id else "",
        title_script=script if native else "",
        title_native=native,
        second_sentence=second,
    )
