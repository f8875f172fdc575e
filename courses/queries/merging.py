"""What merging two records of one person does to their classes."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import (
    ATTENDED,
    AttendanceState,
    ClassSession,
    Enrolment,
    MarkEvent,
    MarkQuestion,
)
from learners.models import Learner, Merge
from learners.queries.merging import Found, Refusal, Step, keep, rebuilt, register, rows_changed

CLASSES = gettext_lazy("Classes, with attendance")
Status = Enrolment.Status
IN_CLASS = (Status.ENROLLED, Status.COMPLETED)


def register_rules() -> None:
    register(Enrolment, "learner", enrolments)
    register(MarkEvent, "learner", keep)  # what was said stays said; projecting follows the person
    register(AttendanceState, "learner", rebuilt)
    register(MarkQuestion, "learner", rebuilt)


def enrolments(kept: Learner, merged: Learner) -> Iterable[Found]:
    own = {row.run_id: row for row in Enrolment.objects.filter(learner=kept)}
    rows = Enrolment.objects.filter(learner=merged).select_related("run__course")
    for row in rows.order_by("run__starts_on", "pk"):
        if row.run_id in own:
            yield from _in_one_run(own[row.run_id], row)
        else:
            yield Step(row, {"learner_id": kept.pk}, CLASSES, row.run.dated_title)


def _in_one_run(stays: Enrolment, goes: Enrolment) -> Iterable[Found]:
    """Both are in the class: one place stays and has the attendance of both."""
    if days := contradictions(stays, goes):
        words = gettext_lazy(
            "In %(run)s the two records say different things of %(days)s: one attended, the other "
            "did not. Correct one of the marks first, then merge."
        )
        values = {"run": goes.run.dated_title, "days": ", ".join(days)}
        yield Refusal("TWO_MARKS", words % values)
        return
    note = _("in the class already: counted once")
    gone = {"status": Status.WITHDRAWN, "withdrawn_on": goes.enrolled_on, "completed_on": None}
    yield Step(goes, gone, CLASSES, goes.run.dated_title, note)
    if goes.status in IN_CLASS:
        first = goes.enrolled_on
        if stays.status in IN_CLASS:
            first = min(first, stays.enrolled_on)
            yield Step(stays, {"enrolled_on": first})
        else:
            back = {"status": Status.ENROLLED, "withdrawn_on": None, "enrolled_on": first}
            yield Step(stays, back)


def contradictions(one: Enrolment, other: Enrolment) -> list[str]:
    """Days of sessions of which one record says attended, the other not."""
    states = AttendanceState.objects.filter(session__run=one.run_id).select_related("session")
    said = {row.session_id: row for row in states.filter(learner=one.learner_id)}
    return [
        row.session.held_on.isoformat()
        for row in states.filter(learner=other.learner_id).order_by("session__starts_at")
        if row.session_id in said
        and (row.status in ATTENDED) != (said[row.session_id].status in ATTENDED)
    ]


def classmates(some: Collection[UUID], others: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Pairs of the two sides that were in one run."""
    rows = Enrolment.objects.filter(learner__in=some, run__enrolments__learner__in=others)
    return set(rows.values_list("learner_id", "run__enrolments__learner_id"))


def sessions_spoken_of(people: Iterable[object]) -> list[ClassSession]:
    """Sessions with events of any of these records."""
    events = MarkEvent.objects.filter(learner__in=list(people))
    rows = ClassSession.objects.filter(pk__in=events.values("session"))
    return list(rows.select_related("run__host_region", "run__completion_rule").order_by("pk"))


def marked_since(merge: Merge) -> Iterable[Refusal]:
    """New marks of the kept record in a class that moved would stay behind."""
    moved = merge.changes.filter(model=Enrolment._meta.label, after__has_key="learner_id")
    runs = Enrolment.objects.filter(pk__in=list(moved.values_list("row", flat=True)))
    events = MarkEvent.objects.filter(
        learner=merge.kept_id, received_at__gt=merge.made_at, session__run__in=runs.values("run")
    )
    if events.exists():
        yield Refusal(
            "MARKED_SINCE",
            gettext_lazy(
                "Attendance was marked since in a class that the merge moved. It cannot be put "
                "back without losing those marks."
            ),
        )


def enrolments_joined(merge: Merge) -> list[Enrolment]:
    """Of those, the ones that were in one class with another record of the person."""
    rows = merge.changes.filter(model=Enrolment._meta.label).exclude(after__has_key="learner_id")
    found = Enrolment.objects.filter(pk__in=list(rows.values_list("row", flat=True)))
    return list(found.select_related("run__completion_rule", "learner").order_by("pk"))


def enrolments_changed(merge: Merge) -> list[Enrolment]:
    rows = Enrolment.objects.filter(pk__in=rows_changed(merge, Enrolment))
    return list(rows.select_related("run__completion_rule", "learner").order_by("pk"))
