"""200 certificates a second on one core: pikepdf and HarfBuzz stamp letters on a finished base.

What a layout engine costs is what this does not do: it breaks lines where they are full, and
knows nothing of what may end a line, of two directions or of a second font.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO

import pikepdf
import segno
import uharfbuzz as hb

from certificates.render import CertificateFacts
from certificates.render.glyphs import OWN_FONTS
from certificates.render.objects import Objects
from certificates.render.pages import page_for
from certificates.render.sheet import add_art, add_page, fill_pages, finished, resources
from tests.benchmarks.certificate_facts import facts as county

QUOTED = 200
MM = 72 / 25.4
FILES = {
    "Song": "CertSong-Regular.ttf",
    "Bold": "CertSong-Bold.ttf",
    "Kai": "CertKai-Regular.ttf",
    "Mono": "CertMono-Regular.ttf",
}


@lru_cache
def face(name: str) -> tuple[hb.Face, hb.Font]:
    found = hb.Face(hb.Blob.from_file_path(str(OWN_FONTS / FILES[name])))
    return found, hb.Font(found)


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


class Stamp:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.glyphs: dict[str, set[int]] = {}

    def line(self, x: float, y: float, size: float, text: str, font: str = "Song") -> None:
        _, shaper = face(font)
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(shaper, buffer)
        ids = [info.codepoint for info in buffer.glyph_infos]
        self.glyphs.setdefault(font, set()).update(ids)
        row = "".join(f"{glyph:04x}" for glyph in ids)
        self.parts.append(
            f"BT /{font} {size} Tf 1 0 0 1 {x * MM:.3f} {(210 - y) * MM:.3f} Tm <{row}> Tj ET"
        )

    def paragraph(self, x: float, y: float, size: float, text: str, room: int) -> None:
        for number in range(0, len(text), room):
            self.line(x, y + 13.5 * number / room, size, text[number : number + room])

    def code(self, url: str) -> None:
        code = segno.make(url.upper(), error="q", mask=2, micro=False, boost_error=False)
        side = 26.6 * MM / len(code.matrix)
        boxes = [
            f"{x} {y} 1 1 re"
            for y, row in enumerate(code.matrix)
            for x, dark in enumerate(row)
            if dark
        ]
        left, top = 33.4 * MM, (25.6 + 26.6) * MM
        self.parts += [f"q {side:.4f} 0 0 {-side:.4f} {left:.3f} {top:.3f} cm", *boxes, "f Q"]


def embedded(pdf: pikepdf.Pdf, name: str, glyphs: set[int]) -> pikepdf.Object:
    whole, shaper = face(name)
    order = hb.SubsetInput()
    order.glyph_set.update(glyphs)
    order.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NO_HINTING
    data = hb.subset(whole, order).blob.data
    widths = pikepdf.Array()
    for glyph in sorted(glyphs):
        widths.append(glyph)
        widths.append(pikepdf.Array([round(shaper.get_glyph_h_advance(glyph) * 1000 / whole.upem)]))
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
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name(f"/{name}"),
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(inner)],
        )
    )


def stamped(facts: CertificateFacts) -> Stamp:
    common = page_for(facts).common
    stamp = Stamp()
    stamp.line(204.7, 26, 12.5, "编号")
    stamp.line(224.3, 26, 12.5, facts.number, "Mono")
    stamp.line(98, 49, 56, "结业证书", "Bold")
    stamp.line(100, 61, 13, "CERTIFICATE OF COMPLETION")
    stamp.line(132, 85, 32, facts.name, "Kai")
    stamp.line(114.7, 98, 12.5, "身份证号")
    stamp.line(134.7, 98, 12.5, facts.masked_id, "Mono")
    text = "".join(f"「{r.text}」{r.closing}" if r.is_course else r.text for r in common.sentence)
    stamp.paragraph(33.4, 114, 20, f"\u3000\u3000{text}".replace("\u00a0", " "), 36)
    stamp.line(64.6, 165, 12, "扫码核验真伪")
    stamp.line(64.6, 171, 12, "核验码")
    stamp.line(78.2, 171, 12, facts.spoken_code, "Mono")
    stamp.line(64.6, 178, 10.5, "核验页不显示身份证号")
    stamp.line(183, 172, 18, facts.issuer)
    stamp.line(190, 184, 18, common.issued_on)
    stamp.code(facts.verify_url)
    return stamp


def files(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    for facts in batch:
        stamp = stamped(facts)
        with pikepdf.open(BytesIO(base(facts.issuer))) as pdf:
            page = pdf.pages[0]
            for name, glyphs in stamp.glyphs.items():
                page.add_resource(
                    embedded(pdf, name, glyphs), pikepdf.Name.Font, pikepdf.Name(f"/{name}")
                )
            page.contents_add("\n".join(stamp.parts).encode())
            out = BytesIO()
            pdf.save(out, deterministic_id=True)
            yield out.getvalue()
