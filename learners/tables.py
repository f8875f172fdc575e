"""The list of learners: its columns and its filters."""

from html import escape
from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from learners.models import Audience, Learner
from learners.queries import (
    holding_role,
    household_type_choices,
    knows_training,
    names_of_types,
    of_household_type,
    search_learners,
    trained,
)
from lms.lib.periods import today
from lms.lib.scope import CODE_LENGTH
from lms.lists import Filters, ListTable
from regions.models import Region

ALL = gettext_lazy("All of them")
#: The first year that the rosters and plans of the programme speak of.
FIRST_YEAR = 2014
LEVEL_LENGTHS = (2, 4, 6, 9, CODE_LENGTH)
INDENT = "\u3000"
#: Stands for a person in an address that is worked out once for all of them.
NOBODY = str(UUID(int=0))


def home_cell(region: Region) -> Any:
    if region.level == Region.Level.VILLAGE and region.parent:
        return format_html('{}<span class="cap">{}</span>', region.name, region.parent.name)
    return region.name


class LearnerTable(ListTable):
    caption = gettext_lazy("Learners")
    empty_icon = "users"
    empty_title = gettext_lazy("No learner is registered in this region")
    empty_text = gettext_lazy("Learners come from the rosters that a clerk imports.")

    name = tables.Column(verbose_name=gettext_lazy("Full name"), order_by=("initials", "name"))
    number = tables.Column(
        verbose_name=gettext_lazy("ID number"), accessor="masked_id", orderable=False
    )
    phone = tables.Column(
        verbose_name=gettext_lazy("Telephone"), accessor="masked_phone", orderable=False
    )
    home = tables.Column(
        verbose_name=gettext_lazy("Village / township"),
        accessor="home_region",
        order_by="home_region__path",
    )
    household_type = tables.Column(
        verbose_name=gettext_lazy("Household type"), accessor="pk", orderable=False
    )

    def prepare(self, records: list[Learner]) -> None:
        self.address = reverse("learners:learner_detail", args=[UUID(int=0)])
        #: The neighbours of one village stand together.
        self.homes = {region.pk: home_cell(region) for region in {r.home_region for r in records}}
        self.types = names_of_types([record.pk for record in records])

    def render_household_type(self, value: Any) -> str:
        return self.types.get(value, "—")

    def render_name(self, record: Learner) -> Any:
        href = self.address.replace(NOBODY, str(record.pk))
        return mark_safe(f'<a href="{href}">{escape(record.name)}</a>')  # noqa: S308 - escaped

    def render_number(self, value: str) -> Any:
        shown = escape(value)
        return mark_safe(f'<bdi dir="ltr" class="mono nowrap">{shown}</bdi>')  # noqa: S308

    render_phone = render_number

    def render_home(self, value: Region) -> Any:
        return self.homes[value.pk]


def places_below(region: Region, chosen: str) -> list[tuple[str, str]]:
    """What the filter of places offers: the next level, and under what is chosen the next one, so
    that one choice after the other leads down to a village. In one query."""
    above = [region.code]
    if chosen.startswith(region.code):
        above += [chosen[:n] for n in LEVEL_LENGTHS if len(region.code) < n <= len(chosen)]
    rows = Region.objects.current().filter(parent__path__in=above).order_by("path")
    depths = {code: depth for depth, code in enumerate(above)}
    found = rows.values_list("code", "name", "parent__path")
    return [(code, INDENT * depths[parent] + name) for code, name, parent in found]


class LearnerFilters(Filters):
    """`request` brings the user and, as `learner_region`, the region that the list is about."""

    search_label = gettext_lazy("Name, initials or number")
    posted_to = "learners:learner_find"

    place = django_filters.ChoiceFilter(
        label=gettext_lazy("Place"), method="in_place", empty_label=ALL
    )
    role = django_filters.ChoiceFilter(
        label=gettext_lazy("Role"),
        choices=Audience.choices,
        method="with_role",
        empty_label=ALL,
    )
    type = django_filters.ChoiceFilter(
        label=gettext_lazy("Household type"), method="of_type", empty_label=ALL
    )
    trained = django_filters.ChoiceFilter(
        label=gettext_lazy("Training"),
        choices=[("1", gettext_lazy("Trained")), ("0", gettext_lazy("Not trained"))],
        method="by_training",
        empty_label=ALL,
    )
    year = django_filters.ChoiceFilter(
        label=gettext_lazy("Year of training"), method="by_year", empty_label=ALL
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region: Region = self.request.learner_region
        self.filters["place"].extra["choices"] = places_below(region, self.data.get("place", ""))
        self.filters["type"].extra["choices"] = household_type_choices()
        years = range(today().year, FIRST_YEAR - 1, -1)
        self.filters["year"].extra["choices"] = [(str(year), str(year)) for year in years]
        if not knows_training():
            del self.filters["trained"], self.filters["year"]

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return search_learners(queryset, value)

    def in_place(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.under(value)

    def with_role(self, queryset: Any, name: str, value: str) -> Any:
        return holding_role(queryset, value, today())

    def of_type(self, queryset: Any, name: str, value: str) -> Any:
        return of_household_type(queryset, value, today())

    def by_training(self, queryset: Any, name: str, value: str) -> Any:
        """Together with a year: trained, or not, in that year."""
        condition = trained(self._year())
        if condition is None:
            return queryset
        return queryset.filter(condition) if value == "1" else queryset.exclude(condition)

    def by_year(self, queryset: Any, name: str, value: str) -> Any:
        condition = trained(self._year())
        if condition is None or self.form.cleaned_data.get("trained"):
            return queryset
        return queryset.filter(condition)

    def _year(self) -> int | None:
        year = self.form.cleaned_data.get("year")
        return int(year) if year else None
