"""3.6 certificates a second on one core: WeasyPrint as everybody calls it, the whole page each.

The same page: the same words, font files, border with its guilloche, QR code and sizes; the seal
as the PNG that an office has. Nothing is kept from one to the next but the drawings, and these are
in the form that WeasyPrint draws soonest: as our own program writes it, the guilloche alone would
take it a second.
"""

from collections.abc import Iterable, Iterator

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from certificates.render import CertificateFacts
from certificates.render.archive import ArtToo, art, words
from certificates.render.letters import TEMPLATES, html
from certificates.render.pages import page_for
from certificates.render.sheet import engraved
from tests.benchmarks.peers.art import flat_svg, seal_png

QUOTED = 3.6
SHEETS = ("letters.css", "landscape.css")


def files(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    kept: dict[str, tuple[bytes, str]] = {}
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in SHEETS)
    for facts in batch:
        page = page_for(facts)
        place, design = page.common.place, page.common.design
        if not kept:
            drawing = engraved(design.layout, design.border)
            ground = flat_svg(drawing, place.width, place.height)
            kept["cert-art:ground"] = ground, "image/svg+xml"
            kept["cert-art:seal"] = seal_png(page.common), "image/png"
        fetcher, fonts = ArtToo(art(page, None) | kept), FontConfiguration()
        text = html("full.html", **words(page, facts.number, has_seal=True))
        sheet = CSS(string=style, url_fetcher=fetcher, font_config=fonts)
        document = HTML(string=text, url_fetcher=fetcher)
        yield document.write_pdf(stylesheets=[sheet], font_config=fonts)
