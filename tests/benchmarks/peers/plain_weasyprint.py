"""3.6 certificates a second on one core: WeasyPrint as everybody calls it, the whole page each.

That figure is of a page with a plainer border, and `quoted_page` is held to it. This is our page:
the same words, font files, border with its guilloche, QR code and sizes; the seal as the PNG that
an office has. Nothing is kept from one to the next but the drawings, and these are in the form
that WeasyPrint draws soonest: as our own program writes it, the guilloche alone would take it a
second.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from certificates.render import CertificateFacts
from certificates.render.archive import SVG, ArtToo, words
from certificates.render.letters import TEMPLATES, html
from certificates.render.pages import Common, page_for
from certificates.render.qr import qr
from certificates.render.sheet import QR_COLOUR, engraved
from certificates.render.strokes import rgb
from certificates.render.svg import svg
from tests.benchmarks.peers.art import flat_svg, seal_png

QUOTED = 3.6
SHEETS = ("letters.css", "landscape.css")


@lru_cache
def drawings(common: Common) -> dict[str, tuple[bytes, str]]:
    place, design = common.place, common.design
    ground = flat_svg(engraved(design.layout, design.border), place.width, place.height)
    return {"cert-art:ground": (ground, SVG), "cert-art:seal": (seal_png(common), "image/png")}


def files(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in SHEETS)
    for facts in batch:
        page = page_for(facts)
        left, bottom, side = page.common.place.qr
        code = f"{rgb(QR_COLOUR)} rg\n{qr(facts.verify_url, left, bottom, side)}"
        own = {"cert-art:qr": (svg(code, {}, (left, bottom, side, side)), SVG)}
        fetcher, fonts = ArtToo(drawings(page.common) | own), FontConfiguration()
        text = html("full.html", **words(page, facts.number, has_seal=True))
        sheet = CSS(string=style, url_fetcher=fetcher, font_config=fonts)
        document = HTML(string=text, url_fetcher=fetcher)
        yield document.write_pdf(stylesheets=[sheet], font_config=fonts)
