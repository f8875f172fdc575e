"""Planning: the next number, who teaches elsewhere, and whom to invite first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    Max,
    OuterRef,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from courses.models import (
    ATTENDED,
    AttendanceState,
    ClassSession,
    Course,
    CourseRun,
    Enrolment,
    Instructor,
)
from learners.models import Household, HouseholdType, Learner, Register, RegisterEdition
from learners.queries import entries_in_force, household_types_on, households_on
from lms.lib.periods import today, valid_on
from regions.models import Region


def county_of(region: Region) -> Region:
    """The county that numbers the runs held in `region`; itself where it stands above counties."""
    while region.level > Region.Level.COUNTY and region.parent is not None:
        region = region.parent
    return region


def next_number(county: Region, year: int) -> int:
    runs = CourseRun.objects.filter(county=county, year=year)
    return int(runs.aggregate(last=Max("number"))["last"] or 0) + 1


def clashing_session(
    instructor: Instructor, starts_at: datetime, ends_at: datetime, *, but: UUID | None = None
) -> ClassSession | None:
    """Another session of the instructor that overlaps; one may start when another ends."""
    rows = ClassSession.objects.filter(
        instructor=instructor, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exclude(status=ClassSession.Status.CANCELLED)
    if but is not None:
        rows = rows.exclude(pk=but)
    return rows.select_related("run__course").first()


@dataclass(frozen=True)
class Frozen:
    """What an enrolment keeps of its learner, as on the first day of the run."""

    home_region: Region
    household: Household | None
    household_type: HouseholdType | None
    age_band: str


def frozen_facts(learners: Iterable[Learner], day: date) -> dict[UUID, Frozen]:
    """Learner id -> the facts on `day`; a fixed number of queries.

    `home_region` of the learner is of today: who lived in another household on `day` had that
    household's region as home.
    """
    learners = list(learners)
    prefetch_related_objects(learners, "home_region")
    then, now = households_on(learners, day), households_on(learners, today())
    types = household_types_on((household.pk for household in then.values()), day)
    found = {}
    for learner in learners:
        household = then.get(learner.pk)
        moved = household is not None and household != now.get(learner.pk, household)
        found[learner.pk] = Frozen(
            home_region=household.region if household and moved else learner.home_region,
            household=household,
            household_type=types.get(household.pk) if household else None,
            age_band=learner.age_band_on(day),
        )
    return found


def run_candidates(run: CourseRun, edition: RegisterEdition) -> QuerySet[Learner]:
    """People of a register edition to invite to `run`: who was never trained comes first.

    Able and willing entries in force on the run's first day, the members of households included,
    without those who are in the run. `is_trained` = attended a counted session of any run;
    `is_busy` = enrolled in another run of the same days.
    """
    entries = entries_in_force(edition, run.starts_on).filter(able=True, willing=True)
    members = Q(memberships__household__in=entries.values("household"))
    members &= valid_on(run.starts_on, "memberships__")
    named = Q(pk__in=entries.values("learner"))
    ids = Learner.objects.filter(named | members | Q(merged_from__in=entries.values("learner")))
    here = Enrolment.objects.filter(run=run).exclude(status=Enrolment.Status.WITHDRAWN)
    rows = Learner.objects.live().filter(pk__in=ids.values("pk"))
    rows = rows.exclude(pk__in=here.values("learner"))
    return rows.annotate(is_trained=Exists(_trained()), is_busy=Exists(_elsewhere(run))).order_by(
        "is_trained", "home_region__path", "initials", "name", "pk"
    )


def _trained() -> QuerySet[AttendanceState]:
    counted = ClassSession.objects.counted()
    return AttendanceState.objects.filter(
        learner=OuterRef("pk"), status__in=ATTENDED, session__in=counted
    )


def _elsewhere(run: CourseRun) -> QuerySet[Enrolment]:
    others = CourseRun.objects.not_cancelled().exclude(pk=run.pk)
    others = others.filter(starts_on__lte=run.ends_on, ends_on__gte=run.starts_on)
    return Enrolment.objects.filter(
        learner=OuterRef("pk"), run__in=others, status=Enrolment.Status.ENROLLED
    )


def next_waiting(run: CourseRun) -> QuerySet[Enrolment]:
    """The waiting list, first come first."""
    rows = Enrolment.objects.filter(run=run, status=Enrolment.Status.WAITING)
    return rows.select_related("learner").order_by("pk")


def editions_of_people(registers: QuerySet[Register]) -> QuerySet[RegisterEdition]:
    """Sealed editions of those registers that list people, newest first."""
    people = registers.exclude(purpose=Register.Purpose.QUALIFYING_VILLAGES)
    rows = RegisterEdition.objects.filter(register__in=people, sealed_at__isnull=False)
    return rows.select_related("register__region").order_by("-sealed_at", "-no")


def courses_with_runs(runs: QuerySet[CourseRun]) -> QuerySet[Course]:
    """Every course by title, with `run_count`: how many of `runs` deliver it."""
    found = Course.objects.annotate(run_count=Count("runs", filter=Q(runs__in=runs)))
    # Counting groups, and Django drops the model's own order there.
    return found.order_by("title", "pk")
