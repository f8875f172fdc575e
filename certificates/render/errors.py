"""Why a certificate cannot be drawn."""

from __future__ import annotations

from enum import StrEnum


class RenderErrorCode(StrEnum):
    NAME_TOO_LONG = "NAME_TOO_LONG"
    COURSE_TOO_LONG = "COURSE_TOO_LONG"
    ISSUER_TOO_LONG = "ISSUER_TOO_LONG"
    MISSING_GLYPH = "MISSING_GLYPH"
    FORBIDDEN_RESOURCE = "FORBIDDEN_RESOURCE"
    BAD_FACTS = "BAD_FACTS"
    BAD_DESIGN = "BAD_DESIGN"
    OTHER_DESIGN = "OTHER_DESIGN"  # not the one that the facts were issued with
    BAD_SEAL_IMAGE = "BAD_SEAL_IMAGE"
    FONTS_MISSING = "FONTS_MISSING"


class RenderError(Exception):
    """Carries a code for the caller's message and the text at fault; never shown to users as is."""

    def __init__(self, code: RenderErrorCode, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail
