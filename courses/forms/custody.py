"""One decision about rows or pictures in custody."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from courses.models import ClassSession, ParkedPicture, ParkedRow
from learners.models import Learner

#: Reasons for which a row names nobody who is known.
NAMELESS = (ParkedRow.Code.UNKNOWN_LEARNER, ParkedRow.Code.SEAL_UNREADABLE)


class CustodyForm(forms.Form):
    """About those that are ticked, in the field of the name `ticked`."""

    ticked: ClassVar[str]

    session = forms.ChoiceField(label=_("Which session was meant?"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200)
    answer = forms.ChoiceField(choices=[("take_in", ""), ("set_aside", "")])

    def __init__(
        self,
        *args: Any,
        waiting: QuerySet[Any],
        sessions: list[ClassSession],
        **options: Any,
    ) -> None:
        """`sessions`: what may be meant by those that name no class that is known."""
        super().__init__(*args, **options)
        chooser: Any = self.fields[self.ticked]
        chooser.queryset = waiting.order_by("received_at", "pk")
        self.sessions = {str(session.pk): session for session in sessions}
        titles = {key: session_title(session) for key, session in self.sessions.items()}
        self._offer("session", titles)

    def _offer(self, name: str, choices: dict[str, str]) -> None:
        chooser = self.fields[name]
        assert isinstance(chooser, forms.ChoiceField)  # noqa: S101
        chooser.choices = [("", "---------"), *choices.items()]

    @property
    def takes_in(self) -> bool:
        return bool(self.cleaned_data["answer"] == "take_in")

    def decision(self) -> dict[str, Any]:
        return {"take_in": self.takes_in, "reason": self.cleaned_data["reason"]}

    def chosen(self) -> list[Any]:
        """In the order in which they came."""
        return list(self.cleaned_data[self.ticked])

    def chosen_session(self) -> ClassSession | None:
        return self.sessions.get(self.cleaned_data["session"])

    def meant_by(self, one: ParkedRow | ParkedPicture) -> dict[str, Any]:
        """What it lacks, where the form says it."""
        return {"session": self.chosen_session()} if _lacks_class(one) else {}


def _lacks_class(one: ParkedRow | ParkedPicture) -> bool:
    if isinstance(one, ParkedPicture):
        return one.session_id is None
    return one.code == ParkedRow.Code.UNKNOWN_SESSION


def session_title(session: ClassSession) -> str:
    return f"{localtime(session.starts_at):%Y-%m-%d %H:%M} {session.run.title}"


def _ticks(nothing: Any, gone: Any) -> Any:
    messages = {"required": nothing, "invalid_choice": gone, "invalid_pk_value": gone}
    none = ParkedRow.objects.none()
    return forms.ModelMultipleChoiceField(queryset=none, error_messages=messages)


class ParkedForm(CustodyForm):
    ticked = "row"

    row = _ticks(
        _("Tick at least one row."),
        _("One of these rows was decided meanwhile. Look at the list again."),
    )
    learner = forms.ChoiceField(label=_("Who was meant?"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Say why: the reason is kept with the rows.")},
    )
    field_order = ("row", "session", "learner", "reason")

    def __init__(self, *args: Any, people: list[Learner], **options: Any) -> None:
        """`people`: whom rows may mean that name nobody who is known."""
        super().__init__(*args, **options)
        self.people = {str(learner.pk): learner for learner in people}
        names = {key: f"{one.name} {one.id_tail}".strip() for key, one in self.people.items()}
        self._offer("learner", names)

    def meant_by(self, one: ParkedRow | ParkedPicture) -> dict[str, Any]:
        found = super().meant_by(one)
        if one.code in NAMELESS:
            found["learner"] = self.people.get(self.cleaned_data["learner"])
        return found


class PictureForm(CustodyForm):
    ticked = "picture"

    picture = _ticks(
        _("Tick at least one picture."),
        _("One of these pictures was decided meanwhile. Look at the list again."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Say why: the reason is kept with the pictures.")},
    )
    field_order = ("picture", "session", "reason")
