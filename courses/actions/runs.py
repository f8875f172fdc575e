"""Plan a run, open it, change it, call it off."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.actions.enrolments import _freeze_again
from courses.actions.errors import CourseError
from courses.models import ClassSession, CompletionRule, Course, CourseRun
from courses.queries import county_of, enrolled_count, next_number
from lms.models import record_audit
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

Status = CourseRun.Status


@transaction.atomic
def plan_run(
    *,
    course: Course,
    host_region: Region,
    starts_on: date,
    ends_on: date,
    capacity: int,
    number: int | None = None,
    completion_rule: CompletionRule | None = None,
    actor: "User",
) -> CourseRun:
    """A draft run. `number` is the next of the county and year unless given."""
    _require_order(starts_on, ends_on)
    county = _locked_county(host_region)
    number = _free_number(county, starts_on.year, number)
    run = CourseRun.objects.create(
        course=course,
        host_region=host_region,
        county=county,
        year=starts_on.year,
        number=number,
        starts_on=starts_on,
        ends_on=ends_on,
        capacity=capacity,
        completion_rule=completion_rule or _rule_on(starts_on),
    )
    _audit("courses.run_planned", run, actor, number=number, course=str(course.pk))
    return run


@transaction.atomic
def edit_run(
    *, run: CourseRun, starts_on: date, ends_on: date, capacity: int, actor: "User"
) -> CourseRun:
    """New days or places; a run that moves to another year takes that year's next number."""
    _require_order(starts_on, ends_on)
    run = _locked(run)
    _require_open(run)
    _require_sessions_inside(run, starts_on, ends_on)
    _require_places(run, capacity)
    before = {"starts_on": str(run.starts_on), "ends_on": str(run.ends_on), "places": run.capacity}
    if starts_on.year != run.year:
        county = _locked_county(run.host_region)
        run.year, run.number = starts_on.year, next_number(county, starts_on.year)
    moved = starts_on != run.starts_on
    run.starts_on, run.ends_on, run.capacity = starts_on, ends_on, capacity
    run.save(update_fields=["starts_on", "ends_on", "capacity", "year", "number"])
    if moved:
        _freeze_again(run)
    after = {"starts_on": str(starts_on), "ends_on": str(ends_on), "places": capacity}
    _audit("courses.run_edited", run, actor, before=before, after=after)
    return run


@transaction.atomic
def open_run(*, run: CourseRun, actor: "User") -> CourseRun:
    run = _locked(run)
    if run.status != Status.DRAFT:
        raise CourseError("NOT_DRAFT", _("This run is open already."))
    _set_status(run, Status.OPEN)
    _audit("courses.run_opened", run, actor)
    return run


@transaction.atomic
def cancel_run(*, run: CourseRun, reason: str, actor: "User") -> CourseRun:
    """Call a run off: it counts nowhere any more, and its planned sessions are cancelled."""
    run = _locked(run)
    _require_open(run)
    if not reason.strip():
        raise CourseError("NO_REASON", _("Say why the run is cancelled: the log keeps it."))
    _set_status(run, Status.CANCELLED)
    planned = ClassSession.objects.filter(run=run, status=ClassSession.Status.PLANNED)
    planned.update(status=ClassSession.Status.CANCELLED)
    _audit("courses.run_cancelled", run, actor, reason=reason)
    return run


def _locked(run: CourseRun) -> CourseRun:
    rows = CourseRun.objects.select_for_update(of=("self",))
    return rows.select_related("host_region__parent", "completion_rule", "course").get(pk=run.pk)


def _locked_county(host_region: Region) -> Region:
    """The county, locked so that two planners do not take one number."""
    county = county_of(host_region)
    return Region.objects.select_for_update(of=("self",), no_key=True).get(pk=county.pk)


def _free_number(county: Region, year: int, number: int | None) -> int:
    if number is None:
        return next_number(county, year)
    if CourseRun.objects.filter(county=county, year=year, number=number).exists():
        free = next_number(county, year)
        message = _(
            "%(year)d already has a run no. %(number)d here. The next free one is %(free)d."
        )
        values = {"year": year, "number": number, "free": free}
        raise CourseError("NUMBER_TAKEN", message % values)
    return number


def _rule_on(day: date) -> CompletionRule:
    """The edition in force on `day`."""
    rule = CompletionRule.objects.filter(starts_on__lte=day).order_by("-edition").first()
    if rule is None:
        raise CourseError("NO_RULE", _("No completion rule is in force on the first day."))
    return rule


def _require_order(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise CourseError("DATES", _("The last day is before the first day. Check both dates."))


def _require_open(run: CourseRun) -> None:
    if run.status in {Status.CLOSED, Status.CANCELLED}:
        raise CourseError(
            "RUN_CLOSED", _("This run is completed or cancelled and cannot be changed any more.")
        )


def _require_sessions_inside(run: CourseRun, starts_on: date, ends_on: date) -> None:
    sessions = ClassSession.objects.filter(run=run).exclude(status=ClassSession.Status.CANCELLED)
    if sessions.exclude(held_on__gte=starts_on, held_on__lte=ends_on).exists():
        raise CourseError(
            "SESSIONS_OUTSIDE",
            _("Some sessions lie outside the new dates. Move or cancel those sessions first."),
        )


def _require_places(run: CourseRun, capacity: int) -> None:
    taken = enrolled_count(run)
    if capacity < taken:
        message = _("%(taken)d people are enrolled already: there cannot be fewer places.")
        raise CourseError("CAPACITY", message % {"taken": taken})


def _set_status(run: CourseRun, status: str) -> None:
    run.status = status
    run.save(update_fields=["status"])


def _audit(action: str, run: CourseRun, actor: "User", **detail: object) -> None:
    path = run.host_region.path
    record_audit(action, actor=actor, target=run, region_path=path, detail=detail)
