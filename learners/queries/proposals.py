"""Whom the archive offers for a register, and what to know before an edition is sealed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from learners.models import (
    CADRE_KINDS,
    Audience,
    Household,
    Learner,
    Register,
    RegisterEdition,
    RegisterEntry,
    RoleHeld,
)
from learners.queries.bridges import place_names
from learners.queries.registers import Subject, entries_of
from lms.lib.periods import valid_on
from regions.models import Region, VillageStatus

_TOWNSHIP = 9
Purpose = Register.Purpose


@dataclass(frozen=True)
class PlaceCount:
    name: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Proposal:
    """What the archive says of an open edition: nothing is put on it by asking."""

    fresh: list[Subject]
    present: int
    #: On the edition, though the archive would not offer them: a question, not a removal.
    gone: list[RegisterEntry]
    #: By place: newly eligible, on it already, no longer eligible.
    places: list[PlaceCount]


def eligible(register: Register, groups: Sequence[str], day: date) -> QuerySet[Subject]:
    """By household group, by role, or by what a village was declared to be."""
    if register.subject == Register.Subject.VILLAGE:
        villages = Region.objects.current().within(register.region)
        kind = VillageStatus.Kind.QUALIFYING
        return villages.filter(valid_on(day, "statuses__"), statuses__kind=kind).distinct()
    if register.subject == Register.Subject.HOUSEHOLD:
        households = Household.objects.filter(region__in=_regions_in(register.region))
        found = households.filter(valid_on(day, "statuses__"), statuses__type__group__in=groups)
        return found.select_related("region").distinct()
    return _people(register, groups, day).select_related("home_region").distinct()


def _people(register: Register, groups: Sequence[str], day: date) -> QuerySet[Learner]:
    people = Learner.objects.live().filter(provisional=False).within(register.region)
    if register.purpose == Purpose.ABLE_WILLING:
        return people.filter(
            valid_on(day, "memberships__"),
            valid_on(day, "memberships__household__statuses__"),
            memberships__household__statuses__type__group__in=groups,
        )
    roles: Sequence[str] = [Audience.LEAD_ENTREPRENEUR]
    if register.purpose == Purpose.CADRES:
        roles = register.kinds or CADRE_KINDS
    return people.filter(valid_on(day, "roles__"), roles__role__in=roles)


def _regions_in(region: Region) -> QuerySet[Region]:
    return Region.objects.within(region)


def propose(edition: RegisterEdition, groups: Sequence[str], day: date) -> Proposal:
    """Who is newly eligible, who is on the edition already, and who is no longer eligible."""
    register = edition.register
    offered = {row.pk: row for row in eligible(register, groups, day)}
    entries = edition.entries.select_related(
        "learner", "household", "village", "region_at_seal__parent"
    )
    present: dict[object, RegisterEntry] = {subject_id(entry): entry for entry in entries}
    fresh = [row for key, row in offered.items() if key not in present]
    gone = [entry for key, entry in present.items() if key not in offered]
    kept = [entry for key, entry in present.items() if key in offered]
    places = count_places(
        [home_of(row).path for row in fresh],
        [entry.region_at_seal.path for entry in kept],
        [entry.region_at_seal.path for entry in gone],
    )
    return Proposal(fresh, len(kept), gone, places)


def home_of(subject: Subject) -> Region:
    if isinstance(subject, Learner):
        return subject.home_region
    return subject.region if isinstance(subject, Household) else subject


def subject_id(entry: RegisterEntry) -> object:
    return entry.learner_id or entry.household_id or entry.village_id


def count_places(*columns: Iterable[str]) -> list[PlaceCount]:
    """How many of each list of region paths lie in each township."""
    counted = [Counter(path[:_TOWNSHIP] for path in paths) for paths in columns]
    names = place_names(set().union(*counted))
    return [
        PlaceCount(names.get(path, path), tuple(found[path] for found in counted))
        for path in sorted(set().union(*counted))
    ]


def cadre_kinds(learners: Iterable[Learner], kinds: Sequence[str], day: date) -> dict[UUID, str]:
    """As what each rotates: of the roles held on `day` the first in the order of `kinds`."""
    rows = RoleHeld.objects.filter(valid_on(day), learner__in=list(learners), role__in=kinds)
    order = {kind: rank for rank, kind in enumerate(kinds)}
    found: dict[UUID, str] = {}
    for key, role in rows.values_list("learner_id", "role"):
        if key not in found or order[role] < order[found[key]]:
            found[key] = role
    return found


# --- before sealing ---
@dataclass(frozen=True)
class Doubt:
    """Something to look at before an edition is sealed; it does not forbid sealing."""

    code: str
    count: int


@dataclass(frozen=True)
class SealPreview:
    total: int
    places: list[PlaceCount]
    doubts: list[Doubt]


def seal_preview(edition: RegisterEdition) -> SealPreview:
    """How many stand on the edition by township, and what is doubtful about it."""
    entries = entries_of(edition).filter(in_seal=True)
    paths = list(entries.order_by().values_list("region_at_seal__path", flat=True))
    doubts = [Doubt(code, count) for code, count in _doubts(edition).items() if count]
    return SealPreview(len(paths), count_places(paths), doubts)


def _doubts(edition: RegisterEdition) -> dict[str, int]:
    register = edition.register
    entries = edition.entries.all()
    found = {
        "NO_VILLAGE": entries.filter(
            village=None, region_at_seal__level__lt=Region.Level.VILLAGE
        ).count()
        if register.purpose != Purpose.CADRES
        else 0,
        "LOOK_ALIKE": _look_alikes(entries),
        "MERGED": entries.filter(learner__merged_into__isnull=False).count(),
        "MOVED_AWAY": _elsewhere(entries, register.region),
    }
    if register.purpose == Purpose.ABLE_WILLING:
        found["NOT_ABLE"] = entries.filter(able=False).count()
        found["NOT_WILLING"] = entries.filter(willing=False).count()
        found["NOT_SAID"] = entries.filter(Q(able=None) | Q(willing=None)).count()
    if register.purpose == Purpose.CADRES:
        found["NO_KIND"] = entries.filter(kind="").count()
    if register.purpose == Purpose.LEADERS:
        found["NO_CATEGORY"] = entries.filter(category="").count()
    return found


def _look_alikes(entries: QuerySet[RegisterEntry]) -> int:
    """People of the same name in the same place or with the same telephone."""
    people = entries.filter(learner__isnull=False).order_by()
    same_place = people.values("learner__name", "learner__home_region")
    same_phone = people.filter(learner__phone_index__isnull=False).values(
        "learner__name", "learner__phone_index"
    )
    doubled = [
        sum(rows.annotate(n=Count("pk")).filter(n__gt=1).values_list("n", flat=True))
        for rows in (same_place, same_phone)
    ]
    return max(doubled)


def _elsewhere(entries: QuerySet[RegisterEntry], region: Region) -> int:
    inside = Region.objects.within(region)
    homes = Q(learner__isnull=False) & ~Q(learner__home_region__in=inside)
    homes |= Q(household__isnull=False) & ~Q(household__region__in=inside)
    return entries.filter(homes).count()


def stale_homes(edition: RegisterEdition) -> list[RegisterEntry]:
    """Entries whose person or household has another home by now."""
    rows = edition.entries.select_related("learner__home_region", "household__region")
    moved = Q(learner__isnull=False) & ~Q(learner__home_region=F("region_at_seal"))
    moved |= Q(household__isnull=False) & ~Q(household__region=F("region_at_seal"))
    return list(rows.filter(moved))
