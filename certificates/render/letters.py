"""Letters laid out by WeasyPrint: its fonts, its style sheets and our HTML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any, Final

from django.template import Context, Engine
from weasyprint import CSS
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from certificates.render import glyphs

TEMPLATES: Final = Path(__file__).resolve().parents[2] / "templates" / "certificates" / "pdf"
# Font configurations, style sheets and boxes are shared, and Pango is not made for threads.
LOCK: Final = RLock()


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
def style(layout: str) -> CSS:
    sheets = ("letters.css", f"{layout}.css")
    text = "".join((TEMPLATES / sheet).read_text(encoding="utf-8") for sheet in sheets)
    return CSS(string=text, font_config=fonts(), url_fetcher=OwnFontsOnly())


def html(template: str, **values: Any) -> str:
    return engine().get_template(template).render(Context(values))
