"""Everything that is printed on one certificate, frozen; nothing else reaches the page."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from certificates.render.errors import RenderError, RenderErrorCode

NATIVE_SCRIPTS: Final = ("", "ug", "bo", "ii")  # Uyghur, Tibetan, Yi
VERIFY_CODE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{12}")
SEAL_LINE: Final = "培训专用章"
INKLESS: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
DATE_FIELDS: Final = frozenset({"starts_on", "ends_on", "issued_on"})


def printable(text: str) -> str:
    """Drop what leaves no ink but can change what is read: controls, bidi marks, zero widths."""
    if text.isalpha() or not text:
        return text
    # Private-use and unassigned characters stay: they stand for a letter, and its lack must show.
    kept = (char for char in text if unicodedata.category(char) not in INKLESS)
    return " ".join("".join(kept).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """The strings are cleaned on the way in, so the facts kept are the letters printed."""

    number: str
    verify_code: str
    verify_url: str
    name: str
    native_name: str = ""
    native_script: str = ""
    masked_id: str = ""
    course: str
    region: str
    programme: str = ""  # stands between region and 第N期: 农村电子商务培训
    run_number: int
    starts_on: date
    ends_on: date
    hours: str
    issuer: str
    seal_line: str = SEAL_LINE
    issued_on: date
    template_edition: str = "1"
    design_sha256: str = ""  # of the design they were issued with; "" before there were designs

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                object.__setattr__(self, field.name, printable(value))
        self._check()

    def _check(self) -> None:
        wrong = [
            field
            for field, ok in (
                ("number", self.number),
                ("name", self.name),
                ("course", self.course),
                ("issuer", self.issuer),
                ("verify_code", VERIFY_CODE.fullmatch(self.verify_code)),
                ("verify_url", self.verify_url.lower().startswith(("http://", "https://"))),
                ("native_script", self.native_script in NATIVE_SCRIPTS),
                ("native_name", bool(self.native_name) == bool(self.native_script)),
                ("ends_on", self.ends_on >= self.starts_on),
                ("run_number", self.run_number > 0),
            )
            if not ok
        ]
        if wrong:
            raise RenderError(RenderErrorCode.BAD_FACTS, ", ".join(wrong))

    @property
    def spoken_code(self) -> str:
        """The verify code as printed: 4-4-4."""
        code = self.verify_code
        return f"{code[:4]}-{code[4:8]}-{code[8:]}"

    def as_json(self) -> str:
        """Canonical: sorted keys, no spaces, UTF-8 letters as they are. Made to be hashed."""
        said = self.as_values()
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def as_values(self) -> dict[str, str | int]:
        """What JSON holds of them."""
        said = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in said}

    @classmethod
    def from_json(cls, text: str) -> CertificateFacts:
        values = json.loads(text)
        for key in DATE_FIELDS & values.keys():
            values[key] = date.fromisoformat(values[key])
        try:
            return cls(**values)
        except TypeError as error:  # a key too many or too few
            raise RenderError(RenderErrorCode.BAD_FACTS, str(error)) from error
