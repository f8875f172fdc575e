"""The columns of a roster, where they are not certain, and the places that its texts stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.queries import signed_in_user
from learners.actions.mapping import answer_columns, answer_places, forget_layouts
from learners.forms import ColumnsForm, PlacesForm
from learners.models import RosterImport
from learners.queries.mapping import (
    MOST_QUESTIONS,
    PlaceChoice,
    SampleColumn,
    place_choices,
    remembered_for,
    sample_columns,
    township_choices,
)
from learners.views.imports import STEPS
from learners.views.preview import FIELD_WORDS
from lms.lib.errors import ActionError

State = RosterImport.State
#: The fields of the drop-downs in the order in which a clerk looks for them.
GROUPS = (
    (gettext_lazy("Needed"), ("name", "id_number")),
    (gettext_lazy("Where they live"), ("township", "village", "address", "group", "county")),
    (
        gettext_lazy("Person"),
        (
            *("phone", "household_type", "sex", "ethnic", "birth_date", "age", "education"),
            *("political_status", "disability"),
        ),
    ),
    (gettext_lazy("Household"), ("household_no", "head_name", "head_id", "relation")),
    (
        gettext_lazy("Training"),
        (
            *("train_date", "train_start", "train_end", "train_term", "completed"),
            *("has_shop", "shop_url"),
        ),
    ),
    (
        gettext_lazy("For a register"),
        (
            *("able", "willing", "intention", "surveyed_by", "surveyed_on", "post", "category"),
            *("project", "yearly_income", "drive_count", "drive_way", "has_agreement"),
            *("shop_grant", "loan"),
        ),
    ),
    (gettext_lazy("Other"), ("serial", "remark", "reason", "signature")),
)
#: The longest a cell is shown.
_SHOWN = 24


@dataclass(frozen=True)
class ColumnLine:
    """One column of the file: what it is called, what it holds, what it is imported as."""

    column: SampleColumn
    samples: list[str]
    choice: forms.BoundField
    order: forms.BoundField | None
    hint: tuple[str, str, str]


@dataclass(frozen=True)
class SheetLines:
    name: str
    is_read: bool
    is_open: bool
    doubts: list[str]
    rows: list[tuple[int, list[str], bool]]
    letters: list[str]
    skip: forms.BoundField
    first: forms.BoundField
    depth: forms.BoundField
    township: forms.BoundField
    columns: list[ColumnLine]


@require_http_methods(["GET", "HEAD", "POST"])
def import_columns(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which column is which. Saving has the file judged again."""
    roster_import = _import(request, pk)
    if roster_import.state not in {State.UNSURE, State.CHECKED}:
        return redirect("learners:import_detail", pk=pk)
    reading = roster_import.reading()
    form = _columns_form(request, roster_import, reading)
    if request.method != "POST":
        return _columns_page(request, roster_import, reading, form)
    if "again" in request.POST:
        form.read_header_again()
        form.errors.clear()
        return _columns_page(request, roster_import, reading, form)
    if not form.is_valid():
        return _columns_page(request, roster_import, reading, form, status=422)
    try:
        answer_columns(
            roster_import=roster_import,
            sheets=form.answers(),
            remember=form.cleaned_data["remember"],
            actor=signed_in_user(request),
        )
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("learners:import_detail", pk=pk)


@require_POST
def import_forget(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget what was remembered of these headings."""
    roster_import = _import(request, pk)
    layouts = remembered_for(roster_import, roster_import.reading())
    forget_layouts(roster_import=roster_import, layouts=layouts, actor=signed_in_user(request))
    messages.success(request, _("Forgotten. The next file with these headings is read afresh."))
    return redirect("learners:import_columns", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def import_places(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What each text means that names no place for certain: asked once, not row by row."""
    roster_import = _import(request, pk)
    reading = roster_import.reading()
    if roster_import.state != State.CHECKED or not reading["places"]:
        return redirect("learners:import_detail", pk=pk)
    choices = place_choices(roster_import, reading)
    form = PlacesForm(choices, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return _places_page(request, roster_import, reading, choices, form, status)
    try:
        answer_places(
            roster_import=roster_import, picked=form.picked(), actor=signed_in_user(request)
        )
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("learners:import_detail", pk=pk)


def _import(request: HttpRequest, pk: UUID) -> RosterImport:
    rows = RosterImport.objects.visible_to(signed_in_user(request))
    return get_object_or_404(rows.select_related("region", "uploaded_by"), pk=pk)


# --- columns ---
def _columns_form(
    request: HttpRequest, roster_import: RosterImport, reading: Mapping[str, Any]
) -> ColumnsForm:
    return ColumnsForm(
        reading,
        request.POST if request.method == "POST" else None,
        fields=[(title, [(name, FIELD_WORDS[name]) for name in names]) for title, names in GROUPS],
        townships=township_choices(roster_import.region),
    )


def _columns_page(
    request: HttpRequest,
    roster_import: RosterImport,
    reading: Mapping[str, Any],
    form: ColumnsForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "roster_import": roster_import,
        "form": form,
        "steps": STEPS,
        "sheets": [_sheet_lines(form, n, sheet) for n, sheet in enumerate(reading["sheets"])],
        "remembered": remembered_for(roster_import, reading),
        "is_unsure": roster_import.state == State.UNSURE,
    }
    return render(request, "learners/import_columns.html", context, status=status)


def _sheet_lines(form: ColumnsForm, number: int, sheet: Mapping[str, Any]) -> SheetLines:
    first_row, depth = form.header_of(number)
    last_row = first_row + depth - 1 if depth else 0
    columns = sample_columns(sheet, first_row, last_row)
    at = f"s{number}"
    return SheetLines(
        name=sheet["name"],
        is_read=sheet["is_roster"],
        is_open=sheet["is_roster"] or form.is_bound,
        doubts=[_doubt(code, name, at, columns) for code, name, at in sheet["doubts"]],
        rows=[
            (n, [text[:_SHOWN] for text in row], bool(depth) and first_row <= n <= last_row)
            for n, row in enumerate(sheet["rows"], 1)
        ],
        letters=[column.letters for column in columns],
        skip=form[f"{at}-skip"],
        first=form[f"{at}-first"],
        depth=form[f"{at}-depth"],
        township=form[f"{at}-township"],
        columns=[_line(form, at, n, column, sheet) for n, column in enumerate(columns)],
    )


def _line(
    form: ColumnsForm, at: str, number: int, column: SampleColumn, sheet: Mapping[str, Any]
) -> ColumnLine:
    order = f"{at}-c{number}-order"
    return ColumnLine(
        column=column,
        samples=[text[:_SHOWN] for text in column.values],
        choice=form[f"{at}-c{number}"],
        order=form[order] if order in form.fields else None,
        hint=_hint(number, sheet),
    )


def _hint(number: int, sheet: Mapping[str, Any]) -> tuple[str, str, str]:
    """A chip: why the column was taken for what it is, or that it wants an answer."""
    name = next((name for name, at in sheet["columns"].items() if at == number), "")
    if any(number in columns for _code, _name, columns in sheet["doubts"]):
        return "warn", "alert", _("Please say")
    if number in sheet["attendance"]:
        return "info", "check", _("Attendance mark")
    if name in sheet["inferred"]:
        return "info", "eye", _("By its values")
    if name and sheet["source"] == "REMEMBERED":
        return "good", "check", _("Remembered")
    if name and sheet["source"] == "ANSWERED":
        return "good", "check", _("As you said")
    return ("good", "check", _("By its title")) if name else ("", "", "")


def _doubt(code: str, name: str, at: Sequence[int], columns: Sequence[SampleColumn]) -> str:
    words = {
        "field": FIELD_WORDS.get(name, name),
        "columns": _(" and ").join(_called(columns[n]) for n in at if n < len(columns)),
    }
    if code == "MISSING" and name == "township":
        return _(
            "No column says where the people live. Say which one does, or choose the township "
            "of all of them."
        )
    return _DOUBTS[code] % words


_DOUBTS = {
    "NO_HEADER": gettext_lazy(
        "No header row was found. Give the row in which it stands, then say column by column "
        "what it holds."
    ),
    "MISSING": gettext_lazy("No column is certain to hold: %(field)s. Say which one does."),
    "RIVALS": gettext_lazy(
        "%(columns)s could each be: %(field)s. They say different things; choose one."
    ),
    "SIDE_BY_SIDE": gettext_lazy(
        "%(columns)s both hold ID numbers: each row seems to name two people, of whom only one "
        "can be imported. Move the right half of the table below the left one, save the file and "
        "upload it again. If the second number is of a relative, choose the person's own here."
    ),
    "CROSSED": gettext_lazy(
        "The headings %(columns)s stand over each other's column: under the name are ID numbers, "
        "under the ID number names. The columns are exchanged below; check them, then save."
    ),
    "LOOKS_LIKE": gettext_lazy(
        "%(columns)s looks like: %(field)s, but its title was not recognised. Say what it is."
    ),
    "DATES": gettext_lazy(
        "In the dates of %(columns)s day and month cannot be told apart. Say their order."
    ),
}


def _called(column: SampleColumn) -> str:
    title = column.title[:_SHOWN] or column.letters
    return _("“%(title)s” (column %(letters)s)") % {"title": title, "letters": column.letters}


# --- places ---
def _places_page(
    request: HttpRequest,
    roster_import: RosterImport,
    reading: Mapping[str, Any],
    choices: Sequence[PlaceChoice],
    form: PlacesForm,
    status: int,
) -> HttpResponse:
    context = {
        "roster_import": roster_import,
        "form": form,
        "steps": STEPS,
        "lines": [(choice, form[f"p{n}"]) for n, choice in enumerate(choices)],
        "more": max(len(reading["places"]) - MOST_QUESTIONS, 0),
        "rows": sum(choice.rows for choice in choices),
    }
    return render(request, "learners/import_places.html", context, status=status)
