"""What is printed for a run: a list to sign in on, cards with a code of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from courses.models import ClassSession, CourseRun, Enrolment
from courses.queries.attendance import with_sequence
from courses.queries.codes import personal_qr
from learners.models import Learner
from lms.lib.qr import QrCode, qr_code
from lms.lib.scope import HasScope

#: Columns to sign in on a sheet across; a run of more sessions has more sheets.
COLUMNS = 6
#: Empty rows at the end, for people who come without being on the list.
BLANK_ROWS = 5
FIXED_COLUMNS = 4


@dataclass(frozen=True)
class Part:
    """A run of sheets with the same sessions in their columns; None is an empty column."""

    columns: Sequence[ClassSession | None]

    @property
    def width(self) -> int:
        return FIXED_COLUMNS + len(self.columns)


@dataclass(frozen=True)
class Card:
    learner: Learner
    qr: QrCode


def sheet_style() -> str:
    return (Path(settings.BASE_DIR) / "templates/courses/pdf/sheets.css").read_text()


def people_of_run(run: CourseRun) -> list[Enrolment]:
    """Who has a place, by pinyin as the roll is called."""
    rows = Enrolment.objects.filter(
        run=run, status__in=[Enrolment.Status.ENROLLED, Enrolment.Status.COMPLETED]
    ).select_related("learner__home_region")
    return sorted(rows, key=lambda row: (row.learner.initials or "~", row.learner.name))


def sheet_facts(user: HasScope, run: CourseRun) -> dict[str, Any]:
    """For the template: parts of at most six sessions, as wide with fewer as with six."""
    rows = people_of_run(run)
    sessions = with_sequence(ClassSession.objects.visible_to(user).filter(run=run))
    sessions = sessions.exclude(status=ClassSession.Status.CANCELLED)
    planned = list(sessions.select_related("instructor").order_by("starts_at"))
    first = len(rows) + 1
    return {
        "run": run,
        "rows": rows,
        "parts": [Part(columns) for columns in _columns(planned)],
        "blanks": range(first, first + BLANK_ROWS),
    }


def _columns(sessions: Sequence[ClassSession]) -> list[list[ClassSession | None]]:
    parts = [list(sessions[n : n + COLUMNS]) for n in range(0, len(sessions), COLUMNS)] or [[]]
    return [[*part, *[None] * (COLUMNS - len(part))] for part in parts]


def cards_of(run: CourseRun) -> list[Card]:
    return [card_of_learner(row.learner) for row in people_of_run(run)]


def card_of_learner(learner: Learner) -> Card:
    """Error correction of 15 %: a card lives in a pocket."""
    return Card(learner, qr_code(personal_qr(learner.pk), error="m"))
