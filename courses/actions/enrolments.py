"""Enrol, wait, move up, withdraw."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.actions.errors import CourseError
from courses.models import CourseRun, Enrolment
from courses.queries import enrolled_count, frozen_facts, next_waiting
from learners.models import Learner
from lms.lib.periods import today
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

Status = Enrolment.Status
FROZEN_FIELDS = ["home_region", "household", "household_type", "age_band"]


@dataclass(frozen=True)
class EnrolResult:
    """enrolled + waiting + already = people asked for."""

    enrolled: int
    waiting: int
    already: int


@transaction.atomic
def enrol_learners(
    *,
    run: CourseRun,
    learners: Iterable[Learner],
    source: str = Enrolment.Source.REGISTER,
    enrolled_on: date | None = None,
    actor: "User",
) -> EnrolResult:
    """Enrol in the order given; whom no place is left for waits.

    `enrolled_on` is today, but never after the run's first day has passed unless it is still on:
    who is entered after the fact was enrolled from its first day.
    """
    run = _locked_run(run)
    _require_open(run)
    asked = _live(learners)
    present = {row.learner_id: row for row in Enrolment.objects.filter(run=run)}
    again = [present[x.pk] for x in asked if _has_left(present.get(x.pk))]
    fresh = [learner for learner in asked if learner.pk not in present]
    free = max(run.capacity - enrolled_count(run), 0)
    day = enrolled_on or _day_of_enrolment(run)
    returning = again[:free]
    _bring_back(returning, Status.ENROLLED, day)
    _bring_back(again[free:], Status.WAITING, day)
    places = free - len(returning)
    facts = frozen_facts(fresh, run.starts_on)
    Enrolment.objects.bulk_create(
        Enrolment(
            run=run,
            learner=learner,
            source=source,
            status=Status.ENROLLED if order < places else Status.WAITING,
            enrolled_on=day,
            **vars(facts[learner.pk]),
        )
        for order, learner in enumerate(fresh)
    )
    enrolled = len(returning) + min(len(fresh), places)
    waiting = len(again) + len(fresh) - enrolled
    result = EnrolResult(enrolled, waiting, len(asked) - len(again) - len(fresh))
    _audit("courses.learners_enrolled", run, actor, **vars(result))
    return result


@transaction.atomic
def withdraw_enrolment(
    *, enrolment: Enrolment, withdrawn_on: date | None = None, actor: "User"
) -> Enrolment:
    """From `withdrawn_on` the learner is not expected any more; what was attended stays."""
    run = _locked_run(enrolment.run)
    enrolment = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if enrolment.status not in {Status.ENROLLED, Status.WAITING}:
        raise CourseError(
            "NOT_ENROLLED", _("Only a person who is enrolled or waiting can be withdrawn.")
        )
    day = withdrawn_on or today()
    # Whoever only waited was never expected at any session.
    waited = enrolment.status == Status.WAITING or day < enrolment.enrolled_on
    enrolment.status = Status.WITHDRAWN
    enrolment.withdrawn_on = enrolment.enrolled_on if waited else day
    enrolment.save(update_fields=["status", "withdrawn_on"])
    _audit("courses.enrolment_withdrawn", run, actor, enrolment=str(enrolment.pk))
    return enrolment


@transaction.atomic
def promote_waiting(*, run: CourseRun, actor: "User") -> list[Enrolment]:
    """Give free places to those who wait, first come first."""
    run = _locked_run(run)
    _require_open(run)
    free = max(run.capacity - enrolled_count(run), 0)
    moved = list(next_waiting(run)[:free])
    for enrolment in moved:
        enrolment.status, enrolment.enrolled_on = Status.ENROLLED, _day_of_enrolment(run)
    Enrolment.objects.bulk_update(moved, ["status", "enrolled_on"])
    _audit("courses.waiting_promoted", run, actor, enrolments=[str(row.pk) for row in moved])
    return moved


def _live(learners: Iterable[Learner]) -> list[Learner]:
    """In the order given, each once; who was merged is the person they were merged into.

    Locked, so that a merge under way is over before anybody is enrolled.
    """
    wanted = list(dict.fromkeys(learner.pk for learner in learners))
    rows = Learner.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = rows.filter(pk__in=wanted).select_related("home_region").in_bulk()
    merged = {row.merged_into_id for row in found.values() if row.merged_into_id}
    kept = rows.filter(pk__in=merged).select_related("home_region").in_bulk() if merged else {}
    people = [kept.get(found[pk].merged_into_id, found[pk]) for pk in wanted]
    return list({person.pk: person for person in people}.values())


def _locked_run(run: CourseRun) -> CourseRun:
    """The run, locked: places are counted and given by one at a time."""
    rows = CourseRun.objects.select_for_update(of=("self",)).select_related("host_region")
    return rows.get(pk=run.pk)


def _require_open(run: CourseRun) -> None:
    if run.status in {CourseRun.Status.CLOSED, CourseRun.Status.CANCELLED}:
        raise CourseError(
            "RUN_CLOSED", _("This run is completed or cancelled: nobody can be enrolled any more.")
        )


def _day_of_enrolment(run: CourseRun) -> date:
    day = today()
    return day if day <= run.ends_on else run.starts_on


def _has_left(enrolment: Enrolment | None) -> bool:
    return enrolment is not None and enrolment.status == Status.WITHDRAWN


def _bring_back(enrolments: Iterable[Enrolment], status: str, day: date) -> None:
    """A person who withdrew returns; one who never attended counts from now."""
    for enrolment in enrolments:
        if enrolment.withdrawn_on == enrolment.enrolled_on:
            enrolment.enrolled_on = day
        enrolment.status, enrolment.withdrawn_on = status, None
        enrolment.save(update_fields=["status", "withdrawn_on", "enrolled_on"])


def _freeze_again(run: CourseRun) -> None:
    """The run's first day moved: facts of its enrolments are those of the new day."""
    rows = list(Enrolment.objects.filter(run=run).select_related("learner__home_region"))
    facts = frozen_facts((row.learner for row in rows), run.starts_on)
    for row in rows:
        for name, value in vars(facts[row.learner_id]).items():
            setattr(row, name, value)
    Enrolment.objects.bulk_update(rows, FROZEN_FIELDS, batch_size=200)


def _audit(action: str, run: CourseRun, actor: "User", **detail: object) -> None:
    path = run.host_region.path
    record_audit(action, actor=actor, target=run, region_path=path, detail=detail)
