"""In which household a person lived, and of which type it was, on a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from learners.models import Household, HouseholdStatus, HouseholdType, Learner, Membership
from lms.lib.periods import today, valid_on


def household_on(learner: Learner, day: date) -> Household | None:
    rows = Membership.objects.filter(valid_on(day), learner=learner)
    found = rows.select_related("household").first()
    return found.household if found else None


def household_type_on(household: Household | None, day: date) -> HouseholdType | None:
    if household is None:
        return None
    rows = HouseholdStatus.objects.filter(valid_on(day), household=household)
    found = rows.select_related("type").first()
    return found.type if found else None


def households_on(learners: Iterable[Learner], day: date) -> dict[object, Household]:
    """Learner id -> household with its region, in one query."""
    rows = Membership.objects.filter(valid_on(day), learner__in=list(learners))
    return {row.learner_id: row.household for row in rows.select_related("household__region")}


def household_types_on(households: Iterable[object], day: date) -> dict[object, HouseholdType]:
    """Household id -> its type, in one query."""
    rows = HouseholdStatus.objects.filter(valid_on(day), household__in=list(households))
    return {row.household_id: row.type for row in rows.select_related("type")}


def with_households(rows: QuerySet[Learner]) -> QuerySet[Learner]:
    """Today's household and its type with each learner, in two more queries."""
    statuses = HouseholdStatus.objects.filter(valid_on(today())).select_related("type")
    memberships = (
        Membership.objects.filter(valid_on(today()))
        .select_related("household")
        .prefetch_related(Prefetch("household__statuses", statuses, to_attr="now"))
    )
    return rows.select_related("home_region__parent").prefetch_related(
        Prefetch("memberships", memberships, to_attr="now")
    )


def household_type_name(learner: Any) -> str:
    """For a learner of `with_households`."""
    found = [status.type.name for row in learner.now for status in row.household.now]
    return found[0] if found else "—"


def household_type_choices() -> list[tuple[str, str]]:
    return list(HouseholdType.objects.values_list("code", "name"))
