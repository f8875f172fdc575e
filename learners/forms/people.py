"""Finding people, and what may be done with the record of one."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from learners.forms.fields import DAY, ReasonField, ScopedChoiceField, offer
from learners.models import (
    EDUCATIONS,
    ETHNICITIES,
    Audience,
    Consent,
    Disability,
    DisabilityGrade,
    Household,
    Learner,
    Membership,
    PoliticalStatus,
    Reveal,
    Sex,
)
from lms.lib import idnumbers
from lms.lib.periods import today
from lms.lib.scope import HasScope, under
from lms.models import ExportFile
from regions.models import Region

SHORTEST_REASON = 4


class FindForm(forms.Form):
    """What the search box of the archive takes; posted, whatever it is."""

    q = forms.CharField(
        label=_("Name, initials or number"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
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
    starts_on = forms.DateField(label=_("From"), widget=DAY, initial=today)
    ends_on = forms.DateField(label=_("Until"), widget=DAY, required=False)

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
    ends_on = forms.DateField(label=_("Last day"), widget=DAY, initial=today)


class MoveForm(forms.Form):
    """Into which household a person moved; its number is looked up among those one reaches."""

    number = forms.CharField(label=_("Number of the household"), max_length=40)
    relation = forms.ChoiceField(
        label=_("Relation to the head"),
        choices=Membership.Relation.choices,
        initial=Membership.Relation.OTHER,
    )
    starts_on = forms.DateField(label=_("From"), widget=DAY, initial=today)
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
    given_on = forms.DateField(label=_("Given on"), widget=DAY, initial=today)
    means = forms.ChoiceField(label=_("How"), choices=Consent.Means.choices)
    text_edition = forms.CharField(
        label=_("Edition of the text"),
        max_length=20,
        initial="2026-1",
        help_text=_("It stands at the foot of the form that the person signed."),
    )


class WithdrawForm(forms.Form):
    withdrawn_on = forms.DateField(label=_("Withdrawn on"), widget=DAY, initial=today)


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
