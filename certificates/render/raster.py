"""A certificate as a picture, for a phone that saves what a finger rests on: made from its PDF."""

from __future__ import annotations

from io import BytesIO
from threading import Lock
from typing import Final

LONG_SIDE: Final = 1680  # pixels: the smallest letters stay legible, the QR code reads
COLOURS: Final = 64
LOCK: Final = Lock()  # PDFium is not made for threads


def png(pdf: bytes, long_side: int = LONG_SIDE) -> bytes:
    """The first page, at most 200 kB; the same PDF gives the same picture."""
    from PIL import Image
    from pypdfium2 import PdfDocument

    with LOCK:
        document = PdfDocument(pdf)
        try:
            page = document[0]
            scale = long_side / max(page.get_size())
            image = page.render(scale=scale).to_pil().convert("RGB")
        finally:
            document.close()
    # Fine gold lines are many shades of few colours: a palette is a third of the size.
    few = image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    out = BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()
