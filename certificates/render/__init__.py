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

__all__ = [
    "DEFAULT",
    "Border",
    "CertificateFacts",
    "Design",
    "Layout",
    "RenderError",
    "RenderErrorCode",
    "Seal",
    "check",
    "fonts_ready",
    "missing_glyphs",
    "render_many",
    "render_pdf",
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
