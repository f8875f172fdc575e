"""The people of one run as a list: to be searched, filtered and taken along as a file."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from django_tables2 import Column

from courses.forms import RunPeopleFilters
from courses.models import CourseRun, Enrolment
from courses.queries import AttendanceShare, attendance_shares
from courses.views.access import seen_run
from lms.lists import DayColumn, FigureColumn, ListTable, list_page
from lms.templatetags.ui import chip
from regions.models import Region

LOOKS = {
    Enrolment.Status.ENROLLED: ("info", "clock"),
    Enrolment.Status.WAITING: ("warn", "clock"),
    Enrolment.Status.COMPLETED: ("good", "check"),
}


class RunPeopleTable(ListTable):
    caption = gettext_lazy("People in the run")
    empty_icon = "users"
    empty_title = gettext_lazy("Nobody is enrolled yet")
    empty_text = gettext_lazy(
        "Enrol from a sealed register: people who were never trained stand first."
    )

    learner = Column(verbose_name=gettext_lazy("Name"), order_by="learner__initials")
    id_tail = Column(
        verbose_name=gettext_lazy("Last four"), accessor="learner__id_tail", default="—"
    )
    home_region = Column(verbose_name=gettext_lazy("Home"), order_by="home_region__path")
    source = Column(verbose_name=gettext_lazy("Enrolled through"))
    enrolled_on = DayColumn(verbose_name=gettext_lazy("Enrolled on"))
    attended = FigureColumn(
        verbose_name=gettext_lazy("Attended (sessions)"), empty_values=(), orderable=False
    )
    held = FigureColumn(
        verbose_name=gettext_lazy("Held (sessions)"), empty_values=(), orderable=False
    )
    share = FigureColumn(
        verbose_name=gettext_lazy("Attendance (%)"), empty_values=(), decimals=1, orderable=False
    )
    hours = FigureColumn(
        verbose_name=gettext_lazy("Hours (45 minutes)"), empty_values=(), orderable=False
    )
    status = Column(verbose_name=gettext_lazy("Result"))

    def __init__(
        self, *args: Any, shares: Mapping[uuid.UUID, AttendanceShare], run: CourseRun, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.shares, self.run = shares, run

    def render_learner(self, value: Any) -> str:
        return str(value.name)

    def render_home_region(self, value: Region) -> SafeString:
        above = value.parent.name if value.parent else ""
        return format_html('{}<span class="cap">{}</span>', value.name, above)

    def value_home_region(self, value: Region) -> str:
        return f"{value.parent.name} {value.name}" if value.parent else value.name

    def value_attended(self, record: Enrolment) -> int:
        return self.shares[record.pk].attended

    def value_held(self, record: Enrolment) -> int:
        return self.shares[record.pk].held

    def value_share(self, record: Enrolment) -> float | None:
        share = self.shares[record.pk].per_cent
        return None if share is None else round(float(share), 1)

    def value_hours(self, record: Enrolment) -> int:
        return self.shares[record.pk].hours

    def render_attended(self, record: Enrolment) -> Any:
        return self.columns["attended"].column.render(self.value_attended(record))

    def render_held(self, record: Enrolment) -> Any:
        return self.columns["held"].column.render(self.value_held(record))

    def render_share(self, record: Enrolment) -> Any:
        return self.columns["share"].column.render(self.value_share(record))

    def render_hours(self, record: Enrolment) -> Any:
        return self.columns["hours"].column.render(self.value_hours(record))

    def render_status(self, record: Enrolment) -> SafeString:
        kind, icon = LOOKS.get(Enrolment.Status(record.status), ("mute", "minus"))
        if self._is_left(record):
            kind, icon = "mute", "minus"
        return chip(kind, icon, self.value_status(record))

    def value_status(self, record: Enrolment) -> str:
        return _("Not completed") if self._is_left(record) else record.get_status_display()

    def _is_left(self, record: Enrolment) -> bool:
        """Enrolled to the end, and not completed."""
        closed = self.run.status == CourseRun.Status.CLOSED
        return closed and record.status == Enrolment.Status.ENROLLED


@require_GET
def run_people(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, run = seen_run(request, pk)
    rows = Enrolment.objects.visible_to(user).filter(run=run)
    shares = attendance_shares(rows)
    due = run.completion_rule.min_attendance * 100
    request.run_short = [  # type: ignore[attr-defined]
        key for key, share in shares.items() if share.held and (share.per_cent or 0) < due
    ]
    return list_page(
        request,
        "courses/run_people.html",
        table=RunPeopleTable,
        rows=rows.select_related("learner", "home_region__parent").order_by(
            "learner__initials", "learner__name"
        ),
        filters=RunPeopleFilters,
        export_name=run.dated_title,
        table_options={"shares": shares, "run": run},
        context={"run": run, "share_due": int(due)},
    )
