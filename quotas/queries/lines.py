"""Which quotas a region's page is about, and what each asks of the facts there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q

from lms.lib.scope import under
from quotas.measures import Spec
from quotas.models import Measure, Plan, Quota
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

Key = tuple[str, str, str, date, date]
#: How many quotas of the levels below are looked through for what they ask.
DEEP = 200


@dataclass(frozen=True)
class Line:
    """One quota as it is asked at `region`; `target` is None where the region has no quota."""

    quota: Quota
    region: Region
    spec: Spec
    target: Decimal | None

    @property
    def key(self) -> Key:
        return key_of(self.quota)


def key_of(quota: Quota) -> Key:
    """Quotas of one plan with one key are the same quota, handed down."""
    return (
        quota.measure,
        quota.audience,
        quota.household_group,
        quota.starts_on,
        quota.ends_on,
    )


def same_key(quota: Quota) -> Q:
    return Q(
        plan_id=quota.plan_id,
        measure=quota.measure,
        audience=quota.audience,
        household_group=quota.household_group,
        starts_on=quota.starts_on,
        ends_on=quota.ends_on,
    )


def line_at(quota: Quota, region: Region, audience: str = "") -> Line:
    """`quota` asked at `region`: its own, one below it, or one above it.

    Above the region of a coverage quota, and where it has no register of its own, the registers
    below it together are the denominator.
    """
    own = quota.region_id == region.pk
    spec = Spec.of(quota, audience=audience)
    above = region.covers(quota.region) and not (own and quota.register_edition_id)
    if quota.measure == Measure.ROSTER_COVERAGE and above:
        below = Quota.objects.filter(same_key(quota), under("region__path", [region.path]))
        editions = below.exclude(register_edition=None).values_list("register_edition", flat=True)
        spec = spec.with_editions(tuple(editions.distinct()))
    # A quota narrowed to one audience has no target of its own.
    narrowed = bool(audience) and not quota.audience
    return Line(quota, region, spec, quota.target if own and not narrowed else None)


def lines(user: "User", plan: Plan, region: Region, audience: str = "") -> list[Line]:
    """The plan's quotas at `region`: its own, else the nearest above it, else one below it."""
    visible = Quota.objects.visible_to(user).filter(plan=plan).select_related("region", "plan")
    above = [region.path[:length] for length in (2, 4, 6, 9, 12) if length <= len(region.path)]
    near = visible.filter(region__path__in=above).order_by("-region__level")
    deep = visible.filter(under("region__path", [region.path])).exclude(region=region)
    chosen: dict[Key, Quota] = {}
    for quota in [*near, *deep.order_by("region__level", "region__path")[:DEEP]]:
        chosen.setdefault(key_of(quota), quota)
    shown = [quota for quota in chosen.values() if not audience or concerns(quota, audience)]
    order = list(Measure.values)
    shown.sort(key=lambda quota: (order.index(quota.measure), key_of(quota)))
    return [line_at(quota, region, audience) for quota in shown]


def concerns(quota: Quota, audience: str) -> bool:
    return quota.audience in {"", audience}


def plans_at(user: "User", region: Region) -> list[Plan]:
    """Plans with a quota that a page of `region` can show, in force ones first."""
    above = [region.path[:length] for length in (2, 4, 6, 9, 12) if length <= len(region.path)]
    reach = Q(region__path__in=above) | under("region__path", [region.path])
    quotas = Quota.objects.visible_to(user).filter(reach)
    plans = Plan.objects.visible_to(user).filter(
        pk__in=quotas.values("plan_id"), superseded_by__isnull=True
    )
    return list(plans)


def plan_for(plans: list[Plan], as_of: date) -> Plan | None:
    """The plan that a page opens with: one in force on the day, else the latest."""
    in_force = [plan for plan in plans if plan.starts_on <= as_of <= plan.ends_on]
    return next(iter(in_force or plans), None)


def periods(found: list[Line]) -> list[date]:
    """A page shows together what ends together: this year's quotas and those that run up to it."""
    return sorted({line.spec.ends_on for line in found})


def period_for(options: list[date], as_of: date) -> date | None:
    """The end that comes next after the day, else the last one."""
    ahead = [day for day in options if day >= as_of]
    return min(ahead) if ahead else next(reversed(options), None)
