"""Reading and importing rosters, and writing files of learners, outside the web process."""

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from learners.actions.imports import (
    ImportRun,
    RosterError,
    import_chunk,
    keep_checked_rows,
    refuse_roster,
)
from learners.actions.mapping import ask_for_columns
from learners.actions.read_ahead import ReadAhead
from learners.actions.suspects import compare_learners, index_namesakes, note_suspicions
from learners.actions.undo import begin_undo, undo_chunk
from learners.models import Learner, LearnerQuerySet, RosterImport, RosterRow
from learners.queries import export_batches
from learners.queries.dependants import UNDO, Belongings, objection_to_undo
from learners.queries.mapping import reading_content
from learners.queries.rosters import CLEAN, CheckedRows, file_hints, read_report
from learners.queries.suspects import CHUNK, all_suspicions
from learners.roster.reading import UnsureError
from learners.tables import LearnerFilters
from lms.exports import make_export, requested_export
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.lib.spreadsheets import FileError
from lms.models import ExportFile, TaskProgress
from lms.tasks import start, work
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

EXPORT_LEARNERS = "learners.export_learners"
OFFICE = (Role.CLERK, Role.OFFICIAL)
#: Another import may create the same person at the same moment; then the chunk is tried again.
MOST_TRIES = 3
#: To say how far an import is takes a commit of its own, which costs as much as that of a chunk.
TELL_SECONDS = 1


def check_roster(*, roster_import: RosterImport, actor: "User | None") -> RosterImport:
    """Read, judge and compare with the archive; where the columns are not certain, ask.

    Reading the file holds no lock; its rows are judged while they are written. Asking again for a
    file that was checked, refused or given up changes nothing.
    """
    if roster_import.state != RosterImport.State.UPLOADED:
        return roster_import
    try:
        checked = CheckedRows(roster_import, read_report(roster_import))
        return keep_checked_rows(roster_import=roster_import, checked=checked, actor=actor)
    except FileError as error:
        return refuse_roster(roster_import=roster_import, error=error, actor=actor)
    except UnsureError as error:
        reading = reading_content(error.readings)
    # Out here the error holds the workbook no more, which takes much memory and is read again.
    hints = file_hints(roster_import)
    return ask_for_columns(roster_import=roster_import, reading=reading, hints=hints, actor=actor)


@work("learners.check_roster")
def run_check(progress: TaskProgress) -> None:
    roster_import = _roster_import(progress)
    check_roster(roster_import=roster_import, actor=progress.requested_by)
    progress.result_url = reverse("learners:import_detail", args=[roster_import.pk])


@work("learners.import_roster")
def run_import(progress: TaskProgress) -> None:
    roster_import = _roster_import(progress)
    rows = roster_import.rows.filter(verdict__in=CLEAN)
    done = rows.exclude(outcome="").count()
    progress.advance(done, rows.count())
    run, told = ImportRun.of(roster_import), time.monotonic()
    with ReadAhead(run.reference) as run.ahead:
        while taken := _next_chunk(roster_import, run, progress):
            done += taken
            if time.monotonic() - told >= TELL_SECONDS:
                told = time.monotonic()
                progress.advance(done)
    progress.advance(rows.exclude(outcome="").count(), rows.count())
    progress.result_url = reverse("learners:import_detail", args=[roster_import.pk])
    look_for_duplicates(roster_import)


@work(UNDO)
def run_undo(progress: TaskProgress) -> None:
    """Take an import back, the last rows first, once it is known that nothing depends on it."""
    roster_import, actor = _roster_import(progress), progress.requested_by
    progress.result_url = reverse("learners:import_detail", args=[roster_import.pk])
    left = roster_import.rows.exclude(outcome="")
    if roster_import.state == RosterImport.State.IMPORTED:
        if found := objection_to_undo(Belongings(roster_import, left), progress.advance):
            raise RosterError(*found)
        reason = roster_import.undo_reason
        begin_undo(roster_import=roster_import, reason=reason, is_checked=True, actor=actor)
    done = sum(roster_import.summary.get("undone", {}).values())
    total = done + left.count()
    progress.advance(done, total)
    while taken := undo_chunk(roster_import=roster_import, actor=actor):
        done += taken
        progress.advance(done)
    progress.advance(total, total)


def _next_chunk(roster_import: RosterImport, run: ImportRun, progress: TaskProgress) -> int:
    for tries in range(1, MOST_TRIES + 1):
        try:
            return import_chunk(roster_import=roster_import, run=run, actor=progress.requested_by)
        except IntegrityError:
            run.begin_again()
            if tries == MOST_TRIES:
                raise
    raise AssertionError("unreachable")


def _roster_import(progress: TaskProgress) -> RosterImport:
    """The import, if whoever asked may still see it now."""
    pk = progress.args["roster_import"]
    visible = RosterImport.objects.all()
    if progress.requested_by is not None:
        visible = RosterImport.objects.visible_to(progress.requested_by)
    found = visible.select_related("region", "uploaded_by").filter(pk=pk).first()
    if found is None:
        raise RosterError(
            "OUT_OF_SCOPE",
            _("You no longer work for this region, so nothing was imported."),
        )
    return found


# --- duplicates ---
FIND = "learners.find_duplicates"


def look_for_duplicates(roster_import: RosterImport | None = None) -> TaskProgress:
    """Ask for it: among the people of one import, or (daily) among everybody."""
    what = str(roster_import.pk) if roster_import else "everybody"
    return start(
        FIND,
        title=gettext("Looking for duplicates"),
        key=f"{FIND}:{what}",
        args={"roster_import": what} if roster_import else {},
        requested_by=None,
    )


@work(FIND)
def run_find_duplicates(progress: TaskProgress) -> None:
    if pk := progress.args.get("roster_import"):
        _compare_import(UUID(pk), progress)
    else:
        progress.result = {"pairs": sweep_duplicates()}


def _compare_import(pk: UUID, progress: TaskProgress) -> None:
    changed = [RosterRow.Outcome.CREATED, RosterRow.Outcome.CHANGED]
    rows = RosterRow.objects.filter(roster_import=pk, outcome__in=changed, learner__isnull=False)
    ids = list(rows.order_by("position").values_list("learner_id", flat=True))
    for begin in range(0, len(ids), CHUNK):
        some = [one for one in ids[begin : begin + CHUNK] if one is not None]
        compare_learners(learners=some, actor=None)
        progress.advance(begin + len(some), len(ids))


def sweep_duplicates() -> int:
    """Everybody, in small transactions; returns how many pairs are new."""
    while index_namesakes():
        pass
    return sum(note_suspicions(suspicions=some, actor=None) for some in all_suspicions())


# --- Files of learners --------------------------------------------------------------------------
def may_export_unmasked(user: "User", region: Region) -> bool:
    """Who reads the people of a region and was granted to take their numbers out in full."""
    scope = user.scope
    return scope.covers(region.path, *OFFICE) and scope.covers(region.path, Role.EXPORTER)


def export_rows(user: "User", region: Region, asked: Any) -> LearnerQuerySet | None:
    """What the list shows for the parameters `asked`; None where they are not valid."""
    rows = Learner.objects.visible_to(user, at_home=region).live()
    filtered = LearnerFilters(
        asked, queryset=rows, request=SimpleNamespace(user=user, learner_region=region)
    )
    return filtered.qs if filtered.form.is_valid() else None


@work(EXPORT_LEARNERS)
def run_export(progress: TaskProgress) -> None:
    """The rows that the requester reaches now, whatever was in reach when they asked."""
    export = requested_export(progress)
    user = export.requested_by
    region = Region.objects.current().filter(code=progress.args["region"]).first()
    if region is None or not user.scope.covers(region.path, *OFFICE):
        raise _out_of_scope()
    if export.is_unmasked and not may_export_unmasked(user, region):
        raise ActionError(
            "NOT_GRANTED",
            _("You may no longer export full numbers of this region. Ask for a masked file."),
        )
    make_export(progress, export, _learner_batches(export, user, region, progress.args["query"]))


def _learner_batches(export: ExportFile, user: "User", region: Region, query: str) -> Any:
    rows = export_rows(user, region, QueryDict(query))
    if rows is None:
        raise ActionError(
            "FILTERS", _("The filters of this export are no longer valid. Export the list again.")
        )
    return export_batches(rows, is_unmasked=export.is_unmasked)


def _out_of_scope() -> ActionError:
    return ActionError(
        "OUT_OF_SCOPE", _("You no longer work for this region, so nothing was exported.")
    )
