"""What taking people in left on records that were there before, so that it can be taken back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django.db import models

from learners.models import (
    Household,
    HouseholdStatus,
    Learner,
    Membership,
    RegisterEntry,
    RoleHeld,
    RosterRow,
)
from learners.queries.matching import PersonFacts, named_number

#: One record's fields as JSON holds them; None = the record is not there.
State = dict[str, Any] | None
#: "model:key" -> its state before and after.
Trace = dict[str, tuple[State, State]]

#: Every field that taking in may change, by model. A new one is found by the tests of undoing.
TRACED: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "learner": (
        Learner,
        (
            *("name", "initials", "native_name", "ethnicity", "education", "home_region_id"),
            *("phone_cipher", "phone_index", "namesake_index"),
        ),
    ),
    "household": (Household, ("region_id", "head_id")),
    "status": (HouseholdStatus, ("household_id", "type_id", "starts_on", "ends_on")),
    "membership": (
        Membership,
        ("learner_id", "household_id", "relation", "starts_on", "ends_on"),
    ),
    "role": (RoleHeld, ("learner_id", "role", "region_id", "starts_on", "ends_on")),
    "entry": (RegisterEntry, ("learner_id", "edition_id")),
}


def split_key(key: str) -> tuple[str, str]:
    kind, _colon, pk = key.partition(":")
    return kind, pk


def plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, date | UUID):
        return str(value)
    return value


def states(kind: str, rows: models.QuerySet[Any]) -> dict[str, dict[str, Any]]:
    """The traced fields of these rows by their key."""
    _model, names = TRACED[kind]
    found = rows.order_by().values("pk", *names)
    return {f"{kind}:{row['pk']}": {name: plain(row[name]) for name in names} for row in found}


def states_now(keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What stands in the database under these keys."""
    by_kind: dict[str, list[str]] = {}
    for key in keys:
        kind, pk = split_key(key)
        by_kind.setdefault(kind, []).append(pk)
    now: dict[str, dict[str, Any]] = {}
    for kind, pks in by_kind.items():
        now |= states(kind, TRACED[kind][0]._default_manager.filter(pk__in=pks))
    return now


class TakenRow(Protocol):
    """A row of a roster and whom it was taken in as."""

    @property
    def pk(self) -> UUID: ...

    @property
    def learner_id(self) -> UUID | None: ...


@dataclass
class Witness:
    """Remembers one batch before it is taken in, and tells afterwards what became of it.

    Costs a batch of new people one query, and only where rows name their households.
    """

    edition_id: str
    learners: list[UUID] = field(default_factory=list)
    households: list[UUID] = field(default_factory=list)
    before: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, people: Sequence[PersonFacts], held: Collection[bytes], edition_id: str = ""
    ) -> "Witness":
        """`held`: the numbers of people that are known, under the lock of their intake."""
        known = Learner.objects.live().numbered(held) if held else Learner.objects.none()
        named = {number for person in people if (number := named_number(person))}
        witness = cls(edition_id, list(known.values_list("pk", flat=True)))
        homes = models.Q(memberships__learner__in=witness.learners)
        if named:
            homes |= models.Q(number__in=named)
        if witness.learners or named:
            found = Household.objects.filter(homes).values_list("pk", flat=True)
            witness.households = list(dict.fromkeys(found))
        witness.before = witness.look()
        return witness

    def look(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        if self.learners:
            of_learner = {"learner__in": self.learners}
            found |= states("learner", Learner.objects.filter(pk__in=self.learners))
            found |= states("membership", Membership.objects.filter(**of_learner))
            found |= states("role", RoleHeld.objects.filter(**of_learner))
        if self.learners and self.edition_id:
            entries = RegisterEntry.objects.filter(**of_learner, edition=UUID(self.edition_id))
            found |= states("entry", entries)
        if self.households:
            found |= states("household", Household.objects.filter(pk__in=self.households))
            statuses = HouseholdStatus.objects.filter(household__in=self.households)
            found |= states("status", statuses)
        return found

    def write(self, rows: Sequence["TakenRow"]) -> None:
        """Keep the difference with the rows that made it; households go with the first row."""
        if not self.learners and not self.households:
            return
        taken = [row for row in rows if row.learner_id]
        if not taken:
            return
        row_of = {str(row.learner_id): row for row in taken}
        traces: dict[UUID, Trace] = {}
        for key, change in _difference(self.before, self.look()).items():
            row = row_of.get(_learner_of(key, change), taken[0])
            traces.setdefault(row.pk, {})[key] = change
        changed = list(RosterRow.objects.filter(pk__in=traces))
        for row in changed:
            row.set_trace(traces[row.pk])
        RosterRow.objects.bulk_update(changed, ["before_cipher"])


def _difference(before: Mapping[str, State], after: Mapping[str, State]) -> Trace:
    keys = dict.fromkeys([*before, *after])
    return {
        key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)
    }


def _learner_of(key: str, change: tuple[State, State]) -> str:
    kind, pk = split_key(key)
    return pk if kind == "learner" else str((change[1] or change[0] or {}).get("learner_id", ""))
