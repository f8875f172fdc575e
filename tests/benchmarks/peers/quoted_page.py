"""3.6 certificates a second on one core: plain WeasyPrint on the page of that measurement.

Its page as it was described: A4 across, a border of about 435 nodes in 59 kB, a seal of 480 x 480
points, a QR code, 110 Chinese letters in two weights of the system's Noto Serif CJK. Our own page
has a border of many times as many strokes, so a figure of that page says nothing about ours; this
one says whether WeasyPrint and the machine are what they were.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import sin, tau

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from certificates.render import DEFAULT, CertificateFacts
from certificates.render.archive import SVG, ArtToo
from certificates.render.pages import page_for
from certificates.render.qr import qr
from certificates.render.svg import svg
from certificates.render.wording import chinese_date, sentence
from tests.benchmarks.certificate_facts import facts as county
from tests.benchmarks.peers.art import seal_png

QUOTED = 3.6
NODES = 435
WIDTH, HEIGHT = 297, 210
STYLE = """
@page { size: 297mm 210mm; margin: 0 }
body { margin: 0; font-family: "Noto Serif CJK SC"; background: url(cert-art:border) no-repeat;
  background-size: 297mm 210mm }
body > * { position: absolute; margin: 0 }
h1 { top: 33mm; width: 297mm; text-align: center; font-size: 56pt; font-weight: 700 }
.name { top: 74mm; width: 297mm; text-align: center; font-size: 32pt; font-weight: 700 }
.text { left: 33mm; top: 105mm; width: 233mm; font-size: 20pt; line-height: 13.5mm }
.number { left: 205mm; top: 22mm }
.qr { left: 33mm; top: 158mm; width: 27mm }
.code { left: 65mm; top: 163mm }
.seal { left: 198mm; top: 144mm; width: 42mm }
.issuer { left: 180mm; top: 165mm; width: 79mm; text-align: center; font-size: 18pt }
"""
PAGE = """<html lang="zh-CN"><meta charset="utf-8"><title>结业证书</title><h1>结业证书</h1>
<p class="number">编号 {number}</p><p class="name">{name}</p><p class="text">{text}</p>
<img class="qr" src="cert-art:qr"><p class="code">扫码核验真伪<br>核验码 {code}</p>
<img class="seal" src="cert-art:seal"><p class="issuer">{issuer}<br>{day}</p>"""
STROKE = 'fill="none" stroke="#9c7a2e" stroke-opacity="1" stroke-width=".12"'
SIDES, LANES = 4, 6


def strand(node: int) -> str:
    """A piece of one of the woven lines, as a drawing program writes it: a node for each."""
    piece, side = divmod(node, SIDES)
    place, lane = divmod(piece, LANES)
    is_flat = side % 2 == 0
    length, deep = (WIDTH, HEIGHT) if is_flat else (HEIGHT, WIDTH)
    step = (length - 20) / (NODES / SIDES / LANES)
    ends = []
    for n in range(4):
        far = 10 + (place + n / 3) * step
        off = (5 if side < 2 else deep - 5) + 3 * sin(tau * far / 27 + lane)
        ends.append(f"{far:.3f} {off:.3f}" if is_flat else f"{off:.3f} {far:.3f}")
    return f'<path d="M{ends[0]}C{" ".join(ends[1:])}" {STROKE}/>'


@lru_cache
def border() -> bytes:
    rows = [strand(node) for node in range(NODES)]
    size = f'width="{WIDTH}mm" height="{HEIGHT}mm" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(rows)}</svg>'.encode()


@lru_cache
def drawings() -> dict[str, tuple[bytes, str]]:
    seal = seal_png(page_for(next(county(1))).common)
    return {"cert-art:border": (border(), SVG), "cert-art:seal": (seal, "image/png")}


def files(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    for facts in batch:
        code = f"0 0 0 rg\n{qr(facts.verify_url, 0, 0, 27)}"
        own = {"cert-art:qr": (svg(code, {}, (0, 0, 27, 27)), SVG)}
        fetcher, fonts = ArtToo(drawings() | own), FontConfiguration()
        text = PAGE.format(
            number=facts.number,
            name=facts.name,
            text="".join(run.text for run in sentence(facts, DEFAULT)),
            code=facts.spoken_code,
            issuer=facts.issuer,
            day=chinese_date(facts.issued_on),
        )
        sheet = CSS(string=STYLE, font_config=fonts)
        document = HTML(string=text, url_fetcher=fetcher)
        yield document.write_pdf(stylesheets=[sheet], font_config=fonts)
