"""What the pages of the archive, of imports and of registers take in."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from learners.models import (
    EDUCATIONS,
    ETHNICITIES,
    Audience,
    Consent,
    Disability,
    DisabilityGrade,
    Household,
    HouseholdGroup,
    Learner,
    Membership,
    PoliticalStatus,
    Register,
    RegisterEdition,
    Reveal,
    Sex,
)
from lms.lib import idnumbers
from lms.lib.periods import today
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
    """A whole number, posted: it must stand in no address and no log."""

    number = forms.CharField(
        label=_("ID number or telephone"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )


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


class RevealForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *Reveal.Reason.choices])
    note = ReasonField(
        label=_("What for"),
        help_text=_("For example: calling about the follow-up of October. No numbers in it."),
    )


class PersonForm(forms.Form):
    """The facts that a desk may correct; the ID number is not one of them."""

    name = forms.CharField(label=_("Full name"), max_length=120)
    native_name = forms.CharField(label=_("Name in own script"), max_length=120, required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=[("", "—"), *Sex.choices], required=False)
    phone = forms.CharField(
        label=_("New telephone"),
        max_length=20,
        required=False,
        help_text=_("Leave it empty to keep the telephone as it is."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    ethnicity = forms.ChoiceField(
        label=_("Ethnicity"), choices=[("", "—"), *ETHNICITIES.items()], required=False
    )
    education = forms.ChoiceField(label=_("Education"), required=False)
    political_status = forms.ChoiceField(
        label=_("Political status"), choices=[("", "—"), *PoliticalStatus.choices], required=False
    )
    disability = forms.ChoiceField(
        label=_("Disability"), choices=[("", "—"), *Disability.choices], required=False
    )
    disability_grade = forms.TypedChoiceField(
        label=_("Disability grade"),
        choices=[("", "—"), *DisabilityGrade.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    reason = ReasonField(
        help_text=_("What shows that the record was wrong or has changed? No numbers in it.")
    )

    def __init__(self, data: Any = None, *, learner: Learner) -> None:
        super().__init__(data, initial={name: getattr(learner, name) for name in _FACTS})
        known = dict.fromkeys([*EDUCATIONS, *filter(None, [learner.education])])
        education = self.fields["education"]
        assert isinstance(education, forms.ChoiceField)  # noqa: S101
        education.choices = [("", "—"), *((word, word) for word in known)]

    def clean_phone(self) -> str:
        phone = idnumbers.normalise(self.cleaned_data["phone"]).removeprefix("+86")
        if phone and not idnumbers.is_mobile(phone):
            raise forms.ValidationError(
                _("This is not a mobile number. It has eleven digits and begins with 1.")
            )
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("disability", "")
        if cleaned.get("disability_grade") and kind in ("", Disability.NONE):
            self.add_error("disability_grade", _("A grade belongs to a kind of disability."))
        return cleaned

    def facts(self) -> dict[str, Any]:
        """What was typed; an empty telephone means that it stays."""
        facts = {name: self.cleaned_data[name] for name in _FACTS}
        if self.cleaned_data["phone"]:
            facts["phone"] = self.cleaned_data["phone"]
        return facts


_FACTS = (
    "name",
    "native_name",
    "sex",
    "ethnicity",
    "education",
    "political_status",
    "disability",
    "disability_grade",
)


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[row for row in Audience.choices if row[0] != Audience.HOUSEHOLD_MEMBER],
    )
    region = ScopedChoiceField(
        label=_("For which region"), queryset=Region.objects.none(), to_field_name="code"
    )
    starts_on = forms.DateField(label=_("From"), widget=_DAY, initial=today)
    ends_on = forms.DateField(label=_("Until"), widget=_DAY, required=False)

    def __init__(self, *args: Any, learner: Learner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        home = learner.home_region
        above = Region.objects.filter(code__in=[*home.ancestor_codes(), home.code])
        county = under("path", [home.code[:6]])
        near = Region.objects.current().filter(
            county, Q(level=Region.Level.TOWNSHIP) | under("path", [home.code[:9]])
        )
        rows = (above.filter(level__gte=Region.Level.COUNTY) | near).order_by("path")
        offer(self, "region", rows)
        self.initial.setdefault("region", home.code)


class EndRoleForm(forms.Form):
    ends_on = forms.DateField(label=_("Last day"), widget=_DAY, initial=today)


class MoveForm(forms.Form):
    """Into which household a person moved; its number is looked up among those one reaches."""

    number = forms.CharField(label=_("Number of the household"), max_length=40)
    relation = forms.ChoiceField(
        label=_("Relation to the head"),
        choices=Membership.Relation.choices,
        initial=Membership.Relation.OTHER,
    )
    starts_on = forms.DateField(label=_("From"), widget=_DAY, initial=today)
    reason = ReasonField()

    def __init__(self, user: HasScope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_number(self) -> Household:
        rows = Household.objects.visible_to(self.user)
        found = rows.filter(number=self.cleaned_data["number"].strip()).first()
        if found is None:
            raise forms.ValidationError(
                _("No household of your region has this number. Check it on the household's page.")
            )
        return found


class ConsentForm(forms.Form):
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"),
        choices=Consent.Purpose.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    given_on = forms.DateField(label=_("Given on"), widget=_DAY, initial=today)
    means = forms.ChoiceField(label=_("How"), choices=Consent.Means.choices)
    text_edition = forms.CharField(
        label=_("Edition of the text"),
        max_length=20,
        initial="2026-1",
        help_text=_("It stands at the foot of the form that the person signed."),
    )


class WithdrawForm(forms.Form):
    withdrawn_on = forms.DateField(label=_("Withdrawn on"), widget=_DAY, initial=today)


class JoinForm(forms.Form):
    """Which household the one made for a person belongs to."""

    into = ScopedChoiceField(
        label=_("Join into"), queryset=Household.objects.none(), widget=forms.RadioSelect
    )
    relation = forms.ChoiceField(
        label=_("Relation to the head"),
        choices=Membership.Relation.choices,
        initial=Membership.Relation.OTHER,
    )
    reason = ReasonField()

    def __init__(self, rows: QuerySet[Household], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "into", rows)


# --- registers ---
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
