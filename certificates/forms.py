from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DateInput
from certificates.models import Issuer
from lms.lib.periods import today


class IssueForm(forms.Form):
    issuer = forms.ModelChoiceField(Issuer.objects.none(), label=_("Issuer"), empty_label=None)
    issued_on = forms.DateField(
        label=_("Date on the certificate"),
        help_text=_("Not later than today; usually the last day of the class."),
        widget=DateInput,
    )

    def __init__(self, *args: object, issuers: "list[Issuer]", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["issuer"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = Issuer.objects.filter(pk__in=[issuer.pk for issuer in issuers])

    def clean_issued_on(self) -> object:
        day = self.cleaned_data["issued_on"]
        if day > today():
            raise forms.ValidationError(_("A certificate cannot be dated in the future."))
        return day


class ReissueForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("For instance: name corrected. Kept with the old certificate."),
    )
    issued_on = forms.DateField(label=_("Date on the certificate"), widget=DateInput)

    def clean_issued_on(self) -> object:
        day = self.cleaned_data["issued_on"]
        if day > today():
            raise forms.ValidationError(_("A certificate cannot be dated in the future."))
        return day


class DeskForm(forms.Form):
    q = forms.CharField(
        label=_("ID number or name"),
        max_length=40,
        help_text=_("The number is looked up and not kept; who looked is recorded."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search"}),
    )


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Kept with the certificate; whoever scans it sees only that it was revoked."),
    )


class VerifyForm(forms.Form):
    code = forms.CharField(
        label=_("Verification code"),
        max_length=64,
        help_text=_("12 characters, printed beside the QR code."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "inputmode": "text"}
        ),
    )
