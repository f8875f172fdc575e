"""What is typed about marks, pictures, tablets, and on the list of work."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import (
    AttendanceStatus,
    ClassSession,
    Instructor,
    ParkedPicture,
    ParkedRow,
)
from courses.queries.worklist import Narrowing, Work
from learners.models import Learner
from lms.lib.ids import uuid7
from lms.lib.scope import under
from regions.models import Region

MOST_HEADS = 999


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


class PictureForm(forms.Form):
    """One decision about the pictures that are ticked."""

    picture = forms.MultipleChoiceField(
        error_messages={
            "required": _("Tick at least one picture."),
            "invalid_choice": _(
                "One of these pictures was decided meanwhile. Look at the list again."
            ),
        }
    )
    session = forms.ChoiceField(label=_("Which session was meant?"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Say why: the reason is kept with the pictures.")},
    )
    answer = forms.ChoiceField(choices=[("take_in", ""), ("set_aside", "")])

    def __init__(
        self,
        *args: Any,
        pictures: list[ParkedPicture],
        sessions: list[ClassSession],
        **options: Any,
    ) -> None:
        """`sessions`: what pictures may mean that name no class that is known."""
        super().__init__(*args, **options)
        self.pictures = {str(picture.pk): picture for picture in pictures}
        self.sessions = {str(session.pk): session for session in sessions}
        titles = {key: session_title(session) for key, session in self.sessions.items()}
        offered = [("", "---------"), *titles.items()]
        known = [(key, key) for key in self.pictures]
        for name, choices in (("picture", known), ("session", offered)):
            chooser = self.fields[name]
            assert isinstance(chooser, forms.ChoiceField)  # noqa: S101
            chooser.choices = choices

    @property
    def takes_in(self) -> bool:
        return bool(self.cleaned_data["answer"] == "take_in")

    def session_of(self, picture: ParkedPicture) -> ClassSession | None:
        if picture.session_id is not None:
            return None
        return self.sessions.get(self.cleaned_data["session"])

    def chosen(self) -> list[ParkedPicture]:
        """In the order in which they came."""
        wanted = set(self.cleaned_data["picture"])
        return [picture for key, picture in self.pictures.items() if key in wanted]


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
