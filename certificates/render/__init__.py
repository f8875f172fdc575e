"""Draw certificates: facts in, PDF bytes out. No database, no request, no network.

Importing this package is cheap; WeasyPrint and pikepdf are loaded by the first drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.facts import CertificateFacts
from certificates.render.glyphs import fonts_ready, missing_glyphs
from certificates.render.pages import EDITIONS, page_for

__all__ = [
    "EDITIONS",
    "CertificateFacts",
    "RenderError",
    "RenderErrorCode",
    "check",
    "fonts_ready",
    "missing_glyphs",
    "render_many",
    "render_pdf",
]


def check(facts: CertificateFacts) -> None:
    """Raise RenderError if these facts cannot be printed; cheap, for use before issuing."""
    page_for(facts)


def render_pdf(facts: CertificateFacts) -> bytes:
    """The same facts give the same bytes, in any process."""
    return next(render_many([facts], chunk=1))


def render_many(batch: Iterable[CertificateFacts], chunk: int = 20) -> Iterator[bytes]:
    """A file for each, in order, laid out `chunk` at a time.

    The files of a chunk carry one shared set of letter shapes. So their bytes differ from those
    of `render_pdf`, and a chunk of 1 is for whoever must not reveal which letters others have.
    """
    from certificates.render.sheet import sheets

    return sheets(batch, chunk)
