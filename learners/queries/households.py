"""In which household a person lived, and of which type it was, on a day."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import connection

from learners.models import Household, HouseholdStatus, HouseholdType, Learner, Membership
from lms.lib import sets
from lms.lib.periods import today, valid_on

_NAMES_OF_TYPES = """
    SELECT m.learner_id, t.name FROM learners_membership m
    JOIN learners_householdstatus s ON s.household_id = m.household_id
    JOIN learners_householdtype t ON t.code = s.type_id
    WHERE m.starts_on <= %%s AND (m.ends_on IS NULL OR m.ends_on >= %%s)
      AND s.starts_on <= %%s AND (s.ends_on IS NULL OR s.ends_on >= %%s)
      AND m.learner_id IN (%s)
"""


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


def household_type_choices() -> list[tuple[str, str]]:
    return list(HouseholdType.objects.values_list("code", "name"))


def names_of_types(learners: Iterable[UUID]) -> dict[UUID, str]:
    """Learner id -> the name of today's household type; in one query without a record of each. Its
    text is our own: to put it together from conditions took longer than to answer it."""
    keys = [sets.spelled(learner) for learner in learners]
    if not keys:
        return {}
    day = today()
    with connection.cursor() as cursor:
        cursor.execute(_NAMES_OF_TYPES % ", ".join(["%s"] * len(keys)), [*[day] * 4, *keys])
        return {sets.key(learner): name for learner, name in cursor.fetchall()}
