"""What is typed about marks, photos and tablets, and on the list of work."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import AttendanceStatus, Instructor
from courses.queries.worklist import Narrowing, Work
from lms.lib.ids import uuid7
from lms.lib.scope import under
from regions.models import Region

MOST_HEADS = 999


class CloseForm(forms.Form):
    head_count = forms.IntegerField(
        label=_("How many people are in the room now?"),
        min_value=0,
        max_value=MOST_HEADS,
        error_messages={
            "required": _("No number of heads yet. Count who is in the room, then type it.")
        },
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
    """Of the list of work. A trainer's list is their own: it has no places and no trainers."""

    kind = forms.ChoiceField(choices=[("", ""), *Work.choices], required=False)
    q = forms.CharField(
        label=_("Class, tablet or trainer"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    township = forms.ChoiceField(label=_("Township"), required=False)
    trainer = forms.ChoiceField(label=_("Trainer"), required=False)

    def __init__(self, *args: Any, user: User, region: Region | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.region = region
        places = below(region) if region else []
        trainers = trainers_of(region) if region else []
        for name, rows in (("township", places), ("trainer", trainers)):
            if region is None:
                del self.fields[name]
                continue
            chooser = self.fields[name]
            assert isinstance(chooser, forms.ChoiceField)  # noqa: S101
            chooser.choices = [("", _("All")), *rows]

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("q", "township", "trainer"))

    def narrowing(self) -> Narrowing:
        facts = self.cleaned_data
        path = facts.get("township") or (self.region.path if self.region else "")
        trainer = facts.get("trainer")
        return Narrowing(path, UUID(trainer) if trainer else None, facts["q"])


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
