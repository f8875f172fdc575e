"""Put the layers of a certificate together: ground, letters, QR code, seal over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from weasyprint.pdf.fonts import Font

from certificates.render import embed
from certificates.render.art import Drawing, ground
from certificates.render.layouts import geometry
from certificates.render.letters import html
from certificates.render.objects import Objects, references, words
from certificates.render.pages import Common, Page
from certificates.render.qr import qr
from certificates.render.seal import INK, RADIUS, RED, seal
from certificates.render.seal_image import Picture, picture
from certificates.render.strokes import MM, number, numbers, rgb
from certificates.render.typeset import Layer, Letters

QR_COLOUR: Final = "#1C1C1C"
SCALE: Final = f"q {MM:.6f} 0 0 {MM:.6f} 0 0 cm\n"
REACH: Final = b"-900 -900 900 900"  # a clip that clips nothing, in mm or points
STATES: Final = (
    b"<< /a1.0 << /ca 1 >> /A1.0 << /CA 1 >> /SealInk << /BM /Multiply /ca %.2f /CA %.2f >> >>"
    % (INK, INK)
)
DIGITS: Final = "0123456789"
#: What a personal layer is built with; the words come later.
STAND_IN: Final = {"number": "0", "masked_id": "0", "code": "0", "name": "·", "native_name": "·"}
#: Every sign that a code, or what is left of an ID number, can have.
CODE_SIGNS: Final = f"-{DIGITS}ABCDEFGHJKMNPQRSTVWXYZ"
ID_SIGNS: Final = f"*{DIGITS}X"


@dataclass(frozen=True, slots=True)
class Form:
    """What the layer of personal letters depends on beside the words; nothing personal."""

    layout: str
    step: str
    script: str
    after: str
    has_id: bool


@dataclass(frozen=True, slots=True)
class Base:
    """The part of a file that everyone's is the same in, written down ready to be copied."""

    pdf: Objects
    forms: dict[str, int]
    fonts: dict[str, Font]
    numbers: dict[str, int]  # of the font objects


def form_of(page: Page) -> Form:
    design, facts = page.common.design, page.facts
    return Form(
        page.common.place.name,
        page.name_step,
        facts.native_script,
        design.name_after,
        bool(facts.masked_id),
    )


@lru_cache(maxsize=64)
def personal_layer(form: Form) -> Layer:
    return Layer(html("letters.html", own=form, words=STAND_IN), form.layout)


@lru_cache(maxsize=64)
def signs(form: Form, prefix: str) -> dict[str, Font]:
    """The fonts of numbers and codes, with every sign that they can have beside the prefix of the
    issuer's numbers: so they are the same in every file. What drew only the name's stand-in is the
    person's own."""
    number = "".join(dict.fromkeys(f"{prefix}-{DIGITS}"))
    said = {"number": number, "masked_id": ID_SIGNS, "code": CODE_SIGNS}
    drawn = personal_layer(form).letters(STAND_IN | said).fonts
    return {name: font for name, font in drawn.items() if len(font.to_unicode) > 1}


@lru_cache(maxsize=64)
def common_letters(common: Common) -> Letters:
    return Layer(html("letters.html", common=common), common.place.name).letters()


def said(page: Page) -> dict[str, str]:
    facts = page.facts
    return {
        "number": facts.number,
        "name": facts.name,
        "native_name": facts.native_name,
        "masked_id": facts.masked_id,
        "code": facts.spoken_code,
    }


def personal_letters(page: Page) -> Letters:
    return personal_layer(form_of(page)).letters(said(page))


@lru_cache(maxsize=64)
def base(common: Common, form: Form, prefix: str, seal_image: bytes | None) -> Base:
    pdf = Objects()
    letters = common_letters(common)
    fonts = embed.together([letters.fonts, signs(form, prefix)])
    at = {name: embed.embed(pdf, font) for name, font in fonts.items()}
    inner = b"/Resources << /ExtGState %b /Font %b >>" % (STATES, references(at))
    forms = {"Common": pdf.form(letters.operators, REACH, inner)} | add_art(pdf, common, seal_image)
    pdf.written()  # joined and packed once
    return Base(pdf, forms, fonts, at)


def add_art(pdf: Objects, common: Common, seal_image: bytes | None) -> dict[str, int]:
    drawn = {"Ground": add_ground(pdf, common), "Seal": add_seal(pdf, common, seal_image)}
    return {name: at for name, at in drawn.items() if at}


@lru_cache
def engraved(layout: str, border: str) -> Drawing:
    return ground(geometry(layout), border)


@lru_cache(maxsize=64)
def stamp(issuer: str, line: str) -> str:
    colour = rgb(RED)
    return f"{colour} RG {colour} rg\n{seal(issuer, line)}"


def add_ground(pdf: Objects, common: Common) -> int:
    drawing = engraved(common.design.layout, common.design.border)
    if not drawing.operators:
        return 0
    forms: dict[str, int] = {}
    for name, drawn in drawing.forms.items():
        used = {one: at for one, at in forms.items() if f"/{one} Do" in drawn}
        forms[name] = pdf.form(drawn.encode(), REACH, named(used))
    return pdf.form(f"{SCALE}{drawing.operators}\nQ".encode(), REACH, named(forms))


def named(forms: dict[str, int]) -> bytes:
    return b"/Resources << /XObject %b >>" % references(forms)


def add_seal(pdf: Objects, common: Common, image: bytes | None) -> int:
    """In millimetres around its centre; a group, so that its ink multiplies once."""
    design = common.design
    group = b"/Group << /S /Transparency /CS /DeviceRGB >>"
    if found := picture(image, design):
        side = numbers(2 * RADIUS, 0, 0, 2 * RADIUS, -RADIUS, -RADIUS)
        used = named({"Picture": add_picture(pdf, found)})
        return pdf.form(f"q {side} cm /Picture Do Q".encode(), REACH, group + b" " + used)
    if not common.seal_line:
        return 0
    return pdf.form(stamp(common.issuer, common.seal_line).encode(), REACH, group)


def add_picture(pdf: Objects, found: Picture) -> int:
    size = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8" % found.size
    mask = pdf.stream(found.mask, size + b" /ColorSpace /DeviceGray")
    return pdf.stream(found.colours, size + b" /ColorSpace /DeviceRGB /SMask %d 0 R" % mask)


def operators(page: Page, letters: Letters, forms: dict[str, int]) -> bytes:
    """The page's own content: everything else is a form that it calls."""
    common = page.common
    first = b"".join(
        b"/%b Do\n" % name for name in (b"Ground", b"Common") if name.decode() in forms
    )
    code = f"{SCALE}{rgb(QR_COLOUR)} rg\n{qr(page.facts.verify_url, *common.place.qr)}\n"
    if "Seal" in forms:
        middle = f"{number(common.seal_across)} {number(common.place.seal_height)}"
        code += f"/SealInk gs 1 0 0 1 {middle} cm /Seal Do\n"
    return b"%b%b\n%bQ" % (first, letters.operators, code.encode())


def sheet(page: Page, seal_image: bytes | None = None) -> bytes:
    """One file with one certificate; the same facts and design give the same bytes."""
    own = personal_letters(page)
    prefix = page.facts.number.partition("-")[0]
    shared = base(page.common, form_of(page), prefix, seal_image)
    pdf = Objects(shared.pdf)
    fonts = {
        name: shared.numbers[name]
        if embed.covers(shared.fonts.get(name), font)
        else embed.embed(pdf, font)
        for name, font in own.fonts.items()
    }
    used = pdf.add(resources(references(fonts), shared.forms))
    content = pdf.stream(operators(page, own, shared.forms))
    parent = pdf.reserve()
    fill_pages(pdf, parent, [add_page(pdf, parent, page, content, used)])
    title = f"{page.common.design.title} {page.facts.number}"
    return finished(pdf, parent, title, page.facts.issuer)


def resources(fonts: bytes, forms: dict[str, int]) -> bytes:
    return b"<< /ExtGState %b /Font %b /XObject %b >>" % (STATES, fonts, references(forms))


def add_page(pdf: Objects, parent: int, page: Page, content: int, used: int) -> int:
    place = page.common.place
    return pdf.add(
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.3f %.3f] /Resources %d 0 R"
        b" /Contents %d 0 R >>" % (parent, place.width * MM, place.height * MM, used, content)
    )


def fill_pages(pdf: Objects, parent: int, pages: list[int]) -> None:
    row = b" ".join(b"%d 0 R" % page for page in pages)
    pdf.fill(parent, b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(pages), row))


def finished(pdf: Objects, pages: int, title: str, author: str) -> bytes:
    root = pdf.add(
        b"<< /Type /Catalog /Pages %d 0 R /Lang (zh-CN)"
        b" /ViewerPreferences << /DisplayDocTitle true >> >>" % pages
    )
    info = pdf.clear(b"<< /Title %b /Author %b >>" % (words(title), words(author)))
    return pdf.finished(root, info)
