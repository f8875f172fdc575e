"""3.6 certificates a second on one core: WeasyPrint as everybody calls it, the whole page each.

The border as SVG, the seal as PNG, the QR code as SVG, the system's Noto fonts, nothing shared.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from weasyprint import CSS, HTML

from certificates.render import CertificateFacts
from certificates.render.archive import ArtToo, art, words
from certificates.render.letters import TEMPLATES, html
from certificates.render.objects import Objects
from certificates.render.pages import Page, page_for
from certificates.render.sheet import SCALE, stamp

QUOTED = 3.6


@lru_cache
def seal_png(issuer: str, line: str) -> bytes:
    """480 pixels a side, as an office hands it in."""
    from io import BytesIO

    import pypdfium2

    pdf = Objects()
    drawn = f"{SCALE}1 0 0 1 21 21 cm {stamp(issuer, line)} Q"
    parent = pdf.reserve()
    content = pdf.stream(drawn.encode())
    side = 42 * 72 / 25.4
    page = pdf.add(
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.3f %.3f] /Contents %d 0 R >>"
        % (parent, side, side, content)
    )
    pdf.fill(parent, b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % page)
    root, info = pdf.add(b"<< /Type /Catalog /Pages %d 0 R >>" % parent), pdf.add(b"<< >>")
    document = pypdfium2.PdfDocument(pdf.finished(root, info))
    image = document[0].render(scale=480 / side, fill_color=(0, 0, 0, 0)).to_pil()
    out = BytesIO()
    image.convert("RGBA").save(out, "PNG")
    return out.getvalue()


def sheet(page: Page) -> str:
    text = "".join(
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("letters.css", "landscape.css")
    )
    text = re.sub(r"@font-face.*\n", "", text)
    return re.sub(r'"Cert (Song|Kai|Mono)"', '"Noto Serif CJK SC"', text)


def files(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    for facts in batch:
        page = page_for(facts)
        drawn = art(page, None)
        drawn["cert-art:seal"] = (seal_png(facts.issuer, page.common.seal_line), "image/png")
        text = html("full.html", **words(page, facts.number, has_seal=True))
        document = HTML(string=text, url_fetcher=ArtToo(drawn))
        yield document.write_pdf(stylesheets=[CSS(string=sheet(page))])
