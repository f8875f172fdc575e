"""The register of every place where something personal may lie, and what erasing does there.

Each column of text, JSON, bytes or files of every table stands in exactly one `Place`: apps above
add theirs in AppConfig.ready(), and a test fails for a column without.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from learners.models import Erasure, Household, Learner, Membership, id_index, plain_name
from lms.lib import idnumbers
from lms.lib.scope import HasScope, Role, under

if TYPE_CHECKING:
    from accounts.models import User

#: What stands in the place of words that must not be empty.
GONE = "—"
_BETWEEN = re.compile(r"[\s\-]")
#: Of identity cards. What is shorter is a birth date or a telephone as often as not.
_SHORTEST_NUMBER = 15
WHOLE = re.compile(r"[0-9]{17}[0-9X]")


class Fate(StrEnum):
    #: `erase_learner` destroys it.
    ERASED = "erased"
    #: It tells of the person, who is known no more, or holds a figure up; why is said.
    KEPT = "kept"
    #: Of the person, and gone by itself after a time that is said.
    EXPIRES = "expires"
    #: Says nothing about a learner.
    NOBODY = "nobody"


def squeezed(text: str) -> str:
    """As numbers are compared in what people typed: no blanks, no full-width digits."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()


def _stands_alone(number: str, text: str) -> bool:
    return bool(re.search(rf"(?<![0-9]){re.escape(number)}(?![0-9X])", text))


@dataclass(frozen=True)
class Subject:
    """Who is to be erased: the record that is kept, all that were merged into it, and by what they
    are known in texts that name no record."""

    person: Learner
    people: tuple[Learner, ...]
    reason: str = ""
    #: Whether the class photos on which the person may stand are to go as well.
    photos: bool = False
    keys: frozenset[UUID] = frozenset()
    names: frozenset[str] = frozenset()
    #: Of fifteen signs or more, looked for inside other text too: one that is not whole by itself
    #: alone, for the first fifteen signs of a number are those of all who were born on that day.
    numbers: frozenset[str] = frozenset()
    #: What somebody typed as a number and is too short to be one: it stands in anybody's rows, so
    #: it tells the person from others together with the name alone.
    scraps: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    births: frozenset[str] = frozenset()
    #: In which nobody else lives who is still somebody: what is said of them is said of the person.
    households: frozenset[UUID] = field(default=frozenset())
    #: What takes long to find, found once: a subject lives for one request.
    found: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def is_number_in(self, text: str) -> bool:
        found = squeezed(text) if self.numbers else ""
        return any(
            number in found and (bool(WHOLE.fullmatch(number)) or _stands_alone(number, found))
            for number in self.numbers
        )

    def is_named(self, name: object) -> bool:
        return isinstance(name, str) and plain_name(name) in self.names

    def is_meant(
        self, name: object, *, phone: object = "", born: object = "", number: object = ""
    ) -> bool:
        """The same name, and a telephone, a birth date or a mistyped number that is theirs."""
        if not self.is_named(name):
            return False
        is_called = str(phone) in self.phones or str(born) in self.births
        return is_called or str(number) in self.scraps


def subject_of(people: Iterable[Learner], *, reason: str = "", photos: bool = False) -> Subject:
    """`people`: the kept record first, then those merged into it."""
    every = tuple(people)
    keys = frozenset(one.pk for one in every)
    numbers = {one.clear_id_number() for one in every} - {""}
    scraps = frozenset(number for number in numbers if len(number) < _SHORTEST_NUMBER)
    return Subject(
        person=every[0],
        people=every,
        reason=reason,
        photos=photos,
        keys=keys,
        names=frozenset(plain_name(one.name) for one in every if one.name != GONE) - {""},
        numbers=frozenset(numbers) - scraps,
        scraps=scraps,
        phones=frozenset(one.clear_phone() for one in every) - {""},
        births=frozenset(str(day) for one in every if (day := one.clear_birth_date())),
        households=_households(keys),
    )


def _households(keys: frozenset[UUID]) -> frozenset[UUID]:
    """Asked in steps, each by a key: of a million people no table is read whole."""
    led = Household.objects.filter(head__in=keys).values_list("pk", flat=True)
    lived_in = Membership.objects.filter(learner__in=keys).values_list("household", flat=True)
    own = {*led, *lived_in}
    members = Membership.objects.filter(household__in=own).exclude(learner__in=keys)
    heads = Household.objects.filter(pk__in=own, head__isnull=False).exclude(head__in=keys)
    others = [
        *members.values_list("household", "learner"),
        *heads.values_list("pk", "head"),
    ]
    known = Learner.objects.live().filter(pk__in={learner for _home, learner in others})
    live = set(known.values_list("pk", flat=True))
    return frozenset(own - {home for home, learner in others if learner in live})


class Personal(NamedTuple):
    """Rows of `model` that `learner`, a lookup, ties to a person: what their columns become.

    `households`: a lookup of rows that tell of a household, which go where it is the person's own.
    """

    model: type[Model]
    learner: str
    blanks: Mapping[str, Any]
    #: Columns of files, which are removed.
    files: tuple[str, ...] = ()
    households: str = ""
    only: Q = Q()

    def rows(self, subject: Subject) -> QuerySet[Any]:
        """By their keys: one question with OR over two tables would read the whole of one, and
        an update may not look into other tables on every engine."""
        ways = {self.learner: subject.keys, self.households: subject.households}
        every = self.model._default_manager
        keys: set[Any] = set()
        for way, those in ways.items():
            if way and those:
                found = every.filter(**{f"{way}__in": those}).filter(self.only)
                keys.update(found.values_list("pk", flat=True))
        return every.filter(pk__in=keys)


@dataclass(frozen=True)
class Place:
    """One line of the register."""

    key: str
    label: str | Promise
    fate: Fate
    #: "app.Model.column" of each that lies here.
    columns: tuple[str, ...] = ()
    #: Why it stays, or when it goes by itself.
    why: str | Promise = ""
    #: What is blanked; nothing else need be written for it.
    personal: tuple[Personal, ...] = ()
    #: How much there is of the person; None = not counted.
    count: Callable[[Subject], int] | None = None
    #: Class photos: kept, unless whoever erases chose that they go as well.
    is_photos: bool = False

    def fate_with(self, *, photos: bool) -> Fate:
        return Fate.ERASED if self.is_photos and photos else self.fate

    def found(self, subject: Subject) -> int | None:
        if self.count is not None:
            return self.count(subject)
        if not self.personal:
            return None
        return sum(one.rows(subject).count() for one in self.personal)


#: The register.
PLACES: list[Place] = []
#: By a place's key: what takes more than blanks, in the transaction; f(subject, actor).
ACTS: dict[str, Callable[[Subject, "User"], object]] = {}
#: Locks that come between those on uploads and those on the people: f(subject).
LOCKS: list[Callable[[Subject], object]] = []
#: Paths of regions, besides homes, whose files may name these people: f(keys).
NAMED_IN: list[Callable[[frozenset[UUID]], Iterable[str]]] = []


def paths_of(subject: Subject) -> set[str]:
    """Of the regions whose files may name the person."""
    homes = {one.home_region.path for one in subject.people}
    return homes.union(*(paths(subject.keys) for paths in NAMED_IN))


def declare(places: Iterable[Place]) -> None:
    """Add to the register; the same again, where an app is made ready twice, changes nothing."""
    known = {place.key: place for place in PLACES}
    for place in places:
        if place.key not in known:
            PLACES.append(place)
        elif known[place.key].columns != place.columns:
            raise ValueError(f"two places are called {place.key}")


def columns_of(model: str, names: str) -> tuple[str, ...]:
    return tuple(f"{model}.{name}" for name in names.split())


@dataclass(frozen=True)
class Finding:
    place: Place
    #: None = there is some, and counting it would mean to read a whole table.
    count: int | None
    fate: Fate


def findings(subject: Subject) -> list[Finding]:
    """What lies where, of this person: the dry run."""
    return [
        Finding(place, place.found(subject), place.fate_with(photos=subject.photos))
        for place in PLACES
        if place.fate is Fate.KEPT
        or (place.fate is Fate.ERASED and (place.count or place.personal))
    ]


def photos_of(subject: Subject) -> int:
    """On how many class photos the person may stand."""
    return sum(place.found(subject) or 0 for place in PLACES if place.is_photos)


def findings_of(erasure: Erasure) -> list[Finding]:
    """What an erasure found, as it was written down."""
    known = {place.key: place for place in PLACES}
    counted = [
        Finding(known[key], count, known[key].fate_with(photos=erasure.photos))
        for key, count in erasure.counts.items()
        if key in known
    ]
    kept = [place for place in PLACES if place.fate is Fate.KEPT and place.count is None]
    return counted + [Finding(place, None, place.fate) for place in kept]


def erasable_by(user: HasScope) -> QuerySet[Learner]:
    """Whom the user sees, and whoever lives in a region that they administer: administrators
    answer for erasing, though they read nobody's archive."""
    administered = under("home_region__path", user.scope.prefixes(Role.ADMINISTRATOR))
    seen = Learner.objects.visible_to(user).values("pk")
    return Learner.objects.filter(administered | Q(pk__in=seen)).select_related(
        "home_region__parent"
    )


def to_erase(user: HasScope, number: str) -> Learner | None:
    """Whose number this is, in the regions that the user administers."""
    administered = under("home_region__path", user.scope.prefixes(Role.ADMINISTRATOR))
    index = id_index(idnumbers.normalise(number))
    found = Learner.objects.numbered([index]).order_by("merged_into").first()
    if found is None:
        return None
    return Learner.objects.filter(administered, pk=found.merged_into_id or found.pk).first()


def records_of(learner: Learner) -> list[Learner]:
    """The kept record, then those merged into it."""
    kept = learner.merged_into_id or learner.pk
    rows = Learner.objects.filter(Q(pk=kept) | Q(merged_into=kept)).select_related("home_region")
    return sorted(rows, key=lambda one: (one.pk != kept, one.pk))
