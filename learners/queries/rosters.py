"""What is kept of each row of a roster, and how it is read back for import and preview."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from learners.models import HouseholdType, RosterImport, RosterRow
from learners.queries.matching import Difference, PersonFacts, is_reached, known_people
from learners.roster.headers import Layout
from learners.roster.report import JudgedRow, Report, Tidied
from learners.roster.verdicts import CODES, FILE_MESSAGES, Finding, Verdict
from lms.lib.spreadsheets import MESSAGES, FileError
from regions.models import Region

#: Found only against the archive, never by judging the file alone.
KNOWN_ELSEWHERE = "KNOWN_ELSEWHERE"
_ELSEWHERE: tuple[Promise, Promise] = (
    _("This person is registered in another region already."),
    _("The row is not imported. Ask the office above both regions to move the person here."),
)
CLEAN = (RosterRow.Verdict.OK, RosterRow.Verdict.WARNING)
_WORST_FIRST = ("ERROR", "WARNING", "OK", "SKIPPED")


# --- what is stored ---
def row_content(row: JudgedRow) -> dict[str, Any]:
    """What a RosterRow keeps encrypted."""
    return {
        "cells": [_plain(cell) for cell in row.cells],
        "fields": {name: _plain(value) for name, value in row.fields.items()},
        "findings": [[f.code, f.field, f.value, f.dup_of] for f in row.findings],
        "tidied": [[t.field, t.before, t.after] for t in row.tidied],
    }


def judged_row(row: RosterRow) -> JudgedRow:
    """The stored row as it came from the judge, for the error workbook and the preview."""
    content = row.raw()
    findings = [
        Finding(code, name, value, (dup[0], dup[1]) if dup else None)
        for code, name, value, dup in content["findings"]
        if code in CODES
    ]
    return JudgedRow(
        row.sheet,
        row.row,
        content["cells"],
        Verdict(row.verdict.lower()),
        row.codes[0] if row.verdict == RosterRow.Verdict.SKIPPED else "",
        content["fields"],
        findings,
        [Tidied(*entry) for entry in content["tidied"]],
    )


def report_summary(report: Report) -> dict[str, Any]:
    """What a RosterImport keeps of the report besides its rows; nothing personal."""
    return {
        "encoding": report.encoding,
        "skipped_sheets": report.skipped_sheets,
        "declared_counts": report.declared_counts,
        "counts": report.counts(),
        "tidied_rows": sum(bool(row.tidied) for row in report.clean()),
        "layouts": [
            {
                "sheet": sheet,
                "first_row": layout.first_row,
                "last_row": layout.last_row,
                "columns": layout.columns,
                "titles": layout.titles,
            }
            for sheet, layout in report.layouts.items()
        ],
    }


def layouts_of(roster_import: RosterImport) -> dict[str | None, Layout]:
    return {
        stored["sheet"]: Layout(
            stored["first_row"], stored["last_row"], stored["columns"], stored["titles"]
        )
        for stored in roster_import.summary.get("layouts", [])
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def refusal_message(roster_import: RosterImport) -> str:
    """Why the whole file was refused, in the reader's language."""
    code = roster_import.refusal
    message = MESSAGES.get(code) or FILE_MESSAGES.get(code) or ""
    return FileError(code, message, roster_import.summary.get("refusal_detail", "")).message


# --- what is imported ---
@dataclass(frozen=True)
class Reference:
    """The regions and household types that the rows of one import name."""

    regions: Mapping[str, Region]
    types: Mapping[str, HouseholdType]

    def person(self, fields: Mapping[str, Any]) -> PersonFacts:
        return PersonFacts(
            name=fields["name"],
            id_number=fields["id_number"],
            home=self.regions[fields["village_code"] or fields["township_code"]],
            phone=fields["phone"],
            ethnicity=fields["ethnic_code"],
            education=fields.get("education", ""),
            household_type=self.types.get(fields["household_type"]),
            household_no=fields.get("household_no", ""),
            head_name=fields.get("head_name", ""),
            relation=fields.get("relation", ""),
        )


def reference_for(region: Region) -> Reference:
    rows = Region.objects.current().within(region).select_related("parent")
    types = HouseholdType.objects.all()
    return Reference({row.code: row for row in rows}, {row.name: row for row in types})


# --- what is shown ---
@dataclass(frozen=True)
class Problem:
    code: str
    field: str
    text: str


@dataclass(frozen=True)
class PreviewRow:
    """One line of the preview table. `known` is what an import would do with the person."""

    row: RosterRow
    judged: JudgedRow
    problems: list[Problem]
    known: str
    changes: list[Difference]

    @property
    def bad_fields(self) -> set[str]:
        return {problem.field for problem in self.problems}

    @property
    def tidied_fields(self) -> set[str]:
        return {entry.field for entry in self.judged.tidied}


def worst_first(rows: QuerySet[RosterRow]) -> QuerySet[RosterRow]:
    whens = [When(verdict=name, then=Value(rank)) for rank, name in enumerate(_WORST_FIRST)]
    rank = Case(*whens, default=Value(9), output_field=IntegerField())
    return rows.annotate(rank=rank).order_by("rank", "position")


def verdict_counts(roster_import: RosterImport) -> dict[str, int]:
    rows = roster_import.rows.order_by().values_list("verdict").annotate(n=Count("pk"))
    return dict.fromkeys(RosterRow.Verdict.values, 0) | dict(rows)


def preview_rows(
    rows: Iterable[RosterRow], *, reference: Reference, as_of: date, reach: Sequence[str]
) -> list[PreviewRow]:
    """The rows of one page, with what is known of their people inside `reach` now."""
    judged = [(row, judged_row(row)) for row in rows]
    people = {
        row.pk: reference.person(found.fields) for row, found in judged if row.verdict in CLEAN
    }
    known = known_people(people.values(), as_of=as_of)
    shown = []
    for row, found in judged:
        person = people.get(row.pk)
        learner = known.find(person) if person else None
        if learner and not is_reached(learner, reach):
            learner = None
        changes = known.differences(learner, person) if learner and person else []
        outcome = "" if learner is None else "CHANGED" if changes else "MATCHED"
        shown.append(PreviewRow(row, found, problems_of(row, found), outcome, changes))
    return shown


def problems_of(row: RosterRow, judged: JudgedRow) -> list[Problem]:
    found = [Problem(f.code, f.field, f.reason()) for f in judged.findings]
    if KNOWN_ELSEWHERE in row.codes:
        found.append(Problem(KNOWN_ELSEWHERE, "id_number", " ".join(str(t) for t in _ELSEWHERE)))
    return found
