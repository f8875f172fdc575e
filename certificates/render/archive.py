"""Copies for an archive and for screen readers, rendered whole by WeasyPrint.

An overlay of forms has no structure that a reader could follow, so these are made the long way:
one document with tags, or PDF/A-3u with the facts attached.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from typing import Any, Final

from weasyprint import HTML, Attachment
from weasyprint.css import ColorProfile
from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.letters import LOCK, OwnFontsOnly, fonts, html, style
from certificates.render.pages import Page
from certificates.render.qr import qr
from certificates.render.seal import INK, RADIUS
from certificates.render.seal_image import picture, transparent_png
from certificates.render.sheet import QR_COLOUR, engraved, form_of, said, stamp
from certificates.render.strokes import rgb
from certificates.render.svg import svg
from certificates.render.variants import Variant

ATTACHED: Final = "certificate.json"
PROFILE: Final = "certificate-srgb"
SVG: Final = "image/svg+xml"
GROUND: Final = "background: url(cert-art:ground) 0 0 / {}mm {}mm no-repeat"


class ArtToo(OwnFontsOnly):
    """Fonts, and the drawings made for this one certificate."""

    def __init__(self, art: dict[str, tuple[bytes, str]]) -> None:
        super().__init__()
        self.art = art

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if found := self.art.get(url):
            return URLFetcherResponse(url, found[0], {"Content-Type": found[1]})
        return super().fetch(url, headers)


def profiles() -> dict[str, ColorProfile]:
    """WeasyPrint's own sRGB, by our hand: its own leaves the file open."""
    data = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    channels = (["r"], ["g"], ["b"])
    return {PROFILE: ColorProfile(BytesIO(data), "sRGB2014.icc", "relative-colorimetric", channels)}


def art(page: Page, seal_image: bytes | None) -> dict[str, tuple[bytes, str]]:
    place, design = page.common.place, page.common.design
    left, bottom, side = place.qr
    code = f"{rgb(QR_COLOUR)} rg\n{qr(page.facts.verify_url, *place.qr)}"
    found = {"cert-art:qr": (svg(code, {}, (left, bottom, side, side)), SVG)}
    drawing = engraved(design.layout, design.border)
    box = (0.0, 0.0, place.width, place.height)
    found["cert-art:ground"] = (svg(drawing.operators, drawing.forms, box), SVG)
    if image := picture(seal_image, design):
        found["cert-art:seal"] = (transparent_png(image), "image/png")
    elif page.common.seal_line:
        drawn = stamp(page.common.issuer, page.common.seal_line)
        box = (-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS)
        # Not by the style sheet: that would put its tag into a form, where no reader finds it.
        found["cert-art:seal"] = (svg(drawn, {}, box, INK), SVG)
    return found


def placed(left: float, top: float, side: float) -> str:
    return f"left: {left:.3f}mm; top: {top:.3f}mm; width: {side:.3f}mm; height: {side:.3f}mm"


def words(page: Page, title: str, has_seal: bool) -> dict[str, Any]:
    place, facts = page.common.place, page.facts
    left, bottom, side = place.qr
    seal_top = place.height - place.seal_height - RADIUS
    return {
        "title": title,
        "common": page.common,
        "own": form_of(page),
        "issued_on": facts.issued_on.isoformat(),
        "url": facts.verify_url,
        "qr_box": placed(left, place.height - bottom - side, side),
        "has_seal": has_seal,
        "seal_box": placed(page.common.seal_across - RADIUS, seal_top, 2 * RADIUS),
        "ground": GROUND.format(place.width, place.height),
        "words": said(page),
    }


def archive(
    page: Page,
    variant: Variant | None,
    credential: str | None = None,
    seal_image: bytes | None = None,
) -> bytes:
    """The same facts give the same bytes; the credential is the facts themselves if there is none.

    No variant is a plain document: what the fast way is compared with.
    """
    drawings = art(page, seal_image)
    title = f"{page.common.design.title} {page.facts.number}"
    text = html("full.html", **words(page, title, "cert-art:seal" in drawings))
    made = credential or page.facts.as_json()
    attachments = [_attachment(made, page)] if variant == Variant.ARCHIVE else []
    name = hashlib.sha256(f"{variant}\n{text}\n{made}".encode()).hexdigest()[:32]
    return whole(text, page, drawings, variant, attachments, name.encode("ascii"))


def _attachment(text: str, page: Page) -> Attachment:
    issued = datetime.combine(page.facts.issued_on, datetime.min.time(), tzinfo=UTC)
    return Attachment(
        string=text, name=ATTACHED, relationship="Data", created=issued, modified=issued
    )


def whole(
    text: str,
    page: Page,
    drawings: dict[str, tuple[bytes, str]],
    variant: Variant | None,
    attachments: list[Attachment],
    name: bytes,
) -> bytes:
    try:
        with LOCK:
            document = HTML(string=text, url_fetcher=ArtToo(drawings))
            pdf: Any = document.write_pdf(
                stylesheets=[style(page.common.place.name)],
                font_config=fonts(),
                attachments=attachments,
                pdf_variant=variant and variant.value,
                pdf_identifier=name,
                output_intent=PROFILE if variant == Variant.ARCHIVE else None,
                color_profiles=profiles() if variant == Variant.ARCHIVE else None,
            )
    except FatalURLFetchingError as error:
        raise RenderError(RenderErrorCode.FORBIDDEN_RESOURCE, str(error)) from error
    return bytes(pdf)
