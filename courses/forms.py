"""What a clerk or trainer types about runs, sessions and marks."""

from datetime import date, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.forms import DateInput, RegionField
from accounts.models import User
from courses.actions import HalfDay
from courses.models import (
    AttendanceStatus,
    ClassSession,
    Course,
    CourseRun,
    Instructor,
    ParkedRow,
    TrainingSite,
)
from courses.queries.worklist import Narrowing, Work
from learners.models import Learner
from learners.queries import search_learners
from lms.lib.ids import uuid7
from lms.lib.periods import days_between, today, valid_on
from lms.lib.scope import Role, under
from lms.lists import Filters
from regions.models import Region

MOST_PLACES = 500
#: A run longer than this is several runs.
MOST_DAYS = 60
MOST_HEADS = 999


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


class CloseForm(forms.Form):
    head_count = forms.IntegerField(
        label=_("How many people are in the room now?"), min_value=0, max_value=MOST_HEADS
    )
    signed = forms.CharField(label=_("Signature"), max_length=80, required=False)

    def __init__(self, *args: Any, signer: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.signer = signer

    @property
    def is_signed(self) -> bool:
        """Typed one's own name: on this page that stands for the signature."""
        return " ".join(self.cleaned_data["signed"].split()) == self.signer

    @property
    def signature_missing(self) -> str:
        message = _("Type your own name, %(name)s, to confirm that the roll is true.")
        return str(message % {"name": self.signer})


class PhotoForm(forms.Form):
    """What the picture really is, the action finds out."""

    photo = forms.FileField(
        label=_("Class photo"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
        error_messages={
            "required": _("Choose or take a photo first."),
            "empty": _("This photo is an empty file. Take it once more."),
        },
    )

    def first_error(self) -> str:
        return str(next(iter(self.errors.values()))[0])


class DeskForm(forms.Form):
    """Either a number, or a name, or who of those found says yes."""

    number = forms.CharField(
        label=_("ID number, card reader or code"),
        max_length=60,
        required=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "inputmode": "text", "autofocus": True}
        ),
    )
    name = forms.CharField(
        label=_("Name or initials"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    learner = forms.UUIDField(required=False, widget=forms.HiddenInput)
    method = forms.ChoiceField(choices=[(m, m) for m in ("id_card", "qr", "name")], required=False)
    tail = forms.CharField(label=_("Last four"), max_length=8, required=False)
    event_id = forms.UUIDField(required=False, initial=uuid7, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.get(name) for name in ("number", "name", "learner")):
            raise forms.ValidationError(_("Enter an ID number or a name first."))
        cleaned["method"] = cleaned.get("method") or "name"
        cleaned["event_id"] = cleaned.get("event_id") or uuid7()
        return cleaned

    def first_error(self) -> str:
        return str(next(iter(self.errors.values()))[0])


class CorrectionForm(forms.Form):
    learner = forms.UUIDField(widget=forms.HiddenInput)
    status = forms.ChoiceField(label=_("What it should be"), choices=AttendanceStatus)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("For example: the signed paper sheet shows that the person was there."),
    )


class WalkInForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(
        label=_("ID number"),
        max_length=40,
        required=False,
        help_text=_("With it the right person is found at once. Without it: identified later."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=11,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    status = forms.ChoiceField(
        label=_("Came"),
        choices=[
            (AttendanceStatus.PRESENT, AttendanceStatus.PRESENT.label),
            (AttendanceStatus.LATE, AttendanceStatus.LATE.label),
        ],
        initial=AttendanceStatus.PRESENT,
    )
    event_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)


class RunFilters(Filters):
    search_fields = ("course__title",)
    search_label = _("Course")

    year = django_filters.NumberFilter(
        label=_("Year"), widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    status = django_filters.ChoiceFilter(
        label=_("State"), choices=CourseRun.Status, empty_label=_("All")
    )


class CandidateFilters(Filters):
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


class WorkFilters(forms.Form):
    """Of the list of work. A trainer's list is their own, so nothing is narrowed there."""

    kind = forms.ChoiceField(choices=[("", ""), *Work.choices], required=False)
    township = forms.ChoiceField(label=_("Township"), required=False)
    trainer = forms.ChoiceField(label=_("Trainer"), required=False)

    def __init__(self, *args: Any, user: User, region: Region | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.region = region
        places = below(region) if region else []
        trainers = trainers_of(region) if region else []
        for name, rows in (("township", places), ("trainer", trainers)):
            chooser = self.fields[name]
            assert isinstance(chooser, forms.ChoiceField)  # noqa: S101
            chooser.choices = [("", _("All")), *rows]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.cleaned_data["township"] or self.cleaned_data["trainer"])

    def narrowing(self) -> Narrowing:
        facts = self.cleaned_data
        path = facts["township"] or (self.region.path if self.region else "")
        return Narrowing(path, UUID(facts["trainer"]) if facts["trainer"] else None)


def below(region: Region) -> list[tuple[str, str]]:
    """The regions one level down, by path."""
    rows = Region.objects.current().filter(parent=region, is_statistical=False).order_by("path")
    return list(rows.values_list("path", "name"))


def trainers_of(region: Region) -> list[tuple[str, str]]:
    """Users who teach in the region, by name."""
    rows = Instructor.objects.filter(under("region__path", [region.path]), user__isnull=False)
    return [(str(pk), name) for pk, name in rows.order_by("name").values_list("user_id", "name")]


class LostForm(forms.Form):
    """A choice, not free text: it stands in the audit trail, which names nobody."""

    reason = forms.ChoiceField(
        label=_("What happened?"),
        choices=[
            ("", "---------"),
            ("lost", _("Lost: nobody knows where it is")),
            ("stolen", _("Stolen")),
            ("broken", _("Broken: it does not start any more")),
            ("given_away", _("In the hands of somebody who should not have it")),
        ],
        error_messages={"required": _("Choose what happened: the log keeps it.")},
    )


#: Reasons for which a row names nobody who is known.
NAMELESS = (ParkedRow.Code.UNKNOWN_LEARNER, ParkedRow.Code.SEAL_UNREADABLE)


def session_title(session: ClassSession) -> str:
    return f"{localtime(session.starts_at):%Y-%m-%d %H:%M} {session.run.title}"


class ParkedForm(forms.Form):
    """One decision about the rows that are ticked."""

    row = forms.MultipleChoiceField(
        error_messages={
            "required": _("Tick at least one row."),
            "invalid_choice": _("One of these rows was decided meanwhile. Look at the list again."),
        }
    )
    session = forms.ChoiceField(label=_("Which session was meant?"), required=False)
    learner = forms.ChoiceField(label=_("Who was meant?"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Say why: the reason is kept with the rows.")},
    )
    answer = forms.ChoiceField(choices=[("take_in", ""), ("set_aside", "")])

    def __init__(
        self,
        *args: Any,
        rows: list[ParkedRow],
        sessions: list[ClassSession],
        people: list[Learner],
        **options: Any,
    ) -> None:
        """`sessions` and `people`: whom and what rows may mean that name none that is known."""
        super().__init__(*args, **options)
        self.rows = {str(row.pk): row for row in rows}
        self.sessions = {str(session.pk): session for session in sessions}
        self.people = {str(learner.pk): learner for learner in people}
        titles = {key: session_title(session) for key, session in self.sessions.items()}
        names = {key: f"{one.name} {one.id_tail}".strip() for key, one in self.people.items()}
        self._offer("row", [(key, key) for key in self.rows])
        self._offer("session", [("", "---------"), *titles.items()])
        self._offer("learner", [("", "---------"), *names.items()])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        chooser = self.fields[name]
        assert isinstance(chooser, forms.ChoiceField)  # noqa: S101
        chooser.choices = choices

    @property
    def takes_in(self) -> bool:
        return bool(self.cleaned_data["answer"] == "take_in")

    def meant_by(self, row: ParkedRow) -> dict[str, Any]:
        """What the row lacks, where the form says it."""
        found: dict[str, Any] = {}
        if row.code == ParkedRow.Code.UNKNOWN_SESSION:
            found["session"] = self.sessions.get(self.cleaned_data["session"])
        if row.code in NAMELESS:
            found["learner"] = self.people.get(self.cleaned_data["learner"])
        return found

    def chosen(self) -> list[ParkedRow]:
        """In the order in which they came."""
        wanted = set(self.cleaned_data["row"])
        return [row for key, row in self.rows.items() if key in wanted]


MOST_QUEUE_BYTES = 20 * 1024 * 1024


class QueueForm(forms.Form):
    file = forms.FileField(
        label=_("Queue file of a tablet (.attq)"),
        widget=forms.FileInput(attrs={"accept": ".attq"}),
        error_messages={
            "required": _("Choose the file that the tablet exported."),
            "empty": _("This file is empty. Export it from the tablet again."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_QUEUE_BYTES:
            raise forms.ValidationError(
                _("This file is larger than any queue of a tablet. Choose the right file.")
            )
        return file
