"""The tables and filters of the register pages."""

from typing import Any

import django_filters
import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from learners.models import (
    LeaderCategory,
    Learner,
    Register,
    RegisterAdjustment,
    RegisterEntry,
)
from learners.queries import (
    Subject,
    entries_by_training,
    entries_in,
    search_entries,
    subject_on,
    trained,
)
from learners.tables import home_cell
from lms.lists import FIND, DayColumn, FigureColumn, Filters, ListTable
from lms.templatetags import ui
from regions.models import Region

ALL = gettext_lazy("All of them")
YES_NO = [("1", gettext_lazy("yes")), ("0", gettext_lazy("no")), ("?", gettext_lazy("not said"))]
Purpose = Register.Purpose
#: Which columns a register of each purpose shows besides who, where and since when.
_COLUMNS = {
    Purpose.ABLE_WILLING: {"able", "willing", "intention", "surveyed"},
    Purpose.CADRES: {"kind"},
    Purpose.QUALIFYING_VILLAGES: {"reason"},
    Purpose.LEADERS: {"category", "project", "income", "drive"},
}
_OPTIONAL = set().union(*_COLUMNS.values())


def subject_name(subject: Subject) -> str:
    """Of a household the head and the number: the number alone says nothing to a reader."""
    if isinstance(subject, Learner | Region):
        return subject.name
    return f"{subject.head.name} {subject.number}" if subject.head else subject.number


def subject_cell(entry: RegisterEntry) -> Any:
    name = subject_name(subject_on(entry))
    if entry.village:
        return name
    page, key = (
        ("learner", entry.learner_id) if entry.learner else ("household", entry.household_id)
    )
    return format_html('<a href="{}">{}</a>', reverse(f"learners:{page}_detail", args=[key]), name)


class RegisterTable(ListTable):
    caption = gettext_lazy("Registers")
    empty_icon = "list"
    empty_title = gettext_lazy("No register was opened for this region yet")
    empty_text = gettext_lazy("A sealed edition of a register is what coverage rates divide by.")

    purpose = tables.Column(verbose_name=gettext_lazy("Purpose"))
    region = tables.Column(verbose_name=gettext_lazy("Region"), order_by="region__path")
    year = tables.Column(verbose_name=gettext_lazy("Year"))
    lists = tables.Column(verbose_name=pgettext_lazy("register", "Lists"), accessor="subject")
    editions = FigureColumn(verbose_name=gettext_lazy("Editions"), accessor="edition_count")
    sealed_at = DayColumn(
        verbose_name=gettext_lazy("Last sealed"), accessor="last_sealed", moment=True
    )

    def render_purpose(self, record: Register) -> Any:
        href = reverse("learners:register_detail", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, record.get_purpose_display())

    def value_purpose(self, record: Register) -> str:
        return str(record.get_purpose_display())

    def render_lists(self, record: Register) -> str:
        return str(record.get_subject_display())


class RegisterFilters(Filters):
    search_fields = ("region__name",)
    search_label = gettext_lazy("Region")

    purpose = django_filters.ChoiceFilter(
        label=gettext_lazy("Purpose"), choices=Purpose.choices, empty_label=ALL
    )
    year = django_filters.NumberFilter(label=gettext_lazy("Year"))


class EntryTable(ListTable):
    caption = gettext_lazy("On the register today")
    empty_icon = "users"
    empty_title = gettext_lazy("Nobody is on this edition")
    empty_text = gettext_lazy("Import a roster onto the register, or take people from the archive.")

    subject = tables.Column(
        verbose_name=gettext_lazy("On the list"), accessor="pk", order_by="learner__name"
    )
    number = tables.Column(verbose_name=gettext_lazy("ID number"), accessor="pk", orderable=False)
    home = tables.Column(
        verbose_name=gettext_lazy("Region at the seal"),
        accessor="region_at_seal",
        order_by="region_at_seal__path",
    )
    able = tables.BooleanColumn(verbose_name=gettext_lazy("Able"))
    willing = tables.BooleanColumn(verbose_name=gettext_lazy("Willing"))
    intention = tables.Column(verbose_name=gettext_lazy("Intention"), orderable=False)
    surveyed = tables.Column(
        verbose_name=gettext_lazy("Surveyed"), accessor="pk", order_by="surveyed_on"
    )
    kind = tables.Column(verbose_name=gettext_lazy("Kind of cadre"))
    category = tables.Column(verbose_name=gettext_lazy("Category"))
    project = tables.Column(verbose_name=gettext_lazy("Project"), orderable=False)
    income = FigureColumn(
        verbose_name=gettext_lazy("Yearly income (yuan)"), accessor="yearly_income_yuan"
    )
    drive = FigureColumn(verbose_name=gettext_lazy("Households led"), accessor="drive_count")
    reason = tables.Column(verbose_name=gettext_lazy("Remark"), orderable=False)
    source = tables.Column(verbose_name=gettext_lazy("Since"), accessor="in_seal", orderable=False)
    act = tables.Column(
        verbose_name="",
        accessor="pk",
        orderable=False,
        attrs={"td": {"class": "nowrap"}, "th": {"class": ""}},
    )

    def __init__(
        self,
        *args: Any,
        purpose: str = Purpose.ABLE_WILLING,
        unit: str = "LEARNER",
        may_adjust: bool = False,
        may_change: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.may_change = may_change
        hidden = _OPTIONAL - _COLUMNS[Purpose(purpose)]
        hidden |= set() if unit == "LEARNER" else {"number"}
        hidden |= set() if may_adjust or may_change else {"act"}
        hidden |= {"source"} if may_change else set()
        for name in hidden:
            self.columns.hide(name)

    def render_subject(self, record: RegisterEntry) -> Any:
        return subject_cell(record)

    def value_subject(self, record: RegisterEntry) -> str:
        return subject_name(subject_on(record))

    def render_number(self, record: RegisterEntry) -> Any:
        text = record.learner.masked_id if record.learner else "—"
        return format_html('<bdi dir="ltr" class="mono nowrap">{}</bdi>', text)

    def render_home(self, record: RegisterEntry) -> Any:
        return home_cell(record.region_at_seal)

    def value_home(self, record: RegisterEntry) -> str:
        place = record.region_at_seal
        return f"{place.parent.name} {place.name}" if place.parent else place.name

    def render_able(self, value: bool | None) -> str:
        if value is None:
            return _("not said")
        return _("yes") if value else _("no")

    value_able = render_willing = value_willing = render_able

    def render_surveyed(self, record: RegisterEntry) -> str:
        day = record.surveyed_on.isoformat() if record.surveyed_on else ""
        return f"{record.surveyed_by} {day}".strip() or "—"

    def render_intention(self, record: RegisterEntry) -> str:
        return str(record.get_intention_display())

    def render_source(self, record: RegisterEntry) -> str:
        return _("the seal") if record.in_seal else _("an addition")

    value_source = render_source

    def render_act(self, record: RegisterEntry) -> Any:
        if self.may_change:
            href = reverse("learners:entry_update", args=[record.pk])
            return format_html('<a href="{}">{}</a>', href, _("Change"))
        href = reverse("learners:entry_adjust", args=[record.edition_id])
        words = pgettext("register", "Remove")
        return format_html('<a href="{}?entry={}">{}</a>', href, record.pk, words)

    def value_act(self, record: RegisterEntry) -> str:
        return ""


class EntryFilters(Filters):
    """The view puts the register and its editions on the request."""

    posted_to = FIND
    search_label = gettext_lazy("Name, initials, last four or number")

    edition = django_filters.ChoiceFilter(
        label=gettext_lazy("Edition"), method="of_edition", empty_label=gettext_lazy("Latest")
    )
    place = django_filters.ChoiceFilter(
        label=gettext_lazy("Place"), method="in_place", empty_label=ALL
    )
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind of cadre"), empty_label=ALL)
    category = django_filters.ChoiceFilter(
        label=gettext_lazy("Category"), choices=LeaderCategory.choices, empty_label=ALL
    )
    able = django_filters.ChoiceFilter(
        label=gettext_lazy("Able"), choices=YES_NO, empty_label=ALL, method="by_flag"
    )
    willing = django_filters.ChoiceFilter(
        label=gettext_lazy("Willing"), choices=YES_NO, empty_label=ALL, method="by_flag"
    )
    trained = django_filters.ChoiceFilter(
        label=gettext_lazy("Training"),
        choices=[("1", gettext_lazy("Trained")), ("0", gettext_lazy("Never trained"))],
        method="by_training",
        empty_label=ALL,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        register: Register = self.request.register
        self.places = {row.code: row for row in register.region.children.filter(ends_on=None)}
        self.filters["place"].extra["choices"] = [
            (row.code, row.name) for row in self.places.values()
        ]
        self.filters["kind"].extra["choices"] = register.kind_choices()
        self.filters["edition"].extra["choices"] = [
            (str(edition.no), str(edition.no)) for edition in self.request.register_editions
        ]
        for name in {"kind", "category", "able", "willing"} - _COLUMNS[Purpose(register.purpose)]:
            del self.filters[name]
        if trained() is None or register.subject == Register.Subject.VILLAGE:
            del self.filters["trained"]

    def of_edition(self, queryset: Any, name: str, value: str) -> Any:
        """The view has chosen the entries of the edition already."""
        return queryset

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return search_entries(queryset, value)

    def in_place(self, queryset: Any, name: str, value: str) -> Any:
        return entries_in(queryset, self.places[value])

    def by_flag(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(**{name: {"1": True, "0": False}.get(value)})

    def by_training(self, queryset: Any, name: str, value: str) -> Any:
        return entries_by_training(queryset, done=value == "1")


class BridgeTable(ListTable):
    """Each change since the seal; `changes` says what each did to the sum."""

    caption = gettext_lazy("Changes since the seal")
    empty_icon = "swap"
    empty_title = gettext_lazy("Nothing was changed since the seal")
    empty_text = gettext_lazy("The register of this day is the sealed edition.")

    happened_on = DayColumn(verbose_name=gettext_lazy("Day"))
    change = tables.Column(
        verbose_name=gettext_lazy("Addition or removal"), accessor="pk", orderable=False
    )
    who = tables.Column(verbose_name=gettext_lazy("On the list"), accessor="pk", orderable=False)
    place = tables.Column(
        verbose_name=gettext_lazy("Region"),
        accessor="entry__region_at_seal",
        order_by="entry__region_at_seal__path",
    )
    reason = tables.Column(verbose_name=gettext_lazy("Reason"))
    recorded = tables.Column(
        verbose_name=gettext_lazy("Recorded by"), accessor="pk", order_by="recorded_at"
    )

    def __init__(self, *args: Any, changes: dict[Any, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes = changes

    def render_change(self, record: RegisterAdjustment) -> Any:
        change = self.changes.get(record.pk, 0)
        if not change:
            words = _("%(kind)s, counted elsewhere") % {"kind": record.get_kind_display()}
            return ui.chip("mute", "swap", words)
        kind, icon = ("good", "plus") if change > 0 else ("warn", "minus")
        return ui.chip(kind, icon, record.get_kind_display())

    def value_change(self, record: RegisterAdjustment) -> int:
        return self.changes.get(record.pk, 0)

    def render_who(self, record: RegisterAdjustment) -> Any:
        return subject_cell(record.entry)

    def value_who(self, record: RegisterAdjustment) -> str:
        return subject_name(subject_on(record.entry))

    def render_place(self, record: RegisterAdjustment) -> Any:
        return home_cell(record.entry.region_at_seal)

    def value_place(self, record: RegisterAdjustment) -> str:
        place = record.entry.region_at_seal
        return f"{place.parent.name} {place.name}" if place.parent else place.name

    def render_recorded(self, record: RegisterAdjustment) -> Any:
        if record.recorded_by is None and record.recorded_at is None:
            return "—"
        who = str(record.recorded_by or "—")
        if record.recorded_at is None:
            return who
        return format_html('{}<span class="cap">{}</span>', who, ui.moment(record.recorded_at))


class BridgeFilters(Filters):
    as_of = django_filters.DateFilter(label=gettext_lazy("As of"), method="up_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["as_of"].field.widget.input_type = "date"

    def up_to(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.filter(happened_on__lte=value)
