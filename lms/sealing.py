"""The seals of the audit trail: a chain of HMACs that shows any later change of a line.

Whoever can write to the database but has not AUDIT_KEY cannot alter, take out or slip in a sealed
line unseen. Cutting off the newest lines shows against a head that was noted elsewhere: see
`manage.py audit_verify --head`.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from django.conf import settings
from django.db import connection, transaction

from lms.models import AuditEvent, AuditSeal

BATCH = 2000
FIRST = bytes(32)
_LOCK = 0x5EA1


@dataclass(frozen=True)
class SealReport:
    sealed_count: int
    unsealed_count: int
    #: seq of the first event that does not fit its seal; None = the chain holds.
    broken_at: int | None
    head: bytes
    #: Whether the head that was asked for is in the chain; None = none was asked for.
    head_found: bool | None = None

    @property
    def holds(self) -> bool:
        return self.broken_at is None and self.head_found is not False


def canonical(event: AuditEvent) -> bytes:
    """All that the event says, in one spelling."""
    said = {
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": str(event.actor_id or ""),
        "action": event.action,
        "target_type": event.target_type,
        "target_id": event.target_id,
        "region_path": event.region_path,
        "detail": event.detail,
        "request_id": event.request_id,
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def seal_of(event: AuditEvent, before: bytes) -> bytes:
    return hmac.digest(settings.AUDIT_KEY.encode(), before + canonical(event), hashlib.sha256)


@transaction.atomic
def seal_events(limit: int = BATCH) -> int:
    """Seal up to `limit` events that have no seal yet; returns how many."""
    _wait_for_other_sealers()
    last = AuditSeal.objects.order_by("-pk").first()
    seal = bytes(last.seal) if last else FIRST
    made = []
    for event in AuditEvent.objects.filter(seal__isnull=True).order_by("seq")[:limit]:
        seal = seal_of(event, seal)
        made.append(AuditSeal(event=event, seal=seal))
    AuditSeal.objects.bulk_create(made)
    return len(made)


def _wait_for_other_sealers() -> None:
    """Two sealers at once would fork the chain; SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def verify_seals(head: bytes = b"") -> SealReport:
    """Recompute the whole chain. `head` is a seal noted earlier that must still be in it."""
    before, count, found = FIRST, 0, False
    broken_at = None
    for seal in _seals():
        before = seal_of(seal.event, before)
        if not hmac.compare_digest(before, bytes(seal.seal)):
            broken_at = seal.event_id
            break
        count += 1
        found = found or before == head
    return SealReport(
        sealed_count=count,
        unsealed_count=AuditEvent.objects.filter(seal__isnull=True).count(),
        broken_at=broken_at,
        head=before,
        head_found=found if head else None,
    )


def _seals() -> Iterator[AuditSeal]:
    return AuditSeal.objects.select_related("event").order_by("pk").iterator(BATCH)
