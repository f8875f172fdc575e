"""Erasing a person: whom, why, and that it is meant."""

from typing import Any

from django import forms
from django.utils.translation import pgettext_lazy

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
    name = forms.CharField(
        label=pgettext_lazy("erasing", "Full name of the person, as the request says it"),
        max_length=120,
        help_text=pgettext_lazy("erasing", "Typed to show that the right record is open."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, learner: Learner, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.learner = learner

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
