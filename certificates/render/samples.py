"""Invented people for the preview of a design: the usual name, the longest, the rarest."""

from __future__ import annotations

from datetime import date
from typing import Final

from certificates.render.facts import CertificateFacts

#: By kind: name, name in the holder's script, that script.
PEOPLE: Final[dict[str, tuple[str, str, str]]] = {
    "usual": ("李建军", "", ""),
    "longest": ("阿卜杜热合曼·麦麦提图尔荪阿卜杜如苏", "ئابدۇراخمان تۇرسۇن", "ug"),
    "rarest": ("堃玥犇𬭎䶮", "", ""),
    "uyghur": ("阿依古丽·买买提", "ئايگۈل مەمەت", "ug"),
    "tibetan": ("扎西次仁", "བཀྲ་ཤིས་ཚེ་རིང་།", "bo"),
    "yi": ("吉克阿依", "ꐚꈌꀉꒀ", "ii"),
}


def sample(kind: str, *, issuer: str, region: str, address: str) -> CertificateFacts:
    """Facts that no one was issued: the code of zeros is never given out."""
    name, native_name, native_script = PEOPLE[kind]
    return CertificateFacts(
        number="YANGLI-2026-000000",
        verify_code="0" * 12,
        verify_url=f"{address}/V/{'0' * 12}",
        name=name,
        native_name=native_name,
        native_script=native_script,
        masked_id="000***********0000",
        course="农产品网店开设与直播带货" if kind == "longest" else "网店开设与直播",
        region=region,
        programme="农村电子商务培训",
        run_number=33,
        starts_on=date(2026, 10, 14),
        ends_on=date(2026, 11, 20),
        hours="48",
        issuer=issuer,
        issued_on=date(2026, 11, 21),
    )
