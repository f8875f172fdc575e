"""What belongs to a household, and what becomes of it when the household is joined to another."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, Prefetch, Q, QuerySet

from learners.models import (
    Household,
    HouseholdJoin,
    HouseholdStatus,
    Membership,
    RegisterEntry,
)
from lms.lib.periods import valid_on
from lms.lib.scope import HasScope


@dataclass(frozen=True)
class HouseholdLink:
    """A foreign key to Household. Rows move to the household joined into, except where they
    `stay` (and the reason is said), where the other one has a row with equal `once_per` fields,
    or, with `if_none`, where it has any row."""

    model: type[Model]
    field: str = "household"
    stays: str = ""
    once_per: tuple[str, ...] = ()
    if_none: bool = False

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    def movable(self, source: Household, into: Household) -> QuerySet[Any]:
        manager = self.model._default_manager
        theirs = manager.filter(**{self.field: into})
        rows = manager.filter(**{self.field: source})
        if self.stays or (self.if_none and theirs.exists()):
            return rows.none()
        for held in theirs.values(*self.once_per) if self.once_per else ():
            rows = rows.exclude(**held)
        return rows


#: One for each foreign key to Household; apps above add theirs in AppConfig.ready(), and a test
#: fails for a key without one.
HOUSEHOLD_LINKS: list[HouseholdLink] = [
    HouseholdLink(Membership),
    # The types that a roster gave the household of many count; those of the one made for a
    # person only where it has none.
    HouseholdLink(HouseholdStatus, if_none=True),
    HouseholdLink(RegisterEntry, stays="a sealed edition never changes"),
    HouseholdLink(HouseholdJoin, "source", stays="what happened, happened to this household"),
    HouseholdLink(HouseholdJoin, "into", stays="what happened, happened to this household"),
]


def standing_join(household: Household) -> HouseholdJoin | None:
    """The join that this household went into another with; None while it stands for itself."""
    rows = household.joins.filter(undone_at__isnull=True)
    return rows.select_related("into__region", "actor").first()


def join_candidates(
    user: HasScope, source: Household, day: date, *, text: str = ""
) -> QuerySet[Household]:
    """Households of the same village (or inside the place of `source`), with today's members as
    `living`.

    `text` is part of a number or of a head's or a member's name.
    """
    here = Q(region=source.region) | Q(region__path__startswith=source.region.path)
    living = Membership.objects.filter(valid_on(day)).select_related("learner")
    rows = Household.objects.visible_to(user).filter(here)
    if text:
        named = Membership.objects.filter(learner__name__contains=text).values("household_id")
        rows = rows.filter(
            Q(number__contains=text) | Q(head__name__contains=text) | Q(pk__in=named)
        )
    return (
        rows.exclude(pk=source.pk)
        .exclude(pk__in=HouseholdJoin.objects.filter(undone_at__isnull=True).values("source_id"))
        .select_related("region", "head")
        .prefetch_related(Prefetch("memberships", living.order_by("relation"), to_attr="living"))
        .order_by("inferred", "number")
    )
