"""Letters as PDF operators: WeasyPrint lays out and draws, a layer at a time.

A whole document for each person would spend nine tenths of its time on what is the same for all:
parsing, matching styles, page boxes. So the boxes of a layer are built once, and each person's
words are laid out in a copy of them, by the same functions of WeasyPrint and to the same result;
tests compare it, pixel by pixel, with whole documents.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any, Final

import pydyf
from weasyprint import DEFAULT_OPTIONS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.document import Document
from weasyprint.draw import draw_stacking_context
from weasyprint.formatting_structure.boxes import Box, TextBox
from weasyprint.formatting_structure.build import build_formatting_structure
from weasyprint.layout import layout_document
from weasyprint.layout.absolute import absolute_box_layout
from weasyprint.layout.background import layout_box_backgrounds
from weasyprint.pdf.fonts import Font
from weasyprint.pdf.stream import Stream
from weasyprint.stacking import StackingContext
from weasyprint.text.fonts import get_pango_font_key
from weasyprint.urls import FatalURLFetchingError

from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.letters import LOCK, OwnFontsOnly, fonts, style

POINTS: Final = 0.75  # in a CSS pixel
Words = dict[str, str]

#: One a face, for its tables and its metrics; what it draws is counted in copies.
_faces: dict[int, Font] = {}


@dataclass(frozen=True, slots=True)
class Letters:
    """Operators in points from the lower left, and the faces with the glyphs that they draw."""

    operators: bytes
    fonts: dict[str, Font]


class Ink(Stream):  # type: ignore[misc]
    """A stream whose fonts know only of the letters drawn on it."""

    def __init__(self) -> None:
        kinds = ("ExtGState", "XObject", "Pattern", "Shading", "ColorSpace")
        resources = pydyf.Dictionary({kind: pydyf.Dictionary() for kind in kinds})
        super().__init__({}, (0, 0, 1, 1), resources, {}, None, {}, None)

    def add_font(self, pango_font: Any) -> tuple[Font, float]:
        key, description, size = get_pango_font_key(pango_font)
        if key not in self._fonts:
            if key not in _faces:
                _faces[key] = Font(pango_font, description, size)
                _faces[key].file_content = b""  # megabytes; glyphs are cut from the face
            font = self._fonts[key] = copy(_faces[key])
            font.widths, font.to_unicode, font.missing = {}, {}, {}
        return self._fonts[key], size

    def letters(self, height: float) -> Letters:
        fonts = {font.hash: font for font in self._fonts.values()}
        for font in fonts.values():
            if font.missing:
                missing = "".join(map(chr, font.missing))
                raise RenderError(RenderErrorCode.MISSING_GLYPH, missing)
        items = (item if isinstance(item, bytes) else str(item).encode() for item in self.stream)
        matrix = f"q {POINTS} 0 0 {-POINTS} 0 {height * POINTS:.6f} cm\n"
        return Letters(matrix.encode() + b"\n".join(items) + b"\nQ", fonts)


class Layer:
    """The boxes of a layer's HTML, every child of its body placed absolutely."""

    def __init__(self, html: str, layout: str) -> None:
        with LOCK:
            self._build(HTML(string=html, url_fetcher=OwnFontsOnly()), layout)

    def _build(self, html: HTML, layout: str) -> None:
        options = DEFAULT_OPTIONS | {"stylesheets": [style(layout)]}
        counters = CounterStyle()
        try:
            self.context = Document._build_layout_context(html, fonts(), counters, {}, options)
            root = build_formatting_structure(
                html.etree_element,
                self.context.style_for,
                self.context.get_image_from_uri,
                html.base_url,
                self.context.target_collector,
                counters,
                self.context.footnotes,
            )
        except FatalURLFetchingError as error:
            raise RenderError(RenderErrorCode.FORBIDDEN_RESOURCE, str(error)) from error
        (body,) = root.children
        self.blocks, body.children = [block for block in body.children if block.children], []
        # The page is made empty: each block is laid out on it later, and by itself.
        (self.page,) = layout_document(html, root, self.context)

    def letters(self, words: Words | None = None) -> Letters:
        """The layer with these words, by the id of the element in which they stand."""
        with LOCK:
            ink = Ink()
            for block in self.blocks:
                draw_stacking_context(
                    ink, StackingContext.from_box(self._laid(block, words), self.page)
                )
            return ink.letters(self.page.height)

    def _laid(self, block: Box, words: Words | None) -> Box:
        fresh = block.deepcopy()
        if words:
            say(fresh, words)
        fresh.position_x = fresh.position_y = 0
        laid, _ = absolute_box_layout(
            self.context, fresh, self.page, [], bottom_space=0, skip_stack=None
        )
        layout_box_backgrounds(self.page, laid, self.context.get_image_from_uri)
        return laid


def say(box: Box, words: Words) -> None:
    for child in box.children:
        if not isinstance(child, TextBox):
            say(child, words)
        elif (name := child.element.get("id")) in words:
            child.text = words[name]
