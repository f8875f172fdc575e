"""Which records may be one person. Each is compared only with those that share an index with it.

* NAMESAKE: the same name and birth date.
* PHONE: the same telephone, and the same name; or the same surname and initials, as a slip of the
  pen leaves them, unless sex or birth date tell the two apart. The telephone alone says nothing: a
  household shares one, and sometimes a village does.
* WALK_IN: a walk-in not identified yet, and somebody of the same name: with the number the walk-in
  gave, in the same class, with the same telephone, or living where the class was held (there only
  while few people bear the name).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from learners.models import Learner, LearnerQuerySet, SuspectedPair, id_index, plain_name
from learners.models.merging import SuspectedPairQuerySet

Kind = SuspectedPair.Kind
#: The strongest first: a pair is listed under it.
STRENGTH = (Kind.WALK_IN, Kind.NAMESAKE, Kind.PHONE)
#: A group up to this size is compared each with each, a larger one with its oldest record.
MOST_COMPARED = 6
#: So many people of one name in the place of a class are too many to ask about.
MOST_OF_ONE_NAME = 5
#: How many records, or groups of records, are looked at in one go.
CHUNK = 500

#: Who was in one class: f(walk-ins, others) -> pairs of them; filled in AppConfig.ready().
CLASSMATES: list[Callable[[Collection[UUID], Collection[UUID]], set[tuple[UUID, UUID]]]] = []

Pairs = dict[tuple[UUID, UUID], set[str]]


@dataclass(frozen=True)
class Suspicion:
    """`first` is the smaller key; `kinds` the strongest first."""

    first: UUID
    second: UUID
    kinds: tuple[str, ...]


def suspicions_about(learners: Collection[UUID]) -> list[Suspicion]:
    """Of a few people (at most CHUNK), with whomever they may be the same as."""
    rows = list(Learner.objects.live().filter(pk__in=learners))
    initials = {row.initials for row in rows if row.initials}
    waiting = Learner.objects.live().filter(provisional=True)
    walk_ins = waiting.filter(pk__in=[row.pk for row in rows]) | waiting.filter(
        initials__in=initials, name__in={row.name for row in rows}
    )
    return _together(
        namesakes({bytes(row.namesake_index) for row in rows if row.namesake_index}),
        sharing_phones({bytes(row.phone_index) for row in rows if row.phone_index}),
        of_walk_ins(list(walk_ins)),
    )


def all_suspicions() -> Iterator[list[Suspicion]]:
    """Of everybody, group by group: the database names the groups, only those are read."""
    live = Learner.objects.live()
    for some in _chunks(_shared(live, "namesake_index")):
        yield _together(namesakes(some))
    for some in _chunks(_shared(live.exclude(initials=""), "phone_index", "initials")):
        yield _together(sharing_phones(some))
    waiting = live.filter(provisional=True).order_by("pk")
    for ids in _chunks(waiting.values_list("pk", flat=True)):
        yield _together(of_walk_ins(list(live.filter(pk__in=ids))))


def _shared(rows: LearnerQuerySet, *columns: str) -> list[bytes]:
    """Values of the first column that several records share, alike in the others, too."""
    filled = rows.filter(**{f"{columns[0]}__isnull": False}).order_by()
    groups = filled.values(*columns).annotate(n=Count("pk")).filter(n__gt=1)
    return list({bytes(value) for value in groups.values_list(columns[0], flat=True)})


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    found = list(values)
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]


def search_pairs(rows: SuspectedPairQuerySet, text: str) -> SuspectedPairQuerySet:
    """By name, initials or the last four of either record."""
    text = text.strip()
    found = Q(pk__in=[])
    for side in ("first", "second"):
        found |= Q(**{f"{side}__name__icontains": text}) | Q(**{f"{side}__id_tail": text.upper()})
        found |= Q(**{f"{side}__initials__startswith": text.lower()})
    return rows.filter(found)


# --- by shared indexes ---
def namesakes(indexes: Collection[bytes]) -> Pairs:
    groups: dict[bytes, list[Learner]] = defaultdict(list)
    bearers = Learner.objects.live().filter(namesake_index__in=list(indexes))
    shared = _shared(bearers, "namesake_index")  # hardly anybody's: only these are read
    for row in _live(namesake_index__in=shared) if shared else ():
        groups[bytes(row.namesake_index or b"")].append(row)
    return _pairs(Kind.NAMESAKE, groups.values(), lambda one, other: True)


def sharing_phones(indexes: Collection[bytes]) -> Pairs:
    """Equal initials and surname are what equal and similar names have in common."""
    groups: dict[tuple[bytes, str, str], list[Learner]] = defaultdict(list)
    holders = Learner.objects.live().filter(phone_index__in=list(indexes))
    shared = _shared(holders, "phone_index", "initials")
    for row in _live(phone_index__in=shared) if shared else ():
        groups[bytes(row.phone_index or b""), row.initials, row.name[:1]].append(row)
    return _pairs(Kind.PHONE, groups.values(), _may_be_one)


def _may_be_one(one: Learner, other: Learner) -> bool:
    if plain_name(one.name) == plain_name(other.name):
        return True
    if one.sex and other.sex and one.sex != other.sex:
        return False
    born = {one.clear_birth_date(), other.clear_birth_date()} - {None}
    return len(born) < 2


def _pairs(
    kind: str,
    groups: Iterable[Sequence[Learner]],
    may_be_one: Callable[[Learner, Learner], bool],
) -> Pairs:
    found: Pairs = {}
    for rows in groups:
        several = len(rows) <= MOST_COMPARED
        couples = combinations(rows, 2) if several else ((rows[0], row) for row in rows[1:])
        for one, other in couples:
            if may_be_one(one, other):
                found[_key(one.pk, other.pk)] = {kind}
    return found


def _live(**filters: Any) -> LearnerQuerySet:
    return Learner.objects.live().filter(**filters).order_by("pk")


# --- walk-ins ---
def of_walk_ins(walk_ins: Sequence[Learner]) -> Pairs:
    numbers = {row.pk: id_index(number) for row in walk_ins if (number := row.clear_id_number())}
    bearers = Learner.objects.live().numbered(set(numbers.values()))
    by_number = {bytes(row.id_index or b""): row.pk for row in bearers}
    found: Pairs = {}
    for pk, index in numbers.items():
        if index in by_number and by_number[index] != pk:
            found[_key(pk, by_number[index])] = {Kind.WALK_IN}
    for walk_in, others in _of_the_same_name(walk_ins):
        for other in others:
            found[_key(walk_in.pk, other.pk)] = {Kind.WALK_IN}
    return found


def _of_the_same_name(walk_ins: Sequence[Learner]) -> Iterator[tuple[Learner, list[Learner]]]:
    """Nothing else is known of most walk-ins, so name and place decide."""
    named = _live(initials__in={row.initials for row in walk_ins if row.initials})
    bearers: dict[str, list[Learner]] = defaultdict(list)
    for row in named.filter(name__in={row.name for row in walk_ins}).select_related("home_region"):
        bearers[row.name].append(row)
    others = {row.pk for rows in bearers.values() for row in rows}
    mates = set[tuple[UUID, UUID]]()
    for classmates in CLASSMATES:
        mates |= classmates([row.pk for row in walk_ins], others)
    for row in walk_ins:
        rest = [other for other in bearers[row.name] if other.pk != row.pk]
        yield row, _likely(row, rest, mates)


def _likely(
    walk_in: Learner, others: Sequence[Learner], mates: set[tuple[UUID, UUID]]
) -> list[Learner]:
    near = [other for other in others if walk_in.home_region.covers(other.home_region)]
    few = near if len(near) <= MOST_OF_ONE_NAME else []
    return [
        other
        for other in others
        if other in few
        or (walk_in.pk, other.pk) in mates
        or (walk_in.phone_index and walk_in.phone_index == other.phone_index)
    ]


# --- together ---
def _key(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def _together(*sources: Pairs) -> list[Suspicion]:
    kinds: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    for source in sources:
        for pair, found in source.items():
            kinds[pair] |= found
    return [
        Suspicion(first, second, tuple(kind for kind in STRENGTH if kind in found))
        for (first, second), found in kinds.items()
    ]
