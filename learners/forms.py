"""What the pages of the archive, of imports and of registers take in."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from learners.models import HouseholdGroup, Register, RegisterEdition
from lms.lib.periods import today
from lms.lib.scope import HasScope, Role, under
from lms.models import ExportFile
from regions.models import Region

#: Controls and direction marks have no place in a file's name.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SHORTEST_REASON = 4
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


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


class EditionField(ScopedChoiceField):
    def label_from_instance(self, obj: RegisterEdition) -> str:
        words = _("%(register)s, edition %(no)d")
        return str(words) % {"register": obj.register, "no": obj.no}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Roster file"),
        help_text=_("Excel workbook (.xlsx, .xls) or CSV, at most 20 MB. Keep it as it is."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
    )
    region = ScopedChoiceField(
        label=_("County"),
        queryset=Region.objects.none(),
        to_field_name="code",
        help_text=_("The prefecture, when the file holds several counties."),
    )
    as_of = forms.DateField(
        label=_("As of"),
        widget=_DAY,
        help_text=_("The day on which the list was right; household types hold from then on."),
    )
    edition = EditionField(
        label=_("Put these people on a register"),
        queryset=RegisterEdition.objects.none(),
        required=False,
        empty_label=_("No register"),
    )

    def __init__(self, user: HasScope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prefixes = user.scope.prefixes(Role.CLERK)
        regions = Region.objects.current().filter(
            under("path", prefixes),
            level__in=(Region.Level.PREFECTURE, Region.Level.COUNTY),
            is_statistical=False,
        )
        offer(self, "region", regions)
        if len(choices := regions[:2]) == 1:
            self.initial.setdefault("region", choices[0].code)
        self.initial.setdefault("as_of", today())
        editions = RegisterEdition.objects.filter(
            under("register__region__path", prefixes),
            sealed_at__isnull=True,
            register__purpose=Register.Purpose.ABLE_WILLING,
        )
        offer(self, "edition", editions.select_related("register__region"))

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                _(
                    "The file is larger than 20 MB. Remove pictures and other sheets, or split "
                    "it, then upload it again."
                ),
                code="FILE_TOO_LARGE",
            )
        return file

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > today():
            raise forms.ValidationError(
                _("This day has not come yet. Enter the day on which the list was right.")
            )
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        region, edition = cleaned.get("region"), cleaned.get("edition")
        if region and edition and not edition.register.region.covers(region):
            self.add_error(
                "edition", _("This register belongs to another region. Choose one of this county.")
            )
        return cleaned

    def file_name(self) -> str:
        return _UNPRINTABLE.sub("", self.cleaned_data["file"].name or "")


class FindForm(forms.Form):
    """What the search box of the archive takes; posted, whatever it is."""

    q = forms.CharField(
        label=_("Name, initials or number"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class ExportForm(forms.Form):
    """How a file of learners is to be made; full numbers only with the right and a reason."""

    numbers = forms.ChoiceField(
        label=_("Numbers"),
        choices=[
            ("masked", _("Masked, as on the screen")),
            ("full", _("In full: ID numbers and telephones")),
        ],
        initial="masked",
        widget=forms.RadioSelect,
        required=False,
    )
    purpose = forms.ChoiceField(
        label=pgettext_lazy("export", "Purpose"),
        choices=[("", _("No purpose given")), *ExportFile.Purpose.choices],
        required=False,
        help_text=_("Required for full numbers."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("Who asked for it and under which document; required for full numbers."),
    )

    def __init__(self, *args: Any, may_unmask: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_unmask:
            self.fields.clear()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_unmasked = cleaned.pop("numbers", "") == "full"
        if is_unmasked:
            if not cleaned.get("purpose"):
                self.add_error("purpose", _("Choose what the full numbers are for."))
            if len(cleaned.get("reason", "").strip()) < SHORTEST_REASON:
                self.add_error("reason", _("Say in a few words why the full numbers are needed."))
        return cleaned | {"is_unmasked": is_unmasked}


class RegisterForm(forms.Form):
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Register.Purpose.choices)
    year = forms.IntegerField(label=_("Year"), min_value=2014, max_value=2100)
    region = ScopedChoiceField(
        label=_("Region"), queryset=Region.objects.none(), to_field_name="code"
    )

    def __init__(self, user: HasScope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.current().filter(
            under("path", user.scope.prefixes(Role.CLERK)),
            level__lte=Region.Level.COUNTY,
            is_statistical=False,
        )
        offer(self, "region", regions)
        self.initial.setdefault("year", today().year)


class FillForm(forms.Form):
    """Which people of the archive go on an open edition."""

    groups = forms.MultipleChoiceField(
        label=_("Household types"),
        choices=HouseholdGroup.choices,
        widget=forms.CheckboxSelectMultiple,
    )


class AdjustForm(forms.Form):
    happened_on = forms.DateField(label=_("Day"), widget=_DAY)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("It stands on the register for everyone who checks it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("happened_on", today())


class AddForm(AdjustForm):
    number = forms.CharField(
        label=_("ID number of the person"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("number", "happened_on", "reason")
