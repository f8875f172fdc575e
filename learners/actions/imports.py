"""Import a roster: receive the file, check it, take its people in chunk by chunk."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.actions.people import begin_intake, take_in_people
from learners.actions.posts import hold_posts
from learners.actions.read_ahead import OpenChunk, ReadAhead
from learners.actions.registers import add_from_roster
from learners.actions.steps import RosterError as RosterError
from learners.actions.steps import ask as _ask
from learners.actions.steps import locked as _locked
from learners.actions.steps import wrong_state as _wrong_state
from learners.models import RegisterEdition, RosterFileHints, RosterImport, RosterRow
from learners.queries.matching import held_numbers, tell_heads_apart
from learners.queries.posts import says_posts
from learners.queries.rosters import (
    CHUNK,
    CLEAN,
    KNOWN_ELSEWHERE,
    ROW_COLUMNS,
    CheckedRows,
    OpenRow,
    Reference,
    are_open,
    judged_row,
    open_rows,
    reach_of,
    reference_for,
    stored_report,
)
from learners.queries.traces import Witness
from learners.roster.error_book import write_error_book
from learners.roster.judging import collector_paused
from lms.lib import bulk
from lms.lib.spreadsheets import FileError
from lms.models import TaskProgress, record_audit
from lms.removal import remove_files
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

State = RosterImport.State
Verdict = RosterRow.Verdict


# --- receiving ---
@transaction.atomic
def receive_roster(
    *,
    content: bytes,
    file_name: str,
    region: Region,
    as_of: date,
    edition: RegisterEdition | None = None,
    actor: "User | None",
) -> RosterImport:
    """Keep the file, encrypted, until it is confirmed. `edition`: where to put its people."""
    roster_import = RosterImport(
        region=region,
        as_of=as_of,
        file_name=file_name[-200:],
        file_sha256=hashlib.sha256(content).hexdigest(),
        summary={"edition": str(edition.pk) if edition else ""},
        uploaded_by=actor,
    )
    sealed = roster_import.seal_file(content)
    roster_import.file.save(f"{roster_import.pk}.upload", ContentFile(sealed), save=False)
    roster_import.save(force_insert=True)
    record_audit(
        "learners.roster_received",
        actor=actor,
        target=roster_import,
        region_path=region.path,
        detail={"sha256": roster_import.file_sha256, "bytes": len(content)},
    )
    return roster_import


@transaction.atomic
def ask_for_check(*, roster_import: RosterImport, actor: "User") -> TaskProgress:
    """Read and judge the file in the worker."""
    record_audit(
        "learners.check_asked",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
    )
    return _ask("learners.check_roster", roster_import, actor, total=0)


@transaction.atomic
def confirm_import(*, roster_import: RosterImport, actor: "User") -> TaskProgress:
    """Import the clean rows in the worker: asked for once, and again if it broke off."""
    roster_import = _locked(roster_import)
    begin_import(roster_import=roster_import, actor=actor)
    return _ask(
        "learners.import_roster",
        roster_import,
        actor,
        total=roster_import.rows.filter(verdict__in=CLEAN).count(),
    )


@transaction.atomic
def begin_import(*, roster_import: RosterImport, actor: "User | None") -> None:
    roster_import = _locked(roster_import)
    if roster_import.state == State.IMPORTING:
        return
    if roster_import.state != State.CHECKED:
        raise _wrong_state(roster_import)
    if not roster_import.rows.filter(verdict__in=CLEAN).exists():
        raise RosterError(
            "NOTHING_TO_IMPORT",
            _("No row of this file can be imported. Correct the rows and upload the file again."),
        )
    roster_import.state, roster_import.confirmed_at = State.IMPORTING, timezone.now()
    roster_import.save(update_fields=["state", "confirmed_at"])
    _drop_file(roster_import)
    record_audit(
        "learners.import_confirmed",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
    )


@transaction.atomic
def abandon_import(*, roster_import: RosterImport, actor: "User | None") -> None:
    """Give an import up before anybody of it was taken in."""
    roster_import = _locked(roster_import)
    if roster_import.state not in {State.UPLOADED, State.UNSURE, State.CHECKED, State.REFUSED}:
        raise _wrong_state(roster_import)
    roster_import.state = State.ABANDONED
    roster_import.save(update_fields=["state"])
    _drop_file(roster_import)
    record_audit(
        "learners.import_abandoned",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
    )


# --- checking ---
@transaction.atomic
def keep_checked_rows(
    *,
    roster_import: RosterImport,
    checked: CheckedRows,
    actor: "User | None",
) -> RosterImport:
    """Keep every row with its verdict; the file stays, for its columns may be named otherwise."""
    roster_import = _locked(roster_import)
    if roster_import.state != State.UPLOADED:
        return roster_import
    for rows in checked.batches():
        bulk.insert_rows("learners_rosterrow", ROW_COLUMNS, rows)
    summary = checked.summary()
    roster_import.state, roster_import.summary = State.CHECKED, summary
    roster_import.set_reading(checked.reading())
    roster_import.save(update_fields=["state", "summary", "reading_cipher"])
    record_audit(
        "learners.roster_checked",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
        detail={key: summary["counts"][key] for key in ("person_rows", "clean_rows")},
    )
    return roster_import


@transaction.atomic
def refuse_roster(
    *, roster_import: RosterImport, error: FileError, actor: "User | None"
) -> RosterImport:
    """Nobody can be read from the file: keep the reason, and nothing else."""
    roster_import = _locked(roster_import)
    if roster_import.state != State.UPLOADED:
        return roster_import
    roster_import.state, roster_import.refusal = State.REFUSED, error.code
    roster_import.summary = {**roster_import.summary, "refusal_detail": error.detail}
    roster_import.save(update_fields=["state", "refusal", "summary"])
    _drop_file(roster_import)
    record_audit(
        "learners.roster_refused",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
        detail={"code": error.code},
    )
    return roster_import


# --- taking in ---
_BEFORE_THE_FIRST = -1


@dataclass
class ImportRun:
    """What is kept from chunk to chunk for speed; all of it can be found out anew."""

    reference: Reference
    ahead: ReadAhead | None = None
    #: Position of the last row that was taken in, or passed over.
    after: int = _BEFORE_THE_FIRST

    @classmethod
    def of(cls, roster_import: RosterImport) -> "ImportRun":
        return cls(reference_for(roster_import.region))

    def begin_again(self) -> None:
        """A chunk was rolled back."""
        self.after = _BEFORE_THE_FIRST
        if self.ahead:
            self.ahead.begin([])

    def next_chunk(self, roster_import: RosterImport, size: int) -> OpenChunk | None:
        """The rows to take in now, opened; those behind them are begun. Under the import's lock."""
        chunk = self.ahead.take() if self.ahead else None
        if chunk is None or not are_open(roster_import, chunk.rows, after=self.after):
            rows = open_rows(roster_import, after=self.after, size=size)
            if not rows:
                return None
            chunk = OpenChunk.of(rows, self.reference)
        self.after = chunk.rows[-1].position
        if self.ahead:
            self.ahead.begin(open_rows(roster_import, after=self.after, size=size))
        return chunk


@transaction.atomic
def import_chunk(
    *,
    roster_import: RosterImport,
    size: int = CHUNK,
    run: ImportRun | None = None,
    actor: "User | None",
) -> int:
    """Take in the next rows that are not done yet; returns how many, 0 when all are done.

    The mark of being done (`outcome`) is written in the same transaction as the people, so a
    process killed at any moment leaves no row half done and none done twice.
    """
    roster_import = _locked(roster_import)
    if roster_import.state != State.IMPORTING:
        return 0
    run = run or ImportRun.of(roster_import)
    chunk = run.next_chunk(roster_import, size)
    if chunk:
        with collector_paused():
            _take_in(roster_import, chunk, actor)
        return len(chunk.rows)
    roster_import.state = State.IMPORTED
    roster_import.save(update_fields=["state"])
    record_audit(
        "learners.roster_imported",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
        detail={"rows": roster_import.rows.exclude(outcome="").count()},
    )
    return 0


def _take_in(
    roster_import: RosterImport,
    chunk: OpenChunk,
    actor: "User | None",
) -> None:
    rows, people = chunk.rows, chunk.people
    begin_intake(roster_import.region)
    tell_heads_apart(people)
    edition_id = roster_import.summary.get("edition", "")
    held = held_numbers(people)
    witness = Witness.of(people, held, edition_id)
    taken = take_in_people(
        people=people,
        as_of=roster_import.as_of,
        reach=reach_of(roster_import, actor),
        region=roster_import.region,
        held=held,
        actor=actor,
    )
    for row, result in zip(rows, taken, strict=True):
        row.learner_key, row.outcome = result.learner_key, result.outcome
    _keep_outcomes(rows)
    if edition_id:
        add_from_roster(
            edition_id=UUID(edition_id),
            rows=_taken_rows(rows),
            as_of=roster_import.as_of,
            actor=actor,
        )
    if says_posts(roster_import):
        hold_posts(
            rows=_taken_rows(rows),
            region=roster_import.region,
            as_of=roster_import.as_of,
            actor=actor,
        )
    witness.write(rows)


def _taken_rows(rows: Sequence[OpenRow]) -> list[RosterRow]:
    found = RosterRow.objects.filter(pk__in=[row.pk for row in rows if row.learner_key])
    return list(found.select_related("roster_import", "learner__home_region").order_by("position"))


def _keep_outcomes(rows: Sequence[OpenRow]) -> None:
    """What came of each; who is registered outside what the import reaches is held back."""
    bulk.update_rows(
        "learners_rosterrow",
        {"id": "uuid", "learner_id": "uuid", "outcome": "text"},
        [(row.key, row.learner_key, row.outcome) for row in rows if row.learner_key],
    )
    missing = [row.pk for row in rows if row.learner_key is None]
    if not missing:
        return
    held = RosterRow.objects.filter(pk__in=missing)
    for row in held:
        row.verdict, row.codes = Verdict.ERROR, [*row.codes, KNOWN_ELSEWHERE]
    RosterRow.objects.bulk_update(held, ["verdict", "codes"])


@transaction.atomic
def write_error_workbook(*, roster_import: RosterImport, actor: "User | None") -> bytes:
    """The rejected rows, in clear as they came, for whoever corrects them; leaves a line."""
    skipped_or_wrong = roster_import.rows.filter(verdict__in=(Verdict.ERROR, Verdict.SKIPPED))
    rows = [judged_row(row) for row in skipped_or_wrong]
    target = BytesIO()
    count = write_error_book(stored_report(roster_import, rows), target)
    record_audit(
        "learners.error_workbook_downloaded",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
        detail={"rows": count},
    )
    return target.getvalue()


@transaction.atomic
def note_preview_export(*, roster_import: RosterImport, rows: int, actor: "User") -> None:
    """Leave a line of who took the preview away as a workbook."""
    record_audit(
        "learners.preview_exported",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
        detail={"rows": rows},
    )


# --- what they share ---
def _drop_file(roster_import: RosterImport) -> None:
    """The rows are kept; the file goes once the change is committed."""
    RosterImport.objects.filter(pk=roster_import.pk).update(file="")
    RosterFileHints.objects.filter(roster_import=roster_import).delete()
    remove_files([str(roster_import.file.name or "")])
