"""Fields that offer only what the user reaches, and reasons without numbers in them."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ScopedChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    """A choice among the records that the user reaches; any other is as good as not there."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            raise Http404 from error


def offer(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Give a choice of the form its records."""
    field = form.fields[name]
    if isinstance(field, ScopedChoiceField):
        field.queryset = rows


def offer_several(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ModelMultipleChoiceField):
        field.queryset = rows


# --- one person ---
#: A telephone or ID number typed into a reason would stand in clear where nothing hides it.
_MANY_DIGITS = re.compile(r"\d[\d\s-]{5,}\d")


def no_numbers(text: str) -> None:
    if _MANY_DIGITS.search(text):
        raise forms.ValidationError(
            _("Leave ID numbers and telephones out: this text is read by everyone who checks."),
            code="NUMBER",
        )


class ReasonField(forms.CharField):
    def __init__(self, *, label: Any = "", help_text: Any = "") -> None:
        super().__init__(
            label=label or _("Reason"),
            help_text=help_text,
            min_length=2,
            max_length=200,
            validators=[no_numbers],
        )
