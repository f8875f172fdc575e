"""What an edition looks like with names that are hard to print, before anybody gets one."""

from datetime import date
from functools import lru_cache

from certificates.models import CertificateTemplate
from certificates.render import CertificateFacts, Design, render_book, render_pdf
from certificates.render.raster import png

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


def template_pages(template: CertificateTemplate) -> bytes:
    """A page for each hard name, as the press would get it."""
    facts = [_specimen(n, *names) for n, names in enumerate(SPECIMENS)]
    seal = template.seal_bytes()
    return render_book(facts, template.drawn(), title=template.name, seal_image=seal)


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
