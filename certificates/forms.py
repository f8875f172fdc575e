from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DateInput
from certificates.models import Issuer
from certificates.signing.inspection import is_pdf
from lms.lib.periods import today

#: More than any file of ours, and little enough to be held in memory.
VERIFY_FILE_BYTES = 2 * 1024 * 1024


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


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Kept with the certificate; whoever scans it sees only that it was revoked."),
    )


class VerifyForm(forms.Form):
    """Anything may be typed: what cannot be a code is looked for like any other."""

    code = forms.CharField(
        label=_("Verification code"),
        help_text=_("12 characters, printed beside the QR code."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "inputmode": "text"}
        ),
    )


class VerifyFileForm(forms.Form):
    file = forms.FileField(
        label=_("Certificate as a PDF file"),
        help_text=_("Choose it or drop it here, at most 2 MB. It is compared and not kept."),
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
    )

    def clean_file(self) -> bytes:
        sent = self.cleaned_data["file"]
        if sent.size > VERIFY_FILE_BYTES:
            raise forms.ValidationError(
                _("This file is larger than 2 MB, so it is none of ours. Check the code instead.")
            )
        content: bytes = sent.read()
        if not is_pdf(content):
            raise forms.ValidationError(
                _("This is not a PDF file. Choose the PDF itself, or check the code instead.")
            )
        return content


class VerifyNameForm(forms.Form):
    name = forms.CharField(
        label=_("Full name on the paper"),
        help_text=_("You learn only whether it agrees. What you type is not shown and not kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
