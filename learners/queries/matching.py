"""What a roster says of a person, and what is known of that person already."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from learners.models import Household, HouseholdStatus, HouseholdType, Learner, Membership, id_index
from learners.roster.normalise import ETHNIC_CODES
from lms.lib import bulk, crypto, idnumbers
from regions.models import Region

Relation = Membership.Relation
_RELATIONS = {
    Relation.HEAD: "户主 本人 本人或户主",
    Relation.SPOUSE: "配偶 丈夫 妻子 夫 妻 之妻 之夫",
    Relation.SON: "子 儿子 之子 长子 次子 三子 独生子 养子",
    Relation.DAUGHTER: "女 女儿 之女 长女 次女 三女 独生女 养女",
    Relation.GRANDCHILD: "孙子 孙女 外孙子 外孙女 之孙子 之孙女",
    Relation.PARENT: "父亲 母亲 父 母 公公 婆婆 岳父 岳母 之父 之母",
    Relation.GRANDPARENT: "祖父 祖母 爷爷 奶奶 外祖父 外祖母 之祖父 之祖母",
    Relation.SIBLING: "兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 之兄弟姐妹",
}
_RELATION_OF = {word: relation for relation, words in _RELATIONS.items() for word in words.split()}
_LONGEST_NUMBER = 24
#: What `LearnerQuerySet.numbered` asks, for one index each.
_BY_NUMBER = (
    *(f"id_type = '{kind}' AND merged_into_id IS NULL" for kind in Learner.IdType.values),
    "merged_into_id IS NOT NULL",
)
_ETHNIC_NAMES = {code: name for name, code in ETHNIC_CODES.items()}


@dataclass(slots=True)
class PersonFacts:
    """One tidy row. `home` is the village, or the township when the village is not known."""

    name: str
    id_number: str
    home: Region
    phone: str = ""
    ethnicity: str = ""
    education: str = ""
    household_type: HouseholdType | None = None
    household_no: str = ""
    head_name: str = ""
    relation: str = ""
    native_name: str = ""
    able: bool = True
    willing: bool = True
    #: The ID number of the head, where the roster tells it.
    head_number: str = ""
    #: Another head of this name lives in the village: see `tell_heads_apart`.
    apart: bool = False
    #: Made ahead: the values of a new row, whose key comes first (`LEARNER_COLUMNS`).
    as_new: tuple[Any, ...] | None = field(default=None, init=False, repr=False, compare=False)
    _index: bytes = field(default=b"", init=False, repr=False, compare=False)

    @property
    def index(self) -> bytes:
        if not self._index:
            self._index = id_index(self.id_number)
        return self._index


@dataclass(frozen=True)
class Difference:
    """What a screen may show of a change: telephone numbers are masked."""

    field: str
    old: str
    new: str


@dataclass
class KnownPeople:
    """The learners behind some ID numbers, with their households as on one day."""

    as_of: date
    learners: dict[bytes, Learner] = field(default_factory=dict)
    memberships: dict[UUID, list[Membership]] = field(default_factory=dict)
    statuses: dict[UUID, list[HouseholdStatus]] = field(default_factory=dict)

    def find(self, person: PersonFacts) -> Learner | None:
        return self.learners.get(person.index)

    def membership(self, learner: Learner) -> Membership | None:
        rows = self.memberships.get(learner.pk, [])
        return next((row for row in rows if row.holds_on(self.as_of)), None)

    def is_newer(self, learner: Learner) -> bool:
        """Whether something later than the roster is known of where this person lives."""
        return any(row.starts_on > self.as_of for row in self.memberships.get(learner.pk, []))

    def household_type(self, household: Household) -> HouseholdType | None:
        rows = self.statuses.get(household.pk, [])
        return next((row.type for row in rows if row.holds_on(self.as_of)), None)

    def differences(self, learner: Learner, person: PersonFacts) -> list[Difference]:
        found = []
        if self.renames(learner, person):
            found.append(Difference("name", learner.name, person.name))
        if person.phone and learner.clear_phone() != person.phone:
            new = idnumbers.mask_phone(person.phone)
            found.append(Difference("phone", learner.masked_phone, new))
        if self.moves(learner, person):
            found.append(
                Difference("home", place_name(learner.home_region), place_name(person.home))
            )
        found += self._household_difference(learner, person)
        return found + self._type_difference(learner, person) + _gaps_filled(learner, person)

    def renames(self, learner: Learner, person: PersonFacts) -> bool:
        """A number that stood on a merged record says who it is, not what their name is."""
        own = bytes(learner.id_index or b"") == person.index
        return own and learner.name != person.name

    def renames_wholly(self, learner: Learner, person: PersonFacts) -> bool:
        """No character of the name stays: rather another person's number than a correction."""
        return self.renames(learner, person) and not set(learner.name) & set(person.name)

    def moves(self, learner: Learner, person: PersonFacts) -> bool:
        """Whether the roster names another home; one named less precisely is no other home."""
        home = learner.home_region
        return not person.home.covers(home) and not self.is_newer(learner)

    def _household_difference(self, learner: Learner, person: PersonFacts) -> list[Difference]:
        """Whether the roster names another household of the village, or of another one."""
        named = named_number(person)
        membership = self.membership(learner)
        held = membership.household if membership else None
        if not named or self.is_newer(learner) or (held and held.number == named):
            return []
        old = "" if held is None or held.inferred else household_name(held)
        return [Difference("household_no", old, person.household_no or person.head_name)]

    def _type_difference(self, learner: Learner, person: PersonFacts) -> list[Difference]:
        membership = self.membership(learner)
        if person.household_type is None or membership is None:
            return []
        held = self.household_type(membership.household)
        if held == person.household_type or self._has_newer_type(membership.household):
            return []
        return [Difference("household_type", held.name if held else "", person.household_type.name)]

    def _has_newer_type(self, household: Household) -> bool:
        return any(row.starts_on > self.as_of for row in self.statuses.get(household.pk, []))


def ethnic_name(code: str) -> str:
    return _ETHNIC_NAMES.get(code, code)


def household_name(household: Household) -> str:
    """By its head, or by what stands behind the village's code in its number."""
    return household.head.name if household.head else household.number.rpartition("/")[2]


def _gaps_filled(learner: Learner, person: PersonFacts) -> list[Difference]:
    """What is known by now is not overwritten, only what was empty."""
    said = {
        "ethnic": (learner.ethnicity, ethnic_name(person.ethnicity)),
        "education": (learner.education, person.education),
        "native_name": (learner.native_name, person.native_name),
    }
    return [Difference(name, "", new) for name, (old, new) in said.items() if new and not old]


def place_name(region: Region) -> str:
    """Township and village, as lists show a home."""
    if region.level == Region.Level.VILLAGE and region.parent is not None:
        return f"{region.parent.name} {region.name}"
    return region.name


def known_people(
    people: Iterable[PersonFacts],
    *,
    as_of: date,
    lock: bool = False,
    held: Collection[bytes] | None = None,
) -> KnownPeople:
    """Everybody among `people` whose ID number is known, wherever they live.

    The caller compares homes with what its user reaches before it shows or changes anything.
    `held`: their `held_numbers`, where those were asked for already.
    """
    held = held_numbers(people) if held is None else held
    if not held:
        return KnownPeople(as_of)
    rows = Learner.objects.numbered(held)
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    by_index = live_people(rows.select_related("home_region__parent"))
    learners = list({learner.pk: learner for learner in by_index.values()}.values())
    known = KnownPeople(as_of, by_index)
    members = Membership.objects.filter(learner__in=learners).order_by("starts_on")
    for row in members.select_related("household__region", "household__head"):
        known.memberships.setdefault(row.learner_id, []).append(row)
    add_statuses(known, [row.household_id for found in known.memberships.values() for row in found])
    return known


def held_numbers(people: Iterable[PersonFacts]) -> set[bytes]:
    """The blind indexes of those whose ID number is known; of a roster's people mostly nobody's."""
    indexes = [person.index for person in people]
    return bulk.held_values("learners_learner", "id_index", indexes, _BY_NUMBER)


def live_people(rows: QuerySet[Learner]) -> dict[bytes, Learner]:
    """ID number's index -> the person, also where the number stands on a merged record."""
    found = list(rows)
    live = {row.pk: row for row in found if row.merged_into_id is None}
    missing = {row.merged_into_id for row in found if row.merged_into_id} - set(live)
    if missing:
        kept = Learner.objects.filter(pk__in=missing).select_related("home_region__parent")
        live |= kept.in_bulk()
    # A live record's own number counts before the same number on a merged one.
    found.sort(key=lambda row: row.merged_into_id is None)
    return {bytes(row.id_index or b""): live[row.merged_into_id or row.pk] for row in found}


def add_statuses(known: KnownPeople, households: Sequence[UUID]) -> None:
    missing = [pk for pk in households if pk not in known.statuses]
    rows = HouseholdStatus.objects.filter(household__in=missing).order_by("starts_on")
    for row in rows.select_related("type"):
        known.statuses.setdefault(row.household_id, []).append(row)


def is_reached(learner: Learner, reach: Sequence[str]) -> bool:
    """Whether the learner's home lies under one of the region paths in `reach`."""
    return any(learner.home_region.path.startswith(prefix) for prefix in reach)


def named_number(person: PersonFacts) -> str:
    """The number of the household that the roster names inside the village, or "".

    A head's name is told apart by its blind index, so that no name stands in a number.
    """
    if person.household_no and len(person.household_no) <= _LONGEST_NUMBER:
        return f"{person.home.code}/{person.household_no}"
    name = person.household_no or person.head_name
    if not name:
        return ""
    if person.apart:
        name = f"{name} {person.head_number}"
    tag = crypto.blind_index(name, label="learners_household.head")[:6].hex()
    return f"{person.home.code}/{tag}"


def tell_heads_apart(people: Iterable[PersonFacts]) -> None:
    """Mark whoever belongs to another head than the one whose household bears the name alone.

    A household is named after its head inside the village. The first head of a name has it for
    their own, now and at every later import; the household of a second one is named after their
    ID number too.
    """
    named = [row for row in people if row.head_number and row.head_name and not row.household_no]
    if not named:
        return
    plain = {id(row): named_number(row) for row in named if not row.apart}
    heads = Household.objects.filter(number__in=set(plain.values()), head__isnull=False)
    owners = {
        number: bytes(index)
        for number, index in heads.values_list("number", "head__id_index")
        if index is not None
    }
    for row in named:
        if id(row) in plain:
            index = id_index(row.head_number)
            row.apart = owners.setdefault(plain[id(row)], index) != index


def relation_of(person: PersonFacts) -> Relation:
    if person.relation:
        return _RELATION_OF.get(person.relation, Relation.OTHER)
    named = person.head_name or person.household_no
    return Relation.HEAD if not named or person.head_name == person.name else Relation.OTHER
