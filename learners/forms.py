"""What the pages of the archive, of imports and of registers take in."""

import re
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from learners.models import (
    CADRE_KINDS,
    Audience,
    HouseholdGroup,
    LeaderCategory,
    Register,
    RegisterEdition,
    RegisterEntry,
)
from lms.lib.periods import local_date, today
from lms.lib.scope import HasScope, Role, under
from regions.models import Region

#: Controls and direction marks have no place in a file's name.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
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


def offer_several(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ModelMultipleChoiceField):
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
        ).exclude(register__subject=Register.Subject.VILLAGE)
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
    """A whole number, posted: it must stand in no address and no log."""

    number = forms.CharField(
        label=_("ID number or telephone"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )


class IdentifyForm(forms.Form):
    """Who a walk-in may be: by name, or by a whole number (posted, so that no address holds it)."""

    name = forms.CharField(label=_("Full name"), max_length=120, required=False)
    number = forms.CharField(
        label=_("ID number or telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("name") and not cleaned.get("number"):
            raise forms.ValidationError(_("Enter the name or the number of the person."))
        return cleaned


class RegisterForm(forms.Form):
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Register.Purpose.choices)
    subject = forms.ChoiceField(
        label=_("Lists"),
        choices=[choice for choice in Register.Subject.choices if choice[0] != "VILLAGE"],
        required=False,
        help_text=_("Households only for able and willing people; villages list themselves."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of cadre"),
        choices=[(kind, Audience(kind).label) for kind in CADRE_KINDS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for cadres to rotate: rotation is counted kind by kind. None means all."),
    )
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
        if len(found := regions[:2]) == 1:
            self.initial.setdefault("region", found[0].code)
        self.initial.setdefault("year", today().year)

    def clean_kinds(self) -> list[str]:
        """What is ticked for another kind of register was left over from looking round."""
        kinds: list[str] = self.cleaned_data["kinds"]
        return kinds if self.cleaned_data.get("purpose") == Register.Purpose.CADRES else []


class FillForm(forms.Form):
    """Whom the archive is asked for."""

    groups = forms.MultipleChoiceField(
        label=_("Household types"),
        choices=HouseholdGroup.choices,
        widget=forms.CheckboxSelectMultiple,
    )


class EntryForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    """What an open edition says of one entry; only what its kind of register keeps."""

    #: Which columns each purpose keeps, besides the remark.
    KEPT: ClassVar[dict[str, tuple[str, ...]]] = {
        Register.Purpose.ABLE_WILLING: (
            "able", "willing", "intention", "surveyed_by", "surveyed_on",
        ),
        Register.Purpose.CADRES: ("kind",),
        Register.Purpose.QUALIFYING_VILLAGES: (),
        Register.Purpose.LEADERS: (
            "category", "project", "yearly_income_yuan", "drive_count", "drive_way",
            "has_agreement", "shop_grant_yuan", "loan_yuan",
        ),
    }  # fmt: skip

    class Meta:
        model = RegisterEntry
        fields = (
            "able", "willing", "intention", "surveyed_by", "surveyed_on", "kind", "category",
            "project", "yearly_income_yuan", "drive_count", "drive_way", "has_agreement",
            "shop_grant_yuan", "loan_yuan", "reason",
        )  # fmt: skip
        widgets: ClassVar = {"surveyed_on": _DAY}
        labels: ClassVar = {
            "able": _("Able"),
            "willing": _("Willing"),
            "reason": _("Remark"),
            "yearly_income_yuan": _("Yearly income (yuan)"),
            "shop_grant_yuan": _("Shop grant (yuan)"),
            "loan_yuan": _("Small loan (yuan)"),
        }

    def __init__(self, register: Register, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.register = register
        kept = {*self.KEPT[register.purpose], "reason"}
        for name in [name for name in self._meta.fields or () if name not in kept]:
            del self.fields[name]
        if isinstance(kind := self.fields.get("kind"), forms.TypedChoiceField):
            kind.choices = [("", _("By the role held")), *register.kind_choices()]

    def clean_surveyed_on(self) -> Any:
        day = self.cleaned_data["surveyed_on"]
        if day and day > today():
            raise forms.ValidationError(
                _("This day has not come yet. Enter the day of the survey.")
            )
        return day


class VillageListForm(forms.Form):
    file = forms.FileField(
        label=_("List of villages"),
        help_text=_(
            "An Excel workbook or CSV with the columns township and village; the reason may "
            "stand in a third."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
    )


def _subject_field(register: Register) -> tuple[str, forms.Field]:
    """How a page asks for whom: what names people is posted and stands in no address."""
    if register.subject == Register.Subject.VILLAGE:
        rows = Region.objects.current().within(register.region)
        villages = rows.filter(level=Region.Level.VILLAGE).select_related("parent")
        choices = [(row.code, f"{row.parent} {row}") for row in villages.order_by("path")]
        return "village", forms.ChoiceField(label=_("Village"), choices=[("", "—"), *choices])
    by_household = register.subject == Register.Subject.HOUSEHOLD
    label = _("Household number") if by_household else _("ID number of the person")
    field = forms.CharField(
        label=label, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    return "household" if by_household else "number", field


class SubjectForm(forms.Form):
    """Whom to put on an edition."""

    def __init__(self, register: Register, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name, self.fields[self.name] = _subject_field(register)

    def text(self) -> str:
        return str(self.cleaned_data[self.name])


class PartsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # as above
    def label_from_instance(self, obj: RegisterEdition) -> str:
        words = _("%(register)s, edition %(no)d, sealed %(day)s")
        day = local_date(obj.sealed_at).isoformat() if obj.sealed_at else ""
        return str(words) % {"register": obj.register, "no": obj.no, "day": day}


class ComposeForm(forms.Form):
    """Which sealed editions of the regions below an edition of a higher region unites."""

    parts = PartsField(
        label=_("Sealed editions of the regions below"),
        queryset=RegisterEdition.objects.none(),
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
    """An addition names its subject, and as what a cadre or a candidate is added."""

    def __init__(self, register: Register, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name, subject = _subject_field(register)
        self.fields = {self.name: subject, **self.fields}
        if register.purpose == Register.Purpose.CADRES:
            self.fields["kind"] = forms.ChoiceField(
                label=_("Kind of cadre"), choices=register.kind_choices()
            )
        if register.purpose == Register.Purpose.LEADERS:
            self.fields["category"] = forms.ChoiceField(
                label=_("Category"), choices=LeaderCategory.choices
            )

    def text(self) -> str:
        return str(self.cleaned_data[self.name])
