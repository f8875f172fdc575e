"""In which household a person lived, and of which type it was, on a day."""

from collections.abc import Iterable
from datetime import date

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


def household_type_choices() -> list[tuple[str, str]]:
    return list(HouseholdType.objects.values_list("code", "name"))


def names_of_types(learners: Iterable[object]) -> dict[object, str]:
    """Learner id -> the name of today's household type; in one query without a record of each."""
    day = today()
    rows = Membership.objects.filter(
        valid_on(day), valid_on(day, "household__statuses__"), learner__in=list(learners)
    )
    return dict(rows.values_list("learner_id", "household__statuses__type__name"))
