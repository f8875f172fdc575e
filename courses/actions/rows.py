"""One row as a tablet sends it, read and judged by itself: a bad one never spoils its batch."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from courses.actions.events import body_of

#: What JavaScript counts exactly.
WHOLE = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
#: A tablet's number of a row.
SEQ = Annotated[int, Field(strict=True, ge=1, le=2**53)]
_Sha256 = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
_DEEPEST = 6
_LONGEST_ID = 64


class SealedRow(BaseModel):
    """AES-GCM under a key that is wrapped by RSA-OAEP."""

    model_config = ConfigDict(frozen=True)
    key: UUID
    wrapped: Annotated[str, Field(max_length=1024)]
    iv: Annotated[str, Field(max_length=32)]
    data: Annotated[str, Field(max_length=8192)]


class TabletRow(BaseModel):
    """An event as its author made it. Corrections are not made on tablets."""

    model_config = ConfigDict(frozen=True)
    event_id: UUID
    seq: SEQ
    kind: Literal["mark", "void", "walkin", "close"]
    session_id: UUID
    learner_id: UUID | None = None
    status: Literal["", "PRESENT", "LATE", "LEFT_EARLY", "LEAVE", "ABSENT"] | None = ""
    source: Literal["self", "trainer"]
    method: Literal["", "id_card", "qr", "name", "bulk"] | None = ""
    base: UUID | None = None
    target: UUID | None = None
    wall_ms: WHOLE | None = None
    skew_ms: WHOLE | None = None
    t_ms: WHOLE
    snapshot_version: WHOLE | None = None
    sealed: SealedRow | None = None
    head_count: Annotated[int, Field(strict=True, ge=0, le=9999)] | None = None
    saw: Annotated[list[UUID], Field(max_length=5000)] | None = None
    photo_sha256: _Sha256 | None = ""
    signature_sha256: _Sha256 | None = ""

    @model_validator(mode="after")
    def whole(self) -> Self:
        """What the table of events would refuse."""
        complete = {
            "mark": bool(self.learner_id and self.status),
            "void": self.target is not None,
            "walkin": self.sealed is not None,
            "close": self.head_count is not None,
        }
        if not complete[self.kind]:
            raise ValueError("incomplete")
        return self

    @property
    def is_walk_in(self) -> bool:
        return self.kind == "walkin"

    @cached_property
    def body_sha256(self) -> str:
        """Of all that the author said; its number may change when a tablet is enrolled anew."""
        said = [value for name, value in self if name not in {"seq", "sealed"}]
        sealed = [value for _name, value in self.sealed] if self.sealed else []
        return body_of(*said, *sealed)


_ROWS = TypeAdapter(list[TabletRow])


ACCEPTED, DUPLICATE, PARKED, UNREADABLE = "accepted", "duplicate", "parked", "unreadable"


@dataclass
class RowResult:
    """What became of a row, as the tablet is told."""

    event_id: str
    result: str
    server_seq: int | None = None
    code: str = ""
    note: str = ""


@dataclass(slots=True)
class Read:
    """A row of a batch. `row` is None where it is not a whole event."""

    raw: Any
    #: As it came, for the answer.
    named: str
    event_id: UUID | None
    row: TabletRow | None
    body: str = field(default="")


def read_rows(rows: Sequence[Any]) -> list[Read]:
    try:
        found: Sequence[TabletRow | None] = _ROWS.validate_python(rows)
    except ValidationError:
        found = [_one(raw) for raw in rows]
    return [_read(raw, row) for raw, row in zip(rows, found, strict=True)]


def _one(raw: Any) -> TabletRow | None:
    try:
        return TabletRow.model_validate(raw)
    except ValidationError:
        return None


def _read(raw: Any, row: TabletRow | None) -> Read:
    if row is not None:
        return Read(raw, str(row.event_id), row.event_id, row, row.body_sha256)
    named = raw.get("event_id") if isinstance(raw, Mapping) else None
    named = named if isinstance(named, str) and len(named) <= _LONGEST_ID else ""
    return Read(raw, named, _uuid(named) if is_storable(raw) else None, None)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def digest(raw: Any) -> str:
    """Of a row in one spelling."""
    text = json.dumps(raw, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def kept(read: Read) -> Any:
    """What of a row is kept: as it came, unless no database could hold that."""
    if read.row is None or is_storable(read.raw):
        return read.raw
    return read.row.model_dump(mode="json")


def is_storable(raw: Any, depth: int = 0) -> bool:
    """Whether every database can keep it as JSON: no NUL, no half characters, not too deep."""
    if depth > _DEEPEST:
        return False
    if isinstance(raw, str):
        return "\x00" not in raw and not any("\ud800" <= letter <= "\udfff" for letter in raw)
    if isinstance(raw, Mapping):
        return all(is_storable(x, depth + 1) for pair in raw.items() for x in pair)
    if isinstance(raw, list):
        return all(is_storable(x, depth + 1) for x in raw)
    return not isinstance(raw, float) or math.isfinite(raw)
