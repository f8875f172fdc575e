"""Sheets of a run as PDF: some seconds of work, so not in a request."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from courses.models import CourseRun
from courses.queries.hints import hints_to_come
from courses.queries.sheets import cards_of, sheet_facts, sheet_style
from lms import tasks
from lms.exports import keep_export, requested_export
from lms.lib.errors import ActionError
from lms.lib.pdf import pdf_of
from lms.lib.scope import Role
from lms.models import ExportFile, TaskProgress

SIGN_IN_SHEET = "courses.sign_in_sheet"
SIGN_IN_CARDS = "courses.sign_in_cards"


def hint_custody() -> int:
    """Daily: hints for the sealed rows that have none yet."""
    found = hints_to_come()
    if not found:
        return 0
    # With it come the libraries of uploads, which a worker needs on this day alone.
    from courses.actions.custody import keep_hints

    return keep_hints(found=found)


@tasks.work(SIGN_IN_SHEET)
def print_sheet(progress: TaskProgress) -> None:
    export, user, run = _asked(progress)
    facts = sheet_facts(user, run)
    _print(progress, export, "sign_in_sheet", facts, len(facts["rows"]))


@tasks.work(SIGN_IN_CARDS)
def print_cards(progress: TaskProgress) -> None:
    export, _user, run = _asked(progress)
    cards = cards_of(run)
    _print(progress, export, "cards", {"run": run, "cards": cards}, len(cards))


def _asked(progress: TaskProgress) -> tuple[ExportFile, User, CourseRun]:
    """The requester's grants as they are now, not as they were when the button was pressed."""
    export = requested_export(progress)
    user = export.requested_by
    rows = CourseRun.objects.visible_to(user).select_related("course", "county", "host_region")
    run = rows.filter(pk=progress.args["run"]).first()
    if run is None or not may_print(user, run):
        raise ActionError("OUT_OF_SCOPE", _("You may not print lists of this class any more."))
    return export, user, run


def may_print(user: User, run: CourseRun) -> bool:
    """Who calls the roll: the county's clerks, and the trainers of the run, who see it."""
    return user.scope.covers(run.host_region.path, Role.CLERK) or user.scope.has(Role.TRAINER)


def _print(
    progress: TaskProgress, export: ExportFile, name: str, facts: dict[str, Any], count: int
) -> None:
    stamp = f"{export.requested_by} · {timezone.localtime():%Y-%m-%d %H:%M} · {export.pk}"
    html = render_to_string(f"courses/pdf/{name}.html", {**facts, "stamp": stamp})
    keep_export(progress, export, pdf_of(html, sheet_style()), suffix="pdf", count=count)
