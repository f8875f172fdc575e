"""What spot checks found out about counted facts, and what waits for an inspector."""

from datetime import date

from django.db.models import Count, Q

from lms.lib.scope import under
from quotas.models import CheckItem, Measure, Quota
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
