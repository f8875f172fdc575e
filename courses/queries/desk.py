"""Who on the roster is meant by what was typed, read or scanned at the sign-in desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from courses.models import MarkEvent
from courses.queries.attendance import RosterRow
from courses.queries.codes import QR_VERSION, read_personal_qr
from learners.models import Learner, id_index
from lms.lib import idnumbers
from lms.lib.periods import today


@dataclass(frozen=True)
class Found:
    row: RosterRow | None = None
    method: str = ""
    problem: str = ""


def numbered_row(rows: Sequence[RosterRow], text: str) -> Found:
    """By an ID number, or by the code on a card when a scanner typed it."""
    if text.strip().startswith(f"{QR_VERSION}."):
        learner = read_personal_qr(text)
        if learner is None:
            return Found(problem=_("This code is not one of ours. Use the ID card or the name."))
        return Found(_row_of(rows, {learner}), MarkEvent.Method.QR)
    number = idnumbers.normalise(text)
    if idnumbers.find_problem(number, as_of=today()):
        return Found(problem=_("This ID number cannot be right. Read it from the card again."))
    if len(number) == 15:
        number = idnumbers.upgrade_15(number)
    people = Learner.objects.numbered([id_index(number)])
    return Found(_row_of(rows, set(people.values_list("pk", flat=True))), MarkEvent.Method.ID_CARD)


def _row_of(rows: Sequence[RosterRow], people: set[UUID]) -> RosterRow | None:
    """The record itself, or the person that it was merged into."""
    merged = Learner.objects.filter(pk__in=people, merged_into__isnull=False)
    people = people | set(merged.values_list("merged_into_id", flat=True))
    return next((row for row in rows if row.enrolment.learner_id in people), None)


def named_rows(rows: Sequence[RosterRow], text: str) -> list[RosterRow]:
    """By the beginning of the pinyin initials, or by part of the name."""
    text = text.strip()
    begun = text.lower() if text.isascii() else ""
    return [
        row
        for row in rows
        if (begun and row.learner.initials.startswith(begun))
        or text in row.learner.name
        or (text and text.casefold() in (row.learner.native_name or "").casefold())
    ]
