"""Erasing a person: whom, why, and that it is meant."""

from typing import Any

from django import forms
from django.utils.translation import npgettext, pgettext_lazy

from learners.models import Erasure, Learner, plain_name


class EraseForm(forms.Form):
    """The name is typed as the request says it: the page shows it masked."""

    reason = forms.ChoiceField(
        label=pgettext_lazy("erasing", "Reason"), choices=[("", "—"), *Erasure.Reason.choices]
    )
    note = forms.CharField(
        label=pgettext_lazy("erasing", "Note"),
        max_length=200,
        required=False,
        help_text=pgettext_lazy(
            "erasing",
            "For example the number of the letter. It is kept for good: no name, no long number.",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    photos = forms.BooleanField(
        required=False,
        help_text=pgettext_lazy(
            "erasing",
            "They go for everybody on them, and with them the evidence of how many came. Leave it "
            "open unless the request says so, or a court.",
        ),
    )
    name = forms.CharField(
        label=pgettext_lazy("erasing", "Full name of the person, as the request says it"),
        max_length=120,
        help_text=pgettext_lazy("erasing", "Typed to show that the right record is open."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, learner: Learner, photos: int, *args: Any, **kwargs: Any) -> None:
        """`photos`: on how many the person may stand."""
        super().__init__(*args, **kwargs)
        self.learner = learner
        if photos:
            self.fields["photos"].label = npgettext(
                "erasing",
                "Also remove the class photo on which the person may stand",
                "Also remove the %(count)d class photos on which the person may stand",
                photos,
            ) % {"count": photos}
        else:
            del self.fields["photos"]

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("photos") and self.cleaned_data.get("reason") == "WRONG":
            self.add_error(
                "photos",
                pgettext_lazy(
                    "erasing",
                    "Who was entered by mistake stands on no class photo: the photos stay. Take "
                    "this choice back, or choose another reason.",
                ),
            )
        return self.cleaned_data

    def decided(self) -> dict[str, Any]:
        """What the action takes, of a valid form."""
        said = self.cleaned_data
        return {name: said[name] for name in ("reason", "note", "photos") if name in said}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if plain_name(name) != plain_name(self.learner.name):
            raise forms.ValidationError(
                pgettext_lazy(
                    "erasing",
                    "This is not the name on the record. Nothing was erased. Check with the "
                    "request whether this is the right person.",
                )
            )
        return name


class FindToEraseForm(forms.Form):
    number = forms.CharField(
        label=pgettext_lazy("erasing", "ID number of the person"),
        max_length=40,
        help_text=pgettext_lazy("erasing", "The whole number, as on the card or in the request."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
