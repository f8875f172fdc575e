"""Attendance shares, hours and completion: figures that certificates and quotas stand on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Aggregate, BinaryField, Field, QuerySet, TextField

from courses.models import (
    ATTENDED,
    AttendanceState,
    ClassSession,
    CompletionRule,
    CourseRun,
    Enrolment,
)
from courses.models.planning import units_between

KEY_BYTES = 16


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
    rows = list(enrolments.order_by().values_list(*_Row._fields))
    return {row[0]: share for row, share in zip(rows, _shares(rows), strict=True)}


def shares_of(enrolments: Iterable[Enrolment]) -> list[AttendanceShare]:
    """The same for enrolments already read, in their order, in two queries."""
    return _shares(list(map(attrgetter(*_Row._fields), enrolments)))


class _Row(NamedTuple):
    """What of an enrolment a share is made of."""

    id: UUID
    run_id: UUID
    learner_id: UUID
    enrolled_on: date
    withdrawn_on: date | None
    status: str


class _Held(NamedTuple):
    """What of a counted session a share is made of; `came`: who attended, by `_short_key`."""

    came: frozenset[bytes | str]
    held_on: date
    hours: int


class _Keys(Aggregate):
    """The keys of a group in one value: a row for a session, not for each who came. A key is 16
    bytes of it on PostgreSQL, which takes half the time of writing each out, and its hexadecimal
    digits on SQLite."""

    function = "GROUP_CONCAT"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "STRING_AGG(uuid_send(%(expressions)s), ''::bytea)"
        return self.as_sql(compiler, connection, template=template, **extra)


def _shares(rows: Sequence[tuple[Any, ...]]) -> list[AttendanceShare]:
    # Runs by the numbers of their keys: a UUID itself is slow to look up.
    sessions = _counted_sessions({row[1].int: row[1] for row in rows}.values())
    key = _short_key()
    # Most of a class were enrolled on the same days and came to the same sessions.
    classes: dict[tuple[Any, ...], list[_Held]] = {}
    known: dict[tuple[Any, ...], AttendanceShare] = {}
    found = []
    for row in rows:
        _pk, run, learner, *dated = row
        days = run.int, *dated
        if (held := classes.get(days)) is None:
            held = classes[days] = _held(sessions.get(run.int, ()), _Row(*row))
        who = key(learner)
        came = [who in session.came for session in held]
        seen = (id(held), *came)
        if (share := known.get(seen)) is None:
            share = known[seen] = _share(held, came)
        found.append(share)
    return found


def _short_key() -> Callable[[UUID], bytes | str]:
    """A key as `_Keys` has it: reading ten thousands of UUIDs as such is slow."""
    return attrgetter("bytes" if connection.features.has_native_uuid_field else "hex")


def _counted_sessions(runs: Iterable[UUID]) -> dict[int, list[_Held]]:
    found: dict[int, list[_Held]] = {}
    sessions = ClassSession.objects.counted().filter(run__in=runs)
    came = _attended(sessions)
    columns = "pk", "run_id", "held_on", "starts_at", "ends_at"
    for pk, run, held_on, *times in sessions.order_by("starts_at").values_list(*columns):
        held = _Held(came.get(pk, frozenset()), held_on, units_between(*times))
        found.setdefault(run.int, []).append(held)
    return found


def _attended(sessions: QuerySet[ClassSession]) -> dict[UUID, frozenset[bytes | str]]:
    rows = AttendanceState.objects.filter(session__in=sessions.values("pk"), status__in=ATTENDED)
    keys = _Keys("learner_id", output_field=_written())
    groups = rows.order_by().values_list("session_id").annotate(keys=keys)
    return {session: frozenset(_apart(came)) for session, came in groups}


def _written() -> Field[Any, Any]:
    return BinaryField() if connection.features.has_native_uuid_field else TextField()


def _apart(keys: Any) -> Iterable[bytes | str]:
    if isinstance(keys, str):
        return keys.split(",")
    joined = bytes(keys)
    return [joined[at : at + KEY_BYTES] for at in range(0, len(joined), KEY_BYTES)]


def _held(sessions: Iterable[_Held], row: _Row) -> list[_Held]:
    """Those that took place while the person was enrolled."""
    if row.status == Enrolment.Status.WAITING:
        return []
    last = row.withdrawn_on
    return [
        session
        for session in sessions
        if row.enrolled_on <= session.held_on and (last is None or last > session.held_on)
    ]


def _share(held: list[_Held], came: list[bool]) -> AttendanceShare:
    attended = [session for session, is_there in zip(held, came, strict=True) if is_there]
    return AttendanceShare(
        attended=len(attended),
        held=len(held),
        hours=sum(session.hours for session in attended),
        hours_held=sum(session.hours for session in held),
        first_attended_on=attended[0].held_on if attended else None,
    )


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
