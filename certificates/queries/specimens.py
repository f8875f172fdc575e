"""What an edition looks like with names that are hard to print, before anybody gets one."""

import hashlib
from dataclasses import replace
from functools import lru_cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certificates.models import CertificateTemplate
from certificates.queries.candidates import issuer_for, unprintable
from certificates.render import (
    CertificateFacts,
    Design,
    RenderError,
    RenderErrorCode,
    Seal,
    check,
    check_seal_image,
    render_book,
    render_pdf,
    sample,
)
from certificates.render.raster import png
from certificates.render.seal_image import seal_picture, transparent_png
from lms.lib.errors import ActionError
from regions.models import Region

#: The longest, the rarest, and one in each script that stands beside the Chinese.
KINDS = ("longest", "rarest", "uyghur", "tibetan", "yi")
ISSUER, REGION = "样张县电子商务公共服务中心", "样张县"
ADDRESS = "HTTPS://EXAMPLE.INVALID"
#: Where a design is at fault, in the words of who types it; one without a line stands below.
FAULTS: Final = {
    "sentence": _(
        "Only words, and in braces the fields named above: no markup, no address, no picture."
    ),
    "second_sentence": _(
        "Only words, at most two lines of them, and in braces starts_on, ends_on, run or hours."
    ),
    "second_script": _(
        "A second language and its title or sentence go together: give both, or neither."
    ),
    "signatories": _(
        "At most three, on one line of the sheet: a post of up to 8 characters, a name of up to 12."
    ),
}
NO_WORDS = _("Only words may stand here: no markup, no address, no braces.")
#: Pixels of the longer side: enough to tell one edition from another.
PICTURE_SIDE = 420


def settled_design(design: Design, seal_image: bytes | None) -> tuple[Design, bytes | None]:
    """The design as it would be kept, and its seal made anew from the picture's pixels: nothing
    else in the uploaded file is."""
    picture = _picture(seal_image) if design.seal == Seal.IMAGE else None
    design = replace(design, seal_image=hashlib.sha256(picture).hexdigest() if picture else "")
    if fault := design_fault(design):
        raise ActionError("BAD_DESIGN", str(fault[1]))
    return design, picture


def design_fault(design: Design) -> "tuple[str, str | Promise] | None":
    """The field at which a design is at fault, "" for the whole of it, and why; None if it can be
    printed. The seal's picture is looked at apart."""
    design = design if design.seal_image else replace(design, seal=_drawn_seal(design))
    try:
        check(_specimen("usual"), design)
    except RenderError as error:
        if error.code != RenderErrorCode.BAD_DESIGN:
            return "", unprintable(error)
        field = error.detail.partition(".")[0]
        return field, FAULTS.get(field, NO_WORDS)
    return None


def _drawn_seal(design: Design) -> str:
    return Seal.VECTOR if design.seal == Seal.IMAGE else design.seal


def _picture(image: bytes | None) -> bytes:
    try:
        check_seal_image(image or b"")
    except RenderError as error:
        message = _("The seal must be a PNG picture, on white or transparent, of at most 1 MB.")
        raise ActionError("BAD_SEAL_IMAGE", message) from error
    return transparent_png(seal_picture(image or b""))


def template_pages(template: CertificateTemplate) -> bytes:
    return design_pages(
        template.drawn(), template.seal_bytes(), title=template.name, region=template.region
    )


def design_pages(design: Design, seal: bytes | None, *, title: str, region: Region | None) -> bytes:
    """A page for each hard name, as the press would get it, with who signs in the region."""
    issuer = issuer_for(region) if region else None
    names = (issuer.name if issuer else ISSUER, region.name if region else REGION)
    try:
        facts = [_fitting(_specimen(kind, *names), design) for kind in KINDS]
        return render_book(facts, design, title=title, seal_image=seal)
    except RenderError as error:
        message = _("The proof cannot be drawn: %(why)s")
        raise ActionError("NO_PROOF", message % {"why": unprintable(error)}) from error


def _fitting(facts: CertificateFacts, design: Design) -> CertificateFacts:
    """Of a name that is too long as much as finds room: so the longest that this design takes."""
    while True:
        try:
            check(facts, design)
        except RenderError as error:
            if error.code != RenderErrorCode.NAME_TOO_LONG or len(facts.name) < 2:
                raise
            facts = replace(facts, name=facts.name[:-1])
        else:
            return facts


def thumbnail(template: CertificateTemplate) -> bytes:
    """The sheet with a usual name, as a small PNG."""
    return _thumbnail(template.design, template.seal_bytes())


@lru_cache(maxsize=64)
def _thumbnail(design: str, seal: bytes | None) -> bytes:
    pdf = render_pdf(_specimen("usual"), Design.from_json(design), seal_image=seal)
    return png(pdf, PICTURE_SIDE)


def _specimen(kind: str, issuer: str = ISSUER, region: str = REGION) -> CertificateFacts:
    return sample(kind, issuer=issuer, region=region, address=ADDRESS)
