"""What a clerk types about courses, runs and sessions."""

from datetime import date, time, timedelta
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms import DateInput, RegionField
from accounts.models import User
from courses.actions import HalfDay
from courses.models import (
    Course,
    CourseRun,
    Enrolment,
    Instructor,
    TrainingSite,
)
from learners.models import Audience, Learner
from learners.queries import search_learners
from lms.lib.periods import days_between, today, valid_on
from lms.lib.scope import Role, under
from lms.lists import FIND, Filters
from regions.models import Region

MOST_PLACES = 500


#: A run longer than this is several runs.
MOST_DAYS = 60


class CourseForm(forms.ModelForm[Course]):
    class Meta:
        model = Course
        fields: ClassVar = ["title", "audience", "hours", "syllabus"]


class RunDatesForm(forms.Form):
    starts_on = forms.DateField(label=_("First day"), widget=DateInput)
    ends_on = forms.DateField(label=_("Last day"), widget=DateInput)
    capacity = forms.IntegerField(label=_("Places"), min_value=1, max_value=MOST_PLACES, initial=40)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and first <= last and days_between(first, last) > MOST_DAYS:
            message = _("A run lasts at most %(days)d days. Check both dates.")
            self.add_error("ends_on", message % {"days": MOST_DAYS})
        return cleaned


class RunForm(RunDatesForm):
    course = forms.ModelChoiceField(label=_("Course"), queryset=Course.objects.all())
    host_region = RegionField(help_text=_("Where it is held: the county, a township or a village."))
    number = forms.IntegerField(
        label=_("Number of the run"),
        min_value=1,
        max_value=9999,
        required=False,
        help_text=_("Leave empty for the next number of the county and year."),
    )
    field_order = ["course", "host_region", "starts_on", "ends_on", "capacity", "number"]

    def __init__(self, *args: Any, prefixes: tuple[str, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        region = self.fields["host_region"]
        assert isinstance(region, RegionField)  # noqa: S101
        region.limit(prefixes)
        region.label = _("Host region")


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


#: Which half days a class is usually held in.
HALF_DAYS = {
    "morning": HalfDay(time(9), time(12)),
    "afternoon": HalfDay(time(14, 30), time(17, 30)),
    "evening": HalfDay(time(19), time(21, 15)),
}


HALF_DAY_WORDS = {
    "morning": _("Morning, 09:00 to 12:00"),
    "afternoon": _("Afternoon, 14:30 to 17:30"),
    "evening": _("Evening, 19:00 to 21:15"),
}


class PlaceForm(forms.Form):
    """Where and by whom: one of the list, or a new one by name."""

    site = forms.ModelChoiceField(
        label=_("Training site"), queryset=TrainingSite.objects.none(), required=False
    )
    new_site = forms.CharField(label=_("or a new site"), max_length=80, required=False)
    instructor = forms.ChoiceField(label=_("Instructor"), required=False)
    new_instructor = forms.CharField(label=_("or a new instructor"), max_length=80, required=False)

    def __init__(self, *args: Any, county: Region, **options: Any) -> None:
        super().__init__(*args, **options)
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)  # noqa: S101
        site.queryset = TrainingSite.objects.filter(under("region__path", [county.path])).order_by(
            "name"
        )
        self.people = instructors_of(county)
        chooser = self.fields["instructor"]
        assert isinstance(chooser, forms.ChoiceField)  # noqa: S101
        chooser.choices = [
            ("", "---------"),
            *((key, shown_name(one)) for key, one in self.people.items()),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("site", "instructor"):
            if not cleaned.get(name) and not cleaned.get(f"new_{name}") and name not in self.errors:
                self.add_error(name, _("Choose one of the list, or name a new one."))
        return cleaned

    def chosen_instructor(self) -> Instructor | User | None:
        return self.people.get(self.cleaned_data["instructor"])


def instructors_of(county: Region) -> dict[str, Instructor | User]:
    """The instructors of a county, and the trainers there who did not teach yet."""
    known = Instructor.objects.filter(under("region__path", [county.path])).order_by("name")
    trainers = User.objects.filter(
        valid_on(today(), "grants__"),
        under("grants__region__path", [county.path]),
        grants__role=Role.TRAINER,
        instructor__isnull=True,
        is_active=True,
    )
    found: dict[str, Instructor | User] = {str(row.pk): row for row in known}
    for user in trainers.distinct().order_by("display_name"):
        found[f"user-{user.pk}"] = user
    return found


def shown_name(person: Instructor | User) -> str:
    return person.name if isinstance(person, Instructor) else person.display_name


class SessionsForm(PlaceForm):
    dates = forms.MultipleChoiceField(
        label=_("Days"), widget=forms.CheckboxSelectMultiple, required=True
    )
    half_days = forms.MultipleChoiceField(
        label=_("Half days"),
        choices=list(HALF_DAY_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ["dates", "half_days", "site", "new_site", "instructor", "new_instructor"]

    def __init__(self, *args: Any, run: CourseRun, **options: Any) -> None:
        super().__init__(*args, county=run.county, **options)
        days = days_between(run.starts_on, run.ends_on)
        dates = [run.starts_on + timedelta(days=n) for n in range(days)]
        chooser = self.fields["dates"]
        assert isinstance(chooser, forms.MultipleChoiceField)  # noqa: S101
        chooser.choices = [(day.isoformat(), day.isoformat()) for day in dates]

    def chosen_dates(self) -> list[date]:
        return [date.fromisoformat(text) for text in self.cleaned_data["dates"]]

    def chosen_half_days(self) -> list[HalfDay]:
        return [HALF_DAYS[name] for name in HALF_DAYS if name in self.cleaned_data["half_days"]]


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class SessionForm(PlaceForm):
    """One session moved."""

    day = forms.DateField(label=_("Day"), widget=DateInput)
    starts = forms.TimeField(label=_("Starts"), widget=TimeInput)
    ends = forms.TimeField(label=_("Ends"), widget=TimeInput)
    field_order = ["day", "starts", "ends", "site", "new_site", "instructor", "new_instructor"]


class RunFilters(Filters):
    search_fields = ("course__title", "host_region__name")
    search_label = _("Course or place")

    year = django_filters.NumberFilter(
        label=_("Year"), widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    status = django_filters.ChoiceFilter(
        label=_("State"), choices=CourseRun.Status, empty_label=_("All")
    )


class RunPeopleFilters(Filters):
    """The view puts the enrolments that are short of the completion rule on the request."""

    posted_to = FIND
    search_fields = ("learner__name", "learner__initials", "learner__id_tail")
    search_label = _("Name, initials or last four")

    status = django_filters.ChoiceFilter(
        label=_("State"), choices=Enrolment.Status, empty_label=_("All")
    )
    source = django_filters.ChoiceFilter(
        label=_("Enrolled through"), choices=Enrolment.Source, empty_label=_("All")
    )
    attendance = django_filters.ChoiceFilter(
        label=_("Attendance"),
        choices=[("short", _("Below the rule")), ("enough", _("Enough"))],
        empty_label=_("All"),
        method="by_attendance",
    )

    def by_attendance(
        self, queryset: QuerySet[Enrolment], name: str, value: str
    ) -> QuerySet[Enrolment]:
        short = self.request.run_short
        return queryset.filter(pk__in=short) if value == "short" else queryset.exclude(pk__in=short)


class CourseFilters(Filters):
    search_fields = ("title", "syllabus")
    search_label = _("Course or what is taught")

    audience = django_filters.ChoiceFilter(
        label=_("Audience"), choices=Audience, empty_label=_("All")
    )


class CandidateFilters(Filters):
    posted_to = FIND
    search_label = _("Name, initials or last four")

    trained = django_filters.ChoiceFilter(
        label=_("Trained before"),
        choices=[("no", _("Never trained")), ("yes", _("Trained"))],
        empty_label=_("All"),
        method="filter_trained",
    )
    township = django_filters.ChoiceFilter(
        label=_("Township"), empty_label=_("All"), method="filter_township"
    )
    edition = django_filters.UUIDFilter(method="keep", widget=forms.HiddenInput)

    def __init__(self, *args: Any, county: Region, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Region.objects.current().filter(parent=county).order_by("path")
        self.filters["township"].extra["choices"] = list(rows.values_list("path", "name"))

    def search(self, queryset: QuerySet[Learner], name: str, value: str) -> QuerySet[Learner]:
        return search_learners(queryset, value)

    def filter_trained(
        self, queryset: QuerySet[Learner], name: str, value: str
    ) -> QuerySet[Learner]:
        return queryset.filter(Q(("is_trained", value == "yes")))

    def filter_township(
        self, queryset: QuerySet[Learner], name: str, value: str
    ) -> QuerySet[Learner]:
        return queryset.filter(under("home_region__path", [value]))

    def keep(self, queryset: QuerySet[Learner], name: str, value: Any) -> QuerySet[Learner]:
        return queryset
