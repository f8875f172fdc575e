"""Rebuild the subset fonts beside this file: python certificates/render/fonts/build_fonts.py

They hold the characters of GB 2312 (the fixed-width ones: ASCII) with small glyph numbers and
TrueType outlines, which makes a certificate several times faster to write and smaller than the
26 MB system collections do, and gives the same bytes whatever fonts the system has.
Rarer characters still come from the system fonts. The families are renamed, as the Open Font
License asks of a changed font.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

HERE = Path(__file__).parent
NOTO = "/usr/share/fonts/opentype/noto/NotoSerifCJK-{}.ttc"
WENKAI = "/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"
MONO = "/usr/share/fonts/truetype/noto/NotoSansMono-{}.ttf"
SIMPLIFIED_CHINESE = 2  # place of the SC face in the Noto collections
SOURCES = (
    ("CertSong-Regular.ttf", "Cert Song", "Regular", NOTO.format("Regular"), SIMPLIFIED_CHINESE),
    ("CertSong-Bold.ttf", "Cert Song", "Bold", NOTO.format("Bold"), SIMPLIFIED_CHINESE),
    ("CertKai-Regular.ttf", "Cert Kai", "Regular", WENKAI, -1),
    ("CertMono-Regular.ttf", "Cert Mono", "Regular", MONO.format("Regular"), -1),
    ("CertMono-Bold.ttf", "Cert Mono", "Bold", MONO.format("Bold"), -1),
)
MAXP_ZEROS = (  # what only hinting programs use
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
    "maxComponentElements",
)
MAX_ERROR = 0.8  # font units: how far a quadratic outline may leave the cubic one


def gb2312() -> set[int]:
    """Every character of GB 2312, ASCII, and the middle dots and zeros that names and dates use."""
    wanted = {*range(0x20, 0x7F), 0xA0, 0xB7, 0x2022, 0x2027, 0x30FB, 0x3007, 0x2014, 0x2026}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            text = bytes((row, cell)).decode("gb2312", "ignore")
            wanted.update(map(ord, text))
    return wanted


def quadratic(font: TTFont) -> None:
    """Replace the CFF outlines of a font by TrueType ones."""
    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    table: Any = newTable("glyf")
    table.glyphOrder, table.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        table.glyphs[name] = pen.glyph()
    for tag in ("CFF ", "VORG"):
        if tag in font:
            del font[tag]
    font["glyf"], font["loca"] = table, newTable("loca")
    maxp: Any = newTable("maxp")
    maxp.tableVersion, maxp.numGlyphs = 0x00010000, len(order)
    maxp.maxZones = 1
    for field in MAXP_ZEROS:
        setattr(maxp, field, 0)
    font["maxp"] = maxp
    post: Any = font["post"]
    post.formatType, post.extraNames, post.mapping = 3.0, [], {}
    font.sfntVersion = "\000\001\000\000"


def rename(font: TTFont, family: str, style: str) -> None:
    """Keep copyright, licence and nothing else of the old names."""
    table: Any = font["name"]
    table.names = [n for n in table.names if n.nameID in (0, 13, 14) and n.platformID == 3]
    full = f"{family} {style}"
    for name_id, text in (
        (1, family),
        (2, style),
        (3, full),
        (4, full),
        (6, full.replace(" ", "")),
    ):
        table.setName(text, name_id, 3, 1, 0x409)


def build(target: Path, family: str, style: str, source: str, number: int) -> None:
    font = TTFont(source, fontNumber=number, recalcTimestamp=False)
    options = Options(
        layout_features=["halt", "kern", "mark", "ccmp"],
        hinting=False,
        notdef_outline=True,
        name_IDs=["*"],
        name_languages=["*"],
        drop_tables=["DSIG", "vhea", "vmtx", "BASE", "VORG"],
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=gb2312())
    subsetter.subset(font)
    if "CFF " in font:
        quadratic(font)
    rename(font, family, style)
    font.save(target)


if __name__ == "__main__":
    for name, family, style, source, number in SOURCES:
        build(HERE / name, family, style, source, number)
