"""A clerk's runs: list, plan, look at, change, complete."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_tables2 import Column

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from courses import actions
from courses.actions import CourseError
from courses.forms import CourseFilters, CourseForm, ReasonForm, RunDatesForm, RunFilters, RunForm
from courses.models import ClassSession, CourseRun, Enrolment
from courses.queries import (
    AttendanceShare,
    attendance_shares,
    completion_outcomes,
    courses_with_runs,
    session_tallies,
    unfinished_sessions,
    with_sequence,
)
from courses.tasks import may_print
from courses.views.access import may_mark, may_plan, planned_run, seen_run
from lms.lib.scope import Role, under
from lms.lists import DayColumn, FigureColumn, ListTable, list_page
from lms.templatetags.ui import chip

RUN_LOOKS = {
    CourseRun.Status.DRAFT: ("mute", "pencil"),
    CourseRun.Status.OPEN: ("info", "flag"),
    CourseRun.Status.RUNNING: ("info", "clock"),
    CourseRun.Status.CLOSED: ("good", "check"),
    CourseRun.Status.CANCELLED: ("mute", "cross"),
}


def run_chip(run: CourseRun) -> SafeString:
    kind, icon = RUN_LOOKS[CourseRun.Status(run.status)]
    return chip(kind, icon, run.get_status_display())


class RunTable(ListTable):
    caption = gettext_lazy("Course runs")
    empty_icon = "book"
    empty_title = gettext_lazy("No course runs yet")
    empty_text = gettext_lazy("A county clerk plans the first one here.")

    course = Column(verbose_name=gettext_lazy("Course run"), order_by=("year", "number"))
    host_region = Column(verbose_name=gettext_lazy("Host region"), accessor="host_region__name")
    starts_on = DayColumn(verbose_name=gettext_lazy("First day"))
    ends_on = DayColumn(verbose_name=gettext_lazy("Last day"))
    taken = FigureColumn(verbose_name=gettext_lazy("Enrolled (people)"))
    capacity = FigureColumn(verbose_name=gettext_lazy("Places"))
    status = Column(verbose_name=gettext_lazy("State"))

    def render_course(self, record: CourseRun) -> SafeString:
        href = reverse("courses:run_detail", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, record.dated_title)

    def value_course(self, record: CourseRun) -> str:
        return record.dated_title

    def render_status(self, record: CourseRun) -> SafeString:
        return run_chip(record)

    def value_status(self, record: CourseRun) -> str:
        return record.get_status_display()


@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK, Role.OFFICIAL, Role.TRAINER):
        raise PermissionDenied
    rows = CourseRun.objects.visible_to(user).select_related("course", "host_region")
    if user.scope.has(Role.CLERK, Role.OFFICIAL) and "region" in request.GET:
        region = current_region(request, Role.CLERK, Role.OFFICIAL)
        rows = rows.filter(under("host_region__path", [region.path]))
    taken = Q(enrolments__status__in=[Enrolment.Status.ENROLLED, Enrolment.Status.COMPLETED])
    return list_page(
        request,
        "courses/run_list.html",
        table=RunTable,
        # Counting drops the order of the model, so it is asked for.
        rows=rows.annotate(taken=Count("enrolments", filter=taken)).order_by(
            "-starts_on", "-number", "pk"
        ),
        filters=RunFilters,
        export_name=_("Course runs"),
        context={"may_plan": user.scope.has(Role.CLERK)},
    )


def _clerk(request: HttpRequest) -> User:
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK):
        raise PermissionDenied
    return user


@require_http_methods(["GET", "POST"])
def run_create(request: HttpRequest) -> HttpResponse:
    user = _clerk(request)
    region = current_region(request, Role.CLERK)
    form = RunForm(
        request.POST or None,
        prefixes=user.scope.prefixes(Role.CLERK),
        initial={"host_region": region.name},
    )
    if request.method == "POST" and form.is_valid():
        try:
            run = actions.plan_run(**form.cleaned_data, actor=user)
        except CourseError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Planned: %(run)s") % {"run": run.title})
            return redirect("courses:run_detail", pk=run.pk)
    return render(request, "courses/run_create.html", {"form": form})


@require_GET
def run_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, run = seen_run(request, pk)
    return render(request, "courses/run_detail.html", _run_page(user, run))


def _run_page(user: User, run: CourseRun) -> dict[str, Any]:
    sessions = list(
        with_sequence(ClassSession.objects.visible_to(user).filter(run=run))
        .select_related("site", "instructor", "run__host_region")
        .order_by("starts_at")
    )
    tallies = session_tallies(sessions)
    rows = Enrolment.objects.visible_to(user).filter(run=run)
    shares = attendance_shares(rows)
    people = rows.select_related("learner", "home_region__parent").order_by(
        "learner__initials", "learner__name", "pk"
    )
    by_status: dict[str, list[tuple[Enrolment, AttendanceShare]]] = {}
    for row in people:
        by_status.setdefault(row.status, []).append((row, shares[row.pk]))
    status = Enrolment.Status
    roster = by_status.get(status.ENROLLED, []) + by_status.get(status.COMPLETED, [])
    waiting = sorted(by_status.get(status.WAITING, []), key=lambda pair: pair[0].pk)
    is_open = run.status not in {CourseRun.Status.CLOSED, CourseRun.Status.CANCELLED}
    return {
        "run": run,
        "run_chip": run_chip(run),
        "sessions": [(row, tallies[row.pk], may_mark(user, row)) for row in sessions],
        "roster": sorted(roster, key=lambda pair: (pair[0].learner.initials, pair[0].learner.name)),
        "waiting": waiting,
        "withdrawn": by_status.get(status.WITHDRAWN, []),
        "taken": len(roster),
        "free": max(run.capacity - len(roster), 0),
        "share_due": int(run.completion_rule.min_attendance * 100),
        "may_plan": may_plan(user, run),
        "may_edit": may_plan(user, run) and is_open,
        "may_print": may_print(user, run),
    }


@require_http_methods(["GET", "POST"])
def run_update(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, run = planned_run(request, pk)
    initial = {"starts_on": run.starts_on, "ends_on": run.ends_on, "capacity": run.capacity}
    form = RunDatesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_run(run=run, **form.cleaned_data, actor=user)
        except CourseError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("courses:run_detail", pk=pk)
    return render(request, "courses/run_update.html", {"form": form, "run": run})


@require_POST
def run_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, run = planned_run(request, pk)
    try:
        actions.open_run(run=run, actor=user)
    except CourseError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The run is open for enrolment."))
    return redirect("courses:run_detail", pk=pk)


@require_http_methods(["GET", "POST"])
def run_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, run = planned_run(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_run(run=run, reason=form.cleaned_data["reason"], actor=user)
        except CourseError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The run is cancelled."))
            return redirect("courses:run_detail", pk=pk)
    return render(request, "courses/run_cancel.html", {"form": form, "run": run})


@require_http_methods(["GET", "POST"])
def run_complete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who would complete, who would not and why; then once and for all."""
    user, run = planned_run(request, pk)
    if request.method == "POST":
        try:
            result = actions.complete_run(run=run, actor=user)
        except CourseError as error:
            messages.error(request, str(error.message))
            return redirect("courses:run_complete", pk=pk)
        messages.success(
            request, _("%(count)d people completed the run.") % {"count": result.completed}
        )
        return redirect("courses:run_detail", pk=pk)
    outcomes = completion_outcomes(run)
    page = {
        "run": run,
        "completing": [outcome for outcome in outcomes if outcome.completes],
        "others": [outcome for outcome in outcomes if not outcome.completes],
        "unfinished": with_sequence(unfinished_sessions(run)).order_by("starts_at"),
        "share_due": int(run.completion_rule.min_attendance * 100),
        "is_done": run.status in {CourseRun.Status.CLOSED, CourseRun.Status.CANCELLED},
    }
    return render(request, "courses/run_complete.html", page)


# --- courses --------------------------------------------------------------------------------------
class CourseTable(ListTable):
    caption = gettext_lazy("Courses")
    empty_icon = "book"
    empty_title = gettext_lazy("No courses yet")
    empty_text = gettext_lazy("A course says what is taught and for whom; runs deliver it.")

    title = Column(verbose_name=gettext_lazy("Course"))
    audience = Column(verbose_name=gettext_lazy("Audience"))
    hours = FigureColumn(verbose_name=gettext_lazy("Hours (45 minutes)"))
    run_count = FigureColumn(verbose_name=gettext_lazy("Runs"))


@require_GET
def course_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK, Role.OFFICIAL):
        raise PermissionDenied
    seen = CourseRun.objects.visible_to(user)
    rows = courses_with_runs(seen)
    return list_page(
        request,
        "courses/course_list.html",
        table=CourseTable,
        rows=rows,
        filters=CourseFilters,
        export_name=_("Courses"),
        context={"may_plan": user.scope.has(Role.CLERK)},
    )


@require_http_methods(["GET", "POST"])
def course_create(request: HttpRequest) -> HttpResponse:
    user = _clerk(request)
    form = CourseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_course(**form.cleaned_data, actor=user)
        messages.success(request, _("The course can be planned now."))
        return redirect("courses:course_list")
    return render(request, "courses/course_create.html", {"form": form})
