"""A plan with its quotas as the tree in which they were handed down."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from quotas.models import Measure, Plan, Quota

if TYPE_CHECKING:
    from accounts.models import User


#: Kinds whose children and reserve add up to the parent.
ADDITIVE = {Quota.Kind.ABSOLUTE, Quota.Kind.CUMULATIVE, Quota.Kind.ONE_PER_REGION}
#: Measures that are no sums whatever the kind: a mean, a rate.
NOT_SUMS = {Measure.INCOME_RISE_YUAN, Measure.ROSTER_COVERAGE}


def is_sum(quota: Quota) -> bool:
    """Whether the children's targets and the reserve add up to the quota's own."""
    return quota.kind in ADDITIVE and quota.measure not in NOT_SUMS


@dataclass(frozen=True)
class Branch:
    """One quota in its tree; `handed` is what its children have together."""

    quota: Quota
    depth: int
    handed: Decimal | None

    @property
    def steps(self) -> range:
        """One for each level under the first, for the page to indent by."""
        return range(self.depth)


def tree(user: "User", plan: Plan) -> list[Branch]:
    """The plan's quotas that `user` may read, each under the one that it came from."""
    quotas = list(
        Quota.objects.visible_to(user)
        .filter(plan=plan)
        .select_related("region", "register_edition")
        .order_by("measure", "region__path")
    )
    children: dict[object, list[Quota]] = {}
    known = {quota.pk for quota in quotas}
    for quota in quotas:
        parent = quota.parent_id if quota.parent_id in known else None
        children.setdefault(parent, []).append(quota)
    found: list[Branch] = []
    waiting = [(quota, 0) for quota in reversed(children.get(None, []))]
    while waiting:
        quota, depth = waiting.pop()
        below = children.get(quota.pk, [])
        handed = sum((child.target for child in below), Decimal(0)) if below else None
        found.append(Branch(quota, depth, handed))
        waiting += [(child, depth + 1) for child in reversed(below)]
    return found
