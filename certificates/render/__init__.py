"""Draw certificates: facts and a design in, PDF bytes out. No database, no request, no network.

Importing this package is cheap; WeasyPrint is loaded by the first drawing, the library that makes
pictures by the first picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from certificates.render.design import DEFAULT, Border, Design, Layout, Seal
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.facts import CertificateFacts
from certificates.render.glyphs import fonts_ready, missing_glyphs
from certificates.render.pages import page_for
from certificates.render.variants import Variant
from certificates.render.zipping import zipped

__all__ = [
    "DEFAULT",
    "Border",
    "CertificateFacts",
    "Design",
    "Layout",
    "RenderError",
    "RenderErrorCode",
    "Seal",
    "Variant",
    "check",
    "check_seal_image",
    "fonts_ready",
    "missing_glyphs",
    "render_archive",
    "render_book",
    "render_many",
    "render_pdf",
    "render_png",
    "zipped",
]


def check(facts: CertificateFacts, design: Design = DEFAULT) -> None:
    """Raise RenderError if these facts cannot be printed; cheap, for use before issuing."""
    page_for(facts, design)


def render_pdf(
    facts: CertificateFacts, design: Design = DEFAULT, *, seal_image: bytes | None = None
) -> bytes:
    """The same facts and design give the same bytes, in any process, alone or among others."""
    from certificates.render.sheet import sheet

    return sheet(page_for(facts, design), seal_image)


def render_many(
    batch: Iterable[CertificateFacts],
    design: Design = DEFAULT,
    *,
    seal_image: bytes | None = None,
) -> Iterator[bytes]:
    """A file for each, in order: the bytes of `render_pdf`, made with what they share at hand."""
    return (render_pdf(facts, design, seal_image=seal_image) for facts in batch)


def render_png(pdf: bytes) -> bytes:
    """The picture that a phone saves from the page: of the stored PDF, not of the facts."""
    from certificates.render.raster import png

    return png(pdf)


def render_book(
    batch: Iterable[CertificateFacts],
    design: Design = DEFAULT,
    *,
    title: str,
    seal_image: bytes | None = None,
) -> bytes:
    """One file for the press, a page for each in order, with the art and the fonts once."""
    from certificates.render.book import book

    return book((page_for(facts, design) for facts in batch), title, seal_image)


def render_archive(
    facts: CertificateFacts,
    design: Design = DEFAULT,
    *,
    variant: Variant,
    credential: str | None = None,
    seal_image: bytes | None = None,
) -> bytes:
    """A copy with the credential attached (PDF/A-3u), or with tags for screen readers (PDF/UA)."""
    from certificates.render.archive import archive

    return archive(page_for(facts, design), variant, credential, seal_image)


def check_seal_image(image: bytes) -> None:
    """Raise RenderError unless a seal can be printed from it."""
    from certificates.render.seal_image import seal_picture

    seal_picture(image)
