"""Take people in from tidy roster rows: make, match or change learners and their households."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction

from learners.actions.newcomers import Newcomers, NewLearner, learner_writer
from learners.models import (
    Audience,
    Household,
    HouseholdStatus,
    HouseholdType,
    Learner,
    Membership,
    RoleHeld,
    RosterRow,
)
from learners.queries.matching import (
    KnownPeople,
    PersonFacts,
    add_statuses,
    is_reached,
    known_people,
    named_number,
    relation_of,
    tell_heads_apart,
)
from learners.queries.names import name_initials
from lms.lib.ids import uuid7_hexes
from lms.lib.periods import day_before
from lms.models import record_audit
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

Outcome = RosterRow.Outcome
Relation = Membership.Relation
_COUNTER_DIGITS = 6


@dataclass(slots=True)
class TakenIn:
    """`learner` is None when the person is registered elsewhere: then nothing was changed."""

    who: Learner | NewLearner | None
    outcome: str

    @property
    def learner_id(self) -> UUID | None:
        return self.who.pk if self.who else None

    @property
    def learner_key(self) -> str | None:
        """The same as hexadecimal text."""
        if isinstance(self.who, NewLearner):
            return self.who.key
        return self.who.pk.hex if self.who else None

    @property
    def learner(self) -> Learner | None:
        if isinstance(self.who, NewLearner):
            self.who = self.who.learner()
        return self.who


def begin_intake(region: Region) -> None:
    """One per county at a time: two files must not both make the same person or household."""
    list(Region.objects.select_for_update(no_key=True).filter(pk=region.pk))


@transaction.atomic
def take_in_people(
    *,
    people: Sequence[PersonFacts],
    as_of: date,
    reach: Sequence[str],
    region: Region,
    held: Collection[bytes] | None = None,
    actor: "User | None",
) -> list[TakenIn]:
    """One result per person, in order. `reach`: region paths inside which people may be changed.

    `held`: the `held_numbers` of these people, where they were asked for since `begin_intake`.
    Facts hold from `as_of`; what was known before ends on the day before, and a roster older than
    what is known leaves it alone.
    """
    if held is None:
        begin_intake(region)
    tell_heads_apart(people)
    taken = _Intake(people, as_of=as_of, reach=reach, held=held).run()
    outcomes = Counter(row.outcome for row in taken)
    counts = {value: outcomes[value] for value in Outcome.values}
    record_audit(
        "learners.people_taken_in",
        actor=actor,
        region_path=region.path,
        detail={"as_of": as_of.isoformat(), **counts},
    )
    return taken


class _Intake:
    """One batch: everything is read first, decided in memory, then written in bulk."""

    def __init__(
        self,
        people: Sequence[PersonFacts],
        *,
        as_of: date,
        reach: Sequence[str],
        held: Collection[bytes] | None = None,
    ) -> None:
        self.people = people
        self.as_of = as_of
        self.reach = reach
        self.known: KnownPeople = known_people(people, as_of=as_of, lock=True, held=held)
        self.numbers = [named_number(person) for person in people]
        rows = Household.objects.filter(number__in=set(self.numbers) - {""})
        rows = rows.select_related("region", "head")
        self.households: dict[str, Household] = {row.number: row for row in rows}
        add_statuses(self.known, [row.pk for row in self.households.values()])
        self.counters: dict[str, int] = {}
        self.new_households: list[Household] = []
        self.new_learners: list[Learner] = []
        self.new_memberships: list[Membership] = []
        self.new_statuses: list[HouseholdStatus] = []
        self.heads: dict[Household, Learner] = {}
        self.seen: set[UUID] = set()

    def run(self) -> list[TakenIn]:
        newcomers = Newcomers(self.as_of, len(self.people), self._next_number)
        taken = []
        for person, named, is_plain in zip(self.people, self.numbers, self._plain(), strict=True):
            if is_plain:
                taken.append(self._take(person))
            else:
                taken.append(TakenIn(newcomers.add(person, named), Outcome.CREATED))
        newcomers.write()
        Household.objects.bulk_create(self.new_households)
        Learner.objects.bulk_create(self.new_learners)
        Membership.objects.bulk_create(self.new_memberships)
        HouseholdStatus.objects.bulk_create(self.new_statuses)
        for household, head in self.heads.items():
            household.head = head
        Household.objects.bulk_update(self.heads, ["head"])
        self._hold_roles([row.who for row in taken if isinstance(row.who, Learner)])
        return taken

    def _plain(self) -> Iterator[bool]:
        """Who must go through `_take`: whoever is known, stands here twice, or lives with such.

        Nobody else touches anything that was there before, so they may be written without asking.
        """
        once = Counter(person.index for person in self.people)
        alone = [
            once[person.index] == 1 and person.index not in self.known.learners
            for person in self.people
        ]
        shared = set(self.households)
        shared.update(number for number, new in zip(self.numbers, alone, strict=True) if not new)
        shared.discard("")
        return (
            not new or number in shared for number, new in zip(self.numbers, alone, strict=True)
        )

    def _take(self, person: PersonFacts) -> TakenIn:
        learner = self.known.find(person)
        if learner is None:
            return TakenIn(self._create(person), Outcome.CREATED)
        if not is_reached(learner, self.reach):
            return TakenIn(None, "")
        if learner.pk in self.seen:
            return TakenIn(learner, Outcome.MATCHED)
        self.seen.add(learner.pk)
        return TakenIn(learner, self._match(learner, person))

    # --- new people ---
    def _create(self, person: PersonFacts) -> Learner:
        learner = _new_learner(person)
        household = self._household_of(person)
        self.new_learners.append(learner)
        self.known.learners[person.index] = learner
        self.seen.add(learner.pk)
        self._join(learner, household, person)
        self._set_type(household, person.household_type)
        return learner

    def _household_of(self, person: PersonFacts) -> Household:
        number = named_number(person)
        if number and number in self.households:
            return self.households[number]
        household = Household(
            number=number or self._next_number(person.home.code[:9]),
            region=person.home,
            inferred=not number,
        )
        self.new_households.append(household)
        if number:
            self.households[number] = household
        return household

    def _next_number(self, township: str) -> str:
        """Township code and counter: the number of a household that no roster named."""
        if township not in self.counters:
            self.counters[township] = _last_counter(township)
        self.counters[township] += 1
        return f"{township}-{self.counters[township]:0{_COUNTER_DIGITS}d}"

    def _join(self, learner: Learner, household: Household, person: PersonFacts) -> None:
        relation = relation_of(person)
        membership = Membership(
            learner=learner, household=household, relation=relation, starts_on=self.as_of
        )
        self.new_memberships.append(membership)
        self.known.memberships.setdefault(learner.pk, []).append(membership)
        if relation == Relation.HEAD and not household.inferred and household.head_id is None:
            self.heads.setdefault(household, learner)

    # --- people known already ---
    def _match(self, learner: Learner, person: PersonFacts) -> str:
        changed = bool(self.known.differences(learner, person))
        fields = self._change_facts(learner, person)
        fields += self._change_home(learner, person)
        if fields:
            learner.save(update_fields=fields)
        membership = self.known.membership(learner)
        if membership:
            self._set_type(membership.household, person.household_type)
        return Outcome.CHANGED if changed else Outcome.MATCHED

    def _change_facts(self, learner: Learner, person: PersonFacts) -> list[str]:
        fields = []
        if self.known.renames(learner, person):
            learner.set_name(person.name)
            learner.initials = name_initials(person.name)
            fields += ["name", "initials", "namesake_index"]
        if person.phone and learner.clear_phone() != person.phone:
            learner.set_phone(person.phone)
            fields += ["phone_cipher", "phone_index"]
        for name in ("ethnicity", "education", "native_name"):
            if getattr(person, name) and not getattr(learner, name):
                setattr(learner, name, getattr(person, name))
                fields.append(name)
        return fields

    def _change_home(self, learner: Learner, person: PersonFacts) -> list[str]:
        if self.known.is_newer(learner):
            return []
        moves = self.known.moves(learner, person)
        current = self.known.membership(learner)
        named = named_number(person)
        stays = named == current.household.number if named and current else not moves
        if current and stays:
            return []
        if current and moves and not named and self._refine(current, person.home):
            learner.home_region = person.home
            return ["home_region"]
        self._rejoin(learner, current, person)
        learner.home_region = person.home if moves else learner.home_region
        return ["home_region"] if moves else []

    def _refine(self, current: Membership, home: Region) -> bool:
        """The village of an inferred household became known: it stays the same household."""
        household = current.household
        if not household.inferred or not household.region.covers(home):
            return False
        household.region = home
        household.save(update_fields=["region"])
        return True

    def _rejoin(self, learner: Learner, current: Membership | None, person: PersonFacts) -> None:
        household = self._household_of(person)
        if current is None:
            self._join(learner, household, person)
        elif current.starts_on == self.as_of:
            if household in self.new_households:
                household.save(force_insert=True)
                self.new_households.remove(household)
            current.household, current.relation = household, relation_of(person)
            current.save(update_fields=["household", "relation"])
        else:
            current.ends_on = day_before(self.as_of)
            current.save(update_fields=["ends_on"])
            self._join(learner, household, person)

    # --- dated facts ---
    def _set_type(self, household: Household, held: HouseholdType | None) -> None:
        """The household is of this type from the day of the roster on."""
        rows = self.known.statuses.setdefault(household.pk, [])
        if held is None or any(row.starts_on > self.as_of for row in rows):
            return
        current = next((row for row in rows if row.holds_on(self.as_of)), None)
        if current and current.type_id == held.pk:
            return
        if current and current.starts_on == self.as_of:
            current.type = held
            if current not in self.new_statuses:
                current.save(update_fields=["type"])
            return
        if current:
            current.ends_on = day_before(self.as_of)
            current.save(update_fields=["ends_on"])
        status = HouseholdStatus(household=household, type=held, starts_on=self.as_of)
        rows.append(status)
        self.new_statuses.append(status)

    def _hold_roles(self, learners: Sequence[Learner]) -> None:
        """Everybody of a roster is a household member of their home from its day on."""
        role = Audience.HOUSEHOLD_MEMBER
        held: dict[object, list[RoleHeld]] = {}
        for row in RoleHeld.objects.filter(learner__in=learners, role=role, ends_on=None):
            held.setdefault(row.learner_id, []).append(row)
        new = []
        for learner in dict.fromkeys(learners):
            rows = held.get(learner.pk, [])
            if any(row.region_id == learner.home_region_id for row in rows):
                continue
            if any(row.starts_on >= self.as_of for row in rows):
                self._move_roles(rows, learner)
                continue
            for row in rows:
                row.ends_on = day_before(self.as_of)
                row.save(update_fields=["ends_on"])
            new.append(
                RoleHeld(
                    learner=learner, role=role, region=learner.home_region, starts_on=self.as_of
                )
            )
        RoleHeld.objects.bulk_create(new)

    def _move_roles(self, rows: Sequence[RoleHeld], learner: Learner) -> None:
        for row in rows:
            if row.starts_on == self.as_of:
                row.region = learner.home_region
                row.save(update_fields=["region"])


def _new_learner(person: PersonFacts) -> Learner:
    """Not saved yet; of the same columns as those that are written in bulk."""
    (key,) = uuid7_hexes(1)
    learner = NewLearner(learner_writer()(person, key), person.home).learner()
    learner._state.adding = True
    return learner


def _last_counter(township: str) -> int:
    """The highest number given to a household of the township that no roster named."""
    rows = Household.objects.filter(inferred=True, number__startswith=f"{township}-")
    if connection.vendor == "sqlite":  # whose LIKE reads the whole table; "." follows "-"
        rows = rows.filter(number__gt=f"{township}-", number__lt=f"{township}.")
    last = rows.order_by("-number").values_list("number", flat=True).first()
    return int(last.rpartition("-")[2]) if last else 0
