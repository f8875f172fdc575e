"""Uploading a roster, naming its columns, choosing its places."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from learners.forms.fields import DAY, ScopedChoiceField, offer
from learners.models import (
    Register,
    RegisterEdition,
)
from learners.queries.mapping import PlaceChoice, sample_columns, titles_at
from learners.roster.answers import PlaceQuestion, SheetAnswer
from learners.roster.days import FIELDS as ORDERED_FIELDS
from learners.roster.days import ORDERS
from learners.roster.headers import MOST_HEADER_ROWS
from lms.lib.periods import today
from lms.lib.scope import HasScope, Role, under
from regions.models import Region

#: Controls and direction marks have no place in a file's name.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


TOO_LARGE = "FILE_TOO_LARGE"
EMPTY = _("The file is empty (0 bytes). Check that it was saved, then upload it again.")


class EditionField(ScopedChoiceField):
    def label_from_instance(self, obj: RegisterEdition) -> str:
        words = _("%(register)s, edition %(no)d")
        return str(words) % {"register": obj.register, "no": obj.no}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Roster file"),
        help_text=_("Excel workbook (.xlsx, .xls) or CSV, at most 20 MB. Keep it as it is."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
        error_messages={
            "required": _("No file is chosen. Choose the roster, then upload it."),
            "empty": EMPTY,
        },
    )
    region = ScopedChoiceField(
        label=_("County"),
        queryset=Region.objects.none(),
        to_field_name="code",
        help_text=_("The prefecture, when the file holds several counties."),
    )
    as_of = forms.DateField(
        label=_("As of"),
        widget=DAY,
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


class VillageListForm(forms.Form):
    file = forms.FileField(
        label=_("List of villages"),
        error_messages={"empty": EMPTY},
        help_text=_(
            "An Excel workbook or CSV with the columns township and village. A column that says "
            "whether the village qualifies is followed; the reason may stand in another."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
    )
