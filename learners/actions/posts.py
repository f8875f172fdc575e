"""Cadres of a roster hold the role that their post names, from the day of the roster on."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from learners.models import Learner, RoleHeld, RosterRow
from learners.queries.posts import region_of_role, role_of
from lms.models import record_audit
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def hold_posts(
    *, rows: Sequence[RosterRow], region: Region, as_of: date, actor: "User | None"
) -> int:
    """Returns how many roles are new. Who holds a role on that day, or later, keeps it as it is."""
    said = {row.learner_id: (row.learner, role) for row in rows if (role := role_of(row))}
    held = set(
        RoleHeld.objects.filter(learner__in=said)
        .exclude(ends_on__lt=as_of)
        .values_list("learner_id", "role")
    )
    new = [
        (learner, role)
        for key, (learner, role) in said.items()
        if learner is not None and (key, role) not in held
    ]
    if not new:
        return 0
    RoleHeld.objects.bulk_create(_roles(new, as_of))
    record_audit(
        "learners.posts_held",
        actor=actor,
        region_path=region.path,
        detail={"as_of": as_of.isoformat(), **Counter(role for _learner, role in new)},
    )
    return len(new)


def _roles(new: Sequence[tuple[Learner, str]], as_of: date) -> list[RoleHeld]:
    paths = {region_of_role(role, learner.home_region.path) for learner, role in new}
    regions = {row.path: row for row in Region.objects.current().filter(path__in=paths)}
    return [
        RoleHeld(
            learner=learner,
            role=role,
            region=regions.get(region_of_role(role, learner.home_region.path), learner.home_region),
            starts_on=as_of,
        )
        for learner, role in new
    ]
