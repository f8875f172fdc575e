"""The archive: lists of learners, one learner, one household."""

from typing import Any

import django_filters
import django_tables2 as tables
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.queries import current_region, signed_in_user
from learners.forms import FindForm
from learners.models import (
    Audience,
    Learner,
)
from learners.queries import (
    find_by_number,
    holding_role,
    household_type_choices,
    household_type_name,
    of_household_type,
    search_learners,
    trained,
    with_households,
)
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lists import Filters, ListTable, list_page
from regions.models import Region

OFFICE = (Role.CLERK, Role.OFFICIAL)
ALL = gettext_lazy("All of them")


def home_cell(region: Region) -> Any:
    if region.level == Region.Level.VILLAGE and region.parent:
        return format_html('{}<span class="cap">{}</span>', region.name, region.parent.name)
    return region.name


class LearnerTable(ListTable):
    caption = gettext_lazy("Learners")
    empty_icon = "users"
    empty_title = gettext_lazy("No learner is registered in this region")
    empty_text = gettext_lazy("Learners come from the rosters that a clerk imports.")

    name = tables.Column(verbose_name=gettext_lazy("Full name"))
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

    def render_name(self, record: Learner) -> Any:
        href = reverse("learners:learner_detail", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, record.name)

    def value_name(self, record: Learner) -> str:
        return record.name

    def render_number(self, value: str) -> Any:
        return format_html('<bdi dir="ltr" class="mono nowrap">{}</bdi>', value)

    render_phone = render_number

    def render_home(self, value: Region) -> Any:
        return home_cell(value)

    def value_home(self, value: Region) -> str:
        return f"{value.parent.name} {value.name}" if value.parent else value.name

    def render_household_type(self, record: Learner) -> str:
        return household_type_name(record)


class LearnerFilters(Filters):
    search_label = gettext_lazy("Name, initials or last four")

    place = django_filters.ChoiceFilter(
        label=gettext_lazy("Place"), method="in_place", empty_label=ALL
    )
    role = django_filters.ChoiceFilter(
        label=gettext_lazy("Role held"),
        choices=Audience.choices,
        method="with_role",
        empty_label=ALL,
    )
    type = django_filters.ChoiceFilter(
        label=gettext_lazy("Household type"), method="of_type", empty_label=ALL
    )
    trained = django_filters.ChoiceFilter(
        label=gettext_lazy("Training"),
        choices=[("1", gettext_lazy("Trained")), ("0", gettext_lazy("Never trained"))],
        method="by_training",
        empty_label=ALL,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region: Region = self.request.learner_region
        self.places = {row.code: row for row in region.children.filter(ends_on__isnull=True)}
        self.filters["place"].extra["choices"] = [
            (row.code, row.name) for row in self.places.values()
        ]
        self.filters["type"].extra["choices"] = household_type_choices()
        if trained() is None:
            del self.filters["trained"]

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return search_learners(queryset, value)

    def in_place(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.within(self.places[value])

    def with_role(self, queryset: Any, name: str, value: str) -> Any:
        return holding_role(queryset, value, today())

    def of_type(self, queryset: Any, name: str, value: str) -> Any:
        return of_household_type(queryset, value, today())

    def by_training(self, queryset: Any, name: str, value: str) -> Any:
        condition = trained()
        if condition is None:
            return queryset
        return queryset.filter(condition) if value == "1" else queryset.exclude(condition)


@require_safe
def learner_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    region = current_region(request, *OFFICE)
    request.learner_region = region  # type: ignore[attr-defined]
    rows = Learner.objects.visible_to(user).live().within(region)
    return list_page(
        request,
        "learners/learner_list.html",
        table=LearnerTable,
        rows=with_households(rows).order_by("home_region__path", "name"),
        filters=LearnerFilters,
        export_name=_("learners"),
        context={
            "region": region,
            "find_form": FindForm(),
            "may_import": user.scope.has(Role.CLERK),
        },
    )


@require_POST
def learner_find(request: HttpRequest) -> HttpResponse:
    """A whole ID number or telephone; POST, so that it stands in no address and no log."""
    user = signed_in_user(request)
    if not user.scope.has(*OFFICE):
        raise PermissionDenied
    form = FindForm(request.POST)
    found = []
    if form.is_valid():
        rows = find_by_number(user, form.cleaned_data["number"])
        found = list(with_households(rows)[:50])
        if len(found) == 1:
            return redirect("learners:learner_detail", pk=found[0].pk)
    context = {"form": form, "found": [(row, household_type_name(row)) for row in found]}
    return render(request, "learners/learner_find.html", context)
