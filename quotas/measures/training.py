"""person_times and people_trained: enrolments with a counted session attended."""

from datetime import date
from typing import Any

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils.translation import gettext_lazy as _

from courses.models import ATTENDED, AttendanceState, ClassSession, CourseRun, Enrolment
from lms.lib.scope import under
from quotas.measures.counting import Column
from quotas.measures.facts import Rule, Spec
from regions.models import Region

PERSON_TIMES_RULE = Rule(
    text=_(
        "One person-time per learner and course run with at least one counted session attended. "
        "A counted session is closed, not cancelled, and in a run not cancelled; present, late "
        "and left early count as attended. Cancelled runs count nothing. Walk-ins whose identity "
        "is to be verified count in person-times, not in people. Dated by the first counted "
        "session attended."
    ),
    edition=1,
    valid_from=date(2026, 1, 1),
)
PEOPLE_RULE = Rule(
    text=_(
        "Distinct learners among the person-times of the period. Walk-ins are left out until "
        "their identity is verified. Each level has its own distinct count, so the rows may "
        "exceed the total."
    ),
    edition=1,
    valid_from=date(2026, 1, 1),
)
COLUMNS = ("subject", "fact_path", "attended_on", "provisional")
_ATTENDED = "attended_on BETWEEN %(start)s AND %(until)s"
PERSON_TIMES = (Column(_ATTENDED),)
PEOPLE = (Column(f"{_ATTENDED} AND NOT provisional", distinct="subject"),)


def person_times(spec: Spec, region: Region, as_of: date) -> "QuerySet[Enrolment]":
    """Enrolments attributed to `region`, with `attended_on` (None = does not count)."""
    place = "home_region" if spec.attribution == "home" else "run__host_region"
    found = Enrolment.objects.filter(under(f"{place}__path", [region.path]))
    if spec.audience:
        found = found.filter(run__course__audience=spec.audience)
    if spec.household_group:
        found = found.filter(household_type__group=spec.household_group)
    return found.annotate(
        fact_path=F(f"{place}__path"),
        # A merged record is the person it was merged into.
        subject=Coalesce("learner__merged_into_id", "learner_id"),
        provisional=Coalesce("learner__merged_into__provisional", "learner__provisional"),
        attended_on=Subquery(_attended(spec.until(as_of)), output_field=DateField()),
    )


def _attended(until: date) -> "QuerySet[Any, Any]":
    return (
        AttendanceState.objects.filter(
            learner_id=OuterRef("learner_id"),
            session__run_id=OuterRef("run_id"),
            status__in=ATTENDED,
            session__in=ClassSession.objects.counted(),
            session__held_on__lte=until,
        )
        .order_by("session__held_on")
        .values("session__held_on")[:1]
    )


def candidates(spec: Spec, region: Region, as_of: date) -> "QuerySet[Enrolment]":
    """The same enrolments in the period, each with its date and why it counts or does not.

    What does not count has no date of its own and takes the run's first day.
    """
    return (
        person_times(spec, region, as_of)
        .annotate(fact_on=Coalesce("attended_on", "run__starts_on"))
        .filter(fact_on__range=(spec.starts_on, spec.until(as_of)))
        .annotate(why=_why(as_of))
    )


def _why(as_of: date) -> Case:
    sessions = ClassSession.objects.filter(run_id=OuterRef("run_id")).exclude(
        status=ClassSession.Status.CANCELLED
    )
    unclosed = sessions.filter(held_on__lte=as_of, status=ClassSession.Status.PLANNED)
    to_come = Exists(sessions.filter(held_on__gt=as_of)) | Q(
        ~Exists(sessions), run__ends_on__gte=as_of
    )
    return Case(
        When(attended_on__isnull=False, then=Value("counted")),
        When(run__status=CourseRun.Status.CANCELLED, then=Value("run_cancelled")),
        When(status=Enrolment.Status.WAITING, then=Value("waiting")),
        When(status=Enrolment.Status.WITHDRAWN, then=Value("withdrawn")),
        When(Exists(unclosed), then=Value("not_closed")),
        When(to_come, then=Value("still_running")),
        default=Value("never_attended"),
    )


def people(spec: Spec, region: Region, as_of: date) -> "QuerySet[Enrolment]":
    """One row per person: the enrolment that says most for them."""
    unverified = Q(why="counted", provisional=True)
    order = Case(
        When(why="counted", provisional=False, then=Value(0)),
        When(unverified, then=Value(1)),
        When(why__in=["not_closed", "still_running"], then=Value(2)),
        default=Value(3),
    )
    first = Window(
        RowNumber(), partition_by=[F("subject")], order_by=[order, F("fact_on"), F("id")]
    )
    found = candidates(spec, region, as_of)
    # By key, because a page that filters by `why` must not filter before the ranking.
    firsts = found.annotate(of_person=first).filter(of_person=1).values("pk")
    return found.filter(pk__in=firsts).annotate(
        why=Case(When(unverified, then=Value("provisional")), default=F("why"))
    )
