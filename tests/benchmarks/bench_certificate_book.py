"""A county's certificates in one file for the press: pages a second of CPU, and what one adds."""

from collections.abc import Iterator

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import measured

PAGES = 1000


def run() -> Iterator[Figure]:
    found = measured("book", PAGES)
    yield Figure("certificate_book.pages_per_second", found.per_second, "pages/s of CPU")
    yield Figure("certificate_book.kb_per_page", found.kb, "kB, art and fonts included")
    yield Figure("certificate_book.rss_mb", found.rss_mb, "MB at most")
