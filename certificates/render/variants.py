"""The copies that are made beside the certificate itself."""

from __future__ import annotations

from enum import StrEnum


class Variant(StrEnum):
    """By WeasyPrint's names."""

    ARCHIVE = "pdf/a-3u"
    ACCESSIBLE = "pdf/ua-1"
