"""Tablets as the office sees them: when heard of, what they hold, what waits because of them."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.models import Device
from courses.models import ClassSession, MarkEvent, ParkedPicture, ParkedRow, SyncBatch
from courses.models.tablets import ParkedPictureQuerySet, ParkedRowQuerySet
from learners.models import Learner
from lms.lib.periods import today
from lms.lib.scope import HasScope

#: Deliveries shown on the page of a tablet.
MOST_BATCHES = 20


def tablet_rows(user: HasScope) -> QuerySet[Device]:
    """Those that `user` answers for, heard of last first."""
    return Device.objects.visible_to(user).select_related("enrolled_by", "region")


def parked_counts(devices: Collection[Device]) -> dict[UUID, int]:
    """How many rows of each wait in custody."""
    rows = ParkedRow.objects.waiting().filter(device__in=devices).order_by()
    return dict(rows.values_list("device").annotate(n=Count("pk")))


def parked_rows(device: Device) -> ParkedRowQuerySet:
    rows = ParkedRow.objects.filter(device=device)
    return rows.select_related("session__run__course", "session__instructor", "resolved_by")


def parked_pictures(device: Device) -> ParkedPictureQuerySet:
    rows = ParkedPicture.objects.filter(device=device)
    return rows.select_related("session__run__course", "session__instructor", "resolved_by")


def sessions_meant(
    device: Device, waiting: ParkedRowQuerySet | ParkedPictureQuerySet
) -> list[ClassSession]:
    """The trainer's sessions of the last weeks, where one names none that is known."""
    if not waiting.filter(code=ParkedRow.Code.UNKNOWN_SESSION).exists():
        return []
    first = today() - timedelta(days=settings.WORKLIST_DAYS)
    found = ClassSession.objects.filter(
        instructor__user=device.enrolled_by_id, held_on__gte=first, held_on__lte=today()
    ).exclude(status=ClassSession.Status.CANCELLED)
    return list(found.select_related("run__course").order_by("-starts_at"))


def people_meant(waiting: ParkedRowQuerySet, codes: Collection[str]) -> list[Learner]:
    """Who is in the classes of rows that name nobody who is known, by name."""
    runs = set(waiting.filter(code__in=codes, session__isnull=False).values_list("session__run"))
    if not runs:
        return []
    people = Learner.objects.live().filter(enrolments__run__in=[run for (run,) in runs]).distinct()
    return list(people.order_by("initials", "name"))


def people_named(rows: Collection[ParkedRow], user: HasScope) -> dict[UUID, str]:
    """By row: the name of whom it is about, where `user` may see that person."""
    meant = {row.pk: _uuid_in(row.raw) for row in rows}
    people = Learner.objects.visible_to(user).filter(pk__in=[pk for pk in meant.values() if pk])
    names = dict(people.values_list("pk", "name"))
    return {row: names[pk] for row, pk in meant.items() if pk in names}


def _uuid_in(raw: Any) -> UUID | None:
    """Anything may stand in a row that could not become a mark."""
    try:
        return UUID(raw["learner_id"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def last_batches(device: Device) -> list[SyncBatch]:
    rows = SyncBatch.objects.filter(device=device)
    return list(rows.order_by("-received_at")[:MOST_BATCHES])


def marks_brought(device: Device) -> int:
    return MarkEvent.objects.filter(device=device).count()


def heard_within(rows: QuerySet[Device], choice: str) -> QuerySet[Device]:
    """today, week, longer or never."""
    now = timezone.now()
    bounds: dict[str, dict[str, Any]] = {
        "day": {"last_seen_at__gte": now - timedelta(days=1)},
        "week": {"last_seen_at__gte": now - timedelta(days=7)},
        "longer": {"last_seen_at__lt": now - timedelta(days=7)},
        "never": {"last_seen_at__isnull": True},
    }
    return rows.filter(**bounds[choice])
