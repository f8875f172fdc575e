"""Put the layers of a certificate together: ground, letters, seal over them, QR code."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import BytesIO
from itertools import groupby, islice
from operator import attrgetter
from typing import Final

from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf, Stream
from pikepdf import Page as PdfPage

from certificates.render.art import HEIGHT, ground
from certificates.render.facts import CertificateFacts
from certificates.render.letters import letters
from certificates.render.pages import Page, page_for
from certificates.render.qr import qr
from certificates.render.seal import RED, seal
from certificates.render.strokes import MM, numbers, rgb

QR_BOX: Final = (33.4, 25.6, 26.6)  # left, bottom, side
QR_COLOUR: Final = "#1C1C1C"
ISSUER_RIGHT: Final = 259.0  # where the issuer's block ends; the seal's middle is the block's
# Between the issuer's line and the date's, the seal's own line stands clear of both.
SEAL_HEIGHT: Final = HEIGHT - 165.0
REACH: Final = Array([-900, -900, 900, 900])  # a clip that clips nothing, in mm or points


def packed(operators: str) -> bytes:
    return zlib.compress(operators.encode("ascii"), 9)


@lru_cache
def ground_streams() -> tuple[bytes, dict[str, bytes]]:
    drawing = ground()
    return packed(drawing.operators), {name: packed(form) for name, form in drawing.forms.items()}


@lru_cache(maxsize=64)
def seal_stream(issuer: str, line: str) -> bytes:
    colour = rgb(RED)
    return packed(f"{colour} RG {colour} rg\n{seal(issuer, line)}")


def form(pdf: Pdf, data: bytes, **entries: Dictionary) -> Stream:
    """A form of operators that are packed already."""
    stream = Stream(pdf, data, Filter=Name.FlateDecode, Type=Name.XObject, Subtype=Name.Form)
    stream.BBox = REACH
    for key, entry in entries.items():
        stream[f"/{key}"] = entry
    return stream


def add_ground(pdf: Pdf, page: PdfPage) -> None:
    operators, parts = ground_streams()
    forms = Dictionary({f"/{name}": form(pdf, data) for name, data in parts.items()})
    page.add_resource(
        form(pdf, operators, Resources=Dictionary(XObject=forms)), Name.XObject, Name.Ground
    )
    page.contents_add(b"q /Ground Do Q q", prepend=True)


def add_seal_and_code(pdf: Pdf, page: PdfPage, facts: CertificateFacts, middle: float) -> None:
    group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB)
    ink = Dictionary(Type=Name.ExtGState, BM=Name.Multiply, ca=0.84, CA=0.84)
    stamp = form(pdf, seal_stream(facts.issuer, facts.seal_line), Group=group)
    page.add_resource(stamp, Name.XObject, Name.Seal)
    page.add_resource(ink, Name.ExtGState, Name.SealInk)
    operators = "\n".join(
        (
            f"Q q {MM:.6f} 0 0 {MM:.6f} 0 0 cm",
            f"{rgb(QR_COLOUR)} rg",
            qr(facts.verify_url, *QR_BOX),
            f"/SealInk gs 1 0 0 1 {numbers(middle, SEAL_HEIGHT)} cm",
            "/Seal Do Q",
        )
    )
    page.contents_add(operators.encode("ascii"))


def sheet(source: PdfPage, facts: CertificateFacts, issuer_width: float) -> bytes:
    """One file with one certificate; the same facts and letters give the same bytes."""
    with Pdf.new() as pdf:
        pdf.pages.append(source)
        page = pdf.pages[0]
        add_ground(pdf, page)
        add_seal_and_code(pdf, page, facts, ISSUER_RIGHT - issuer_width / 2)
        pdf.docinfo[Name.Title] = f"结业证书 {facts.number}"
        pdf.docinfo[Name.Author] = facts.issuer
        pdf.Root.Lang = "zh-CN"
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        out = BytesIO()
        # Times and random ids would make two files of one certificate.
        pdf.save(out, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return out.getvalue()


def sheets(batch: Iterable[CertificateFacts], chunk: int) -> Iterator[bytes]:
    waiting = iter(batch)
    while facts := list(islice(waiting, chunk)):
        for _, alike in groupby(facts, key=attrgetter("template_edition")):
            yield from laid_out_together([page_for(one) for one in alike])


def laid_out_together(pages: list[Page]) -> Iterator[bytes]:
    with Pdf.open(BytesIO(letters(pages))) as drawn:
        for page, source in zip(pages, drawn.pages, strict=True):
            yield sheet(source, page.facts, page.fit.issuer_width)
