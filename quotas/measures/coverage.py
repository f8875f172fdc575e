"""roster_coverage: the register's members who completed a run in the period."""

import uuid
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
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
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.utils.translation import gettext_lazy as _

from courses.models import ClassSession, CourseRun, Enrolment, EnrolmentQuerySet
from learners.models import HouseholdStatus, Membership, RegisterAdjustment, RegisterEntry
from learners.queries import dated, in_force, part_ids, since
from lms.lib.periods import valid_on
from lms.lib.scope import under
from quotas.measures.counting import Column
from quotas.measures.facts import Rule, Spec
from regions.models import Region

RULE = Rule(
    text=_(
        "E = sealed entries + additions − removals dated up to the as-of day. The rate is the "
        "members of E (of a household register: any member of the household) that completed a "
        "run in the period ÷ E. The rate of the sealed edition alone stands beside it. Without a "
        "sealed edition there is no denominator and no rate."
    ),
    edition=1,
    valid_from=date(2026, 1, 1),
)
COLUMNS = (
    "subject", "fact_path", "completed_on", "entered_on", "left_on", "in_seal",
    "passed_on", "sealed_again",
)  # fmt: skip
_IN_FORCE = (
    "(entered_on IS NULL OR entered_on <= %(as_of)s) AND (left_on IS NULL OR left_on > %(as_of)s) "
    "AND (passed_on IS NULL OR passed_on > %(as_of)s)"
)
_COMPLETED = "completed_on BETWEEN %(start)s AND %(until)s"
#: Members of E that completed, E, and the same two of the sealed edition alone.
COVERAGE = (
    Column(f"{_COMPLETED} AND {_IN_FORCE}", distinct="subject"),
    Column(_IN_FORCE, distinct="subject"),
    Column(f"{_COMPLETED} AND in_seal AND NOT sealed_again", distinct="subject"),
    Column("in_seal AND NOT sealed_again", distinct="subject"),
)


def sealed(editions: tuple[uuid.UUID, ...]) -> "QuerySet[RegisterEntry]":
    """Entries of sealed editions; a composed edition stands for the editions it unites."""
    return RegisterEntry.objects.filter(
        edition_id__in=part_ids(editions), edition__sealed_at__isnull=False, village__isnull=True
    )


def entries(spec: Spec, region: Region, as_of: date) -> "QuerySet[RegisterEntry]":
    """Every entry ever in the register's sealed editions under `region`, and when it was in force.

    `entered_on` None = from the seal on; `left_on` None = still in force on `as_of`.
    Of a composed edition `passed_on` is the day from which a person counts at a later entry, and
    `sealed_again` says that a later of its seals lists them too; in others nobody is passed on.
    """
    found = sealed(spec.editions).filter(under("region_at_seal__path", [region.path]))
    if spec.household_group:
        found = found.filter(_in_group(spec.household_group, as_of))
    last = _adjustments(as_of).order_by("-happened_on", "-pk")
    added = _adjustments(as_of).filter(kind=RegisterAdjustment.Kind.ADD).order_by("happened_on")
    gone = last.annotate(
        left=Case(When(kind=RegisterAdjustment.Kind.REMOVE, then=F("happened_on")))
    )
    never = Value(date.max, output_field=DateField())
    return found.annotate(
        fact_path=F("region_at_seal__path"),
        subject=Coalesce("learner__merged_into_id", "learner_id", "household_id"),
        entered_on=Case(
            When(in_seal=True, then=Value(None)),
            default=Coalesce(Subquery(added.values("happened_on")[:1]), never),
            output_field=DateField(),
        ),
        left_on=Subquery(gone.values("left")[:1], output_field=DateField()),
        completed_on=Subquery(
            _completions(spec, as_of).order_by("completed_on").values("completed_on")[:1]
        ),
        **_doubled(spec, as_of),
    )


def _doubled(spec: Spec, as_of: date) -> dict[str, Any]:
    parts = part_ids(spec.editions)
    if set(parts) == set(spec.editions):
        return {
            "passed_on": Cast(Value(None), DateField()),
            "sealed_again": Value(False, output_field=BooleanField()),
        }
    same = Q(learner_id=OuterRef("learner_id")) | Q(household_id=OuterRef("household_id"))
    others = dated(RegisterEntry.objects.filter(same, edition__in=parts), as_of)
    later = others.filter(
        Q(since__gt=OuterRef("since")) | Q(since=OuterRef("since"), pk__gt=OuterRef("pk"))
    )
    on = Case(
        When(in_seal=True, then=Value(date.min)), default=F("since"), output_field=DateField()
    )
    passed = in_force(later, as_of).annotate(on=on).order_by("on").values("on")[:1]
    again = others.filter(in_seal=True).filter(
        Q(edition__sealed_at__gt=OuterRef("edition__sealed_at"))
        | Q(edition__sealed_at=OuterRef("edition__sealed_at"), pk__gt=OuterRef("pk"))
    )
    return {"since": since(as_of), "passed_on": Subquery(passed), "sealed_again": Exists(again)}


def _adjustments(as_of: date) -> "QuerySet[RegisterAdjustment]":
    return RegisterAdjustment.objects.filter(entry_id=OuterRef("pk"), happened_on__lte=as_of)


def _enrolments(spec: Spec) -> EnrolmentQuerySet:
    """What the entry's person, or anybody of its household, did in runs not cancelled."""
    found = Enrolment.objects.filter(
        Q(learner_id=OuterRef("learner_id"))
        | Q(learner_id=OuterRef("learner__merged_into_id"))
        | Q(household_id=OuterRef("household_id"))
    ).exclude(run__status=CourseRun.Status.CANCELLED)
    return found.filter(run__course__audience=spec.audience) if spec.audience else found


def _completions(spec: Spec, as_of: date) -> "QuerySet[Enrolment]":
    period = (spec.starts_on, spec.until(as_of))
    return _enrolments(spec).completed().filter(completed_on__range=period)


def _in_group(group: str, as_of: date) -> Q:
    statuses = HouseholdStatus.objects.filter(valid_on(as_of), type__group=group)
    members = Membership.objects.filter(
        valid_on(as_of), household_id__in=statuses.values("household_id")
    )
    return (
        Q(household_id__in=statuses.values("household_id"))
        | Q(learner_id__in=members.values("learner_id"))
        | Q(learner__merged_into_id__in=members.values("learner_id"))
    )


def known(spec: Spec, region: Region, as_of: date) -> "QuerySet[Any]":
    """Entries that were in the register at some time up to `as_of`."""
    found: QuerySet[Any] = entries(spec, region, as_of)
    found = found.filter(Q(passed_on__isnull=True) | Q(passed_on__gt=as_of))
    return found.filter(Q(entered_on__isnull=True) | Q(entered_on__lte=as_of))


def candidates(spec: Spec, region: Region, as_of: date) -> "QuerySet[Any]":
    """Entries known on `as_of`, one per subject, each with why it counts or does not."""
    latest = Window(
        RowNumber(),
        partition_by=[F("subject")],
        order_by=[F("left_on").asc(nulls_first=True), F("id").desc()],
    )
    found: QuerySet[Any] = known(spec, region, as_of).annotate(fact_on=F("completed_on"))
    if (
        len(part_ids(spec.editions)) > 1
        or found.filter(learner__merged_into__isnull=False).exists()
    ):
        # By key, because a page that filters by `why` must not filter before the ranking.
        latests = found.annotate(of_subject=latest).filter(of_subject=1).values("pk")
        found = found.filter(pk__in=latests)
    judged: QuerySet[Any] = found.annotate(why=_why(spec, as_of))
    return judged


def _why(spec: Spec, as_of: date) -> Case:
    until = spec.until(as_of)
    enrolled: QuerySet[Any] = _enrolments(spec).filter(
        enrolled_on__lte=until, run__ends_on__gte=spec.starts_on
    )
    # A run that was completed is over on its last day, and for who did not complete it, too.
    to_come = ClassSession.objects.filter(run_id=OuterRef("run_id"), held_on__gt=until).exclude(
        status=ClassSession.Status.CANCELLED
    )
    going = enrolled.filter(
        ~Q(run__status=CourseRun.Status.CLOSED) | Q(Exists(to_come)),
        status=Enrolment.Status.ENROLLED,
        run__ends_on__gte=until,
    )
    return Case(
        When(left_on__isnull=False, then=Value("removed")),
        When(completed_on__isnull=False, then=Value("counted")),
        When(Exists(going), then=Value("in_training")),
        When(Exists(enrolled), then=Value("not_completed")),
        default=Value("never_enrolled"),
    )
