"""Rows that come once more after they were taken into custody.

A tablet that is enrolled anew brings again what no backup holds, rows in custody too: the server
that knows it no more may have lost them. Where it has not, they are one row and one decision still.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Device
from courses.actions.rows import Read, digest, kept
from courses.models import ParkedRow

Code = ParkedRow.Code


@dataclass(frozen=True)
class Held:
    """A row in custody, or one of which somebody has decided."""

    code: str
    device_id: UUID
    is_set_aside: bool

    def is_final_for(self, device: Device) -> bool:
        """Whether what was decided or waits of it holds, whatever could be made of it now: it was
        set aside, or another enrolment would let it out of quarantine. A number that two tablets
        used is mended by another number."""
        if self.is_set_aside:
            return self.code != Code.SEQ_REUSED
        return self.code == Code.QUARANTINE and self.device_id != device.pk


def held_before(reads: Sequence[Read]) -> dict[int, Held]:
    """By position: rows of which the same words are here, under whatever number."""
    named = {n: read for n, read in enumerate(reads) if read.event_id is not None}
    ids = {read.event_id for read in named.values()}
    rows = ParkedRow.objects.filter(event_id__in=ids)
    known = {(row.event_id, _said(row.raw)): _as_held(row) for row in rows.order_by("received_at")}
    found = {n: known.get((read.event_id, _said(kept(read)))) for n, read in named.items()}
    return {n: held for n, held in found.items() if held is not None}


def _as_held(row: ParkedRow) -> Held:
    is_set_aside = row.resolved_at is not None and row.resolved_event_id is None
    return Held(row.code, row.device_id, is_set_aside)


def _said(raw: Any) -> str:
    """A digest of all but the number."""
    said = {name: raw[name] for name in raw if name != "seq"} if isinstance(raw, dict) else raw
    return digest(said)
