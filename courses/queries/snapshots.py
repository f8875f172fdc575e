"""What a tablet takes along: a trainer's classes from a week ago to a fortnight ahead."""

import hashlib
import json
import time
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID
from zlib import crc32

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Device, User
from courses.models import AttendanceState, ClassSession, CourseRun, Enrolment, MarkEvent
from courses.queries.codes import class_key, id_tag, personal_qr
from learners.models import Learner
from lms.lib.periods import today

DAYS_BACK, DAYS_AHEAD = 7, 14
#: After this many days without a new one the tablet forgets names.
KEEPS_DAYS = 14
_REMEMBERED = 60 * 86_400


@dataclass(frozen=True)
class Snapshot:
    """`version` is the moment (ms) at which this content was first given out: it only grows."""

    version: int
    content: dict[str, Any]


def snapshot(device: Device) -> Snapshot:
    content = _content(device.enrolled_by)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Snapshot(_version(device.pk, digest), content)


def expires_at() -> int:
    return int((timezone.now() + timedelta(days=KEEPS_DAYS)).timestamp() * 1000)


def _version(device_id: UUID, digest: str) -> int:
    """The same as long as the content is; where the cache forgot, the tablet loads once more."""
    name = f"attendance:snapshot:{device_id}"
    known: tuple[str, int] | None = cache.get(name)
    if known is not None and known[0] == digest:
        return known[1]
    version = max(time.time_ns() // 1_000_000, known[1] + 1 if known else 0)
    cache.set(name, (digest, version), _REMEMBERED)
    return version


def held_by(trainer: User) -> QuerySet[ClassSession]:
    """The sessions that a trainer's tablets know."""
    first, last = today() - timedelta(days=DAYS_BACK), today() + timedelta(days=DAYS_AHEAD)
    rows = ClassSession.objects.visible_to(trainer).filter(instructor__user=trainer)
    rows = rows.filter(held_on__range=(first, last)).order_by("starts_at", "pk")
    return rows.select_related("run__course", "site")


def _content(trainer: User) -> dict[str, Any]:
    sessions = list(held_by(trainer))
    roster = _roster(sessions)
    numbers, seen = _numbers(sessions), _seen(sessions)
    return {
        "sessions": [_session(row, numbers[row.pk], seen.get(row.pk, [])) for row in sessions],
        "roster": roster,
        "aliases": _aliases(sessions, {row["learner"] for row in roster}),
        "removed": {"sessions": [], "roster": []},
        "states": _states(sessions),
    }


def _numbers(sessions: Iterable[ClassSession]) -> dict[UUID, int]:
    """Which sitting of its run each is, the cancelled left out as on the page of the run."""
    rows = ClassSession.objects.filter(run__in={row.run_id for row in sessions})
    rows = rows.order_by("run", "starts_at", "pk")
    found: dict[UUID, int] = {}
    held: dict[UUID, int] = {}
    for pk, run, status in rows.values_list("pk", "run_id", "status"):
        held[run] = held.get(run, 0) + (status != ClassSession.Status.CANCELLED)
        found[pk] = held[run]
    return found


def _seen(sessions: Iterable[ClassSession]) -> dict[UUID, list[str]]:
    """All events of open sessions: a tablet that closes one names what it knew, superseded or not,
    or the server would take a mark for late that the trainer had long seen corrected."""
    still_open = [row for row in sessions if row.status == ClassSession.Status.PLANNED]
    rows = MarkEvent.objects.filter(session__in=still_open).order_by("server_seq")
    found: dict[UUID, list[str]] = {}
    for session, event in rows.values_list("session_id", "event_id"):
        found.setdefault(session, []).append(str(event))
    return found


def _session(row: ClassSession, number: int, seen: list[str]) -> dict[str, Any]:
    cancelled = row.run.status == CourseRun.Status.CANCELLED
    return _revised(
        {
            "id": str(row.pk),
            "run_id": str(row.run_id),
            "title": row.run.title,
            "course": row.run.course.title,
            "site": row.site.name,
            "starts": timezone.localtime(row.starts_at).isoformat(timespec="minutes"),
            "ends": timezone.localtime(row.ends_at).isoformat(timespec="minutes"),
            "late_after_min": settings.LATE_AFTER_MINUTES,
            "status": ClassSession.Status.CANCELLED if cancelled else row.status,
            "head_count": row.head_count,
            "sequence": number,
            "seen": seen,
            "class_key": b64encode(class_key(row.pk)).decode(),
        }
    )


def _revised(facts: dict[str, Any]) -> dict[str, Any]:
    """`rev` is another one when anything else is."""
    return facts | {"rev": crc32(json.dumps(facts, sort_keys=True).encode())}


def _roster(sessions: Iterable[ClassSession]) -> list[dict[str, Any]]:
    """One query, whatever the number of sessions; each number is decrypted once."""
    by_run: dict[UUID, list[Enrolment]] = {}
    rows = Enrolment.objects.filter(run__in={row.run_id for row in sessions})
    rows = rows.exclude(status=Enrolment.Status.WAITING).select_related("learner__home_region")
    for row in rows.order_by("learner__initials", "learner__name", "pk"):
        by_run.setdefault(row.run_id, []).append(row)
    people = {row.learner_id: _person(row.learner) for own in by_run.values() for row in own}
    return [
        _on_roster(session, *people[row.learner_id])
        for session in sessions
        for row in by_run.get(session.run_id, ())
        if row.enrolled_on <= session.held_on
        and (row.withdrawn_on is None or row.withdrawn_on > session.held_on)
    ]


def _person(learner: Learner) -> tuple[dict[str, Any], str]:
    """What every session of a person's says alike, and the number that each tags anew."""
    facts = {
        "learner": str(learner.pk),
        "name": learner.name,
        "initials": learner.initials,
        "id_last4": learner.id_tail,
        "village": learner.home_region.name,
        "qr": personal_qr(learner.pk),
    }
    return facts, learner.clear_id_number()


def _on_roster(session: ClassSession, facts: dict[str, Any], number: str) -> dict[str, Any]:
    tag = b64encode(id_tag(class_key(session.pk), number)).decode() if number else ""
    return _revised({"session": str(session.pk), "id_tag": tag} | facts)


def _aliases(sessions: Iterable[ClassSession], learners: Iterable[str]) -> list[dict[str, str]]:
    """Names under which a tablet may still know somebody: of a walk-in, of a merged record."""
    walk_ins = MarkEvent.objects.filter(
        session__in=list(sessions), kind=MarkEvent.Kind.WALK_IN, learner__isnull=False
    )
    columns = ("event_id", "learner_id", "learner__merged_into_id")
    found = {str(own): str(merged or who) for own, who, merged in walk_ins.values_list(*columns)}
    merged_rows = Learner.objects.filter(merged_into__in=list(learners))
    for own, into in merged_rows.values_list("pk", "merged_into_id"):
        found[str(own)] = str(into)
    return [{"from": own, "to": into} for own, into in sorted(found.items())]


def _states(sessions: Iterable[ClassSession]) -> list[dict[str, Any]]:
    rows = AttendanceState.objects.filter(session__in=list(sessions))
    rows = rows.select_related("event__actor").order_by("session", "learner")
    return [
        {
            "session": str(row.session_id),
            "learner": str(row.learner_id),
            "event": str(row.event.event_id),
            "status": row.status,
            "source": row.event.source,
            "by": row.event.actor.display_name,
            "t_ms": row.event.t_ms,
            "conflict": row.conflict,
        }
        for row in rows
    ]
