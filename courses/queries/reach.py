"""What this app tells the learners app: whom a person reaches, and rows of a timeline."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from courses.models import ATTENDED, AttendanceState, ClassSession, CourseRun, Enrolment
from courses.queries.progress import AttendanceShare, attendance_shares
from learners.models import Learner
from learners.queries import TimelineRow
from lms.lib.scope import Role, Scope, under

Status = Enrolment.Status
CHIPS = {
    Status.ENROLLED: ("info", "clock"),
    Status.WAITING: ("mute", "hourglass"),
    Status.WITHDRAWN: ("mute", "minus"),
    Status.COMPLETED: ("good", "check"),
}


def learners_of_runs(scope: Scope) -> Q:
    """Trainers: people of their runs; clerks and officials: of the runs held in their regions."""
    prefixes = scope.prefixes(Role.CLERK, Role.OFFICIAL)
    reach = Q(pk__in=[])
    if prefixes:
        hosted = CourseRun.objects.filter(under("host_region__path", prefixes))
        reach |= _enrolled_in(hosted.values("pk"))
    if scope.has(Role.TRAINER):
        own = ClassSession.objects.filter(instructor__user_id=scope.user_id)
        reach |= _enrolled_in(own.values("run_id"))
    return reach


def _enrolled_in(runs: QuerySet[Any, Any]) -> Q:
    return Q(pk__in=Enrolment.objects.filter(run__in=runs).values("learner_id"))


def timeline_rows(learner: Learner, user: User) -> list[TimelineRow]:
    """One row per enrolment that the user may see, on the run's first day."""
    rows = Enrolment.objects.visible_to(user).filter(learner=learner)
    shares = attendance_shares(rows)
    runs = CourseRun.objects.visible_to(user).filter(enrolments__learner=learner)
    seen = set(runs.values_list("pk", flat=True))
    return [
        _row(row, shares[row.pk], row.run_id in seen)
        for row in rows.select_related("run__course", "run__host_region")
    ]


def _row(enrolment: Enrolment, share: AttendanceShare, is_seen: bool) -> TimelineRow:
    run = enrolment.run
    kind, icon = CHIPS[Status(enrolment.status)]
    detail = run.host_region.name
    if share.held:
        words = _("attended %(attended)d of %(held)d sessions, %(hours)d hours")
        detail = f"{detail} · {words % vars(share)}"
    return TimelineRow(
        on=enrolment.completed_on or run.starts_on,
        kind="book",
        title=run.dated_title,
        detail=detail,
        chip=(kind, icon, enrolment.get_status_display()),
        href=reverse("courses:run_detail", args=[run.pk]) if is_seen else "",
        done=enrolment.status != Status.WAITING,
    )


def trained(year: int | None = None) -> Q:
    """Learners who attended at least one counted session, in `year` if given."""
    counted = ClassSession.objects.counted()
    if year is not None:
        counted = counted.filter(starts_at__year=year)
    attended = AttendanceState.objects.filter(session__in=counted.values("pk"), status__in=ATTENDED)
    return Q(pk__in=attended.values("learner_id"))
