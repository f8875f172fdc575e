"""Registers: who is on one on a given day, and how an edition is written down when sealed."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    DateField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber, TruncDate

from learners.models import (
    Household,
    Learner,
    RegisterAdjustment,
    RegisterEdition,
    RegisterEditionPart,
    RegisterEntry,
)
from regions.models import Region

Kind = RegisterAdjustment.Kind
Subject = Learner | Household | Region
#: Who an entry is about: merged learners are one, so that nobody counts twice.
PERSON = Coalesce("learner__merged_into_id", "learner_id", "household_id")


# --- parts ---
def part_ids(editions: Iterable[UUID]) -> tuple[UUID, ...]:
    """The editions that hold the entries: a composed edition stands for its parts."""
    found: dict[UUID, None] = {}
    todo = list(editions)
    while todo:
        rows = RegisterEditionPart.objects.filter(composed__in=todo)
        parts: dict[UUID, list[UUID]] = {}
        for whole, part in rows.order_by("pk").values_list("composed_id", "part_id"):
            parts.setdefault(whole, []).append(part)
        found |= dict.fromkeys(key for key in todo if key not in parts)
        todo = [part for key in todo for part in parts.get(key, [])]
    return tuple(found)


def parts_of(edition: RegisterEdition) -> tuple[UUID, ...]:
    """As `part_ids` for one edition; kept with it, as parts come only together with the seal."""
    kept: dict[str, tuple[UUID, ...]] = edition.__dict__
    if "_parts" not in kept:
        kept["_parts"] = part_ids([edition.pk])
    return kept["_parts"]


def is_composed(edition: RegisterEdition) -> bool:
    return parts_of(edition) != (edition.pk,)


def entries_of(edition: RegisterEdition) -> QuerySet[RegisterEntry]:
    """Every entry of the edition or of its parts, those that came after the seal included."""
    return RegisterEntry.objects.filter(edition__in=parts_of(edition))


# --- who is on it ---
def in_force(rows: QuerySet[RegisterEntry], as_of: date) -> QuerySet[RegisterEntry]:
    """Of `rows` those in force: sealed + additions - removals; the last adjustment decides."""
    last = _adjustments(as_of).values("kind")[:1]
    found = rows.annotate(last_adjustment=Subquery(last))
    return found.filter(Q(last_adjustment=Kind.ADD) | Q(last_adjustment__isnull=True, in_seal=True))


def entries_in_force(edition: RegisterEdition, as_of: date) -> QuerySet[RegisterEntry]:
    """Who is on the edition on `as_of`; somebody on two of its parts stands once, in the later."""
    parts = parts_of(edition)
    rows = in_force(RegisterEntry.objects.filter(edition__in=parts), as_of)
    if parts == (edition.pk,):
        return rows
    return rows.filter(pk__in=later_ids(rows, as_of))


def later_ids(rows: QuerySet[RegisterEntry], as_of: date) -> QuerySet[Any, Any]:
    """The keys of one entry per subject: the one that took effect last."""
    rank = Window(
        RowNumber(),
        partition_by=[PERSON, F("village_id")],
        order_by=[F("since").desc(), F("id").desc()],
    )
    ranked = dated(rows, as_of).annotate(of_subject=rank)
    return ranked.filter(of_subject=1).values("pk")


def dated(rows: QuerySet[RegisterEntry], as_of: date) -> QuerySet[RegisterEntry]:
    """`rows` with `since`: the day of the seal, or of the last addition after it."""
    return rows.annotate(since=since(as_of))


def since(as_of: date) -> Coalesce:
    added = _adjustments(as_of).filter(kind=Kind.ADD).values("happened_on")[:1]
    never = Value(date.min, output_field=DateField())
    return Coalesce(
        Subquery(added), TruncDate("edition__sealed_at"), never, output_field=DateField()
    )


def _adjustments(as_of: date) -> QuerySet[RegisterAdjustment]:
    rows = RegisterAdjustment.objects.filter(entry=OuterRef("pk"), happened_on__lte=as_of)
    return rows.order_by("-happened_on", "-pk")


def adjustments_of(edition: RegisterEdition) -> QuerySet[RegisterAdjustment]:
    """Newest first, each with whom it is about."""
    rows = RegisterAdjustment.objects.filter(entry__edition__in=parts_of(edition))
    rows = rows.select_related("entry__learner", "entry__household", "entry__village")
    return rows.order_by("-happened_on", "-pk")


def sealed_edition(register_id: UUID, as_of: date) -> RegisterEdition | None:
    """The newest edition sealed up to the end of `as_of`."""
    rows = RegisterEdition.objects.filter(register_id=register_id, sealed_at__date__lte=as_of)
    return rows.order_by("-no").first()


# --- the canonical form ---
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
    able and willing are 1 or 0, or - where the list did not say.
    """
    rows = sorted((str(entry.pk), entry) for entry in entries)
    return _text([_head(edition, sealed_at), *(_line(key, entry, salt) for key, entry in rows)])


def composed_form(
    edition: RegisterEdition, *, sealed_at: datetime, parts: Iterable[RegisterEdition]
) -> bytes:
    """What is hashed of a composed edition: its head, then each part once, sorted by its id.

    edition id|EDITION|SHA-256 of the part|region code|no
    """
    rows = sorted(
        f"{part.pk}|EDITION|{part.sha256}|{part.register.region.code}|{part.no}" for part in parts
    )
    return _text([_head(edition, sealed_at), *rows])


def _head(edition: RegisterEdition, sealed_at: datetime) -> str:
    register = edition.register
    facts = (register.purpose, register.region.code, register.year, edition.no)
    return "|".join([*map(str, facts), seal_moment(sealed_at)])


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _line(key: str, entry: RegisterEntry, salt: bytes) -> str:
    kind, subject = subject_of(entry)
    digest = hmac.new(salt, subject.encode(), hashlib.sha256).hexdigest()
    flags = ["-" if said is None else str(int(said)) for said in (entry.able, entry.willing)]
    return "|".join([key, kind, digest, entry.region_at_seal.code, *flags])


def subject_of(entry: RegisterEntry) -> tuple[str, str]:
    if entry.learner_id is not None:
        return "LEARNER", str(entry.learner_id)
    if entry.household_id is not None:
        return "HOUSEHOLD", str(entry.household_id)
    assert entry.village is not None  # noqa: S101 - held by a constraint of the table
    return "VILLAGE", entry.village.code


@dataclass(frozen=True)
class Verification:
    """Whether an edition is what was sealed: its bytes by their hash, its rows by its bytes."""

    recomputed: str
    bytes_match: bool
    rows_match: bool
    lines: int

    @property
    def is_whole(self) -> bool:
        return self.bytes_match and self.rows_match


def verify_edition(edition: RegisterEdition) -> Verification:
    """Recompute the hash of a sealed edition from its stored bytes and from its rows."""
    assert edition.sealed_at is not None  # noqa: S101 - asked of sealed editions only
    stored = bytes(edition.canonical or b"")
    recomputed = hashlib.sha256(stored).hexdigest()
    from_rows = form_of_rows(edition, sealed_at=edition.sealed_at, salt=bytes(edition.salt or b""))
    rows_match = hashlib.sha256(from_rows).hexdigest() == edition.sha256
    lines = max(stored.count(b"\n") - 1, 0)
    return Verification(recomputed, recomputed == edition.sha256, rows_match, lines)


def form_of_rows(edition: RegisterEdition, *, sealed_at: datetime, salt: bytes) -> bytes:
    """The canonical form as the rows of the database give it now."""
    parts = list(edition.parts.select_related("register__region"))
    if parts:
        return composed_form(edition, sealed_at=sealed_at, parts=parts)
    entries = edition.entries.filter(in_seal=True).select_related("village", "region_at_seal")
    return canonical_form(edition, sealed_at=sealed_at, salt=salt, entries=entries)
