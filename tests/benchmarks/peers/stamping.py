"""200 certificates a second on one core: pikepdf and HarfBuzz stamp letters on a finished base.

What a layout engine costs is what this does not do: it breaks lines where they are full, and
knows nothing of what may end a line, of two directions or of a second font.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from re import compile as pattern

import pikepdf
import segno
import uharfbuzz as hb

from certificates.render import DEFAULT, CertificateFacts
from certificates.render.glyphs import OWN_FONTS
from certificates.render.harfbuzz import USELESS, tag
from certificates.render.objects import Objects
from certificates.render.pages import page_for
from certificates.render.sheet import add_art, add_page, fill_pages, finished, resources
from certificates.render.wording import chinese_date, sentence
from tests.benchmarks.certificate_facts import facts as county

QUOTED = 200
MM = 72 / 25.4
DROPPED = [tag(name) for name in USELESS]
DARK = pattern(rb"\x01+")
FILES = {
    "Song": "CertSong-Regular.ttf",
    "Bold": "CertSong-Bold.ttf",
    "Kai": "CertKai-Regular.ttf",
    "Mono": "CertMono-Regular.ttf",
}


@lru_cache
def face(name: str) -> tuple[hb.Face, hb.Font]:
    """The face made ready for cutting, as ours is, and the font that shapes."""
    found = hb.Face(hb.Blob.from_file_path(str(OWN_FONTS / FILES[name])))
    return hb.subset_preprocess(found), hb.Font(found)


@lru_cache
def base(issuer: str) -> bytes:
    """Border and seal, from our own renderer."""
    page = page_for(replace(next(county(1)), issuer=issuer))
    pdf = Objects()
    forms = add_art(pdf, page.common, None)
    used = pdf.add(resources(b"<< >>", forms))
    middle = f"{page.common.seal_across * MM:.3f} {page.common.place.seal_height * MM:.3f}"
    drawn = f"/Ground Do q {MM:.6f} 0 0 {MM:.6f} {middle} cm /Seal Do Q"
    content = pdf.stream(drawn.encode())
    parent = pdf.reserve()
    fill_pages(pdf, parent, [add_page(pdf, parent, page, content, used)])
    return finished(pdf, parent, "", "")


def runs(row: bytearray) -> Iterator[tuple[int, int]]:
    return ((dark.start(), len(dark[0])) for dark in DARK.finditer(row))


class Stamp:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.rows: list[tuple[float, float, float, str, list[int]]] = []

    def line(self, x: float, y: float, size: float, text: str, font: str = "Song") -> None:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(face(font)[1], buffer)
        ids = [info.codepoint for info in buffer.glyph_infos]
        self.rows.append((x, y, size, font, ids))

    def content(self, fonts: dict[str, dict[int, int]]) -> bytes:
        rows = [
            f"BT /{font} {size} Tf 1 0 0 1 {x * MM:.3f} {(210 - y) * MM:.3f} Tm"
            f" <{''.join([f'{fonts[font][glyph]:04x}' for glyph in ids])}> Tj ET"
            for x, y, size, font, ids in self.rows
        ]
        return "\n".join(rows + self.parts).encode()

    def glyphs(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for *_, font, ids in self.rows:
            found.setdefault(font, set()).update(ids)
        return found

    def paragraph(self, x: float, y: float, size: float, text: str, room: int) -> None:
        for number in range(0, len(text), room):
            self.line(x, y + 13.5 * number / room, size, text[number : number + room])

    def code(self, url: str) -> None:
        code = segno.make(url.upper(), error="q", mask=2, micro=False, boost_error=False)
        side = 26.6 * MM / len(code.matrix)
        boxes = [f"{x} {y} {n} 1 re" for y, row in enumerate(code.matrix) for x, n in runs(row)]
        left, top = 33.4 * MM, (25.6 + 26.6) * MM
        self.parts += [f"q {side:.4f} 0 0 {-side:.4f} {left:.3f} {top:.3f} cm", *boxes, "f Q"]


def cut(name: str, glyphs: set[int]) -> tuple[bytes, dict[int, int]]:
    """The font of these glyphs alone, renumbered as ours are, and their new numbers."""
    order = hb.SubsetInput()
    order.glyph_set.update(glyphs)
    order.sets(hb.SubsetInputSets.DROP_TABLE_TAG).update(DROPPED)
    order.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.DESUBROUTINIZE
    plan = hb.SubsetPlan(face(name)[0], order)
    return plan.execute().blob.data, dict(plan.old_to_new_glyph_mapping.items())


def embedded(
    pdf: pikepdf.Pdf, name: str, glyphs: set[int]
) -> tuple[pikepdf.Object, dict[int, int]]:
    whole, shaper = face(name)
    data, numbers = cut(name, glyphs)
    advance, em = shaper.get_glyph_h_advance, whole.upem
    old = sorted(numbers, key=numbers.__getitem__)
    row = " ".join([str(round(advance(glyph) * 1000 / em)) for glyph in old])
    widths = pikepdf.Object.parse(f"[0 [{row}]]".encode())
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name(f"/{name}"),
        Flags=4,
        FontBBox=[0, -200, 1000, 900],
        ItalicAngle=0,
        Ascent=900,
        Descent=-200,
        CapHeight=900,
        StemV=80,
        FontFile2=pdf.make_stream(data, Length1=len(data)),
    )
    inner = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name(f"/{name}"),
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        W=widths,
        CIDToGIDMap=pikepdf.Name.Identity,
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    outer = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type0,
        BaseFont=pikepdf.Name(f"/{name}"),
        Encoding=pikepdf.Name("/Identity-H"),
        DescendantFonts=[pdf.make_indirect(inner)],
    )
    return pdf.make_indirect(outer), numbers


def stamped(facts: CertificateFacts) -> Stamp:
    stamp = Stamp()
    stamp.line(204.7, 26, 12.5, "编号")
    stamp.line(224.3, 26, 12.5, facts.number, "Mono")
    stamp.line(98, 49, 56, "结业证书", "Bold")
    stamp.line(100, 61, 13, "CERTIFICATE OF COMPLETION")
    stamp.line(132, 85, 32, facts.name, "Kai")
    stamp.line(114.7, 98, 12.5, "身份证号")
    stamp.line(134.7, 98, 12.5, facts.masked_id, "Mono")
    said = sentence(facts, DEFAULT)
    text = "".join(f"「{r.text}」{r.closing}" if r.is_course else r.text for r in said)
    stamp.paragraph(33.4, 114, 20, f"\u3000\u3000{text}".replace("\u00a0", " "), 36)
    stamp.line(64.6, 165, 12, "扫码核验真伪")
    stamp.line(64.6, 171, 12, "核验码")
    stamp.line(78.2, 171, 12, facts.spoken_code, "Mono")
    stamp.line(64.6, 178, 10.5, "核验页不显示身份证号")
    stamp.line(183, 172, 18, facts.issuer)
    stamp.line(190, 184, 18, chinese_date(facts.issued_on))
    stamp.code(facts.verify_url)
    return stamp


def files(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    for facts in batch:
        stamp = stamped(facts)
        with pikepdf.open(BytesIO(base(facts.issuer))) as pdf:
            page = pdf.pages[0]
            fonts = {}
            for name, glyphs in stamp.glyphs().items():
                font, fonts[name] = embedded(pdf, name, glyphs)
                page.add_resource(font, pikepdf.Name.Font, pikepdf.Name(f"/{name}"))
            page.contents_add(stamp.content(fonts))
            out = BytesIO()
            pdf.save(out, deterministic_id=True)
            yield out.getvalue()
