from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.forms import DateInput, RegionField
from certificates.models import CertificateTemplate, Issuer
from certificates.queries import design_fault, unprintable
from certificates.render import DEFAULT, Design, RenderError, Seal, check, sample
from certificates.render.facts import printable
from certificates.signing.inspection import is_pdf
from lms.lib.periods import today
from lms.lib.scope import Role, Scope, outermost

#: More than any file of ours, and little enough to be held in memory.
VERIFY_FILE_BYTES = 2 * 1024 * 1024


class IssuerForm(forms.Form):
    region = RegionField(
        help_text=_("Code or name. It signs for the region and for everything below it.")
    )
    name = forms.CharField(
        label=_("Name of the issuer"),
        help_text=_("As it stands in the seal, 2 to 20 characters."),
    )
    letters = forms.RegexField(
        r"^[A-Z]{2,8}$",
        label=_("Letters before the number"),
        help_text=_("2 to 8 capitals that nobody else has; LSX makes LSX-2026-000001."),
        error_messages={"invalid": _("Type 2 to 8 capital letters, A to Z.")},
    )

    def __init__(self, *args: object, scope: Scope, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        region = self.fields["region"]
        assert isinstance(region, RegionField)  # noqa: S101 - narrows the type
        region.limit(outermost(scope.prefixes(Role.ADMINISTRATOR)))

    def clean_name(self) -> str:
        return _sealed_name(self.cleaned_data["name"])


def _sealed_name(typed: str) -> str:
    """An issuer's name as it is printed, if the seal has room for it."""
    name = printable(typed)
    try:
        check(sample("usual", issuer=name, region="", address="HTTPS://EXAMPLE.INVALID"))
    except RenderError as error:
        words = _("This name cannot be used: %(why)s.")
        raise forms.ValidationError(words, params={"why": unprintable(error)}) from error
    return name


class IssuerRenameForm(forms.Form):
    name = forms.CharField(
        label=_("New name"), help_text=_("As it stands in the seal, 2 to 20 characters.")
    )

    def clean_name(self) -> str:
        return _sealed_name(self.cleaned_data["name"])


def _named(template: CertificateTemplate) -> str:
    words = gettext("%(name)s, edition %(edition)s")
    return words % {"name": template.name, "edition": template.edition}


class IssueForm(forms.Form):
    issuer = forms.ModelChoiceField(Issuer.objects.none(), label=_("Issuer"), empty_label=None)
    issued_on = forms.DateField(
        label=_("Date on the certificate"),
        help_text=_("Not later than today; usually the last day of the class."),
        widget=DateInput,
    )

    #: The edition to print on: of the place, of one above it, or built in; none is the nearest.
    template = forms.ModelChoiceField(
        CertificateTemplate.objects.none(),
        label=_("Template"),
        required=False,
        empty_label=None,
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *args: object,
        issuers: "list[Issuer]",
        templates: "QuerySet[CertificateTemplate]",
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, rows in (
            ("issuer", Issuer.objects.filter(pk__in=[issuer.pk for issuer in issuers])),
            ("template", templates),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
            field.queryset = rows

    def editions(self) -> "list[tuple[BoundWidget, CertificateTemplate]]":
        """Each choice of a template with the edition itself, for its picture."""
        found = {str(row.pk): row for row in self.fields["template"].queryset}  # type: ignore[attr-defined]
        return [(choice, found[str(choice.data["value"])]) for choice in self["template"]]

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
    template = forms.ModelChoiceField(
        CertificateTemplate.objects.none(), label=_("Template"), required=False, empty_label=None
    )

    def __init__(
        self, *args: object, templates: "QuerySet[CertificateTemplate]", **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = templates
        field.label_from_instance = _named  # type: ignore[method-assign, assignment]

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


class TemplateForm(forms.Form):
    """Words and choices of a design; `Design.check` has the last word on each of them."""

    name = forms.CharField(label=_("Name of the template"), max_length=40)
    layout = forms.ChoiceField(
        label=_("Layout"), choices=[("LANDSCAPE", _("Landscape")), ("PORTRAIT", _("Portrait"))]
    )
    border = forms.ChoiceField(
        label=_("Border"),
        choices=[("GUILLOCHE", _("Guilloche")), ("LINES", _("Lines")), ("NONE", _("None"))],
    )
    title = forms.CharField(label=_("Title"), max_length=8, initial=DEFAULT.title)
    title_second = forms.CharField(
        label=_("Title below"), max_length=40, required=False, initial=DEFAULT.title_second
    )
    sentence = forms.CharField(
        label=_("Sentence"),
        max_length=120,
        initial=DEFAULT.sentence,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "In braces: period, starts_on, ends_on, region, programme, run, course, hours, "
            "issuer, issued_on."
        ),
    )
    name_after = forms.CharField(label=_("Word after the name"), max_length=4, required=False)
    second_script = forms.ChoiceField(
        label=_("Second language"),
        required=False,
        choices=[("", _("None")), ("ug", _("Uyghur")), ("bo", _("Tibetan")), ("ii", _("Yi"))],
    )
    second_title = forms.CharField(
        label=_("Title in the second language"), max_length=40, required=False
    )
    second_sentence = forms.CharField(
        label=_("Sentence in the second language"),
        max_length=160,
        required=False,
        help_text=_("In braces: starts_on, ends_on, run, hours."),
    )
    signatories = forms.CharField(
        label=_("Signatories"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line: post and name with a space between. At most three."),
    )
    seal = forms.ChoiceField(
        label=pgettext_lazy("certificate", "Seal"),
        choices=[("VECTOR", _("Drawn")), ("IMAGE", _("Picture")), ("NONE", _("None"))],
    )
    seal_line = forms.CharField(
        label=_("Line in the seal"), max_length=8, required=False, initial=DEFAULT.seal_line
    )
    seal_image = forms.FileField(
        label=_("Picture of the seal"), required=False, help_text=_("PNG, at most 1 MB.")
    )

    def clean(self) -> None:
        """What cannot be printed is said at its field, before an edition or a preview is made."""
        if self.cleaned_data.get("seal") == Seal.IMAGE and not self.cleaned_data.get("seal_image"):
            self.add_error("seal_image", _("Choose the picture, or another kind of seal."))
        if not self.errors and (fault := design_fault(self.design())):
            self.add_error(fault[0] if fault[0] in self.fields else None, str(fault[1]))

    def design(self) -> Design:
        values = {k: v for k, v in self.cleaned_data.items() if k not in ("name", "seal_image")}
        lines = [line.split(maxsplit=1) for line in values.pop("signatories").splitlines()]
        pairs = tuple((line[0], line[1] if len(line) > 1 else "") for line in lines if line)
        return Design(**values, signatories=pairs)

    def picture(self) -> bytes | None:
        file = self.cleaned_data["seal_image"]
        return file.read(1024 * 1024 + 1) if file else None
