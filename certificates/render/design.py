"""What one edition of a template says about a certificate: words and choices, never code.

A design holds no address, no markup and no file name, so nothing in it can make the renderer
read or fetch anything; a seal's picture is named by its SHA-256 and handed in by the caller.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final

from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.facts import NATIVE_SCRIPTS, printable


class Layout(StrEnum):
    LANDSCAPE = "LANDSCAPE"
    PORTRAIT = "PORTRAIT"


class Seal(StrEnum):
    VECTOR = "VECTOR"  # drawn from the issuer's name and the seal line
    IMAGE = "IMAGE"
    NONE = "NONE"  # stamped by hand


class Border(StrEnum):
    GUILLOCHE = "GUILLOCHE"
    LINES = "LINES"
    NONE = "NONE"  # printed on paper that has one


#: What may stand in braces. Nothing personal: name and ID number have places of their own.
FIELDS: Final = frozenset(
    [
        "period",
        "starts_on",
        "ends_on",
        "region",
        "programme",
        "run",
        "course",
        "hours",
        "issuer",
        "issued_on",
    ]
)
#: In the second language only figures: one script an element, or the order of words breaks.
SECOND_FIELDS: Final = frozenset({"starts_on", "ends_on", "run", "hours"})
FIELD: Final = re.compile(r"\{([^{}]*)\}")
#: Letters of a template that can only be markup, an address or code.
NOT_WORDS: Final = re.compile(r"[<>&\\`$]|://|\b(?:https?|file|data|javascript|www)\b|url\(", re.I)
SHA256: Final = re.compile(r"[0-9a-f]{64}")
LONGEST: Final = {
    "title": 8,
    "title_second": 40,
    "sentence": 120,
    "second_title": 40,
    "second_sentence": 160,
    "name_after": 4,
    "id_label": 8,
    "check_hint": 14,
    "check_note": 18,
    "seal_line": 8,
}
SIGNATORIES: Final = 3
ROLE_LENGTH, SIGNATORY_LENGTH = 8, 12
REQUIRED: Final = ("title", "sentence", "id_label", "check_hint")
CHOICES: Final[dict[str, frozenset[str]]] = {
    "layout": frozenset(Layout),
    "seal": frozenset(Seal),
    "border": frozenset(Border),
    "second_script": frozenset(NATIVE_SCRIPTS),
}

SENTENCE: Final = (
    "于 {period}参加{region}{programme}第 {run} 期{course}，修满 {hours} 学时，考核合格，准予结业。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    layout: str = Layout.LANDSCAPE
    border: str = Border.GUILLOCHE
    title: str = "结业证书"
    title_second: str = "CERTIFICATE OF COMPLETION"
    sentence: str = SENTENCE
    name_after: str = ""  # 同志
    id_label: str = "身份证号"
    check_hint: str = "扫码核验真伪"
    check_note: str = "核验页不显示身份证号"
    #: The certificate's name, and if wanted the sentence, in the region's other language.
    second_script: str = ""
    second_title: str = ""
    second_sentence: str = ""
    signatories: tuple[tuple[str, str], ...] = ()  # (role, name)
    seal: str = Seal.VECTOR
    seal_line: str = "培训专用章"
    seal_image: str = ""  # SHA-256 of the picture

    def __post_init__(self) -> None:
        object.__setattr__(self, "signatories", tuple(map(tuple, self.signatories)))

    def texts(self) -> dict[str, str]:
        """Every text of the design by the name of its field."""
        found = {name: getattr(self, name) for name in LONGEST}
        for index, (role, name) in enumerate(self.signatories):
            found |= {f"signatories.{index}.role": role, f"signatories.{index}.name": name}
        return found

    def check(self) -> None:
        """Raise RenderError naming the first field that a design must not have."""
        wrong = next(self._faults(), None)
        if wrong:
            raise RenderError(RenderErrorCode.BAD_DESIGN, wrong)

    def _faults(self) -> Any:
        yield from _choice_faults(self)
        yield from _text_faults(self.texts())
        yield from (name for name in REQUIRED if not getattr(self, name))
        yield from _field_faults("sentence", self.sentence, FIELDS)
        yield from _field_faults("second_sentence", self.second_sentence, SECOND_FIELDS)
        if len(self.signatories) > SIGNATORIES:
            yield "signatories"
        if bool(self.second_title or self.second_sentence) != bool(self.second_script):
            yield "second_script"
        if (self.seal == Seal.IMAGE) != bool(SHA256.fullmatch(self.seal_image)):
            yield "seal_image"

    def as_json(self) -> str:
        """Canonical, as the facts are: sorted keys, no spaces. Made to be hashed."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Design:
        """Refuses unknown fields, and values that are not words."""
        values = _object(text)
        known = {field.name for field in fields(cls)}
        if unknown := sorted(values.keys() - known):
            raise RenderError(RenderErrorCode.BAD_DESIGN, unknown[0])
        if wrong := next((k for k, v in values.items() if not _typed(k, v)), None):
            raise RenderError(RenderErrorCode.BAD_DESIGN, wrong)
        design = cls(**values)
        design.check()
        return design


def _object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RenderError(RenderErrorCode.BAD_DESIGN, "json") from error
    if not isinstance(values, dict):
        raise RenderError(RenderErrorCode.BAD_DESIGN, "json")
    return values


def _typed(key: str, value: object) -> bool:
    if key != "signatories":
        return isinstance(value, str)
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
        for pair in value
    )


def _choice_faults(design: Design) -> Any:
    for name, allowed in CHOICES.items():
        if getattr(design, name) not in allowed:
            yield name


def _text_faults(texts: dict[str, str]) -> Any:
    for name, text in texts.items():
        part = name.rpartition(".")[2] if "." in name else ""
        longest = {"role": ROLE_LENGTH, "name": SIGNATORY_LENGTH}.get(part) or LONGEST[name]
        # Controls and bidi marks too: the words kept are the words printed.
        if len(text) > longest or printable(text) != text or NOT_WORDS.search(text):
            yield name
        if "sentence" not in name and ("{" in text or "}" in text):
            yield name


def _field_faults(name: str, text: str, allowed: frozenset[str]) -> Any:
    if not set(FIELD.findall(text)) <= allowed or re.search(r"[{}]", FIELD.sub("", text)):
        yield name


#: What was printed before there were templates, and is where there is none.
DEFAULT: Final = Design()
