"""The fonts of a PDF file: of each face the glyphs drawn, and what letters they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from itertools import groupby
from typing import Final

from weasyprint.pdf.fonts import Font

from certificates.render import harfbuzz
from certificates.render.objects import Objects, packed

BATCH: Final = 100  # entries of a list in a character map
MAP_HEAD: Final = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
"""
MAP_FOOT: Final = b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"

#: The face of names, made ready: it is cut for each person, the others for each course.
NAMES: Final = "Cert Kai"
_ready: dict[str, int] = {}


def face(font: Font) -> int:
    if font.family != NAMES:
        return harfbuzz.address(font.hb_face)
    if font.hash not in _ready:
        _ready[font.hash] = harfbuzz.prepared(harfbuzz.address(font.hb_face))
    return _ready[font.hash]


def together(layers: Iterable[Mapping[str, Font]]) -> dict[str, Font]:
    """The faces of several layers, each with the glyphs of all; the first layer's widths stand."""
    found: dict[str, Font] = {}
    for fonts in layers:
        for name, font in fonts.items():
            whole = found.setdefault(name, fresh(font))
            whole.widths = font.widths | whole.widths
            whole.to_unicode = font.to_unicode | whole.to_unicode
    return found


def fresh(font: Font) -> Font:
    found = copy(font)
    found.widths, found.to_unicode = {}, {}
    return found


def covers(whole: Font | None, part: Font) -> bool:
    return whole is not None and part.to_unicode.keys() <= whole.to_unicode.keys()


def embed(pdf: Objects, font: Font) -> int:
    """Write a font with the glyphs that it drew; the number of its object."""
    cut = harfbuzz.cut(face(font), font.to_unicode)
    name = bytes(font.name)
    file = _file(pdf, cut)
    kind = b"3" if cut.is_opentype else b"2"
    ascent, descent = metrics(font)
    widest = max(font.widths.values())
    descriptor = pdf.add(
        b"<< /Type /FontDescriptor /FontName %b /Flags 4 /FontBBox [0 %d %d %d] /ItalicAngle 0"
        b" /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile%b %d 0 R >>"
        % (name, descent, widest, ascent, ascent, descent, ascent, kind, file)
    )
    inner = pdf.add(
        b"<< /Type /Font /Subtype /CIDFontType%b /BaseFont %b /CIDSystemInfo"
        b" << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> %b /W [%b]"
        b" /FontDescriptor %d 0 R >>"
        % (
            b"0" if cut.is_opentype else b"2",
            name,
            b"" if cut.is_opentype else b"/CIDToGIDMap %d 0 R" % pdf.stream(numbers(cut)),
            widths(font),
            descriptor,
        )
    )
    letters = pdf.stream(character_map(font))
    return pdf.add(
        b"<< /Type /Font /Subtype /Type0 /BaseFont %b /Encoding /Identity-H"
        b" /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (name, inner, letters)
    )


def _file(pdf: Objects, cut: harfbuzz.Cut) -> int:
    entries = b"/Subtype /OpenType" if cut.is_opentype else b"/Length1 %d" % len(cut.data)
    return pdf.stream(packed(cut.data), entries, is_packed=True)


def metrics(font: Font) -> tuple[int, int]:
    """Ascent and descent in thousandths of an em, from the face: not as rounded at some size."""
    table = harfbuzz.table(harfbuzz.address(font.hb_face), "hhea")
    ascent, descent = (int.from_bytes(table[at : at + 2], "big", signed=True) for at in (4, 6))
    return round(ascent * 1000 / font.upem), round(descent * 1000 / font.upem)


def numbers(cut: harfbuzz.Cut) -> bytes:
    """The letters keep the glyph numbers of the whole font: which they have in the cut one."""
    found = bytearray(2 * (max(cut.numbers) + 1))
    for glyph, place in cut.numbers.items():
        found[2 * glyph : 2 * glyph + 2] = place.to_bytes(2, "big")
    return bytes(found)


def widths(font: Font) -> bytes:
    """Neighbours share a list: `12 [500 500] 40 [600]`; the whole em is what is not said."""
    found = []
    counted = enumerate(sorted(glyph for glyph, width in font.widths.items() if width != 1000))
    for _, group in groupby(counted, key=lambda pair: pair[1] - pair[0]):
        glyphs = [glyph for _, glyph in group]
        row = b" ".join(b"%d" % font.widths[glyph] for glyph in glyphs)
        found.append(b"%d [%b]" % (glyphs[0], row))
    return b" ".join(found)


def character_map(font: Font) -> bytes:
    pairs = [
        b"<%04x> <%b>" % (glyph, text.encode("utf-16-be").hex().encode("ascii"))
        for glyph, text in sorted(font.to_unicode.items())
    ]
    parts = [MAP_HEAD]
    for start in range(0, len(pairs), BATCH):
        some = pairs[start : start + BATCH]
        parts.append(b"%d beginbfchar\n%b\nendbfchar\n" % (len(some), b"\n".join(some)))
    return b"".join([*parts, MAP_FOOT])
