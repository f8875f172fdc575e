"""Plan sessions. An instructor is in one place at a time: asked here, and held by the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.actions.errors import CourseError
from courses.actions.marking import _lock_sessions
from courses.models import ClassSession, CourseRun, Instructor, MarkEvent, TrainingSite
from courses.queries import clashing_session
from lms.lib.periods import local_date
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

Status = ClassSession.Status


@dataclass(frozen=True)
class HalfDay:
    starts: time
    ends: time


@transaction.atomic
def plan_session(
    *,
    run: CourseRun,
    starts_at: datetime,
    ends_at: datetime,
    site: TrainingSite,
    instructor: Instructor,
    actor: "User",
) -> ClassSession:
    run = _locked_run(run)
    session = _add(run, starts_at, ends_at, site, instructor)
    _audit("courses.session_planned", session, actor, starts_at=starts_at.isoformat())
    return session


@transaction.atomic
def plan_sessions(
    *,
    run: CourseRun,
    dates: Iterable[date],
    half_days: Sequence[HalfDay],
    site: TrainingSite,
    instructor: Instructor,
    actor: "User",
) -> list[ClassSession]:
    """A session for each date and half day; all of them or none."""
    run = _locked_run(run)
    moments = [(day, half) for day in sorted(set(dates)) for half in half_days]
    if not moments:
        raise CourseError("NO_DATES", _("Choose at least one day and one half day."))
    sessions = [
        _add(run, _at(day, half.starts), _at(day, half.ends), site, instructor)
        for day, half in moments
    ]
    path = run.host_region.path
    detail = {"sessions": [str(session.pk) for session in sessions]}
    record_audit(
        "courses.sessions_planned", actor=actor, target=run, region_path=path, detail=detail
    )
    return sessions


@transaction.atomic
def reschedule_session(
    *,
    session: ClassSession,
    starts_at: datetime,
    ends_at: datetime,
    site: TrainingSite,
    instructor: Instructor,
    actor: "User",
) -> ClassSession:
    """Other times, place or instructor; marks keep a session on its day."""
    session = _locked_session(session)
    _require_planned(session)
    if local_date(starts_at) != session.held_on and _has_marks(session):
        raise CourseError(
            "HAS_MARKS", _("People were marked in this session, so it cannot move to another day.")
        )
    before = {"starts_at": session.starts_at.isoformat(), "instructor": str(session.instructor_id)}
    session.starts_at, session.ends_at = starts_at, ends_at
    session.site, session.instructor = site, instructor
    _require_inside(session.run, starts_at, ends_at)
    _save(session)
    after = {"starts_at": starts_at.isoformat(), "instructor": str(instructor.pk)}
    _audit("courses.session_rescheduled", session, actor, before=before, after=after)
    return session


@transaction.atomic
def cancel_session(*, session: ClassSession, reason: str, actor: "User") -> ClassSession:
    session = _locked_session(session)
    _require_planned(session)
    if not reason.strip():
        raise CourseError("NO_REASON", _("Say why the session is cancelled: the log keeps it."))
    session.status = Status.CANCELLED
    session.save(update_fields=["status", "held_on"])
    _audit("courses.session_cancelled", session, actor, reason=reason)
    return session


def _at(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


def _locked_run(run: CourseRun) -> CourseRun:
    rows = CourseRun.objects.select_for_update(of=("self",)).select_related("host_region")
    run = rows.get(pk=run.pk)
    if run.status in {CourseRun.Status.CLOSED, CourseRun.Status.CANCELLED}:
        raise CourseError(
            "RUN_CLOSED", _("This run is completed or cancelled and cannot be changed any more.")
        )
    return run


def _locked_session(session: ClassSession) -> ClassSession:
    run = _locked_run(session.run)
    _lock_sessions([session.pk])
    found = ClassSession.objects.select_related("run__host_region").get(pk=session.pk)
    found.run = run
    return found


def _add(
    run: CourseRun,
    starts_at: datetime,
    ends_at: datetime,
    site: TrainingSite,
    instructor: Instructor,
) -> ClassSession:
    _require_inside(run, starts_at, ends_at)
    session = ClassSession(
        run=run, starts_at=starts_at, ends_at=ends_at, site=site, instructor=instructor
    )
    _save(session, is_new=True)
    return session


def _save(session: ClassSession, *, is_new: bool = False) -> None:
    """Saves, or says with which session the instructor is already booked."""
    busy = clashing_session(session.instructor, session.starts_at, session.ends_at, but=session.pk)
    if busy is not None:
        raise _booked(session.instructor, busy)
    try:
        with transaction.atomic():
            session.save(force_insert=is_new)
    except IntegrityError as error:
        if "no_overlap" not in str(error):
            raise
        # Booked by somebody else in this very moment.
        raise _booked(session.instructor, None) from error


def _booked(instructor: Instructor, busy: ClassSession | None) -> CourseError:
    if busy is None:
        message = _("%(name)s was just booked for this time. Choose another time or instructor.")
        return CourseError("INSTRUCTOR_BUSY", message % {"name": instructor.name})
    starts, ends = timezone.localtime(busy.starts_at), timezone.localtime(busy.ends_at)
    message = _(
        "%(name)s already teaches %(course)s on %(day)s from %(starts)s to %(ends)s. "
        "Choose another time or instructor."
    )
    values = {
        "name": instructor.name,
        "course": busy.run.course.title,
        "day": f"{starts:%Y-%m-%d}",
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
    }
    return CourseError("INSTRUCTOR_BUSY", message % values)


def _require_inside(run: CourseRun, starts_at: datetime, ends_at: datetime) -> None:
    first, last = local_date(starts_at), local_date(ends_at)
    if ends_at <= starts_at or first != last:
        raise CourseError("TIMES", _("A session ends after it starts, on the same day."))
    if not run.starts_on <= first <= run.ends_on:
        message = _("The run lasts from %(first)s to %(last)s. Choose a day in it.")
        values = {"first": run.starts_on.isoformat(), "last": run.ends_on.isoformat()}
        raise CourseError("OUTSIDE_RUN", message % values)


def _require_planned(session: ClassSession) -> None:
    if session.status != Status.PLANNED:
        raise CourseError(
            "NOT_PLANNED", _("This session is closed or cancelled and cannot be changed any more.")
        )


def _has_marks(session: ClassSession) -> bool:
    return MarkEvent.objects.filter(session=session).exists()


def _audit(action: str, session: ClassSession, actor: "User", **detail: object) -> None:
    path = session.run.host_region.path
    record_audit(action, actor=actor, target=session, region_path=path, detail=detail)
