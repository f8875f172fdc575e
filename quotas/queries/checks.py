"""What spot checks found out about counted facts, and what waits for an inspector."""

import hashlib
import random
from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Q

from courses.models import Enrolment
from lms.lib.scope import Role, Scope, under
from quotas import measures
from quotas.models import CheckItem, CheckPlan, Measure, Quota
from quotas.queries.explained import Verified
from quotas.queries.lines import Line

CHECKED = {Measure.PERSON_TIMES, Measure.PEOPLE_TRAINED}


def verified(line: Line, as_of: date) -> Verified | None:
    """Confirmed among the checked of the figure's region and period; None before any finding.

    Who could not be reached says nothing either way.
    """
    if line.spec.measure not in CHECKED:
        return None
    is_host = line.spec.attribution == Quota.Attribution.HOST
    place = "enrolment__run__host_region" if is_host else "enrolment__home_region"
    found = CheckItem.objects.filter(
        under(f"{place}__path", [line.region.path]),
        plan__starts_on__lte=line.spec.until(as_of),
        plan__ends_on__gte=line.spec.starts_on,
        checked_at__date__lte=as_of,
    ).exclude(finding__in=["", CheckItem.Finding.UNREACHED])
    confirmed = Q(finding=CheckItem.Finding.CONFIRMED)
    counts = found.aggregate(checked=Count("pk"), confirmed=Count("pk", filter=confirmed))
    return Verified(counts["confirmed"], counts["checked"]) if counts["checked"] else None


def drawn_for(scope: Scope) -> Q:
    """The learners whom an inspector checks: those of the items drawn for them."""
    if not scope.has(Role.INSPECTOR):
        return Q(pk__in=[])
    items = CheckItem.objects.filter(inspector_id=scope.user_id)
    return Q(pk__in=items.values("enrolment__learner_id"))


def commitment(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()


def counted_enrolments(plan: CheckPlan) -> list[Enrolment]:
    """The person-times of the plan's period, by host region."""
    spec = measures.Spec(Measure.PERSON_TIMES, plan.starts_on, plan.ends_on, Quota.Attribution.HOST)
    rows = measures.candidates(spec, plan.region, plan.ends_on)
    return list(rows.filter(why="counted").select_related("run"))


def population_of(plan: CheckPlan) -> list[str]:
    return sorted(str(row.pk) for row in counted_enrolments(plan))


def sample(population: Sequence[str], seed: str, n: int) -> list[str]:
    """`n` of the sorted population, the same for the same seed on every machine."""
    draw = random.Random(hashlib.sha256(seed.encode()).digest())  # noqa: S311 - replayed from a published seed
    return draw.sample(sorted(population), min(n, len(population)))
