"""Attendance shares, hours and completion: figures that certificates and quotas stand on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from courses.models import (
    ATTENDED,
    AttendanceState,
    ClassSession,
    CompletionRule,
    CourseRun,
    Enrolment,
)


class AttendanceShare(NamedTuple):
    """`held` = counted sessions while enrolled: leave and absence stay in it.

    `hours` = whole units of 45 minutes of the sessions attended, credited in full.
    """

    attended: int = 0
    held: int = 0
    hours: int = 0
    hours_held: int = 0
    first_attended_on: date | None = None

    @property
    def per_cent(self) -> float | None:
        return self.attended * 100 / self.held if self.held else None

    def meets(self, rule: CompletionRule) -> bool:
        return self.held > 0 and self.attended >= rule.min_attendance * self.held


def attendance_shares(enrolments: QuerySet[Enrolment]) -> dict[UUID, AttendanceShare]:
    """Enrolment id -> share, for every enrolment asked for, in three queries.

    A waiting enrolment was never held to a session: its share is empty.
    """
    columns = ("pk", "run_id", "learner_id", "enrolled_on", "withdrawn_on", "status")
    return _shares(list(enrolments.order_by().values(*columns)))


def shares_of(enrolments: Iterable[Enrolment]) -> dict[UUID, AttendanceShare]:
    """The same for enrolments already read, in two queries."""
    return _shares(
        [
            {
                "pk": enrolment.pk,
                "run_id": enrolment.run_id,
                "learner_id": enrolment.learner_id,
                "enrolled_on": enrolment.enrolled_on,
                "withdrawn_on": enrolment.withdrawn_on,
                "status": enrolment.status,
            }
            for enrolment in enrolments
        ]
    )


class _Held(NamedTuple):
    """What of a counted session a share is made of; `key` as `_as_text` writes it."""

    key: str
    held_on: date
    hours: int


def _shares(rows: list[Mapping[str, Any]]) -> dict[UUID, AttendanceShare]:
    runs = {row["run_id"] for row in rows}
    sessions, attended, key = _counted_sessions(runs), _attended(runs), _as_text()
    return {
        row["pk"]: _share(row, sessions.get(row["run_id"], []), attended, key(row["learner_id"]))
        for row in rows
    }


def _as_text() -> Callable[[UUID], str]:
    """A key as the database writes it as text: reading ten thousands of UUIDs as such is slow."""
    return str if connection.features.has_native_uuid_field else attrgetter("hex")


def _counted_sessions(runs: set[UUID]) -> dict[UUID, list[_Held]]:
    found: dict[UUID, list[_Held]] = {}
    key = _as_text()
    for session in ClassSession.objects.counted().filter(run__in=runs).order_by("starts_at"):
        held = _Held(key(session.pk), session.held_on, session.hours)
        found.setdefault(session.run_id, []).append(held)
    return found


def _attended(runs: set[UUID]) -> set[tuple[str, str]]:
    sessions = ClassSession.objects.counted().filter(run__in=runs)
    rows = AttendanceState.objects.filter(session__in=sessions.values("pk"), status__in=ATTENDED)
    text = {name: Cast(f"{name}_id", TextField()) for name in ("session", "learner")}
    keys = rows.annotate(session_key=text["session"], learner_key=text["learner"])
    return set(keys.values_list("session_key", "learner_key"))


def _share(
    row: Mapping[str, Any], sessions: list[_Held], attended: set[tuple[str, str]], learner: str
) -> AttendanceShare:
    if row["status"] == Enrolment.Status.WAITING:
        return AttendanceShare()
    held = [session for session in sessions if _enrolled_on(row, session.held_on)]
    came = [session for session in held if (session.key, learner) in attended]
    return AttendanceShare(
        attended=len(came),
        held=len(held),
        hours=sum(session.hours for session in came),
        hours_held=sum(session.hours for session in held),
        first_attended_on=came[0].held_on if came else None,
    )


def _enrolled_on(row: Mapping[str, Any], day: date) -> bool:
    last = row["withdrawn_on"]
    return bool(row["enrolled_on"] <= day and (last is None or last > day))


def completed_enrolments(run: CourseRun) -> QuerySet[Enrolment]:
    """Those who completed the run, with their learner, by name."""
    rows = Enrolment.objects.filter(run=run).completed()
    return rows.select_related("learner", "home_region").order_by("learner__name", "pk")


def last_counted_day(run: CourseRun) -> date | None:
    """The date that completions of the run bear."""
    days = ClassSession.objects.counted().filter(run=run).order_by("-held_on")
    return days.values_list("held_on", flat=True).first()


@dataclass(frozen=True)
class Outcome:
    enrolment: Enrolment
    share: AttendanceShare
    completes: bool


def completion_outcomes(run: CourseRun) -> list[Outcome]:
    """What completing the run now would do: who completes, who does not; four queries."""
    rows = Enrolment.objects.filter(
        run=run, status__in=[Enrolment.Status.ENROLLED, Enrolment.Status.COMPLETED]
    )
    shares = attendance_shares(rows)
    found = rows.select_related("learner", "home_region").order_by(
        "learner__initials", "learner__name"
    )
    rule = run.completion_rule
    return [Outcome(row, shares[row.pk], shares[row.pk].meets(rule)) for row in found]


def unfinished_sessions(run: CourseRun) -> QuerySet[ClassSession]:
    """Neither closed nor cancelled: they keep a run from being completed."""
    return ClassSession.objects.filter(run=run, status=ClassSession.Status.PLANNED)
