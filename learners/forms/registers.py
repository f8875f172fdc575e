"""Registers, their entries and editions."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from learners.forms.fields import DAY, ScopedChoiceField, offer
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
        widgets: ClassVar = {"surveyed_on": DAY}
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
    happened_on = forms.DateField(label=_("Day"), widget=DAY)
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
