"""Registers: who is on one on a given day, and how an edition is written down when sealed."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from learners.models import (
    Audience,
    Household,
    Learner,
    Register,
    RegisterAdjustment,
    RegisterEdition,
    RegisterEntry,
)
from lms.lib.periods import valid_on
from regions.models import Region, VillageStatus

Kind = RegisterAdjustment.Kind
Subject = Learner | Household | Region
#: Whose role puts them on a register of this purpose.
_ROLES: dict[str, list[str]] = {
    Register.Purpose.CADRES: [
        Audience.TOWNSHIP_CADRE,
        Audience.VILLAGE_CADRE,
        Audience.FIRST_SECRETARY,
    ],
    Register.Purpose.LEADERS: [Audience.LEAD_ENTREPRENEUR],
}


def entries_in_force(edition: RegisterEdition, as_of: date) -> QuerySet[RegisterEntry]:
    """Sealed entries + additions - removals dated up to `as_of`; the last adjustment decides."""
    last = (
        RegisterAdjustment.objects.filter(entry=OuterRef("pk"), happened_on__lte=as_of)
        .order_by("-happened_on", "-pk")
        .values("kind")[:1]
    )
    rows = RegisterEntry.objects.filter(edition=edition).annotate(last_adjustment=Subquery(last))
    return rows.filter(Q(last_adjustment=Kind.ADD) | Q(last_adjustment__isnull=True, in_seal=True))


def adjustments_of(edition: RegisterEdition) -> QuerySet[RegisterAdjustment]:
    """Newest first, each with whom it is about."""
    rows = RegisterAdjustment.objects.filter(entry__edition=edition)
    rows = rows.select_related("entry__learner", "entry__household", "entry__village")
    return rows.order_by("-happened_on", "-pk")


@dataclass(frozen=True)
class EditionCounts:
    """sealed + added - removed = in_force, on one day."""

    sealed: int
    added: int
    removed: int
    in_force: int


def edition_counts(edition: RegisterEdition, as_of: date) -> EditionCounts:
    sealed = edition.entries.filter(in_seal=True).count()
    in_force = entries_in_force(edition, as_of)
    still_sealed = in_force.filter(in_seal=True).count()
    added = in_force.filter(in_seal=False).count()
    return EditionCounts(sealed, added, sealed - still_sealed, still_sealed + added)


def sealed_edition(register_id: UUID, as_of: date) -> RegisterEdition | None:
    """The newest edition sealed up to the end of `as_of`."""
    rows = RegisterEdition.objects.filter(register_id=register_id, sealed_at__date__lte=as_of)
    return rows.order_by("-no").first()


def seal_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical_form(
    edition: RegisterEdition, *, sealed_at: datetime, salt: bytes, entries: Iterable[RegisterEntry]
) -> bytes:
    """What is hashed: a head line, then one line per entry, sorted by entry id, each ended by LF.

    purpose|region code|year|no|sealed at
    entry id|kind|HMAC-SHA256 of the subject under the edition's salt|region code|able|willing

    `entries` come with their village and region_at_seal. The subject is the id of the learner or
    household, or the code of the village: merging or renaming later does not touch the form.
    """
    register = edition.register
    head = [
        register.purpose,
        register.region.code,
        str(register.year),
        str(edition.no),
        seal_moment(sealed_at),
    ]
    rows = sorted((str(entry.pk), entry) for entry in entries)
    lines = ["|".join(head), *(_line(key, entry, salt) for key, entry in rows)]
    return "".join(f"{line}\n" for line in lines).encode()


def _line(key: str, entry: RegisterEntry, salt: bytes) -> str:
    kind, subject = subject_of(entry)
    digest = hmac.new(salt, subject.encode(), hashlib.sha256).hexdigest()
    flags = [str(int(entry.able)), str(int(entry.willing))]
    return "|".join([key, kind, digest, entry.region_at_seal.code, *flags])


def subject_of(entry: RegisterEntry) -> tuple[str, str]:
    if entry.learner_id is not None:
        return "LEARNER", str(entry.learner_id)
    if entry.household_id is not None:
        return "HOUSEHOLD", str(entry.household_id)
    assert entry.village is not None  # noqa: S101 - held by a constraint of the table
    return "VILLAGE", entry.village.code


def fill_subjects(register: Register, groups: list[str], day: date) -> list[Subject]:
    """Whom the archive offers for a register: by household group, by role, or its villages."""
    if register.purpose == Register.Purpose.QUALIFYING_VILLAGES:
        villages = Region.objects.current().within(register.region)
        kind = VillageStatus.Kind.QUALIFYING
        return list(villages.filter(valid_on(day, "statuses__"), statuses__kind=kind).distinct())
    learners = Learner.objects.live().filter(provisional=False).within(register.region)
    if register.purpose == Register.Purpose.ABLE_WILLING:
        found = learners.filter(
            valid_on(day, "memberships__"),
            valid_on(day, "memberships__household__statuses__"),
            memberships__household__statuses__type__group__in=groups,
        )
    else:
        found = learners.filter(valid_on(day, "roles__"), roles__role__in=_ROLES[register.purpose])
    return list(found.select_related("home_region").distinct())
