"""What merging does to the columns of this app: people, households, roles, registers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learners.models import (
    Audience,
    Consent,
    Erasure,
    FactChange,
    Household,
    Learner,
    Membership,
    Merge,
    RegisterEntry,
    Reveal,
    RoleHeld,
    RosterRow,
    SuspectedPair,
)
from learners.queries.merging import DEPENDS, OBJECTIONS, Found, Refusal, Step, keep, register
from lms.lib.periods import today, valid_on

PERSON = gettext_lazy("Facts of the person")
HOUSEHOLD = gettext_lazy("Households")
CONSENTS = gettext_lazy("Consents given")
ROLES = gettext_lazy("Roles held")
REGISTERS = gettext_lazy("Registers not sealed yet")
EARLIER = gettext_lazy("Records merged earlier")
ASIDE = gettext_lazy("set aside")
#: Filled from the merged record where the kept one knows nothing.
BLANKS = ("native_name", "sex", "ethnicity", "education")


def register_rules() -> None:
    register(Learner, "merged_into", person)
    register(Membership, "learner", memberships)
    register(Household, "head", heads)
    register(RoleHeld, "learner", roles)
    register(RegisterEntry, "learner", entries)
    register(RosterRow, "learner", keep)
    register(SuspectedPair, "first", pairs)
    register(SuspectedPair, "second", keep)  # `pairs` has looked at both ends
    register(Consent, "learner", consents)
    register(Reveal, "learner", keep)
    register(FactChange, "learner", keep)
    register(Erasure, "learner", keep)  # whoever was erased is merged with nobody
    register(Merge, "kept", keep)
    register(Merge, "merged", keep)
    OBJECTIONS.append(objections)
    DEPENDS.append(erased_since)


def erased_since(merge: Merge) -> Iterable[Refusal]:
    if merge.kept.erased_at:
        words = gettext_lazy("This person was erased: what the merge moved is known no more.")
        yield Refusal("ERASED", words)


def objections(kept: Learner, merged: Learner) -> Iterable[Refusal]:
    if kept.provisional and not merged.provisional:
        yield Refusal(
            "KEPT_PROVISIONAL",
            gettext_lazy(
                "The record to be kept is a walk-in whose identity was not checked, the other one "
                "is identified. Keep the identified record."
            ),
        )
    if kept.erased_at or merged.erased_at:
        words = gettext_lazy("One of the two was erased at that person's request. It stays apart.")
        yield Refusal("ERASED", words)
    if kept.user and merged.user and kept.user.is_active and merged.user.is_active:
        yield Refusal(
            "BOTH_SIGN_IN",
            gettext_lazy(
                "Both records have an account that can sign in. Have the administrator deactivate "
                "one of the two, then merge."
            ),
        )


# --- the person ---
def person(kept: Learner, merged: Learner) -> Iterable[Found]:
    for row in Learner.objects.filter(merged_into=merged):
        yield Step(row, {"merged_into_id": kept.pk}, EARLIER, row.name)
    filled = _filled(kept, merged)
    if filled:
        words = _("what only the other record knows is added")
        yield Step(kept, filled, PERSON, words)
    if merged.user and not (kept.user and kept.user.is_active):
        yield Step(merged, {"user_id": None})
        yield Step(kept, {"user_id": merged.user_id}, PERSON, _("the account to sign in"))


def _filled(kept: Learner, merged: Learner) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(merged, name)
        for name in BLANKS
        if getattr(merged, name) and not getattr(kept, name)
    }
    # Ciphers are bound to their row: what moves is enciphered anew.
    copy = Learner(pk=kept.pk, name=kept.name)
    if kept.phone_cipher is None and merged.phone_cipher is not None:
        copy.set_phone(merged.clear_phone())
        values |= {"phone_cipher": copy.phone_cipher, "phone_index": copy.phone_index}
    born = merged.clear_birth_date()
    if kept.birth_cipher is None and born is not None:
        copy.set_birth_date(born)
        values |= {"birth_cipher": copy.birth_cipher, "namesake_index": copy.namesake_index}
    return values


def consents(kept: Learner, merged: Learner) -> Iterable[Found]:
    """What both agreed to stays open once: the kept record's own."""
    is_open = set(kept.consents.filter(withdrawn_on=None).values_list("purpose", flat=True))
    for row in merged.consents.order_by("given_on"):
        if row.withdrawn_on is None and row.purpose in is_open:
            continue
        yield Step(row, {"learner_id": kept.pk}, CONSENTS, row.get_purpose_display())


# --- where they live ---
@dataclass(frozen=True)
class _Homes:
    """Memberships after the merge: who is moved, who is set aside, and the homes of the kept."""

    moved: list[Membership]
    aside: list[Membership]
    households: set[UUID]


def _homes(kept: Learner, merged: Learner) -> _Homes:
    """At one time a person lives in one household: that of the kept record, unless it was only
    inferred and the other record names one."""
    own = list(kept.memberships.select_related("household__region"))
    moved, aside = [], []
    for row in merged.memberships.select_related("household__region"):
        clashes = [other for other in own if _overlap(row, other)]
        if clashes and (row.household.inferred or not _all_inferred(clashes)):
            aside.append(row)
            continue
        moved.append(row)
        aside += clashes
    held = {row.household_id for row in (*own, *moved) if row not in aside}
    return _Homes(moved, aside, held)


def _all_inferred(rows: Iterable[Membership]) -> bool:
    return all(row.household.inferred for row in rows)


def _overlap(one: Any, other: Any) -> bool:
    return bool(
        one.starts_on <= (other.ends_on or date.max)
        and other.starts_on <= (one.ends_on or date.max)
    )


def memberships(kept: Learner, merged: Learner) -> Iterable[Found]:
    homes = _homes(kept, merged)
    for row in homes.aside:
        yield Step(row, {}, HOUSEHOLD, row.household.number, ASIDE)
    for row in homes.moved:
        yield Step(row, {"learner_id": kept.pk}, HOUSEHOLD, row.household.number)
        if any(other.learner_id == kept.pk for other in homes.aside) and row.holds_on(today()):
            yield Step(kept, {"home_region_id": row.household.region_id})


def heads(kept: Learner, merged: Learner) -> Iterable[Found]:
    held = _homes(kept, merged).households
    for row in Household.objects.filter(head=merged):
        if row.pk in held:
            yield Step(row, {"head_id": kept.pk}, HOUSEHOLD, row.number, _("head"))
        elif row.memberships.filter(valid_on(today())).exclude(learner=merged).exists():
            words = gettext_lazy(
                "The record to be merged is the head of household %(number)s, in which others "
                "live, and the record to be kept lives elsewhere. Keep the record of the head."
            )
            yield Refusal("HEAD_ELSEWHERE", words % {"number": row.number})
        else:
            yield Step(row, {"head_id": None})


# --- what they are ---
def roles(kept: Learner, merged: Learner) -> Iterable[Found]:
    own = list(kept.roles.all())
    for row in merged.roles.select_related("region"):
        text = f"{row.get_role_display()} · {row.region.name}"
        if any(_same_role(row, other) and _overlap(row, other) for other in own):
            yield Step(row, {}, ROLES, text, ASIDE)
        else:
            yield Step(row, {"learner_id": kept.pk}, ROLES, text)


def _same_role(one: RoleHeld, other: RoleHeld) -> bool:
    """A person is a member of one household, wherever two rosters put them."""
    anywhere = one.role == Audience.HOUSEHOLD_MEMBER
    return one.role == other.role and (anywhere or one.region_id == other.region_id)


def entries(kept: Learner, merged: Learner) -> Iterable[Found]:
    """A sealed edition never changes; who counts on it is found through `merged_into`."""
    rows = merged.entries.filter(edition__sealed_at__isnull=True)
    listed = set(kept.entries.values_list("edition_id", flat=True))
    for row in rows.select_related("edition__register__region"):
        text = str(row.edition.register)
        if row.edition_id in listed:
            yield Step(row, {}, REGISTERS, text, ASIDE)
        else:
            yield Step(row, {"learner_id": kept.pk}, REGISTERS, text)


def pairs(kept: Learner, merged: Learner) -> Iterable[Found]:
    """What was suspected or decided of the merged record holds of the kept one, unless the same
    question stands there already."""
    own = {row.pk: _other(row, kept) for row in _pairs_of(kept)}
    for row in _pairs_of(merged):
        other = _other(row, merged)
        if row.state == SuspectedPair.State.MERGED:
            continue  # the question of an earlier merge, which its undo asks again
        if other == kept.pk or other in own.values():
            continue
        first, second = sorted((kept.pk, other))
        yield Step(row, {"first_id": first, "second_id": second})


def _pairs_of(learner: Learner) -> list[SuspectedPair]:
    rows = SuspectedPair.objects.filter(first=learner) | SuspectedPair.objects.filter(
        second=learner
    )
    return list(rows.order_by("pk"))


def _other(pair: SuspectedPair, learner: Learner) -> Any:
    return pair.second_id if pair.first_id == learner.pk else pair.first_id
