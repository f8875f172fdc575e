"""Office sheets as PDF: HTML laid out by WeasyPrint with the fonts of the system, nothing fetched.

Certificates are drawn by certificates.render, which promises the same bytes for ever; these here
are printed anew each time. The first sheet of a process loads Pango and looks for fonts, which
takes it a second; a web process does that with `warm_up` as it starts, others never need it.
"""

from functools import lru_cache
from threading import Lock
from typing import Any

# The font configuration is shared, and Pango is not made for threads.
_LOCK = Lock()


class ForbiddenResourceError(Exception):
    """A sheet asked for a file or an address: it must bring all it needs."""


@lru_cache
def _tools() -> tuple[Any, Any]:
    """The shared font configuration, and a fetcher that fetches nothing."""
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class Nothing(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            raise FatalURLFetchingError(url)

    return FontConfiguration(), Nothing


def warm_up() -> None:
    """Print a sheet for nobody: the next one takes a tenth of the time."""
    pdf_of("<p>预热 0123456789</p>", "p { font-family: sans-serif }")


def pdf_of(html: str, css: str) -> bytes:
    from weasyprint import CSS, HTML
    from weasyprint.urls import FatalURLFetchingError

    try:
        with _LOCK:
            fonts, fetcher = _tools()
            sheet = CSS(string=css, font_config=fonts, url_fetcher=fetcher())
            document = HTML(string=html, url_fetcher=fetcher())
            pdf: Any = document.write_pdf(stylesheets=[sheet], font_config=fonts)
    except FatalURLFetchingError as error:
        raise ForbiddenResourceError(str(error)) from error
    return bytes(pdf)
