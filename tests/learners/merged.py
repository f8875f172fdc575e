"""What the tests of merging build and compare."""

from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Model

from accounts.models import User
from courses.actions import MarkInput, close_session, complete_run, record_marks
from courses.models import CourseRun, Enrolment
from learners.actions.merging import merge_learners
from learners.models import Learner, Merge, MergeChange
from lms.models import AuditEvent
from tests import factories

DAY = date(2026, 3, 2)
#: What a merge and its undo leave behind on purpose.
TRACES = (Merge, MergeChange, AuditEvent)


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for the traces. Attendance is a projection: its rows are
    rebuilt and may get new keys."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model in TRACES or model._meta.app_label not in OURS:
            continue
        rows = [_row(row) for row in model._base_manager.all()]
        found[model._meta.label] = sorted(rows, key=repr)
    return found


OURS = {"learners", "courses", "certificates", "incubation", "quotas", "accounts", "regions"}


def _row(row: Model) -> dict[str, Any]:
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    if row._meta.label == "courses.AttendanceState":
        del values["id"]
    return {name: bytes(v) if isinstance(v, memoryview) else v for name, v in values.items()}


def differing(before: dict, after: dict) -> set[str]:
    return {label for label in before if before[label] != after[label]}


def hold_class(
    said: dict[Learner, str | list[str]], actor: User, *, day: date = DAY, finish: bool = False
) -> CourseRun:
    """A run with its people enrolled, marked and closed; "" = not marked; a list = by session."""
    run = factories.make_run(starts_on=day, days=3)
    lists = {who: [marks] if isinstance(marks, str) else marks for who, marks in said.items()}
    for who in lists:
        factories.make_enrolment(run, who)
    for n in range(max(map(len, lists.values()))):
        session = factories.make_session(run, day + timedelta(days=n))
        marks = [
            MarkInput(learner_id=who.pk, status=said[n])
            for who, said in lists.items()
            if len(said) > n and said[n]
        ]
        record_marks(session=session, marks=marks, actor=actor)
        close_session(session=session, head_count=len(marks), actor=actor)
    if finish:
        complete_run(run=run, actor=actor)
    return run


def enrolment_of(run: CourseRun, learner: Learner) -> Enrolment:
    return Enrolment.objects.get(run=run, learner=learner)


def merge(kept, merged, actor, reason="身份证号录错一位"):
    return merge_learners(kept=kept, merged=merged, reason=reason, actor=actor)
