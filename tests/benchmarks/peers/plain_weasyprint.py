"""3.6 certificates a second on one core: WeasyPrint as everybody calls it, the whole page each.

The border as SVG, the seal as PNG, the QR code as SVG, the system's Noto fonts, nothing shared.
The border is spared its guilloche: that alone, finer than the one measured then, takes WeasyPrint
a second, and the page would be no peer.
"""

import re
from collections.abc import Iterable, Iterator

from weasyprint import CSS, HTML

from certificates.render import Border, CertificateFacts, Design
from certificates.render.archive import ArtToo, art, words
from certificates.render.letters import TEMPLATES, html
from certificates.render.pages import Page, page_for
from tests.benchmarks.peers.art import seal_png

QUOTED = 3.6
DESIGN = Design(border=Border.LINES)


def sheet(page: Page) -> str:
    text = "".join(
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("letters.css", "landscape.css")
    )
    text = re.sub(r"@font-face.*\n", "", text)
    return re.sub(r'"Cert (Song|Kai|Mono)"', '"Noto Serif CJK SC"', text)


def files(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    seal = b""
    for facts in batch:
        page = page_for(facts, DESIGN)
        seal = seal or seal_png(page.common)
        drawn = art(page, None)
        drawn["cert-art:seal"] = (seal, "image/png")
        text = html("full.html", **words(page, facts.number, has_seal=True))
        document = HTML(string=text, url_fetcher=ArtToo(drawn))
        yield document.write_pdf(stylesheets=[CSS(string=sheet(page))])
