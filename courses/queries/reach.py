"""What this app tells the learners app: whom a person reaches, and rows of a timeline."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from courses.models import (
    ATTENDED,
    AttendanceState,
    ClassSession,
    CourseRun,
    Enrolment,
    EnrolmentQuerySet,
)
from courses.queries.progress import AttendanceShare, attendance_shares
from learners.models import Household, Learner
from learners.queries import Panel, SheetTable, TimelineRow
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
    detail = [run.host_region.name, _("enrolled: %(source)s") % {"source": _source(enrolment)}]
    if share.held:
        words = _("attended %(attended)d of %(held)d sessions, %(hours)d hours")
        detail += [words % share._asdict(), f"{share.per_cent or 0:.0f} %"]
    return TimelineRow(
        on=enrolment.completed_on or run.starts_on,
        kind="book",
        title=run.dated_title,
        detail=" · ".join(detail),
        chip=(kind, icon, enrolment.get_status_display()),
        href=reverse("courses:run_detail", args=[run.pk]) if is_seen else "",
        done=enrolment.status != Status.WAITING,
    )


def _source(enrolment: Enrolment) -> str:
    return str(enrolment.get_source_display())


def training_panel(learner: Learner, user: User) -> Panel | None:
    """All classes in figures; None for who sees none of them."""
    rows = Enrolment.objects.visible_to(user).filter(learner=learner)
    shares = attendance_shares(rows)
    if not shares:
        return None
    attended = sum(share.attended for share in shares.values())
    held = sum(share.held for share in shares.values())
    context: dict[str, object] = {
        "learner": learner,
        "times": sum(share.attended > 0 for share in shares.values()),
        "enrolled": len(shares),
        "hours": sum(share.hours for share in shares.values()),
        "attended": attended,
        "held": held,
        "per_cent": attended * 100 / held if held else None,
        "completed": rows.completed().count(),
    }
    return Panel("courses/_training_panel.html", context)


# --- On paper -----------------------------------------------------------------------------------
def class_table(learner: Learner, user: User) -> SheetTable:
    rows = Enrolment.objects.visible_to(user).filter(learner=learner)
    return SheetTable(
        title=_("Classes attended"),
        heads=_class_heads(),
        rows=_class_rows(rows),
        none=_("No class is recorded."),
        widths=(32, 25, 7, 9, 9, 9, 13),
        figures=(2, 3, 4),
    )


def household_class_table(household: Household, user: User) -> SheetTable:
    """Classes in which somebody was enrolled as one of this household."""
    rows = Enrolment.objects.visible_to(user).filter(household=household)
    return SheetTable(
        title=_("Classes attended"),
        heads=[_("Full name"), *_class_heads()],
        rows=_class_rows(rows, with_name=True),
        none=_("No class is recorded."),
        widths=(14, 22, 28, 7, 8, 10, 10, 15),
        figures=(3, 4, 5),
    )


def _class_heads() -> list[str]:
    return [
        _("Class"), _("Dates"), _("Hours"), _("Attended"), _("Share"), _("Result"), _("Result on"),
    ]  # fmt: skip


def _class_rows(rows: EnrolmentQuerySet, *, with_name: bool = False) -> list[tuple[str, ...]]:
    shares = attendance_shares(rows)
    found = rows.select_related("run__course", "run__host_region", "learner")
    return [_class_row(row, shares[row.pk], with_name) for row in found.order_by("-run__starts_on")]


def _class_row(row: Enrolment, share: AttendanceShare, with_name: bool) -> tuple[str, ...]:
    cells = (
        row.run.title,
        f"{row.run.starts_on} ~ {row.run.ends_on}",
        str(share.hours),
        f"{share.attended}/{share.held}" if share.held else "—",
        f"{share.per_cent:.0f} %" if share.per_cent is not None else "—",
        str(row.get_status_display()),
        str(row.completed_on or row.withdrawn_on or row.enrolled_on),
    )
    return (row.learner.name, *cells) if with_name else cells


def trained(year: int | None = None) -> Q:
    """Learners who attended at least one counted session, in `year` if given."""
    counted = ClassSession.objects.counted()
    if year is not None:
        counted = counted.filter(starts_at__year=year)
    attended = AttendanceState.objects.filter(session__in=counted.values("pk"), status__in=ATTENDED)
    return Q(pk__in=attended.values("learner_id"))
