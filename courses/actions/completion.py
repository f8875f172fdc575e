"""Complete a run, and keep its completions true when a mark is corrected afterwards."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.actions.errors import CourseError
from courses.actions.marking import CONSEQUENCES, _lock_sessions
from courses.models import ClassSession, CourseRun, Enrolment
from courses.queries import completion_outcomes, last_counted_day, unfinished_sessions
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

Status = Enrolment.Status


@dataclass(frozen=True)
class Completion:
    completed: int
    not_completed: int
    completed_on: date


@transaction.atomic
def complete_run(*, run: CourseRun, actor: "User") -> Completion:
    """COMPLETED for every enrolment that meets the run's rule; the run is closed.

    `completed_on` is the date of the run's last counted session, whenever this is done.
    """
    rows = CourseRun.objects.select_for_update(of=("self",))
    run = rows.select_related("host_region", "completion_rule").get(pk=run.pk)
    _lock_sessions(ClassSession.objects.filter(run=run).values_list("pk", flat=True))
    day = _require_completable(run)
    outcomes = completion_outcomes(run)
    done = [outcome.enrolment for outcome in outcomes if outcome.completes]
    for enrolment in done:
        enrolment.status, enrolment.completed_on = Status.COMPLETED, day
    Enrolment.objects.bulk_update(done, ["status", "completed_on"], batch_size=200)
    run.status = CourseRun.Status.CLOSED
    run.save(update_fields=["status"])
    result = Completion(len(done), len(outcomes) - len(done), day)
    detail = {"completed": result.completed, "not_completed": result.not_completed}
    path = run.host_region.path
    record_audit("courses.run_completed", actor=actor, target=run, region_path=path, detail=detail)
    return result


def _require_completable(run: CourseRun) -> date:
    if run.status in {CourseRun.Status.CLOSED, CourseRun.Status.CANCELLED}:
        raise CourseError("RUN_CLOSED", _("This run is completed or cancelled already."))
    unfinished = unfinished_sessions(run).count()
    if unfinished:
        message = _(
            "%(count)d sessions are neither closed nor cancelled. Close or cancel them first."
        )
        raise CourseError("SESSIONS_OPEN", message % {"count": unfinished})
    day = last_counted_day(run)
    if day is None:
        raise CourseError("NO_SESSIONS", _("No session of this run was held, so nobody completes."))
    return day


def _follow_changes(session: ClassSession, learners: Collection[UUID], actor: "User") -> None:
    """Of a closed session: completion anew, and what the apps above make of it."""
    if not learners or session.status != ClassSession.Status.CLOSED:
        return
    rows = Enrolment.objects.filter(run_id=session.run_id, learner__in=learners)
    enrolments = list(rows.select_related("run", "learner"))
    if session.run.status == CourseRun.Status.CLOSED:
        _complete_again(session.run, enrolments)
    for enrolment in enrolments:
        for consequence in CONSEQUENCES:
            consequence(enrolment, actor)


def _complete_again(run: CourseRun, enrolments: Collection[Enrolment]) -> None:
    outcomes = {outcome.enrolment.pk: outcome.completes for outcome in completion_outcomes(run)}
    day = last_counted_day(run)
    for enrolment in enrolments:
        if enrolment.pk not in outcomes:
            continue
        done = outcomes[enrolment.pk] and day is not None
        status, on = (Status.COMPLETED, day) if done else (Status.ENROLLED, None)
        if (enrolment.status, enrolment.completed_on) != (status, on):
            enrolment.status, enrolment.completed_on = status, on
            enrolment.save(update_fields=["status", "completed_on"])
