"""The rows of a roster's preview: which of them, a page of them, all of them as a workbook."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.queries import signed_in_user
from learners.actions.imports import note_preview_export
from learners.models import RosterImport, RosterRow
from learners.queries.rosters import (
    CHUNK,
    may_filter_outcomes,
    outcome_field,
    preview_rows,
    reach_of,
    search_rows,
    worst_first,
)
from learners.views.preview import EXPECTED_WORDS, Line, line_of
from lms.lib.downloads import disposition
from lms.lib.searching import searched
from lms.lib.workbooks import XLSX, write_xlsx

LISTED = {
    RosterImport.State.CHECKED,
    RosterImport.State.IMPORTING,
    RosterImport.State.IMPORTED,
}


class RowsForm(forms.Form):
    """Which rows to show. Whole numbers are not searched here: their look-up is written down."""

    q = forms.CharField(
        label=gettext_lazy("Name, last four of the ID number, or row"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    verdict = forms.ChoiceField(
        label=gettext_lazy("Verdict"),
        required=False,
        choices=[("", gettext_lazy("All")), *RosterRow.Verdict.choices],
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What the import does"),
        required=False,
        choices=[("", gettext_lazy("All")), *RosterRow.Outcome.choices],
    )


class Preview:
    """The rows of one import as one user may see them, narrowed by what the address asks for."""

    def __init__(self, request: HttpRequest, user: User, roster_import: RosterImport) -> None:
        self.roster_import = roster_import
        self.reach = reach_of(roster_import, user)
        self.knows_outcomes = may_filter_outcomes(roster_import, self.reach)
        self.form = RowsForm(request.GET.dict() | {"q": searched(request)})
        if not roster_import.confirmed_at:
            choice = self.form.fields["outcome"]
            choice.choices = [("", _("All")), *EXPECTED_WORDS.items()]  # type: ignore[attr-defined]
        if not self.knows_outcomes:
            del self.form.fields["outcome"]
        if not self.form.is_valid() and self.form.errors.keys() != {"q"}:
            raise Http404
        self.asked: dict[str, str] = {
            name: self.form.cleaned_data.get(name, "") for name in ("q", "verdict", "outcome")
        }

    def rows(self) -> QuerySet[RosterRow]:
        """Titles and blank rows are only shown when asked for."""
        rows = worst_first(self.roster_import.rows.all())
        verdict, outcome = self.asked["verdict"], self.asked["outcome"]
        rows = rows.filter(verdict=verdict) if verdict else rows.exclude(verdict="SKIPPED")
        if outcome:
            rows = rows.filter(**{outcome_field(self.roster_import): outcome})
        if self.form.errors:
            return rows.none()
        return search_rows(rows, self.asked["q"]) if self.asked["q"] else rows

    def lines(self, rows: Any) -> list[Line]:
        layouts = self.roster_import.summary["layouts"]
        columns = {stored["sheet"]: stored["columns"] for stored in layouts}
        shown = preview_rows(self.roster_import, rows, reach=self.reach)
        return [
            line_of(found, columns.get(found.row.sheet, {}), knows_created=self.knows_outcomes)
            for found in shown
        ]


def rows_context(request: HttpRequest, user: User, roster_import: RosterImport) -> dict[str, Any]:
    preview = Preview(request, user, roster_import)
    try:
        page = Paginator(preview.rows(), settings.PAGE_SIZE).page(request.GET.get("page", 1))
    except InvalidPage:
        raise Http404 from None
    return {
        "lines": preview.lines(page.object_list),
        "page": page,
        "rows_form": preview.form,
        "verdict": preview.asked["verdict"],
        "is_filtered": any(preview.asked.values()),
        "several_sheets": len(roster_import.summary["layouts"]) > 1,
    }


@require_safe
def import_rows(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The preview as a workbook: the same rows, as masked as on the page."""
    user = signed_in_user(request)
    visible = RosterImport.objects.visible_to(user).select_related("region", "uploaded_by")
    roster_import = get_object_or_404(visible, pk=pk)
    if roster_import.state not in LISTED:
        raise Http404
    preview = Preview(request, user, roster_import)
    rows = preview.rows()
    count = rows.count()
    if count > settings.EXPORT_MAX_ROWS:
        words = _(
            "%(count)s rows are too many for one file (at most %(most)s). Filter the list first."
        )
        messages.error(request, words % {"count": count, "most": settings.EXPORT_MAX_ROWS})
        return redirect("learners:import_detail", pk=pk)
    content = write_xlsx(_header(), _body(preview, rows))
    note_preview_export(roster_import=roster_import, rows=count, actor=user)
    stem = roster_import.file_name.rpartition(".")[0] or roster_import.file_name
    response = HttpResponse(content, content_type=XLSX)
    name = _("%(file)s - preview.xlsx") % {"file": stem}
    response["Content-Disposition"] = disposition(name)
    return response


def _header() -> list[str]:
    return [
        *(_("Sheet"), _("Row"), _("Full name"), _("ID number"), _("Township"), _("Village")),
        *(_("Telephone"), _("Verdict"), _("What the import does"), _("Cause and remedy")),
    ]


def _body(preview: Preview, rows: QuerySet[RosterRow]) -> Iterator[list[Any]]:
    keys = list(rows.values_list("pk", flat=True))
    for at in range(0, len(keys), CHUNK):
        found = {row.pk: row for row in rows.filter(pk__in=keys[at : at + CHUNK])}
        for line in preview.lines([found[key] for key in keys[at : at + CHUNK]]):
            yield [
                *(line.row.sheet, line.row.row, line.name.text, line.number.text),
                *(line.township.text, line.village.text, line.phone.text, line.chip[2]),
                *(line.outcome[2] if line.outcome else "", " ".join(line.texts)),
            ]
