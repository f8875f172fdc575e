"""Roll call: who should be in the room, what was said of each, and how it adds up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from courses.models import (
    AttendanceState,
    AttendanceStatus,
    ClassSession,
    CourseRun,
    Enrolment,
    MarkEvent,
)
from courses.projection import project
from courses.queries.events import stored_events
from learners.models import Learner

Status = AttendanceStatus
#: How far back and ahead a trainer's first page looks.
AHEAD_COUNT = 6


@dataclass(frozen=True)
class RosterRow:
    """`status` is "" while nothing was said of the learner; `event_id` is the mark that holds."""

    enrolment: Enrolment
    status: str
    event_id: UUID | None
    method: str
    conflict: bool
    clock_suspect: bool

    @property
    def learner(self) -> Learner:
        return self.enrolment.learner

    @property
    def initial(self) -> str:
        return self.learner.initials[:1].upper() or "#"


@dataclass(frozen=True)
class Tally:
    """present + late + left_early + leave + absent + unmarked = active; nothing is unmarked once
    the session is closed: who was not marked was absent."""

    present: int = 0
    late: int = 0
    left_early: int = 0
    leave: int = 0
    absent: int = 0
    unmarked: int = 0

    @property
    def active(self) -> int:
        return self.in_room + self.left_early + self.leave + self.absent + self.unmarked

    @property
    def in_room(self) -> int:
        """Who should be in the room when heads are counted at the end."""
        return self.present + self.late

    @property
    def nobody_marked(self) -> bool:
        """Somebody is expected, and the roll was not called."""
        return 0 < self.active == self.unmarked

    @property
    def attended(self) -> int:
        return self.in_room + self.left_early

    @property
    def marked(self) -> int:
        return self.active - self.unmarked


def active_enrolments(session: ClassSession) -> QuerySet[Enrolment]:
    """Those who should be at the session, walk-ins included."""
    return Enrolment.objects.filter(run_id=session.run_id).active_on(session.held_on)


def session_roster(session: ClassSession) -> list[RosterRow]:
    """By pinyin, then name; two queries."""
    enrolments = active_enrolments(session).select_related("learner__home_region")
    states = {
        state.learner_id: state
        for state in AttendanceState.objects.filter(session=session).select_related("event")
    }
    rows = [_row(enrolment, states.get(enrolment.learner_id)) for enrolment in enrolments]
    return sorted(rows, key=lambda row: (row.learner.initials or "~", row.learner.name))


def _row(enrolment: Enrolment, state: AttendanceState | None) -> RosterRow:
    if state is None:
        return RosterRow(enrolment, "", None, "", False, False)
    return RosterRow(
        enrolment=enrolment,
        status=state.status,
        event_id=state.event.event_id,
        method=state.event.method,
        conflict=state.conflict,
        clock_suspect=state.clock_suspect,
    )


def tally(session: ClassSession, statuses: Iterable[str]) -> Tally:
    """Of the statuses of everybody active at the session ("" = not marked)."""
    counted = Counter(statuses)
    unmarked = counted[""]
    closed = session.status == ClassSession.Status.CLOSED
    return Tally(
        present=counted[Status.PRESENT],
        late=counted[Status.LATE],
        left_early=counted[Status.LEFT_EARLY],
        leave=counted[Status.LEAVE],
        absent=counted[Status.ABSENT] + (unmarked if closed else 0),
        unmarked=0 if closed else unmarked,
    )


def session_tallies(sessions: Iterable[ClassSession]) -> dict[UUID, Tally]:
    """The tally of each session, in two queries however many there are."""
    sessions = list(sessions)
    enrolments: dict[UUID, list[tuple[UUID, date, date | None]]] = {}
    rows = Enrolment.objects.filter(run__in={s.run_id for s in sessions})
    columns = ("run_id", "learner_id", "enrolled_on", "withdrawn_on")
    for run_id, learner_id, first, last in rows.exclude(
        status=Enrolment.Status.WAITING
    ).values_list(*columns):
        enrolments.setdefault(run_id, []).append((learner_id, first, last))
    states = _states(sessions)
    return {
        session.pk: tally(
            session,
            (
                states.get((session.pk, learner), "")
                for learner, first, last in enrolments.get(session.run_id, ())
                if first <= session.held_on and (last is None or last > session.held_on)
            ),
        )
        for session in sessions
    }


def _states(sessions: list[ClassSession]) -> dict[tuple[UUID, UUID], str]:
    rows = AttendanceState.objects.filter(session__in=sessions)
    return {
        (session, learner): status
        for session, learner, status in rows.values_list("session_id", "learner_id", "status")
    }


@dataclass(frozen=True)
class LateMark:
    """A mark that came after the close: kept, changes nothing, waits for a person."""

    event: MarkEvent
    learner: Learner | None


def late_marks(session: ClassSession) -> list[LateMark]:
    """Open questions of a session, by the learner's name."""
    stored = stored_events(session.pk)
    state = project(stored.values())
    wanted = {event.event_id for own in state.learners.values() for event in own.late}
    rows = MarkEvent.objects.filter(event_id__in=wanted)
    rows = rows.select_related("learner__merged_into", "device").order_by("t_ms", "event_id")
    found = [
        LateMark(row, (row.learner and row.learner.merged_into) or row.learner) for row in rows
    ]
    return sorted(found, key=lambda late: late.learner.name if late.learner else "")


def doubtful_rows(rows: Iterable[RosterRow], limit: int = 3) -> list[RosterRow]:
    """Whom to look at first when heads and marks differ: marked in bulk, in doubt, then late."""
    in_room = [row for row in rows if row.status in {Status.PRESENT, Status.LATE}]
    in_room.sort(key=_doubt, reverse=True)
    return [row for row in in_room if any(_doubt(row))][:limit]


def _doubt(row: RosterRow) -> tuple[bool, bool, bool]:
    bulk = row.method == MarkEvent.Method.BULK
    return (row.conflict, bulk, row.clock_suspect or row.status == Status.LATE)


# --- a trainer's day ------------------------------------------------------------------------------
@dataclass(frozen=True)
class TrainerDay:
    today: list[ClassSession]
    #: Past, neither closed nor cancelled.
    open_past: list[ClassSession]
    ahead: list[ClassSession]


def trainer_day(user: User, day: date) -> TrainerDay:
    """The sessions whose instructor is `user`, each with its `sequence`."""
    own = ClassSession.objects.visible_to(user).filter(instructor__user=user)
    own = own.exclude(status=ClassSession.Status.CANCELLED)
    own = own.exclude(run__status=CourseRun.Status.CANCELLED).order_by("starts_at")
    rows = with_sequence(own).select_related("run__course", "site", "run__host_region")
    planned = ClassSession.Status.PLANNED
    return TrainerDay(
        today=list(rows.filter(held_on=day)),
        open_past=list(rows.filter(held_on__lt=day, status=planned)),
        ahead=list(rows.filter(held_on__gt=day)[:AHEAD_COUNT]),
    )


def with_sequence(sessions: QuerySet[ClassSession]) -> QuerySet[ClassSession]:
    """Adds `sequence`: which session of its run it is, cancelled ones not counted."""
    earlier = (
        ClassSession.objects.filter(run=OuterRef("run"), starts_at__lte=OuterRef("starts_at"))
        .exclude(status=ClassSession.Status.CANCELLED)
        .order_by()
        .values("run")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return sessions.annotate(sequence=Coalesce(Subquery(earlier), 0))


def enrolled_count(run: CourseRun) -> int:
    """Places taken: enrolled or completed, walk-ins included; waiting and withdrawn are not."""
    return Enrolment.objects.filter(TAKEN, run=run).count()


#: What takes a place in a run.
TAKEN = Q(status__in=[Enrolment.Status.ENROLLED, Enrolment.Status.COMPLETED])
