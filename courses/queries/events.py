"""Stored events as the projection reads them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from courses.models import MarkEvent
from courses.projection import Event

CLOCK_SUSPECT = "clock_suspect"
_COLUMNS = (
    "server_seq",
    "event_id",
    "kind",
    "source",
    "t_ms",
    "person",
    "status",
    "device_id",
    "seq",
    "base",
    "target",
    "flags",
    "payload",
)


def stored_events(session_id: UUID, learners: Collection[UUID] | None = None) -> dict[int, Event]:
    """By server_seq. With `learners`: their events, and closes, which decide what is late.

    What was said of a record that was merged was said of the person it was merged into.
    """
    rows = MarkEvent.objects.filter(session_id=session_id)
    rows = rows.annotate(person=Coalesce("learner__merged_into_id", "learner_id"))
    if learners is not None:
        rows = rows.filter(Q(person__in=learners) | Q(learner__isnull=True))
    return {row["server_seq"]: _event(row) for row in rows.values(*_COLUMNS)}


def _event(row: dict[str, Any]) -> Event:
    return Event(
        event_id=row["event_id"],
        kind=row["kind"],
        source=row["source"],
        t_ms=row["t_ms"],
        learner=row["person"],
        status=row["status"],
        device=row["device_id"],
        seq=row["seq"],
        base=row["base"],
        target=row["target"],
        saw=frozenset(UUID(text) for text in row["payload"].get("saw", ())),
        clock_suspect=CLOCK_SUSPECT in row["flags"],
        head_count=row["payload"].get("head_count"),
    )
