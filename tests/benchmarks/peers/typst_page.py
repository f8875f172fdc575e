"""146 certificates a second on one core: typst 0.15.2, its compiler reused, the same page.

The same font files, the same border and seal as SVG, the QR code as SVG; a file each.
"""

import tempfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import segno
import typst

from certificates.render import DEFAULT, CertificateFacts
from certificates.render.archive import art
from certificates.render.glyphs import OWN_FONTS
from certificates.render.pages import page_for

QUOTED = 146
PAGE = """
#set page(width: 297mm, height: 210mm, margin: 0mm)
#set text(font: "Cert Song", lang: "zh", fill: rgb("#15191C"))
#let f = sys.inputs
#let at(x, y, body) = place(top + left, dx: x, dy: y, body)
#let mono(body) = text(12.5pt, font: "Cert Mono", fill: rgb("#4F3D14"), body)
#let label(body) = text(12.5pt, tracking: .04em, fill: rgb("#4F3D14"), body)
#let middle(y, body) = at(0mm, y, box(width: 297mm, align(center, body)))
#at(0mm, 0mm, image("ground.svg", width: 297mm))
#at(204.7mm, 22.6mm, label[编号])
#at(224.3mm, 22.8mm, mono(f.number))
#middle(33mm, text(56pt, weight: 700, tracking: .34em, fill: rgb("#9A1B16"))[结业证书])
#middle(58mm, text(13pt, tracking: .17em, fill: rgb("#85651F"))[CERTIFICATE OF COMPLETION])
#middle(74mm, text(32pt, font: "Cert Kai", tracking: .03em, f.name))
#at(74.5mm, 90.6mm, line(length: 148mm, stroke: .22mm + rgb("#9C7A2E")))
#at(114.7mm, 94.6mm, label[身份证号])
#at(134.7mm, 94.8mm, mono(f.id))
#at(33.4mm, 107.8mm, box(width: 233mm, {
  set text(20pt)
  set par(first-line-indent: (amount: 2em, all: true), leading: 6.6mm)
  [#f.before#box[「#text(weight: 700, f.course)」#f.closing]#f.after]
}))
#at(33.4mm, 157.8mm, image(bytes(f.qr), format: "svg", width: 26.6mm))
#at(64.6mm, 161.4mm, text(12pt, fill: rgb("#3A3527"))[扫码核验真伪])
#at(64.6mm, 168mm, text(12pt, fill: rgb("#3A3527"))[核验码])
#at(78.2mm, 168.2mm, text(12pt, font: "Cert Mono", weight: 700, f.code))
#at(64.6mm, 174.8mm, text(10.5pt, fill: rgb("#7A6A45"))[核验页不显示身份证号])
#at(180mm, 168.4mm, box(width: 79mm, align(center, text(18pt, tracking: .02em, f.issuer))))
#at(180mm, 180mm, box(width: 79mm, align(center, text(18pt, tracking: .06em, f.date))))
#at(198.5mm, 144mm, image("seal.svg", width: 42mm))
"""


def inputs(facts: CertificateFacts) -> dict[str, str]:
    common = page_for(facts).common
    before, course, after = common.sentence
    qr = BytesIO()
    code = segno.make(facts.verify_url.upper(), error="q", mask=2, micro=False, boost_error=False)
    code.save(qr, kind="svg", border=0)
    return {
        "number": facts.number,
        "name": facts.name,
        "id": facts.masked_id,
        "code": facts.spoken_code,
        "before": before.text,
        "course": course.text,
        "closing": course.closing,
        "after": after.text,
        "issuer": facts.issuer,
        "date": common.issued_on,
        "qr": qr.getvalue().decode(),
    }


def files(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    compiler = None
    with tempfile.TemporaryDirectory() as folder:
        for facts in batch:
            if compiler is None:
                drawn = art(page_for(facts, DEFAULT), None)
                Path(folder, "ground.svg").write_bytes(drawn["cert-art:ground"][0])
                seal = drawn["cert-art:seal"][0].replace(b"<g tr", b'<g opacity=".84" tr', 1)
                Path(folder, "seal.svg").write_bytes(seal)
                main = Path(folder, "page.typ")
                main.write_text(PAGE, encoding="utf-8")
                compiler = typst.Compiler(
                    str(main), folder, [str(OWN_FONTS)], ignore_system_fonts=True
                )
            yield compiler.compile(format="pdf", sys_inputs=inputs(facts), pdf_tags=False)
