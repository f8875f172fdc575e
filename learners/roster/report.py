"""What came of judging a file: every row with its verdict, and the machine-readable report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from learners.roster.answers import PlaceQuestion
from learners.roster.headers import Layout
from learners.roster.normalise import cell_text
from learners.roster.reading import SheetReading
from learners.roster.verdicts import Finding, Verdict
from lms.lib.spreadsheets import Cell, MergedRange

POLICY = "RULES.md v1"
# The fields of a clean row that every file has, in the order of the report.
CORE_FIELDS = (
    "name",
    "sex",
    "id_number",
    "birth_date",
    "ethnic",
    "ethnic_code",
    "phone",
    "county_code",
    "township",
    "township_code",
    "village",
    "village_code",
    "household_type",
)
# Further fields, reported when the file has a column for them.
EXTRA_FIELDS = (
    "train_date",
    "train_start",
    "train_end",
    "completed",
    "has_shop",
    "shop_url",
    "education",
    "household_no",
    "head_name",
    "head_id",
    "relation",
    "disability",
    "attendance",
    "attendance_rate",
    "attendance_qualified",
)
# Fields whose tidying the preview shows.
_TIDIED_FIELDS = (
    "name",
    "id_number",
    "phone",
    "ethnic",
    "township",
    "village",
    "household_type",
)


@dataclass(slots=True)
class Tidied:
    """A cell that was put in order without asking, for the preview to show."""

    field: str
    before: str
    after: str


@dataclass(slots=True)
class JudgedRow:
    """`cells` are as the file had them; `fields` as understood, empty for a skipped row.

    `meant` says, by field, what cells stand for that say "as above", are merged with the one above
    or were exchanged: away from the rows above it the row must still make sense.
    """

    sheet: str | None
    row: int
    cells: list[Cell]
    verdict: Verdict
    skip_reason: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    meant: dict[str, Cell] = field(default_factory=dict)

    @property
    def is_person(self) -> bool:
        return self.verdict is not Verdict.SKIPPED

    @property
    def is_clean(self) -> bool:
        return self.verdict in (Verdict.OK, Verdict.WARNING)


class Tally:
    """Counts rows as they pass: verdicts, and by verdict the codes of each row."""

    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.findings: Counter[str] = Counter()
        #: Verdict -> code -> rows with it; of skipped rows why they were skipped.
        self.words: dict[Verdict, Counter[str]] = {verdict: Counter() for verdict in Verdict}

    def add(self, row: JudgedRow) -> None:
        self.verdicts[row.verdict] += 1
        if row.findings:
            codes = [finding.code for finding in row.findings]
            self.findings.update(codes)
            self.words[row.verdict].update(set(codes))
        elif row.skip_reason:
            self.words[row.verdict][row.skip_reason] += 1

    def counts(self) -> dict[str, Any]:
        total = sum(self.verdicts.values())
        skipped = self.verdicts[Verdict.SKIPPED]
        rejected = self.verdicts[Verdict.ERROR]
        return {
            "person_rows": total - skipped,
            "clean_rows": total - skipped - rejected,
            "rejected_rows": rejected,
            "warnings": sum(self.findings.values()) - rejected,
            "skipped_rows": skipped,
            "by_code": dict(sorted(self.findings.items())),
        }


@dataclass
class Shape:
    """How a sheet looks: widths by column from 0, and what is merged above its first person."""

    widths: dict[int, float] = field(default_factory=dict)
    merged: list[MergedRange] = field(default_factory=list)


@dataclass
class Report:
    file: str
    as_of: date
    county_code: str
    encoding: str = ""
    layouts: dict[str | None, Layout] = field(default_factory=dict)
    shapes: dict[str | None, Shape] = field(default_factory=dict)
    rows: list[JudgedRow] = field(default_factory=list)
    #: The rows while the file is still being judged; they are not put into `rows`.
    coming: Iterator[JudgedRow] = field(default_factory=lambda: iter(()))
    skipped_sheets: list[str] = field(default_factory=list)
    declared_counts: dict[str, int] = field(default_factory=dict)
    readings: list[SheetReading] = field(default_factory=list)
    # How many rows each text stopped, or left without a village, that names no place for certain.
    asked: Counter[PlaceQuestion] = field(default_factory=Counter)
    _tidied_at: dict[str | None, list[tuple[str, int]]] = field(default_factory=dict)

    def people(self) -> Iterator[JudgedRow]:
        return (row for row in self.rows if row.is_person)

    def clean(self) -> Iterator[JudgedRow]:
        return (row for row in self.rows if row.is_clean)

    def rejected(self) -> Iterator[JudgedRow]:
        return (row for row in self.rows if row.verdict is Verdict.ERROR)

    def skipped(self) -> Iterator[JudgedRow]:
        return (row for row in self.rows if not row.is_person)

    def tidied(self, row: JudgedRow) -> list[Tidied]:
        """The cells of a person's row that mean something else, or more, than they say."""
        found = []
        columns = self.layouts[row.sheet].columns
        for name in _TIDIED_FIELDS:
            before = row.cells[columns[name]] if name in columns else None
            after = row.fields.get(name)
            if before is None or not after:
                continue
            text = before if isinstance(before, str) else cell_text(before)
            if text != after:
                found.append(Tidied(name, text, after))
        return found

    def is_tidied(self, row: JudgedRow) -> bool:
        """Whether `tidied` has anything to say of the row."""
        cells, fields = row.cells, row.fields
        for name, column in self._tidied_columns(row.sheet):
            before = cells[column]
            after = fields[name]
            if before is None or before == after or not after:
                continue
            if isinstance(before, str) or cell_text(before) != after:
                return True
        return False

    def _tidied_columns(self, sheet: str | None) -> list[tuple[str, int]]:
        found = self._tidied_at.get(sheet)
        if found is None:
            columns = self.layouts[sheet].columns
            found = [(name, columns[name]) for name in _TIDIED_FIELDS if name in columns]
            self._tidied_at[sheet] = found
        return found

    def counts(self) -> dict[str, Any]:
        tally = Tally()
        for row in self.rows:
            tally.add(row)
        return tally.counts()

    def as_json(self) -> dict[str, Any]:
        """The report in plain JSON types, with the keys that its readers rely on."""
        layout = next(iter(self.layouts.values()))
        optional = {
            "encoding": self.encoding,
            "skipped_sheets": self.skipped_sheets,
            "declared_counts": self.declared_counts,
        }
        return {
            "file": self.file,
            "as_of": self.as_of.isoformat(),
            "county_code": self.county_code,
            "policy": POLICY,
            "header_row": layout.last_row,
            "columns": layout.titles,
            **{key: value for key, value in optional.items() if value},
            "counts": self.counts(),
            "clean": [_clean_entry(row) for row in self.clean()],
            "errors": [_finding_entry(row, found) for row in self.rows for found in row.findings],
            "skipped": [
                {"sheet": row.sheet, "row": row.row, "reason": row.skip_reason}
                for row in self.skipped()
            ],
        }


def _clean_entry(row: JudgedRow) -> dict[str, Any]:
    entry: dict[str, Any] = {"sheet": row.sheet, "row": row.row}
    for name in CORE_FIELDS:
        entry[name] = _plain(row.fields[name])
    for name in EXTRA_FIELDS:
        if name in row.fields:
            entry[name] = _plain(row.fields[name])
    return entry


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _finding_entry(row: JudgedRow, found: Finding) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "sheet": row.sheet,
        "row": row.row,
        "severity": found.severity.value,
        "code": found.code,
        "field": found.field,
        "value": found.value,
    }
    if found.dup_of:
        entry["dup_of"] = {"sheet": found.dup_of[0], "row": found.dup_of[1]}
    return entry
