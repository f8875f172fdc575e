"""What an edition looks like with names that are hard to print, before anybody gets one."""

import hashlib
from dataclasses import replace
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from certificates.models import CertificateTemplate
from certificates.queries.candidates import unprintable
from certificates.render import (
    CertificateFacts,
    Design,
    RenderError,
    Seal,
    check_seal_image,
    render_book,
    render_pdf,
)
from certificates.render.raster import png
from certificates.render.seal_image import seal_picture, transparent_png
from lms.lib.errors import ActionError

#: The longest, the rarest, and one in each script that stands beside the Chinese.
SPECIMENS = (
    ("阿卜杜热合曼·买买提吐尔逊", "", ""),
    ("𬭎䶮犇堃玥", "", ""),
    ("古丽娜尔·艾合买提", "گۈلنار ئەخمەت", "ug"),
    ("扎西顿珠", "བཀྲ་ཤིས་དོན་གྲུབ།", "bo"),
    ("吉克阿牛", "ꐚꈊꀉꑳ", "ii"),
)
#: Pixels of the longer side: enough to tell one edition from another.
PICTURE_SIDE = 420


def settled_design(design: Design, seal_image: bytes | None) -> tuple[Design, bytes | None]:
    """The design as it would be kept, and its seal made anew from the picture's pixels: nothing
    else in the uploaded file is."""
    picture = _picture(seal_image) if design.seal == Seal.IMAGE else None
    design = replace(design, seal_image=hashlib.sha256(picture).hexdigest() if picture else "")
    try:
        design.check()
    except RenderError as error:
        message = _("The template cannot be used: look at “%(field)s”.")
        raise ActionError("BAD_DESIGN", message % {"field": error.detail}) from error
    return design, picture


def _picture(image: bytes | None) -> bytes:
    try:
        check_seal_image(image or b"")
    except RenderError as error:
        message = _("The seal must be a PNG picture, on white or transparent, of at most 1 MB.")
        raise ActionError("BAD_SEAL_IMAGE", message) from error
    return transparent_png(seal_picture(image or b""))


def template_pages(template: CertificateTemplate) -> bytes:
    return design_pages(template.drawn(), template.seal_bytes(), title=template.name)


def design_pages(design: Design, seal: bytes | None, *, title: str) -> bytes:
    """A page for each hard name, as the press would get it."""
    facts = [_specimen(n, *names) for n, names in enumerate(SPECIMENS)]
    try:
        return render_book(facts, design, title=title, seal_image=seal)
    except RenderError as error:
        message = _("The proof cannot be drawn: %(why)s")
        raise ActionError("NO_PROOF", message % {"why": unprintable(error)}) from error


def thumbnail(template: CertificateTemplate) -> bytes:
    """The sheet with a usual name, as a small PNG."""
    return _thumbnail(template.design, template.seal_bytes())


@lru_cache(maxsize=64)
def _thumbnail(design: str, seal: bytes | None) -> bytes:
    facts = _specimen(0, "李建军", "", "")
    return png(render_pdf(facts, Design.from_json(design), seal_image=seal), PICTURE_SIDE)


def _specimen(n: int, name: str, native_name: str, script: str) -> CertificateFacts:
    return CertificateFacts(
        number=f"YZ-2026-{n + 1:06d}",
        verify_code="0" * 12,
        verify_url="HTTPS://EXAMPLE.INVALID/V/000000000000",
        name=name,
        native_name=native_name,
        native_script=script,
        masked_id="411521********0000",
        course="农产品网店运营与短视频直播带货",
        region="样张县",
        programme="农村电子商务培训",
        run_number=88,
        starts_on=date(2026, 10, 28),
        ends_on=date(2026, 11, 12),
        hours="128",
        issuer="样张县电子商务公共服务中心",
        issued_on=date(2026, 12, 31),
    )
