"""From the sealed edition to the register of a day: each change that counts, line by line."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, QuerySet

from learners.models import RegisterAdjustment, RegisterEdition, RegisterEntry
from learners.queries.registers import PERSON, Kind, adjustments_of, entries_of
from lms.lib.scope import HasScope
from regions.models import Region

Entries = QuerySet[RegisterEntry]
#: How long the code of a region's child is, by the region's own level.
_CHILD_LENGTH = {1: 4, 2: 6, 3: 9, 4: 12, 5: 12}


@dataclass(frozen=True)
class EditionCounts:
    """sealed - merged + added - removed = in_force, on one day.

    `merged`: lines of the sealed list whose person stands on it another time, because two records
    turned out to be one person, or two parts of a composed edition list the same one.
    """

    sealed: int
    merged: int
    added: int
    removed: int
    in_force: int

    @property
    def once(self) -> int:
        """The sealed edition with everybody counted once."""
        return self.sealed - self.merged


@dataclass(frozen=True)
class BridgeLine:
    """One adjustment. `change` is what it did to the sum: 1, -1, or 0 for one of two entries."""

    adjustment: RegisterAdjustment
    change: int
    place: str


@dataclass(frozen=True)
class Share:
    """What one reason or one place has added and removed."""

    name: str
    sealed: int
    added: int
    removed: int

    @property
    def total(self) -> int:
        return self.sealed + self.added - self.removed


@dataclass
class Bridge:
    counts: EditionCounts
    #: Oldest first.
    lines: list[BridgeLine] = field(default_factory=list)
    by_reason: list[Share] = field(default_factory=list)
    by_place: list[Share] = field(default_factory=list)


@dataclass(frozen=True)
class CoverageLine:
    """One rate, computed of the sealed edition alone and of the register of the day."""

    title: str
    sealed_done: int
    sealed: int
    done: int
    members: int
    sealed_rate: Decimal | None
    rate: Decimal | None
    href: str = ""


#: What the floor above computes of an edition: `f(edition, user, as_of) -> list[CoverageLine]`;
#: filled in AppConfig.ready().
COVERAGE: list[Callable[[RegisterEdition, HasScope, date], list[CoverageLine]]] = []


def coverage_lines(edition: RegisterEdition, user: HasScope, as_of: date) -> list[CoverageLine]:
    return [line for lines in COVERAGE for line in lines(edition, user, as_of)]


def edition_counts(edition: RegisterEdition, as_of: date) -> EditionCounts:
    entries = entries_of(edition)
    return _counts(entries, _lines(edition, entries, as_of))


def edition_bridge(edition: RegisterEdition, as_of: date) -> Bridge:
    """Every adjustment dated up to `as_of`, and what it did; the sum is the register of the day."""
    entries = entries_of(edition)
    lines = _lines(edition, entries, as_of)
    counts = _counts(entries, lines)
    length = _CHILD_LENGTH[edition.register.region.level]
    sealed = _sealed_by_place(entries, length)
    names = place_names({*sealed, *(line.place for line in lines)})
    return Bridge(
        counts=counts,
        lines=lines,
        by_reason=_shares(lines, lambda line: line.adjustment.reason, {}),
        by_place=[
            Share(names.get(share.name, share.name), share.sealed, share.added, share.removed)
            for share in _shares(lines, lambda line: line.place, sealed)
        ],
    )


def _counts(entries: Entries, lines: Iterable[BridgeLine]) -> EditionCounts:
    sealed = entries.filter(in_seal=True).count()
    subjects = entries.filter(in_seal=True).values(person=PERSON, place=F("village_id"))
    merged = sealed - subjects.distinct().count()
    done = Counter(line.change for line in lines)
    return EditionCounts(sealed, merged, done[1], done[-1], sealed - merged + done[1] - done[-1])


def _lines(edition: RegisterEdition, entries: Entries, as_of: date) -> list[BridgeLine]:
    rows = adjustments_of(edition).filter(happened_on__lte=as_of)
    rows = rows.select_related(
        "entry__learner", "entry__household", "entry__village", "entry__region_at_seal__parent",
        "recorded_by",
    ).order_by("happened_on", "pk")  # fmt: skip
    adjustments = list(rows)
    if not adjustments:
        return []
    subjects = dict(_subjects(entries.filter(adjustments__isnull=False)))
    present = _present(entries)
    length = _CHILD_LENGTH[edition.register.region.level]
    found = []
    for row in adjustments:
        on = present[subjects[row.entry_id]]
        before = bool(on)
        (on.add if row.kind == Kind.ADD else on.discard)(row.entry_id)
        place = row.entry.region_at_seal.path[:length]
        found.append(BridgeLine(row, int(bool(on)) - int(before), place))
    return found


def _subjects(entries: Entries) -> Iterable[tuple[object, tuple[object, object]]]:
    rows = entries.annotate(person=PERSON).values_list("pk", "person", "village_id")
    return ((pk, (person, village)) for pk, person, village in rows)


def _present(entries: Entries) -> dict[tuple[object, object], set[object]]:
    """Of each subject that was ever adjusted, the sealed entries it has."""
    adjusted = entries.filter(adjustments__isnull=False).annotate(person=PERSON)
    rows = entries.annotate(person=PERSON).filter(in_seal=True)
    found: dict[tuple[object, object], set[object]] = defaultdict(set)
    for part in (
        rows.filter(person__in=adjusted.exclude(person=None).values("person")),
        rows.filter(village__in=adjusted.exclude(village=None).values("village")),
    ):
        for pk, key in _subjects(part):
            found[key].add(pk)
    return found


def _sealed_by_place(entries: Entries, length: int) -> dict[str, int]:
    rows = entries.filter(in_seal=True).values_list("region_at_seal__path").annotate(Count("pk"))
    found: Counter[str] = Counter()
    for path, count in rows.order_by():
        found[path[:length]] += count
    return dict(found)


def place_names(paths: set[str]) -> dict[str, str]:
    rows = Region.objects.filter(path__in=paths).order_by("starts_on")
    return dict(rows.values_list("path", "name"))


def _shares(
    lines: Iterable[BridgeLine], key: Callable[[BridgeLine], str], sealed: dict[str, int]
) -> list[Share]:
    added: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    for line in lines:
        added[key(line)] += line.change == 1
        removed[key(line)] += line.change == -1
    names = sorted({*sealed, *added, *removed})
    return [Share(name, sealed.get(name, 0), added[name], removed[name]) for name in names]
