"""The letters of certificates, laid out by WeasyPrint: one page for each, nothing else on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

from django.template import Context, Engine
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from certificates.render import glyphs
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.pages import Page

TEMPLATES: Final = Path(__file__).resolve().parents[2] / "templates" / "certificates" / "pdf"
# Font configurations and parsed style sheets are shared, and Pango is not made for threads.
LOCK: Final = Lock()


class OwnFontsOnly(URLFetcher):  # type: ignore[misc]
    """Hands out the fonts beside this file and refuses every other address."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        allowed = {f"cert-font:{font.filename}": font for font in glyphs.OWN}
        font = allowed.get(url)
        path = glyphs.find(font) if font else None
        if path is None:
            raise FatalURLFetchingError(url)
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "font/ttf"})


@lru_cache
def engine() -> Engine:
    """Our own engine, so that no setting of the site changes a certificate."""
    return Engine(dirs=[str(TEMPLATES)])


@lru_cache
def fonts() -> FontConfiguration:
    return FontConfiguration()


@lru_cache
def style(edition: str) -> CSS:
    sheet = (TEMPLATES / edition / "text.css").read_text(encoding="utf-8")
    return CSS(string=sheet, font_config=fonts(), url_fetcher=OwnFontsOnly())


def laid_out(html: str, edition: str) -> bytes:
    """The PDF of a page of letters; whoever asks for a file or an address gets an error."""
    try:
        with LOCK:
            document = HTML(string=html, url_fetcher=OwnFontsOnly())
            pdf: Any = document.write_pdf(stylesheets=[style(edition)], font_config=fonts())
    except FatalURLFetchingError as error:
        raise RenderError(RenderErrorCode.FORBIDDEN_RESOURCE, str(error)) from error
    return bytes(pdf)


def letters(pages: Sequence[Page]) -> bytes:
    """One document for pages of one edition."""
    edition = pages[0].facts.template_edition
    template = engine().get_template(f"{edition}/text.html")
    return laid_out(template.render(Context({"pages": pages})), edition)
