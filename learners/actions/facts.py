"""Facts of one person, changed at the desk: each with its reason, its date, its audit line."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from learners.models import Audience, FactChange, Household, Learner, Membership, RoleHeld
from learners.queries.names import name_initials
from lms.lib.errors import ActionError
from lms.lib.idnumbers import mask_phone
from lms.lib.periods import day_before, today, valid_on
from lms.models import record_audit
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

#: What may be corrected; the ID number is matched and merged, never typed over.
PLAIN_FACTS = (
    "name",
    "native_name",
    "sex",
    "ethnicity",
    "education",
    "political_status",
    "disability",
    "disability_grade",
)


class PersonError(ActionError):
    pass


@transaction.atomic
def correct_person(
    *, learner: Learner, facts: Mapping[str, Any], reason: str, actor: "User | None"
) -> Learner:
    """Store what differs of `facts`: those of PLAIN_FACTS, and phone."""
    learner = _locked(learner)
    changes = {
        name: [getattr(learner, name), facts[name]]
        for name in PLAIN_FACTS
        if name in facts and getattr(learner, name) != facts[name]
    }
    for name, (_old, new) in changes.items():
        setattr(learner, name, new)
    fields = list(changes)
    if "name" in changes:
        learner.initials = name_initials(learner.name)
        fields.append("initials")
    if "phone" in facts and (old := learner.clear_phone()) != facts["phone"]:
        learner.set_phone(facts["phone"])
        fields += ["phone_cipher", "phone_index"]
        changes["phone"] = [mask_phone(old), mask_phone(facts["phone"])]
    if not changes:
        raise PersonError("NOTHING_CHANGED", _("Nothing differs from the record."))
    learner.save(update_fields=fields)
    _note(learner, changes, reason, "learners.person_corrected", actor)
    return learner


# --- roles ---
@transaction.atomic
def hold_role(
    *,
    learner: Learner,
    role: str,
    region: Region,
    starts_on: date,
    ends_on: date | None,
    actor: "User | None",
) -> RoleHeld:
    learner = _locked(learner)
    _require_in_order(starts_on, ends_on)
    clash = learner.roles.filter(role=role, region=region).exclude(ends_on__lt=starts_on)
    if ends_on is not None:
        clash = clash.filter(starts_on__lte=ends_on)
    if clash.exists():
        raise PersonError(
            "ROLE_OVERLAPS",
            _("This role is recorded for that time already. End it first, or correct the dates."),
        )
    held = RoleHeld.objects.create(
        learner=learner, role=role, region=region, starts_on=starts_on, ends_on=ends_on
    )
    _audit_role("learners.role_held", held, learner, actor)
    return held


@transaction.atomic
def end_role(*, held: RoleHeld, ends_on: date, actor: "User | None") -> RoleHeld:
    learner = _locked(held.learner)
    held = RoleHeld.objects.select_related("region").get(pk=held.pk)
    if held.ends_on is not None:
        raise PersonError("ROLE_ENDED", _("This role has ended already."))
    _require_in_order(held.starts_on, ends_on)
    if ends_on > today():
        raise PersonError("DATE_AHEAD", _("This day has not come yet. Correct the date."))
    held.ends_on = ends_on
    held.save(update_fields=["ends_on"])
    _audit_role("learners.role_ended", held, learner, actor)
    return held


def _audit_role(name: str, held: RoleHeld, learner: Learner, actor: "User | None") -> None:
    record_audit(
        name,
        actor=actor,
        target=learner,
        region_path=learner.home_region.path,
        detail={
            "role": held.role,
            "region": held.region.code,
            "starts_on": held.starts_on.isoformat(),
            "ends_on": held.ends_on.isoformat() if held.ends_on else None,
        },
    )


def _require_in_order(starts_on: date, ends_on: date | None) -> None:
    if starts_on > today():
        raise PersonError("DATE_AHEAD", _("This day has not come yet. Correct the date."))
    if ends_on is not None and ends_on < starts_on:
        raise PersonError("DATES_TURNED", _("The end lies before the beginning. Correct a date."))


# --- household ---
@transaction.atomic
def change_household(
    *,
    learner: Learner,
    household: Household,
    relation: str,
    starts_on: date,
    reason: str,
    actor: "User | None",
) -> Membership:
    """From `starts_on` the person lives in `household`, and their home is where it is."""
    learner = _locked(learner)
    household = Household.objects.select_related("region").get(pk=household.pk)
    _require_in_order(starts_on, None)
    _require_living(household)
    current = learner.memberships.filter(valid_on(starts_on)).select_related("household").first()
    _require_newest(learner, current, household, starts_on)
    _require_headship(household, learner, relation)
    if current is not None and current.starts_on == starts_on:
        current.delete()
    elif current is not None:
        current.ends_on = day_before(starts_on)
        current.save(update_fields=["ends_on"])
    joined = Membership.objects.create(
        learner=learner, household=household, relation=relation, starts_on=starts_on
    )
    if relation == Membership.Relation.HEAD:
        household.head = learner
        household.save(update_fields=["head"])
    _move_home(learner, household.region, starts_on)
    numbers = [current.household.number if current else "", household.number]
    _note(learner, {"household": numbers}, reason, "learners.household_changed", actor)
    return joined


def _require_living(household: Household) -> None:
    if household.joins.filter(undone_at__isnull=True).exists():
        raise PersonError(
            "HOUSEHOLD_JOINED",
            _("This household was joined into another one. Enter the number of that one."),
        )


def _require_newest(
    learner: Learner, current: Membership | None, household: Household, starts_on: date
) -> None:
    if learner.memberships.filter(starts_on__gt=starts_on).exists():
        raise PersonError(
            "LATER_HOUSEHOLD",
            _("A later household is recorded for this person. Choose a later day."),
        )
    if current is not None and current.household_id == household.pk:
        raise PersonError("SAME_HOUSEHOLD", _("The person lives in this household already."))


def _require_headship(household: Household, learner: Learner, relation: str) -> None:
    is_head = relation == Membership.Relation.HEAD
    if is_head and household.head_id not in (None, learner.pk):
        raise PersonError(
            "HEAD_TAKEN",
            _("This household has a head already. Choose how the person is related to them."),
        )


def _move_home(learner: Learner, home: Region, starts_on: date) -> None:
    """The home region follows the household, and so does the role of a household member."""
    if learner.home_region_id == home.pk:
        return
    held = learner.roles.filter(role=Audience.HOUSEHOLD_MEMBER, ends_on__isnull=True)
    for row in held.select_related("region"):
        if row.starts_on >= starts_on:
            row.region = home
            row.save(update_fields=["region"])
        else:
            row.ends_on = day_before(starts_on)
            row.save(update_fields=["ends_on"])
            RoleHeld.objects.create(
                learner=learner, role=row.role, region=home, starts_on=starts_on
            )
    learner.home_region = home
    learner.save(update_fields=["home_region"])


# --- what every change leaves ---
def _locked(learner: Learner) -> Learner:
    rows = Learner.objects.select_for_update(of=("self",), no_key=True)
    learner = rows.select_related("home_region").get(pk=learner.pk)
    if learner.merged_into_id is not None:
        raise PersonError(
            "MERGED", _("This record was merged into another one. Open that one instead.")
        )
    return learner


def _note(
    learner: Learner, changes: Mapping[str, Any], reason: str, name: str, actor: "User | None"
) -> None:
    """The reason may name a person: it stands on the change, never in the audit trail."""
    if not reason.strip():
        raise PersonError("REASON_MISSING", _("A change of a fact needs a reason."))
    FactChange.objects.create(
        learner=learner, changes=dict(changes), reason=reason.strip(), actor=actor
    )
    record_audit(
        name,
        actor=actor,
        target=learner,
        region_path=learner.home_region.path,
        detail={"fields": sorted(changes)},
    )
