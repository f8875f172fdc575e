"""Attendance, completion and what follows from them when two records become one, or two again."""

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from courses.actions.marking import CONSEQUENCES, _lock_sessions, _project
from courses.models import ClassSession, CourseRun, Enrolment
from courses.queries import completion_outcomes, last_counted_day
from courses.queries.merging import enrolments_changed, enrolments_joined, sessions_spoken_of
from learners.models import Learner, Merge
from learners.queries.merging import Step, Write, rows_changed

if TYPE_CHECKING:
    from accounts.models import User

Status = Enrolment.Status


def lock_classes(people: Collection[UUID], named: Collection[UUID] = ()) -> None:
    """Runs, then sessions, as everybody does who marks or completes; `named`: sessions besides
    those of these people, which need not be there."""
    enrolments = Enrolment.objects.filter(learner__in=people)
    runs = {
        *enrolments.values_list("run", flat=True),
        *ClassSession.objects.filter(pk__in=named).values_list("run", flat=True),
    }
    list(CourseRun.objects.select_for_update(of=("self",)).filter(pk__in=runs).order_by("pk"))
    sessions = {session.pk for session in sessions_spoken_of(people)} | set(named)
    sessions |= set(ClassSession.objects.filter(run__in=runs).values_list("pk", flat=True))
    _lock_sessions(sessions)


def follow_merge(merge: Merge, write: Write, actor: "User | None") -> None:
    """Write down what the events now say of whom; completion anew, and what is made of it."""
    people = {merge.kept_id, merge.merged_id}
    people |= {UUID(pk) for pk in rows_changed(merge, Learner)}
    for session in sessions_spoken_of(people - {merge.kept_id}):
        _project(session, people)
    if merge.undone_at is None:
        _complete_again(enrolments_joined(merge), write)
    if actor is not None:
        for enrolment in enrolments_changed(merge):
            for consequence in CONSEQUENCES:
                consequence(enrolment, actor)


def _complete_again(enrolments: Collection[Enrolment], write: Write) -> None:
    """In closed runs; written down with the merge, so that undoing puts it back as it was."""
    for run in {row.run for row in enrolments if row.run.status == CourseRun.Status.CLOSED}:
        outcomes = {row.enrolment.pk: row.completes for row in completion_outcomes(run)}
        day = last_counted_day(run)
        for row in (row for row in enrolments if row.run_id == run.pk):
            if row.pk not in outcomes:
                continue
            done = outcomes[row.pk] and day is not None
            values = (Status.COMPLETED, day) if done else (Status.ENROLLED, None)
            if (row.status, row.completed_on) != values:
                write(Step(row, {"status": values[0], "completed_on": values[1]}))
