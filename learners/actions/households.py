"""A household made for one person is joined to the one it belongs to, and taken out again."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.models import Household, HouseholdJoin, Learner, Membership
from learners.queries.joining import HOUSEHOLD_LINKS, standing_join
from lms.lib.errors import ActionError
from lms.lib.periods import today, valid_on
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

Relation = Membership.Relation
MEMBERSHIPS = "learners.Membership.household"


class HouseholdError(ActionError):
    pass


@transaction.atomic
def join_households(
    *, source: Household, into: Household, relation: str, reason: str, actor: "User | None"
) -> HouseholdJoin:
    """`relation` is what today's members of `source` are to the head of `into`."""
    source, into = _locked(source, into)
    _require_joinable(source, into, relation)
    if not reason.strip():
        raise HouseholdError("REASON_MISSING", _("Joining households needs a reason."))
    moved: dict[str, Any] = {}
    for link in HOUSEHOLD_LINKS:
        rows = link.movable(source, into)
        if keys := [str(key) for key in rows.values_list("pk", flat=True)]:
            moved[link.label] = keys
            link.model._default_manager.filter(pk__in=keys).update(**{link.field: into})
    moved["relations"] = _relate(moved.get(MEMBERSHIPS, []), relation)
    moved["homes"] = _move_homes(moved.get(MEMBERSHIPS, []), source, into)
    moved["head"] = _make_head(moved["relations"], into) if relation == Relation.HEAD else {}
    join = HouseholdJoin.objects.create(
        source=source, into=into, moved=moved, reason=reason.strip(), actor=actor
    )
    _audit("learners.households_joined", join, actor)
    return join


@transaction.atomic
def undo_join(*, join: HouseholdJoin, actor: "User | None") -> HouseholdJoin:
    """Put back what the join moved and what is still where it put it."""
    # It is guarded by its two households, and written after the people, as by whoever erases them.
    _locked(join.source, join.into)
    rows = HouseholdJoin.objects.all()
    join = rows.select_related("source__region", "into__region").get(pk=join.pk)
    if join.undone_at is not None:
        raise HouseholdError("UNDONE", _("This join was taken back already."))
    if standing_join(join.into):
        raise HouseholdError(
            "JOINED_ON",
            _("The household was itself joined into another one. Take that back first."),
        )
    for link in HOUSEHOLD_LINKS:
        rows_moved = link.model._default_manager.filter(
            **{"pk__in": join.moved.get(link.label, []), link.field: join.into}
        )
        rows_moved.update(**{link.field: join.source})
    _put_back(join)
    join.undone_at, join.undone_by = timezone.now(), actor
    join.save(update_fields=["undone_at", "undone_by"])
    _audit("learners.household_join_undone", join, actor)
    return join


def _locked(source: Household, into: Household) -> tuple[Household, Household]:
    """Both, always in the same order, so that two clerks never wait for each other in a ring."""
    rows = Household.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = {
        row.pk: row for row in rows.select_related("region").filter(pk__in=[source.pk, into.pk])
    }
    return found[source.pk], found[into.pk]


def _require_joinable(source: Household, into: Household, relation: str) -> None:
    if not source.inferred:
        raise HouseholdError(
            "NOT_INFERRED",
            _("A roster named this household, so it is not joined. Change the person's household."),
        )
    if source.pk == into.pk or standing_join(source) or standing_join(into):
        raise HouseholdError(
            "JOINED_ALREADY", _("One of the two was joined into another household already.")
        )
    if not source.region.covers(into.region):
        raise HouseholdError(
            "OTHER_PLACE",
            _("The two households are not in the same village. Change the person's household."),
        )
    heads = source.memberships.filter(valid_on(today())).count()
    if relation == Relation.HEAD and (into.head_id is not None or heads > 1):
        raise HouseholdError(
            "HEAD_TAKEN",
            _("This household has a head already. Choose how the person is related to them."),
        )


def _relate(keys: list[str], relation: str) -> dict[str, str]:
    """Today's members get the relation; what it was before comes back, for the undoing."""
    rows = Membership.objects.filter(valid_on(today()), pk__in=keys)
    before = {str(row.pk): row.relation for row in rows}
    rows.update(relation=relation)
    return before


def _move_homes(keys: list[str], source: Household, into: Household) -> dict[str, str]:
    """Who lived where `source` is lives where `into` is: a village becomes known."""
    if source.region_id == into.region_id:
        return {}
    people = Learner.objects.filter(
        pk__in=Membership.objects.filter(valid_on(today()), pk__in=keys).values("learner_id"),
        home_region=source.region,
    )
    before = {str(pk): str(source.region_id) for pk in people.values_list("pk", flat=True)}
    Learner.objects.filter(pk__in=before).update(home_region=into.region)
    return before


def _make_head(memberships: dict[str, str], into: Household) -> dict[str, str]:
    """A household without a head gets the one person who came in as such."""
    rows = Membership.objects.filter(pk__in=memberships).select_related("learner")
    person = next(iter(rows), None)
    if person is None:
        return {}
    into.head = person.learner
    into.save(update_fields=["head"])
    return {str(into.pk): str(person.learner_id)}


def _put_back(join: HouseholdJoin) -> None:
    rows = Membership.objects.filter(household=join.source)
    for key, relation in join.moved.get("relations", {}).items():
        rows.filter(pk=key).update(relation=relation)
    for key, region in join.moved.get("homes", {}).items():
        people = Learner.objects.filter(pk=key, home_region=join.into.region)
        people.update(home_region_id=region)
    for key, head in join.moved.get("head", {}).items():
        Household.objects.filter(pk=key, head_id=head).update(head=None)


def _audit(name: str, join: HouseholdJoin, actor: "User | None") -> None:
    record_audit(
        name,
        actor=actor,
        target=join.source,
        region_path=join.source.region.path,
        detail={
            "join": str(join.pk),
            "into": str(join.into_id),
            "moved": {label: len(keys) for label, keys in join.moved.items()},
        },
    )
