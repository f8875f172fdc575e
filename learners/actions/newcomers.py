"""A batch in which nobody is known yet: written straight into the tables.

Most of what an import takes in is such batches. `learner_values` is the one place that says what
the columns of a new learner hold; a new column is a name in LEARNER_COLUMNS and a value there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from learners.models import (
    Audience,
    HouseholdType,
    Learner,
    Membership,
    namesake_indexer,
    phone_indexer,
)
from learners.queries.matching import PersonFacts, relation_of
from learners.queries.names import name_initials
from lms.lib import bulk, crypto, idnumbers
from lms.lib.ids import dashed, uuid7_hexes
from regions.models import Region

_SEXES = {"男": "M", "女": "F"}
_RESIDENT = Learner.IdType.RESIDENT.value
_ROLE = Audience.HOUSEHOLD_MEMBER.value
LEARNER_COLUMNS = (
    "id",
    "id_type",
    "id_cipher",
    "id_index",
    "id_tail",
    "name",
    "initials",
    "native_name",
    "sex",
    "birth_cipher",
    "namesake_index",
    "phone_cipher",
    "phone_index",
    "ethnicity",
    "education",
    "political_status",
    "disability",
    "home_region_id",
    "provisional",
)


def learner_writer() -> Callable[[PersonFacts, str], tuple[Any, ...]]:
    """Gives the values of LEARNER_COLUMNS for a person and the key of the new row.

    Sex and birth date are those of the ID number.
    """
    encrypt = crypto.cells_encryptor(
        "learners_learner", "id_cipher", "birth_cipher", "phone_cipher"
    )
    index_of_phone, index_of_namesake = phone_indexer(), namesake_indexer()

    def learner_values(person: PersonFacts, key: str) -> tuple[Any, ...]:
        number, name, phone = person.id_number, person.name, person.phone
        born = idnumbers.birth_date(number)
        day = born.isoformat() if born else ""
        id_cipher, birth_cipher, phone_cipher = encrypt(dashed(key), number, day, phone)
        return (
            key,
            _RESIDENT,
            id_cipher,
            person.index,
            number[-4:],
            name,
            name_initials(name),
            person.native_name,
            _SEXES[idnumbers.sex(number)],
            birth_cipher,
            index_of_namesake(name, day) if day else None,
            phone_cipher,
            index_of_phone(phone) if phone else None,
            person.ethnicity,
            person.education[:20],
            "",
            "",
            person.home.id,
            0,
        )

    return learner_values


@dataclass(slots=True)
class _Home:
    """A household of the batch that is not written yet."""

    key: str
    number: str
    region: Region
    inferred: bool
    head: str | None = None
    type: HouseholdType | None = None


class Newcomers:
    """Those of one batch whom nobody knows and who stand in it once, in households not yet known.

    They are numbered as they come, and written together.
    """

    def __init__(self, as_of: date, most: int, next_number: Callable[[str], str]) -> None:
        self._day = as_of.isoformat()
        self._next_number = next_number
        self._keys, self._home_keys = iter(uuid7_hexes(most)), iter(uuid7_hexes(most))
        self._homes: dict[str, _Home] = {}
        self._learners: list[tuple[Any, ...]] = []
        self._members: list[tuple[Any, ...]] = []
        self._roles: list[tuple[Any, ...]] = []
        self._values_of = learner_writer()

    def add(self, person: PersonFacts, named: str) -> "NewLearner":
        """`named`: the number of the household as the roster names it, or ""."""
        values = person.as_new or self._values_of(person, next(self._keys))
        key = values[0]
        home = self._homes.get(named) if named else None
        if home is None:
            number = named or self._next_number(person.home.code[:9])
            home = _Home(next(self._home_keys), number, person.home, not named)
            self._homes[number] = home
        relation = relation_of(person)
        if relation == Membership.Relation.HEAD and not home.inferred and home.head is None:
            home.head = key
        home.type = person.household_type or home.type
        self._learners.append(values)
        self._members.append((self._day, relation.value, home.key, key))
        self._roles.append((self._day, _ROLE, key, person.home.pk))
        return NewLearner(values, person.home)

    def write(self) -> None:
        self._write_homes()
        now = bulk.moment(timezone.now())
        bulk.insert_rows(
            "learners_learner",
            (*LEARNER_COLUMNS, "created_at"),
            [(*values, now) for values in self._learners],
        )
        bulk.insert_rows(
            "learners_membership",
            ("starts_on", "relation", "household_id", "learner_id"),
            self._members,
        )
        bulk.insert_rows(
            "learners_roleheld", ("starts_on", "role", "learner_id", "region_id"), self._roles
        )

    def _write_homes(self) -> None:
        homes = self._homes.values()
        bulk.insert_rows(
            "learners_household",
            ("id", "number", "region_id", "inferred", "head_id"),
            [(one.key, one.number, one.region.pk, int(one.inferred), one.head) for one in homes],
        )
        bulk.insert_rows(
            "learners_householdstatus",
            ("starts_on", "household_id", "type_id"),
            [(self._day, one.key, one.type.pk) for one in homes if one.type],
        )


@dataclass(slots=True)
class NewLearner:
    """A row that was written; `learner` makes the model of it for whoever needs one."""

    values: tuple[Any, ...]
    home: Region

    @property
    def key(self) -> str:
        found: str = self.values[0]
        return found

    @property
    def pk(self) -> UUID:
        return UUID(self.key)

    def learner(self) -> Learner:
        found = Learner(**dict(zip(LEARNER_COLUMNS, self.values, strict=True)))
        found.pk, found.home_region = self.pk, self.home
        found.provisional = False
        found._state.adding, found._state.db = False, connection.alias
        return found
