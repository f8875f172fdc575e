"""What the pages of the archive, of imports and of registers take in."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from learners.models import (
    CADRE_KINDS,
    EDUCATIONS,
    ETHNICITIES,
    Audience,
    Consent,
    Disability,
    DisabilityGrade,
    Household,
    HouseholdGroup,
    LeaderCategory,
    Learner,
    Membership,
    PoliticalStatus,
    Register,
    RegisterEdition,
    RegisterEntry,
    Reveal,
    Sex,
)
from learners.queries.mapping import PlaceChoice, sample_columns, titles_at
from learners.roster.answers import PlaceQuestion, SheetAnswer
from learners.roster.days import FIELDS as ORDERED_FIELDS
from learners.roster.days import ORDERS
from learners.roster.headers import MOST_HEADER_ROWS
from lms.lib import idnumbers
from lms.lib.periods import local_date, today
from lms.lib.scope import HasScope, Role, under
from lms.models import ExportFile
from regions.models import Region

#: Controls and direction marks have no place in a file's name.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
TOO_LARGE = "FILE_TOO_LARGE"
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
                code=TOO_LARGE,
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


#: The fields of a drop-down, by group: (words, [(field, words)]).
Choices = Sequence[tuple[Any, Any]]
ORDER_WORDS = {
    "YMD": _("year, month, day"),
    "MDY": _("month, day, year"),
    "DMY": _("day, month, year"),
}


class ColumnsForm(forms.Form):
    """Which column is which, for every sheet of a file. Its fields are made from the reading."""

    remember = forms.BooleanField(
        label=_("Remember this for the county's next files with the same headings"),
        required=False,
        initial=True,
    )

    def __init__(
        self,
        reading: Mapping[str, Any],
        *args: Any,
        fields: Choices,
        townships: Choices,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sheets: list[dict[str, Any]] = reading["sheets"]
        self._choices = [("", _("not imported")), *fields]
        self._townships = [("", _("said in the file")), *townships]
        for number, sheet in enumerate(self.sheets):
            self._add_sheet(number, sheet)

    def _add_sheet(self, number: int, sheet: Mapping[str, Any]) -> None:
        first_row, depth = self.header_of(number)
        longest = len(sheet["rows"])
        at = f"s{number}"
        self.fields[f"{at}-skip"] = forms.BooleanField(
            label=_("This sheet is not a roster"), required=False, initial=not sheet["is_roster"]
        )
        self.fields[f"{at}-first"] = forms.IntegerField(
            label=_("Header begins in row"), min_value=1, max_value=longest, initial=first_row
        )
        self.fields[f"{at}-depth"] = forms.TypedChoiceField(
            label=_("Header rows"),
            coerce=int,
            choices=[(n, n) for n in range(1, MOST_HEADER_ROWS + 1)] + [(0, _("no header"))],
            initial=depth,
        )
        self.fields[f"{at}-township"] = forms.ChoiceField(
            label=_("Township of all these people"),
            choices=self._townships,
            required=False,
            initial=sheet["township"],
        )
        self._add_columns(number, sheet)

    def header_of(self, number: int) -> tuple[int, int]:
        """First row and number of rows of a sheet's header, as given or else as recognised."""
        sheet = self.sheets[number]
        first, depth = sheet["first_row"] or 1, sheet["last_row"] - sheet["first_row"] + 1
        depth = depth if sheet["last_row"] else 0
        given = (self.data.get(f"s{number}-first", ""), self.data.get(f"s{number}-depth", ""))
        if all(text.isascii() and text.isdigit() and len(text) < 4 for text in given):
            first, depth = int(given[0]), int(given[1])
        return min(max(first, 1), len(sheet["rows"]) or 1), min(depth, MOST_HEADER_ROWS)

    def _add_columns(self, number: int, sheet: Mapping[str, Any]) -> None:
        field_at = {column: name for name, column in sheet["columns"].items()}
        unclear = {name for code, name, _columns in sheet["doubts"] if code == "DATES"}
        for column, sample in enumerate(sample_columns(sheet, 0, 0)):
            label = str(_("Column %(letters)s")) % {"letters": sample.letters}
            at = f"s{number}-c{column}"
            name = field_at.get(column, "")
            self.fields[at] = forms.ChoiceField(
                label=label, choices=self._choices, required=False, initial=name
            )
            if name in unclear or name in sheet["orders"]:
                self.fields[f"{at}-order"] = forms.ChoiceField(
                    label=_("Order in the dates"),
                    choices=[("", _("Choose")), *((order, ORDER_WORDS[order]) for order in ORDERS)],
                    required=False,
                    initial=sheet["orders"].get(name, ""),
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        rosters = [n for n in range(len(self.sheets)) if not cleaned.get(f"s{n}-skip")]
        if not rosters:
            raise forms.ValidationError(
                _("Every sheet is left out. Leave at least one in, or give this import up.")
            )
        for number in rosters:
            self._check_sheet(number, cleaned)
        return cleaned

    def _check_sheet(self, number: int, cleaned: Mapping[str, Any]) -> None:
        sheet = self.sheets[number]
        first_row, depth = cleaned.get(f"s{number}-first", 1), cleaned.get(f"s{number}-depth", 0)
        if any(first_row <= row < first_row + depth for row in sheet["people"]):
            message = _("This row names a person; it is no header. Give the row above the people.")
            self.add_error(f"s{number}-first", message)
        chosen = self._chosen(number, cleaned)
        taken: dict[str, int] = {}
        for column, name in chosen:
            if name in taken:
                message = _("Two columns are imported as the same. Choose one of them.")
                self.add_error(f"s{number}-c{column}", message)
            taken.setdefault(name, column)
            if cleaned.get(f"s{number}-c{column}-order") == "" and name in ORDERED_FIELDS:
                message = _("Say in which order these dates are written.")
                self.add_error(f"s{number}-c{column}-order", message)
        if not {"name", "id_number"} <= taken.keys():
            message = _(
                "Say which column holds the name and which the ID number, "
                "or that this sheet is not a roster."
            )
            self.add_error(f"s{number}-skip", message)

    def _chosen(self, number: int, cleaned: Mapping[str, Any]) -> list[tuple[int, str]]:
        width = len(sample_columns(self.sheets[number], 0, 0))
        named = ((at, cleaned.get(f"s{number}-c{at}", "")) for at in range(width))
        return [(at, name) for at, name in named if name]

    def answers(self) -> dict[str, SheetAnswer]:
        """What was said of each sheet, by its name."""
        return {sheet["name"]: self._answer(n) for n, sheet in enumerate(self.sheets)}

    def _answer(self, number: int) -> SheetAnswer:
        cleaned = self.cleaned_data
        chosen = self._chosen(number, cleaned)
        first_row, depth = cleaned[f"s{number}-first"], cleaned[f"s{number}-depth"]
        orders = {name: cleaned.get(f"s{number}-c{at}-order", "") for at, name in chosen}
        return SheetAnswer(
            first_row=first_row if depth else 0,
            last_row=first_row + depth - 1 if depth else 0,
            columns={name: at for at, name in chosen},
            orders={name: order for name, order in orders.items() if order},
            township=cleaned[f"s{number}-township"],
            is_roster=not cleaned[f"s{number}-skip"],
        )

    def read_header_again(self) -> None:
        """Propose columns by the titles in the rows that were given."""
        data = dict(self.data.items())
        for number, sheet in enumerate(self.sheets):
            first_row, depth = self.header_of(number)
            if not depth or (first_row, depth) == _header(sheet):
                continue
            layout = titles_at(sheet, first_row, first_row + depth - 1)
            field_at = {column: name for name, column in layout.columns.items()}
            for column in range(len(sample_columns(sheet, 0, 0))):
                data[f"s{number}-c{column}"] = field_at.get(column, "")
        self.data = data


def _header(sheet: Mapping[str, Any]) -> tuple[int, int]:
    return sheet["first_row"], sheet["last_row"] - sheet["first_row"] + 1


class PlacesForm(forms.Form):
    """Which place each text stands for; none is chosen beforehand."""

    def __init__(self, choices: Sequence[PlaceChoice], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = list(choices)
        for number, choice in enumerate(self._asked):
            likely = [(_("Most alike"), choice.likely)] if choice.likely else []
            if choice.is_ambiguous:
                likely = [(_("Fits the text"), choice.likely)]
            self.fields[f"p{number}"] = forms.ChoiceField(
                label=choice.question.text,
                choices=[("", _("leave as it is")), *likely, *_groups(choice.others)],
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(
                _("No place is chosen yet. Choose at least one, or go back to the rows.")
            )
        return cleaned

    def picked(self) -> dict[PlaceQuestion, str]:
        return {
            choice.question: code
            for number, choice in enumerate(self._asked)
            if (code := self.cleaned_data[f"p{number}"])
        }


def _groups(groups: Choices) -> list[tuple[Any, Any]]:
    """Groups of a drop-down; a single one needs no name."""
    return [(name or _("All"), entries) for name, entries in groups]


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
