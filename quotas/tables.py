"""The columns of the lists: plans, and what inspectors found."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_tables2 import A, Column

from lms.lists import DayColumn, FigureColumn, ListTable
from lms.templatetags.ui import chip, day, mask
from quotas.models import CheckItem, Plan

FINDING_LOOKS = {
    CheckItem.Finding.CONFIRMED: ("good", "check"),
    CheckItem.Finding.DENIED: ("bad", "cross"),
    CheckItem.Finding.UNREACHED: ("warn", "alert"),
}


class PlanTable(ListTable):
    caption = gettext_lazy("Plans")
    empty_icon = "flag"
    empty_title = gettext_lazy("No plan yet")
    empty_text = gettext_lazy(
        "Plans are laid down by the administration; those with a quota for your regions stand here."
    )

    doc_no = Column(
        verbose_name=gettext_lazy("Document number"),
        linkify=("quotas:plan_detail", [A("pk")]),
        empty_values=(),
    )
    title = Column(verbose_name=gettext_lazy("Title"))
    starts_on = Column(verbose_name=gettext_lazy("Period"))
    issued_on = DayColumn(verbose_name=gettext_lazy("Issued on"))
    edition = FigureColumn(verbose_name=gettext_lazy("Edition"))
    state = Column(verbose_name=gettext_lazy("State"), empty_values=(), orderable=False)

    def render_doc_no(self, value: str, record: Plan) -> str:
        return value or record.title

    def render_starts_on(self, record: Plan) -> SafeString:
        return format_html("{} ~ {}", day(record.starts_on), day(record.ends_on))

    def value_starts_on(self, record: Plan) -> str:
        return f"{record.starts_on} ~ {record.ends_on}"

    def render_state(self, record: Plan) -> SafeString:
        if hasattr(record, "superseded_by"):
            return chip("mute", "history", _("revised"))
        return chip("good", "check", _("in force"))


class CheckTable(ListTable):
    caption = gettext_lazy("Items drawn")
    empty_icon = "check"
    empty_title = gettext_lazy("No item has been drawn yet")
    empty_text = gettext_lazy(
        "Samples of counted enrolments are drawn by the administration; what inspectors find"
        " stands here."
    )

    learner = Column(
        verbose_name=gettext_lazy("Name, identity number"),
        accessor="enrolment__learner",
        order_by="enrolment__learner__name",
    )
    home = Column(
        verbose_name=gettext_lazy("Home village"),
        accessor="enrolment__home_region",
        order_by="enrolment__home_region__path",
    )
    run = Column(
        verbose_name=gettext_lazy("Course run"),
        accessor="enrolment__run",
        order_by="enrolment__run__starts_on",
    )
    level = Column(verbose_name=pgettext_lazy("quota", "Check"), accessor="plan__level")
    inspector = Column(
        verbose_name=pgettext_lazy("quota", "Inspector"), order_by="inspector__display_name"
    )
    finding = Column(verbose_name=pgettext_lazy("quota", "Finding"), empty_values=())
    checked_at = DayColumn(verbose_name=gettext_lazy("Checked at"), moment=True)

    def render_learner(self, value: Any) -> SafeString:
        return format_html(
            '<a href="{}">{}</a><span class="cap">{}</span>',
            reverse("learners:learner_detail", args=[value.pk]),
            value.name,
            mask(value.masked_id),
        )

    def value_learner(self, value: Any) -> str:
        return f"{value.name} {value.masked_id}"

    def render_home(self, value: Any) -> SafeString:
        above = value.parent.name if value.parent else ""
        return format_html('{}<span class="cap">{}</span>', value.name, above)

    def value_home(self, value: Any) -> str:
        return f"{value.parent.name} {value.name}" if value.parent else str(value.name)

    def render_run(self, value: Any) -> str:
        return str(value.dated_title)

    def render_level(self, record: CheckItem) -> str:
        return record.plan.get_level_display()

    def render_inspector(self, value: Any) -> str:
        return str(value.get_full_name())

    def render_finding(self, record: CheckItem) -> SafeString:
        if not record.finding:
            return chip("mute", "clock", _("To do"))
        return chip(*FINDING_LOOKS[CheckItem.Finding(record.finding)], record.get_finding_display())

    def value_finding(self, record: CheckItem) -> str:
        return record.get_finding_display() if record.finding else _("To do")


class OwnCheckTable(CheckTable):
    """An inspector's: the name leads to what is to be recorded, and nobody else stands in it."""

    empty_title = gettext_lazy("Nothing to check")
    empty_text = gettext_lazy("Items drawn for you stand here.")

    learner = Column(
        verbose_name=gettext_lazy("Name, identity number"),
        accessor="enrolment__learner",
        linkify=("quotas:check_record", [A("pk")]),
        order_by="enrolment__learner__name",
    )
    inspector = None
