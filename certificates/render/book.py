"""The certificates of a county in one file for the press: art and fonts once, a page for each."""

from __future__ import annotations

from collections.abc import Iterable

from weasyprint.pdf.fonts import Font

from certificates.render import embed, sheet
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.objects import Objects, references
from certificates.render.pages import Common, Page

Art = dict[tuple[object, ...], dict[str, int]]


class Book:
    """Of each page only its small content is kept while the next is drawn."""

    def __init__(self, seal_image: bytes | None) -> None:
        self.pdf = Objects()
        self.seal_image = seal_image
        self.parent, self.font_names = self.pdf.reserve(), self.pdf.reserve()
        self.fonts: dict[str, Font] = {}
        self.shared: dict[Common, tuple[int, dict[str, int]]] = {}
        self.art: Art = {}
        self.pages: list[int] = []

    def add(self, page: Page) -> None:
        used, forms = self._shared(page.common)
        own = sheet.personal_letters(page)
        self._count(own.fonts)
        content = self.pdf.stream(sheet.operators(page, own, forms))
        self.pages.append(sheet.add_page(self.pdf, self.parent, page, content, used))

    def _count(self, fonts: dict[str, Font]) -> None:
        for name, font in fonts.items():
            if not embed.covers(self.fonts.get(name), font):
                self.fonts |= embed.together([self.fonts, {name: font}])

    def _shared(self, common: Common) -> tuple[int, dict[str, int]]:
        """Resources and forms of everyone with these course facts."""
        if common not in self.shared:
            letters = sheet.common_letters(common)
            self._count(letters.fonts)
            fonts = b"%d 0 R" % self.font_names
            inner = b"/Resources << /ExtGState %b /Font %b >>" % (sheet.STATES, fonts)
            drawn = self.pdf.form(letters.operators, sheet.REACH, inner)
            forms = {"Common": drawn} | self._art(common)
            self.shared[common] = self.pdf.add(sheet.resources(fonts, forms)), forms
        return self.shared[common]

    def _art(self, common: Common) -> dict[str, int]:
        key = (common.design, common.issuer)
        if key not in self.art:
            self.art[key] = sheet.add_art(self.pdf, common, self.seal_image)
        return self.art[key]

    def bound(self, title: str, author: str) -> bytes:
        if not self.pages:
            raise RenderError(RenderErrorCode.BAD_FACTS, "no pages")
        at = {name: embed.embed(self.pdf, font) for name, font in self.fonts.items()}
        self.pdf.fill(self.font_names, references(at))
        sheet.fill_pages(self.pdf, self.parent, self.pages)
        return sheet.finished(self.pdf, self.parent, title, author)


def book(pages: Iterable[Page], title: str, seal_image: bytes | None = None) -> bytes:
    found = Book(seal_image)
    author = ""
    for page in pages:
        author = author or page.facts.issuer
        found.add(page)
    return found.bound(title, author)
