"""The columns of the lists, and how a place and the state of a follow-up are said."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_tables2 import A, Column

from incubation.models import FollowUpTask, IncubationCase
from learners.models import Learner
from lms.lib.periods import local_date, today
from lms.lists import DayColumn, FigureColumn, ListTable
from lms.templatetags.ui import chip
from regions.models import Region

#: Up to this many days late is a reminder, more is overdue in red.
LITTLE_LATE = 3


def place(region: Region) -> str:
    """Township and village, as people say where somebody lives."""
    return f"{region.parent.name} {region.name}" if region.parent else region.name


def late_words(days: int) -> str:
    return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}


def task_chip(task: FollowUpTask) -> SafeString:
    """Done in time or late, overdue by so many days, or due when."""
    if task.done_at is not None:
        days = (local_date(task.done_at) - task.due_on).days
        return (
            chip("warn", "clock", late_words(days))
            if days > 0
            else chip("good", "check", _("In time"))
        )
    days = (today() - task.due_on).days
    if days > LITTLE_LATE:
        return chip("bad", "alert", _("Overdue %(days)s days") % {"days": days})
    if days > 0:
        return chip("warn", "clock", _("Overdue %(days)s days") % {"days": days})
    if days == 0:
        return chip("info", "clock", _("Due today"))
    return chip("mute", "clock", _("In %(days)s days") % {"days": -days})


class CaseTable(ListTable):
    caption = gettext_lazy("Cases")
    empty_icon = "flag"
    empty_title = gettext_lazy("No cases yet")
    empty_text = gettext_lazy("A case follows a completed class: choose a learner to open one.")

    learner = Column(verbose_name=gettext_lazy("Name"), order_by="learner__name")
    home_region = Column(
        verbose_name=gettext_lazy("Township and village"), order_by="home_region__path"
    )
    stage = Column(verbose_name=gettext_lazy("Stage"))
    next_due_on = DayColumn(verbose_name=gettext_lazy("Next follow-up"))
    state = Column(
        verbose_name=gettext_lazy("State"), accessor="next_due_on", orderable=False, empty_values=()
    )
    opened_on = DayColumn(verbose_name=gettext_lazy("Case opened on"))
    assignee = Column(
        verbose_name=gettext_lazy("Field worker"), order_by="assignee__display_name", default="—"
    )

    def render_learner(self, value: Learner, record: IncubationCase) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("incubation:case_detail", args=[record.pk]), value.name
        )

    def value_learner(self, value: Learner) -> str:
        return value.name

    def render_home_region(self, value: Region) -> str:
        return place(value)

    def render_state(self, value: Any, record: IncubationCase) -> SafeString:
        if record.closed_on:
            return chip("mute", "minus", _("Case closed"))
        if value is None:
            return chip("good", "check", _("All done"))
        return task_chip(FollowUpTask(due_on=value))


class FollowUpTable(ListTable):
    caption = gettext_lazy("Follow-ups")
    empty_icon = "flag"
    empty_title = gettext_lazy("No follow-ups yet")
    empty_text = gettext_lazy("They are planned when a case is opened after a completed class.")

    learner = Column(
        verbose_name=gettext_lazy("Name"),
        accessor="case__learner",
        linkify=("incubation:case_detail", [A("case_id")]),
        order_by="case__learner__name",
    )
    home_region = Column(
        verbose_name=gettext_lazy("Township and village"),
        accessor="case__home_region",
        order_by="case__home_region__path",
    )
    stage = Column(verbose_name=gettext_lazy("Stage"))
    due_on = DayColumn(verbose_name=gettext_lazy("Due on"))
    state = Column(verbose_name=gettext_lazy("State"), orderable=False, empty_values=())
    done_at = DayColumn(verbose_name=gettext_lazy("Done on"))
    assignee = Column(
        verbose_name=gettext_lazy("Field worker"), order_by="assignee__display_name", default="—"
    )

    def render_learner(self, value: Learner) -> str:
        return value.name

    def render_home_region(self, value: Region) -> str:
        return place(value)

    def render_state(self, record: FollowUpTask) -> SafeString:
        if record.done_at is None and record.case.closed_on:
            return chip("mute", "minus", _("Case closed"))
        return task_chip(record)


class ShopTable(ListTable):
    caption = gettext_lazy("Shops")
    empty_icon = "shop"
    empty_title = gettext_lazy("No shops yet")
    empty_text = gettext_lazy("Shops are recorded with a visit, or on the page of a case.")

    name = Column(verbose_name=gettext_lazy("Shop"))
    owner = Column(verbose_name=gettext_lazy("Owner"), order_by="owner__name")
    home_region = Column(
        verbose_name=gettext_lazy("Township and village"), order_by="home_region__path"
    )
    platform = Column(verbose_name=gettext_lazy("Platform"))
    opened_on = DayColumn(verbose_name=gettext_lazy("Opened on"))
    sales_month = Column(verbose_name=gettext_lazy("Latest month"), default="—")
    sales_yuan = FigureColumn(
        verbose_name=gettext_lazy("Sales of that month (yuan)"), decimals=2, default="—"
    )

    def render_owner(self, value: Learner) -> str:
        return value.name

    def render_home_region(self, value: Region) -> str:
        return place(value)

    def render_sales_month(self, value: Any) -> str:
        return f"{value:%Y-%m}"


class CandidateTable(ListTable):
    caption = gettext_lazy("Completed a class, no case yet")
    empty_icon = "users"
    empty_title = gettext_lazy("Nobody is waiting for a case")
    empty_text = gettext_lazy(
        "Here stand the learners who completed a class and have no open case."
    )

    name = Column(verbose_name=gettext_lazy("Name"))
    home_region = Column(
        verbose_name=gettext_lazy("Township and village"), order_by="home_region__path"
    )
    course_title = Column(verbose_name=gettext_lazy("Course"))
    completed_on = DayColumn(verbose_name=gettext_lazy("Completed on"))

    def render_name(self, value: str, record: Learner) -> SafeString:
        address = reverse("incubation:case_open", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, value)

    def value_name(self, value: str) -> str:
        return value

    def render_home_region(self, value: Region) -> str:
        return place(value)
