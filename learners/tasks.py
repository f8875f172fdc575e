"""Reading and importing rosters outside the web process."""

from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from learners.actions.imports import (
    ImportRun,
    RosterError,
    import_chunk,
    keep_checked_rows,
    refuse_roster,
)
from learners.models import RosterImport
from learners.queries.rosters import CLEAN, CheckedRows, read_report
from lms.lib.spreadsheets import FileError
from lms.models import TaskProgress
from lms.tasks import work

if TYPE_CHECKING:
    from accounts.models import User

#: Another import may create the same person at the same moment; then the chunk is tried again.
MOST_TRIES = 3


def check_roster(*, roster_import: RosterImport, actor: "User | None") -> RosterImport:
    """Read, judge and compare with the archive.

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
    run = ImportRun.of(roster_import)
    while taken := _next_chunk(roster_import, run, progress):
        done += taken
        progress.advance(done)
    progress.advance(rows.exclude(outcome="").count(), rows.count())
    progress.result_url = reverse("learners:import_detail", args=[roster_import.pk])


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
