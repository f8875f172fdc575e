"""Our drawings for the peers: as small PDF files, and the seal as the PNG that an office has."""

from io import BytesIO

from pypdfium2 import PdfDocument

from certificates.render.objects import Objects
from certificates.render.pages import Common
from certificates.render.seal import RADIUS
from certificates.render.sheet import add_art, references
from certificates.render.strokes import MM

SEAL_PIXELS = 480


def drawn(common: Common, name: str, width: float, height: float, operators: str) -> bytes:
    """A page of so many millimetres, with one of a certificate's drawings on it."""
    pdf = Objects()
    used = references({name: add_art(pdf, common, None)[name]})
    content, parent = pdf.stream(operators.encode()), pdf.reserve()
    page = pdf.add(
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.3f %.3f] /Contents %d 0 R"
        b" /Resources << /XObject %b >> >>" % (parent, width * MM, height * MM, content, used)
    )
    pdf.fill(parent, b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % page)
    root, info = pdf.add(b"<< /Type /Catalog /Pages %d 0 R >>" % parent), pdf.add(b"<< >>")
    return pdf.finished(root, info)


def ground_pdf(common: Common) -> bytes:
    return drawn(common, "Ground", common.place.width, common.place.height, "/Ground Do")


def seal_pdf(common: Common) -> bytes:
    middle = f"{RADIUS * MM:.3f} {RADIUS * MM:.3f}"
    operators = f"q {MM:.6f} 0 0 {MM:.6f} {middle} cm /Seal Do Q"
    return drawn(common, "Seal", 2 * RADIUS, 2 * RADIUS, operators)


def seal_png(common: Common) -> bytes:
    document = PdfDocument(seal_pdf(common))
    scale = SEAL_PIXELS / (2 * RADIUS * MM)
    image = document[0].render(scale=scale, fill_color=(0, 0, 0, 0)).to_pil()
    out = BytesIO()
    image.convert("RGBA").save(out, "PNG")
    document.close()
    return out.getvalue()
