"""What the pages of quotas take in."""

import uuid
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from learners.models import Audience
from lms.lib.periods import today
from lms.lists import FIND, Filters
from quotas.models import CheckItem, CheckPlan, Plan, Quota
from quotas.queries.board import Choice
from regions.models import Region

Targets = dict[Region, Decimal]
#: Figures of the month before are asked for too, and a calendar has a first day.
EARLIEST = date(1900, 1, 1)


class PlanFilters(Filters):
    search_fields: ClassVar = ("doc_no", "title")
    search_label = _("Document number or title")

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("in_force", _("in force")), ("revised", _("revised"))],
        empty_label=_("All"),
        method="of_state",
    )

    def of_state(self, rows: QuerySet[Plan], name: str, value: str) -> QuerySet[Plan]:
        return rows.filter(superseded_by__isnull=value == "in_force")


class CheckFilters(Filters):
    posted_to = FIND
    search_fields: ClassVar = (
        "enrolment__learner__name",
        "enrolment__learner__initials",
        "enrolment__run__course__title",
        "enrolment__home_region__name",
        "enrolment__home_region__parent__name",
    )
    search_label = _("Name, course, township or village")

    finding = django_filters.ChoiceFilter(
        label=pgettext_lazy("quota", "Finding"),
        choices=[("TO_DO", _("To do")), *CheckItem.Finding.choices],
        empty_label=_("All"),
        method="of_finding",
    )
    level = django_filters.ChoiceFilter(
        label=pgettext_lazy("quota", "Check"),
        field_name="plan__level",
        choices=CheckPlan.Level.choices,
        empty_label=_("All"),
    )

    def of_finding(self, rows: QuerySet[CheckItem], name: str, value: str) -> QuerySet[CheckItem]:
        return rows.filter(finding="" if value == "TO_DO" else value)


class BoardForm(forms.Form):
    """The filter bar. A day to come is today: nothing is known of it."""

    as_of = forms.DateField(required=False)
    plan = forms.UUIDField(required=False)
    period = forms.DateField(required=False)
    audience = forms.ChoiceField(choices=[("", _("All")), *Audience.choices], required=False)
    quota = forms.UUIDField(required=False)

    def clean_as_of(self) -> date:
        given: date | None = self.cleaned_data["as_of"]
        if given and given < EARLIEST:
            raise forms.ValidationError("a day before all records", code="too_early")
        return min(given or today(), today())

    def choice(self) -> Choice:
        given = self.cleaned_data
        quota: uuid.UUID | None = given["quota"]
        return Choice(given["as_of"], given["plan"], given["period"], given["audience"], quota)


class ExplainForm(forms.Form):
    as_of = forms.DateField(required=False)
    audience = forms.ChoiceField(choices=[("", _("All")), *Audience.choices], required=False)
    verdict = forms.ChoiceField(
        choices=[("", ""), ("yes", ""), ("no", ""), ("pending", "")], required=False
    )
    reason = forms.SlugField(required=False)

    clean_as_of = BoardForm.clean_as_of


class CascadeForm(forms.Form):
    """One figure per child, and the reserve; whether they add up is the action's to say."""

    reserve = forms.DecimalField(label=_("Reserve"), min_value=0, max_digits=14, decimal_places=2)

    def __init__(self, *args: Any, quota: Quota, children: Iterable[Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.regions = {f"region_{child.code}": child for child in children}
        targets = dict(quota.children.values_list("region_id", "target"))
        self.fields["reserve"].initial = int(quota.reserve)
        for name, child in self.regions.items():
            given = targets.get(child.pk)
            self.fields[name] = forms.DecimalField(
                label=child.name,
                min_value=0,
                max_digits=14,
                decimal_places=2,
                required=False,
                initial=int(given) if given is not None else None,
            )

    def targets(self) -> Targets:
        given = self.cleaned_data
        return {child: given[name] or Decimal(0) for name, child in self.regions.items()}


class FindingForm(forms.Form):
    finding = forms.ChoiceField(
        label=_("What did you find?"), choices=CheckItem.Finding.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("In a few words"),
        help_text=_("Needed where it was not so."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
