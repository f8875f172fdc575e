"""Rosters: upload, preview row by row, import, the workbook of rows to correct."""

from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from learners.actions.imports import (
    abandon_import,
    ask_for_check,
    confirm_import,
    receive_roster,
    write_error_workbook,
)
from learners.actions.undo import undo_import
from learners.forms import TOO_LARGE, UploadForm
from learners.models import RosterImport, RosterRow
from learners.queries.dependants import UNDO, is_being_undone
from learners.queries.rosters import (
    field_titles,
    refusal_message,
    verdict_counts,
)
from learners.roster.blanks import BLANKS
from learners.tables import ALL
from learners.views.preview import FIELD_WORDS, count_boxes
from learners.views.rows import LISTED, rows_context
from lms.lib.downloads import disposition
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.lists import DayColumn, Filters, ListTable, list_page

State = RosterImport.State
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS = [
    gettext_lazy("Upload"),
    gettext_lazy("Columns"),
    gettext_lazy("Check row by row"),
    gettext_lazy("Confirm the import"),
    gettext_lazy("Done"),
]
STEP_OF = {
    State.UPLOADED: 2,
    State.REFUSED: 2,
    State.UNSURE: 2,
    State.CHECKED: 3,
    State.IMPORTING: 4,
    State.IMPORTED: 6,
    State.UNDOING: 5,
    State.UNDONE: 6,
    State.ABANDONED: 3,
}
CHIPS = {
    State.UPLOADED: ("info", "clock"),
    State.REFUSED: ("bad", "cross"),
    State.UNSURE: ("warn", "alert"),
    State.CHECKED: ("info", "eye"),
    State.IMPORTING: ("info", "clock"),
    State.IMPORTED: ("good", "check"),
    State.UNDOING: ("warn", "clock"),
    State.UNDONE: ("mute", "minus"),
    State.ABANDONED: ("mute", "minus"),
}


# --- the list of uploads ---
class ImportTable(ListTable):
    caption = gettext_lazy("Uploaded rosters")
    empty_icon = "upload"
    empty_title = gettext_lazy("No roster was uploaded yet")
    empty_text = gettext_lazy("Upload the file as the township sent it; it is checked row by row.")
    empty_action = gettext_lazy("Upload a roster")

    file_name = tables.Column(verbose_name=gettext_lazy("File"))
    region = tables.Column(verbose_name=gettext_lazy("Region"), order_by="region__path")
    as_of = DayColumn(verbose_name=gettext_lazy("As of"))
    state = tables.Column(verbose_name=gettext_lazy("State"))
    uploaded_by = tables.Column(
        verbose_name=gettext_lazy("Uploaded by"), order_by="uploaded_by__display_name"
    )
    uploaded_at = DayColumn(verbose_name=gettext_lazy("Uploaded at"), moment=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_href = reverse("learners:import_create")

    def render_file_name(self, record: RosterImport) -> Any:
        href = reverse("learners:import_detail", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, record.file_name)

    def render_state(self, record: RosterImport) -> Any:
        from lms.templatetags.ui import chip

        kind, icon = CHIPS[State(record.state)]
        return chip(kind, icon, record.get_state_display())


class ImportFilters(Filters):
    search_fields = ("file_name",)
    search_label = gettext_lazy("Name of the file")

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=State.choices, empty_label=ALL
    )


@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    region = current_region(request, Role.CLERK)
    rows = RosterImport.objects.visible_to(user).select_related("region", "uploaded_by")
    rows = rows.defer("summary", "answers", "reading_cipher").order_by("-uploaded_at")
    return list_page(
        request,
        "learners/import_list.html",
        table=ImportTable,
        rows=rows,
        filters=ImportFilters,
        export_name=_("Uploaded rosters"),
        context={"region": region},
    )


# --- uploading ---
@require_http_methods(["GET", "HEAD", "POST"])
def import_create(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK):
        raise PermissionDenied
    if request.method != "POST":
        return _upload_page(request, UploadForm(user))
    form = UploadForm(user, request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, form, status=413 if form.has_error("file", TOO_LARGE) else 422)
    roster_import = receive_roster(
        content=form.cleaned_data["file"].read(),
        file_name=form.file_name(),
        region=form.cleaned_data["region"],
        as_of=form.cleaned_data["as_of"],
        edition=form.cleaned_data["edition"],
        actor=user,
    )
    ask_for_check(roster_import=roster_import, actor=user)
    return redirect("learners:import_detail", pk=roster_import.pk)


def _upload_page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "steps": STEPS, "blanks": BLANKS.values()}
    return render(request, "learners/import_create.html", context, status=status)


# --- the preview ---
@require_safe
def import_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    roster_import = _import(request, user, pk)
    if roster_import.state == State.UNSURE:
        return redirect("learners:import_columns", pk=pk)
    counts = verdict_counts(roster_import)
    is_checked = roster_import.state == State.CHECKED
    ready = counts["OK"] + counts["WARNING"]
    context: dict[str, Any] = {
        "roster_import": roster_import,
        "state": roster_import.state,
        "steps": _steps(roster_import),
        "step": STEP_OF[State(roster_import.state)],
        "counts": counts,
        "boxes": count_boxes(roster_import, counts),
        "ready": ready,
        "person_rows": ready + counts["ERROR"],
        "refusal": refusal_message(roster_import) if roster_import.refusal else "",
        "is_stuck": _is_stuck(roster_import),
        "lines": None,
        "layouts": None,
        "verdict": "",
        "outcome": _outcome(roster_import),
        "place_links": [(reverse("learners:import_places", args=[pk]), _("Choose the places"))],
        "open_places": len(roster_import.reading()["places"]) if is_checked else 0,
        "is_being_undone": is_being_undone(roster_import),
        "undo_refusal": _undo_refusal(roster_import),
        "undone": dict.fromkeys(RosterRow.Outcome.values, 0)
        | roster_import.summary.get("undone", {}),
        "sheets": [stored["sheet"] or "" for stored in roster_import.summary.get("layouts", [])],
        "left_out": [name for name in roster_import.summary.get("skipped_sheets", []) if name],
    }
    if request.GET.get("show") == "columns":
        context["layouts"] = _titles(roster_import)
    elif roster_import.state in LISTED:
        context |= rows_context(request, user, roster_import)
    return render(request, "learners/import_detail.html", context)


def _import(request: HttpRequest, user: User, pk: UUID) -> RosterImport:
    rows = RosterImport.objects.visible_to(user)
    return get_object_or_404(rows.select_related("region", "uploaded_by", "progress"), pk=pk)


def _outcome(roster_import: RosterImport) -> dict[str, int]:
    """What became of the rows that were taken in."""
    if roster_import.state != State.IMPORTED:
        return {}
    rows = roster_import.rows.exclude(outcome="").order_by()
    found = dict.fromkeys(RosterRow.Outcome.values, 0)
    found |= dict(rows.values_list("outcome").annotate(n=Count("pk")))
    return found | {"all": sum(found.values())}


def _undo_refusal(roster_import: RosterImport) -> str:
    """Why the worker could not take the import back when it was asked to last."""
    progress = roster_import.progress
    if roster_import.state != State.IMPORTED or progress is None or progress.kind != UNDO:
        return ""
    return progress.error


def _steps(roster_import: RosterImport) -> list[Any]:
    """The columns can be looked at again; nothing else is undone by going back."""
    if not roster_import.summary.get("layouts"):
        return list(STEPS)
    here = reverse("learners:import_detail", args=[roster_import.pk])
    columns = f"{here}?show=columns"
    if roster_import.state == State.CHECKED:
        columns = reverse("learners:import_columns", args=[roster_import.pk])
    return [STEPS[0], (STEPS[1], columns), (STEPS[2], here), *STEPS[3:]]


def _titles(roster_import: RosterImport) -> list[tuple[str, list[tuple[str, str]]]]:
    """Sheets with their columns: (title in the file, what it was recognised as)."""
    return [
        (sheet, [(title, str(FIELD_WORDS.get(name, name))) for title, name in titles])
        for sheet, titles in field_titles(roster_import)
    ]


def _is_stuck(roster_import: RosterImport) -> bool:
    """Under way by its state, but no work is open for it."""
    waiting = roster_import.state in {State.UPLOADED, State.IMPORTING, State.UNDOING}
    progress = roster_import.progress
    return waiting and (progress is None or not progress.is_open)


# --- what is done with it ---
@require_POST
def import_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Import the clean rows. A second click finds the same task."""
    user = signed_in_user(request)
    roster_import = _import(request, user, pk)
    try:
        if roster_import.state == State.UPLOADED:
            ask_for_check(roster_import=roster_import, actor=user)
        else:
            confirm_import(roster_import=roster_import, actor=user)
    except ActionError as error:
        return _refused(request, error, roster_import)
    return redirect("learners:import_detail", pk=pk)


@require_POST
def import_abandon(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    roster_import = _import(request, user, pk)
    try:
        abandon_import(roster_import=roster_import, actor=user)
    except ActionError as error:
        return _refused(request, error, roster_import)
    return redirect("learners:import_list")


@require_POST
def import_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back all that the import did, while nothing depends on it."""
    user = signed_in_user(request)
    roster_import = _import(request, user, pk)
    reason = request.POST.get("reason", "")
    try:
        undo_import(roster_import=roster_import, reason=reason, actor=user)
    except ActionError as error:
        return _refused(request, error, roster_import)
    return redirect("learners:import_detail", pk=pk)


@require_safe
def import_errors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rows to correct as a workbook: as they were, faults in red, reasons at the end."""
    user = signed_in_user(request)
    roster_import = _import(request, user, pk)
    if not roster_import.rows.filter(verdict="ERROR").exists():
        raise Http404
    content = write_error_workbook(roster_import=roster_import, actor=user)
    stem = roster_import.file_name.rpartition(".")[0] or roster_import.file_name
    name = _("%(file)s - to correct.xlsx") % {"file": stem}
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = disposition(name)
    return response


def _refused(request: HttpRequest, error: ActionError, roster_import: RosterImport) -> HttpResponse:
    from django.contrib import messages

    messages.error(request, str(error.message))
    return redirect("learners:import_detail", pk=roster_import.pk)
