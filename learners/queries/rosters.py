"""What is kept of each row of a roster, and how it is read back for import and preview."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from learners.models import HouseholdType, RosterImport, RosterRow
from learners.queries.hints import hints_of_file, row_hinter
from learners.queries.mapping import answers_for, reading_content
from learners.queries.matching import Difference, PersonFacts, is_reached, known_people
from learners.queries.past import past_changes
from learners.queries.places import places_of
from learners.roster.headers import Layout
from learners.roster.judging import collector_paused, judge_in_turn
from learners.roster.report import JudgedRow, Report, Shape, Tally, Tidied
from learners.roster.verdicts import FILE_MESSAGES, Finding, Verdict
from lms.lib import bulk, crypto
from lms.lib.ids import dashed, uuid7_hexes
from lms.lib.scope import HasScope, Role
from lms.lib.spreadsheets import MESSAGES, FileError, MergedRange, read_workbook
from regions.models import Region

#: Found only against the archive, never by judging the file alone.
KNOWN_ELSEWHERE = "KNOWN_ELSEWHERE"
CLEAN = (RosterRow.Verdict.OK, RosterRow.Verdict.WARNING)
#: Rows taken in in one transaction.
CHUNK = 500
#: A search in the preview lists so many rows at most.
MOST_FOUND = 500
_LAST_FOUR = "0000"
_WORST_FIRST = ("ERROR", "WARNING", "OK", "SKIPPED")


# --- what is stored ---
def packed_content(row: JudgedRow) -> str:
    """What a RosterRow keeps encrypted; the fields first, for an import reads only those."""
    content = {
        "fields": row.fields,
        "cells": row.cells,
        "findings": [[f.code, f.field, f.value, f.dup_of] for f in row.findings],
        "meant": row.meant,
    }
    return _encode(content)


def judged_row(row: RosterRow) -> JudgedRow:
    """The stored row as it came from the judge, for the error workbook and the preview."""
    content = row.raw()
    findings = [
        Finding(code, name, value, (dup[0], dup[1]) if dup else None)
        for code, name, value, dup in content["findings"]
    ]
    if KNOWN_ELSEWHERE in row.codes:
        findings.append(Finding(KNOWN_ELSEWHERE, "id_number"))
    return JudgedRow(
        row.sheet,
        row.row,
        content["cells"],
        Verdict(row.verdict.lower()),
        row.codes[0] if row.verdict == RosterRow.Verdict.SKIPPED else "",
        content["fields"],
        findings,
        content["meant"],
    )


def report_summary(report: Report, tally: Tally) -> dict[str, Any]:
    """What a RosterImport keeps of the report besides its rows; nothing personal."""
    return {
        "encoding": report.encoding,
        "skipped_sheets": report.skipped_sheets,
        "declared_counts": report.declared_counts,
        "counts": tally.counts(),
        "words": {verdict.upper(): dict(codes) for verdict, codes in tally.words.items()},
        "layouts": [
            {
                "sheet": sheet,
                "first_row": layout.first_row,
                "last_row": layout.last_row,
                "columns": layout.columns,
                "titles": layout.titles,
                "widths": list(report.shapes[sheet].widths.items()),
                "merged": [list(span) for span in report.shapes[sheet].merged],
            }
            for sheet, layout in report.layouts.items()
        ],
    }


def field_titles(roster_import: RosterImport) -> list[tuple[str, list[tuple[str, str]]]]:
    """Per sheet the columns in order: (title in the file, field that it was recognised as)."""
    found = []
    for stored in roster_import.summary.get("layouts", []):
        field_at = {column: name for name, column in stored["columns"].items()}
        titles = [(title, field_at.get(at, "")) for at, title in enumerate(stored["titles"])]
        found.append((stored["sheet"] or "", titles))
    return found


def stored_report(roster_import: RosterImport, rows: Iterable[JudgedRow] = ()) -> Report:
    """The report of a checked import, with those of its rows that are asked for."""
    layouts: dict[str | None, Layout] = {
        stored["sheet"]: Layout(
            stored["first_row"], stored["last_row"], stored["columns"], stored["titles"]
        )
        for stored in roster_import.summary.get("layouts", [])
    }
    shapes = {
        stored["sheet"]: Shape(
            dict(stored.get("widths", [])),
            [MergedRange(*span) for span in stored.get("merged", [])],
        )
        for stored in roster_import.summary.get("layouts", [])
    }
    return Report(
        roster_import.file_name,
        roster_import.as_of,
        roster_import.region.code,
        layouts=layouts,
        shapes=shapes,
        rows=list(rows),
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)


# What is encoded is a tree: to look for circles costs as much again as the rest.
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_plain
).encode


def refusal_message(roster_import: RosterImport) -> str:
    """Why the whole file was refused, in the reader's language."""
    code = roster_import.refusal
    message = MESSAGES.get(code) or FILE_MESSAGES.get(code) or ""
    return FileError(code, message, roster_import.summary.get("refusal_detail", "")).message


def reach_of(roster_import: RosterImport, user: HasScope | None) -> tuple[str, ...]:
    """Inside which regions `user` may find and change people by this import.

    It is never the uploader's reach that counts, but that of whoever looks or confirms: an import
    for a county is seen by its clerk, also when the province uploaded it. None = the command line.
    """
    return user.scope.prefixes(Role.CLERK) if user else (roster_import.region.path,)


# --- checking ---
def read_report(roster_import: RosterImport) -> Report:
    """Read the file; its rows are judged as they are asked for.

    Raises FileError, or UnsureError where somebody must be asked.
    """
    workbook = read_workbook(roster_import.read_file(), filename=roster_import.file_name)
    region = roster_import.region
    return judge_in_turn(
        workbook,
        places_of(region),
        as_of=roster_import.as_of,
        county_code=region.code,
        answers=answers_for(roster_import),
        may_ask=True,
    )


def file_hints(roster_import: RosterImport) -> bytes | None:
    """Read once more: whoever judged the file stopped in its midst. None: it was given up since."""
    try:
        return hints_of_file(read_workbook(roster_import.read_file(), roster_import.file_name))
    except (FileError, OSError):
        return None


class CheckedRows:
    """The rows to keep, batch by batch, and after the last of them the summary.

    Who is known elsewhere is held back. Only one batch is in memory at a time.
    """

    def __init__(self, roster_import: RosterImport, report: Report) -> None:
        self._import = roster_import
        self._report = report
        self._reach = reach_of(roster_import, roster_import.uploaded_by)
        self._reference = reference_for(roster_import.region)
        self._began = time.monotonic()
        self._tally = Tally()
        self._tidied = 0
        self._outcomes: Counter[str] = Counter()
        self._held = 0

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """Values of ROW_COLUMNS; raises FileError where the file turns out to hold nobody."""
        pack, position = row_packer(self._import), 0
        with collector_paused():
            while judged := list(islice(self._report.coming, CHUNK)):
                yield pack(position, judged, self._compare(judged))
                position += len(judged)

    def reading(self) -> dict[str, Any]:
        """How the columns were read and which places are in doubt; whole after the last batch."""
        return reading_content(self._report.readings, self._report.asked)

    def summary(self) -> dict[str, Any]:
        found = report_summary(self._report, self._tally)
        found["tidied_rows"], found["outcomes"] = self._tidied, dict(self._outcomes)
        found["seconds"] = round(time.monotonic() - self._began, 1)
        if self._held:
            found["words"]["ERROR"][KNOWN_ELSEWHERE] = self._held
        return {**self._import.summary, **found}

    def _compare(self, judged: Sequence[JudgedRow]) -> dict[int, str]:
        """What an import would do with each clean row, or that it is held back."""
        people = []
        for at, row in enumerate(judged):
            self._tally.add(row)
            if row.is_clean:
                people.append((at, self._reference.person(row.fields)))
                self._tidied += row.verdict is Verdict.OK and self._report.is_tidied(row)
        known = known_people([person for _at, person in people], as_of=self._report.as_of)
        expected = {}
        for at, person in people:
            learner = known.find(person)
            if learner and not is_reached(learner, self._reach):
                expected[at] = KNOWN_ELSEWHERE
                self._held += 1
                continue
            if learner is None:
                expected[at] = "CREATED"
            else:
                differs = known.differences(learner, person)
                expected[at] = "CHANGED" if differs else "MATCHED"
            self._outcomes[expected[at]] += 1
        return expected


ROW_COLUMNS = (
    "id",
    "roster_import_id",
    "position",
    "sheet",
    "row",
    "verdict",
    "codes",
    "raw_cipher",
    "hints",
    "outcome",
    "expected",
)


def row_packer(
    roster_import: RosterImport,
) -> Callable[[int, Sequence[JudgedRow], dict[int, str]], list[tuple[Any, ...]]]:
    """Gives the values of ROW_COLUMNS for judged rows from a position on, with what is expected."""
    encrypt, owner, dumps = crypto.encryptor(), roster_import.pk.hex, json.dumps
    hints_of = row_hinter()

    def pack(
        position: int, judged: Sequence[JudgedRow], expected: dict[int, str]
    ) -> list[tuple[Any, ...]]:
        packed = []
        for at, (key, row) in enumerate(zip(uuid7_hexes(len(judged)), judged, strict=True)):
            verdict, codes = row.verdict.upper(), "[]"
            awaited = expected.get(at, "")
            if awaited == KNOWN_ELSEWHERE:
                awaited = ""
                verdict, codes = "ERROR", dumps([*codes_of(row), KNOWN_ELSEWHERE])
            elif row.findings or row.skip_reason:
                codes = dumps(codes_of(row))
            cipher = encrypt(packed_content(row), RosterRow.where(dashed(key)))
            place = (key, owner, position + at, row.sheet, row.row)
            packed.append(
                (*place, verdict, codes, cipher, hints_of(row.fields, row.cells), "", awaited)
            )
        return packed

    return pack


def codes_of(row: JudgedRow) -> list[str]:
    return [row.skip_reason] if row.skip_reason else [found.code for found in row.findings]


# --- what is imported ---
@dataclass(slots=True)
class OpenRow:
    """A clean row that is not taken in yet: what an import needs of it, and what comes of it.

    Keys are hexadecimal text, as bulk writes take them.
    """

    key: str
    position: int
    raw_cipher: bytes
    learner_key: str | None = None
    outcome: str = ""

    @property
    def pk(self) -> UUID:
        return UUID(self.key)

    @property
    def learner_id(self) -> UUID | None:
        return UUID(self.learner_key) if self.learner_key else None


def opened(rows: Sequence[OpenRow]) -> list[dict[str, Any]]:
    """The fields of each."""
    fields_of = RosterRow.fields_reader()
    return [fields_of(row.raw_cipher, dashed(row.key)) for row in rows]


def open_rows(roster_import: RosterImport, *, after: int, size: int) -> list[OpenRow]:
    """The next rows to take in, beginning behind a position."""
    rows = roster_import.rows.filter(verdict__in=CLEAN, outcome="", position__gt=after)
    found = rows.order_by("position").values_list("pk", "position", "raw_cipher")[:size]
    return [
        OpenRow(key if type(key) is str else key.hex, position, bytes(cipher))
        for key, position, cipher in bulk.driver_rows(found)
    ]


def are_open(roster_import: RosterImport, rows: Sequence[OpenRow], *, after: int) -> bool:
    """Whether these, read as the next ones earlier, are so still: no row is ever opened again."""
    between = roster_import.rows.filter(position__gt=after, position__lte=rows[-1].position)
    return between.filter(verdict__in=CLEAN, outcome="").count() == len(rows)


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
            head_number=fields.get("head_of", ""),
            relation=fields.get("relation", ""),
        )


def reference_for(region: Region) -> Reference:
    rows = Region.objects.current().within(region).select_related("parent")
    types = HouseholdType.objects.all()
    return Reference({row.code: row for row in rows}, {row.name: row for row in types})


# --- what is shown ---
@dataclass(frozen=True)
class PreviewRow:
    """One line of the preview table. `known` is what an import would do with the person."""

    row: RosterRow
    judged: JudgedRow
    tidied: list[Tidied]
    known: str
    changes: list[Difference]
    #: Not one character of the archive's name stands in the roster's.
    is_other_name: bool = False


def worst_first(rows: QuerySet[RosterRow]) -> QuerySet[RosterRow]:
    whens = [When(verdict=name, then=Value(rank)) for rank, name in enumerate(_WORST_FIRST)]
    rank = Case(*whens, default=Value(9), output_field=IntegerField())
    return rows.annotate(rank=rank).order_by("rank", "position")


def verdict_counts(roster_import: RosterImport) -> dict[str, int]:
    rows = roster_import.rows.order_by().values_list("verdict").annotate(n=Count("pk"))
    return dict.fromkeys(RosterRow.Verdict.values, 0) | dict(rows)


def outcome_field(roster_import: RosterImport) -> str:
    """Where it stands what the import does with a row, or did."""
    return "outcome" if roster_import.confirmed_at else "expected"


def may_filter_outcomes(roster_import: RosterImport, reach: Sequence[str]) -> bool:
    """Whether who reaches these regions may list rows by what was known when they were checked.

    It was known to whoever uploaded the file; who reaches less would learn who is registered
    elsewhere.
    """
    known_to = reach_of(roster_import, roster_import.uploaded_by)
    return all(any(path.startswith(mine) for mine in reach) for path in known_to)


def search_rows(rows: QuerySet[RosterRow], words: str) -> QuerySet[RosterRow]:
    """By row number, by the last four of the ID number, or by a part of the name.

    The rows are encrypted, so each is opened; the first that fit are enough.
    """
    if words.isascii() and words.isdigit() and len(words) < len(_LAST_FOUR):
        return rows.filter(row=int(words))
    found: list[Any] = []
    for row in rows.order_by("position").iterator(chunk_size=2000):
        if _is_meant(row, words):
            found.append(row.pk)
            if len(found) == MOST_FOUND:
                break
    return rows.filter(pk__in=found)


def _is_meant(row: RosterRow, words: str) -> bool:
    content = row.raw()
    fields = content["fields"]
    texts = [fields.get("name"), *([] if fields.get("name") else content["cells"])]
    if any(isinstance(text, str) and words in text and len(text) < 60 for text in texts):
        return True
    tail = str(fields.get("id_number") or "")[-len(_LAST_FOUR) :]
    return tail == words.upper() or (words == str(row.row))


def preview_rows(
    roster_import: RosterImport, rows: Iterable[RosterRow], *, reach: Sequence[str]
) -> list[PreviewRow]:
    """The rows of one page, with what is known of their people inside `reach` now."""
    report = stored_report(roster_import)
    judged = [(row, judged_row(row)) for row in rows]
    reference = reference_for(roster_import.region)
    people = {
        row.pk: reference.person(found.fields) for row, found in judged if row.verdict in CLEAN
    }
    known = known_people(people.values(), as_of=roster_import.as_of)
    past = past_changes([row for row, _found in judged])
    shown = []
    for row, found in judged:
        person = people.get(row.pk)
        learner = known.find(person) if person else None
        if learner and not is_reached(learner, reach):
            learner = None
        changes = known.differences(learner, person) if learner and person else []
        if row.outcome:  # it has happened by now
            changes = past.get(row.pk, []) if learner else []
        outcome = "" if learner is None else "CHANGED" if changes else "MATCHED"
        if person and learner is None:
            outcome = "CREATED"
        tidied = report.tidied(found) if found.is_clean else []
        is_other = bool(learner and person and known.renames_wholly(learner, person))
        shown.append(PreviewRow(row, found, tidied, outcome, changes, is_other))
    return shown
