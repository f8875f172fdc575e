"""Which fonts draw a certificate, and which characters none of them can draw."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from certificates.render import harfbuzz, sfnt

OWN_FONTS: Final = Path(__file__).parent / "fonts"
FONT_ROOTS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
NOTO_SC: Final = 2  # the Simplified Chinese face inside Noto's collections


@dataclass(frozen=True, slots=True)
class FontFile:
    filename: str
    package: str = ""  # the system package that brings it; none for our own
    face: int = -1


SONG: Final = FontFile("CertSong-Regular.ttf")
SONG_BOLD: Final = FontFile("CertSong-Bold.ttf")
KAI: Final = FontFile("CertKai-Regular.ttf")
MONO: Final = FontFile("CertMono-Regular.ttf")
MONO_BOLD: Final = FontFile("CertMono-Bold.ttf")
SYSTEM_KAI: Final = FontFile("LXGWWenKai-Regular.ttf", "fonts-lxgw-wenkai")
SYSTEM_SONG: Final = FontFile("NotoSerifCJK-Regular.ttc", "fonts-noto-cjk", NOTO_SC)
SYSTEM_SONG_BOLD: Final = FontFile("NotoSerifCJK-Bold.ttc", "fonts-noto-cjk", NOTO_SC)
UYGHUR: Final = FontFile("UKIJTuzK.ttf", "fonts-ukij-uyghur")
TIBETAN: Final = FontFile("NotoSerifTibetan-Regular.ttf", "fonts-noto-core")
YI: Final = FontFile("NotoSansYi-Regular.ttf", "fonts-noto-core")

OWN: Final = (SONG, SONG_BOLD, KAI, MONO, MONO_BOLD)
SYSTEM: Final = (SYSTEM_KAI, SYSTEM_SONG, SYSTEM_SONG_BOLD, UYGHUR, TIBETAN, YI)
# Text falls through these in this order, as the style sheet's font lists do.
NAME_FONTS: Final = (KAI, SYSTEM_KAI, SYSTEM_SONG, UYGHUR, TIBETAN, YI)
TEXT_FONTS: Final = (SONG, SYSTEM_SONG, SYSTEM_KAI, UYGHUR, TIBETAN, YI)
SEAL_FONTS: Final = (SONG_BOLD, SYSTEM_SONG_BOLD)


@lru_cache
def find(font: FontFile) -> Path | None:
    if not font.package:
        path = OWN_FONTS / font.filename
        return path if path.is_file() else None
    for root in FONT_ROOTS:
        for path in sorted(root.rglob(font.filename)):
            return path
    return None


@lru_cache
def advances(font: FontFile) -> dict[int, float]:
    """Width in em of every character that the font draws; empty when it is not installed."""
    path = find(font)
    return sfnt.widths(path, max(font.face, 0)) if path else {}


def missing_glyphs(text: str, fonts: tuple[FontFile, ...] = NAME_FONTS) -> str:
    """The characters of the text that no font of the list draws, each once, in order."""
    missing: dict[str, None] = {}
    for char in text:
        if not char.isspace() and not invisible(char) and not drawn(ord(char), fonts):
            missing[char] = None
    return "".join(missing)


def drawn(code: int, fonts: tuple[FontFile, ...]) -> bool:
    return any(code in advances(font) for font in fonts)


def invisible(char: str) -> bool:
    """Format characters and variation selectors need no glyph."""
    return unicodedata.category(char) == "Cf" or "VARIATION SELECTOR" in unicodedata.name(char, "")


def advance(text: str, fonts: tuple[FontFile, ...]) -> float:
    """Width in em, letter by letter. Shaping only makes joined scripts narrower than this."""
    return sum(letter_advance(char, fonts) for char in text)


def letter_advance(char: str, fonts: tuple[FontFile, ...]) -> float:
    for font in fonts:
        if (width := advances(font).get(ord(char))) is not None:
            return width
    return 1.0


def fonts_ready() -> list[str]:
    """What is missing before certificates may be drawn; empty when all is well."""
    missing = [font.filename for font in OWN if find(font) is None]
    packages = {font.package: None for font in SYSTEM if find(font) is None}
    missing += packages
    sample = find(MONO)
    # Without it nothing is drawn here, and WeasyPrint alone takes seconds for each certificate.
    if sample and not harfbuzz.works(sample):
        missing.append(harfbuzz.PACKAGE)
    return missing
