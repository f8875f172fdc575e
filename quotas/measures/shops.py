"""shops_opened: shops by their opening day, where the owner was at home then."""

from datetime import date

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from incubation.models import Shop
from learners.models import HouseholdStatus, RoleHeld
from lms.lib.scope import under
from quotas.measures.counting import Column
from quotas.measures.facts import Rule, Spec
from regions.models import Region

RULE = Rule(
    text=_(
        "Shops opened in the period, by their opening day and the owner's home on that day. A "
        "shop that closed later stays counted. The household group is the household's on the "
        "opening day."
    ),
    edition=1,
    valid_from=date(2026, 1, 1),
)
COLUMNS = ("subject", "fact_path", "fact_on")
OPENED = (Column("fact_on BETWEEN %(start)s AND %(until)s"),)


def shops(spec: Spec, region: Region, as_of: date) -> "QuerySet[Shop]":
    found = Shop.objects.filter(under("home_region__path", [region.path]))
    if spec.household_group:
        found = found.filter(Exists(_statuses_at_opening(spec.household_group)))
    if spec.audience:
        found = found.filter(Exists(_roles_at_opening(spec.audience)))
    return found.filter(opened_on__lte=spec.until(as_of)).annotate(
        fact_path=F("home_region__path"), subject=F("owner_id"), fact_on=F("opened_on")
    )


def _held_at_opening() -> Q:
    """Rows of a dated table that held on the opening day of the shop outside."""
    opened = OuterRef("opened_on")
    return Q(starts_on__lte=opened) & (Q(ends_on__isnull=True) | Q(ends_on__gte=opened))


def _statuses_at_opening(group: str) -> "QuerySet[HouseholdStatus]":
    return HouseholdStatus.objects.filter(
        _held_at_opening(), household_id=OuterRef("household_id"), type__group=group
    )


def _roles_at_opening(role: str) -> "QuerySet[RoleHeld]":
    return RoleHeld.objects.filter(_held_at_opening(), learner_id=OuterRef("owner_id"), role=role)


def candidates(spec: Spec, region: Region, as_of: date) -> "QuerySet[Shop]":
    """Every shop opened up to `as_of`; those of before the period do not count."""
    return shops(spec, region, as_of).annotate(
        why=Case(
            When(opened_on__gte=spec.starts_on, then=Value("counted")),
            default=Value("opened_before"),
        )
    )
