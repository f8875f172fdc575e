"""Seal an edition of a register, adjust it afterwards, open the next one, unite several."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.actions.registers import (
    EntryFacts,
    RegisterError,
    entry_of,
    locked_edition,
    make_entry,
    require_open,
    require_unit,
)
from learners.models import (
    Register,
    RegisterAdjustment,
    RegisterEdition,
    RegisterEditionPart,
    RegisterEntry,
)
from learners.queries.entries import with_subjects
from learners.queries.proposals import home_of, stale_homes
from learners.queries.registers import (
    Subject,
    entries_in_force,
    entries_of,
    form_of_rows,
    is_composed,
)
from lms.lib.periods import local_date, today
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

Kind = RegisterAdjustment.Kind
SALT_BYTES = 32


@transaction.atomic
def seal_edition(
    *,
    edition: RegisterEdition,
    sealed_at: datetime | None = None,
    expected: int | None = None,
    actor: "User | None",
) -> RegisterEdition:
    """Fix the edition for ever. `sealed_at` is given for lists that were sealed on paper before;
    `expected` is how many entries the person who seals has been shown."""
    edition = locked_edition(edition)
    require_open(edition)
    count = _required_count(edition, expected)
    moment = (sealed_at or timezone.now()).replace(microsecond=0)
    for entry in (moved := stale_homes(edition)):
        entry.region_at_seal = home_of(entry.learner or entry.household)  # type: ignore[arg-type] # stale_homes gives no villages
    RegisterEntry.objects.bulk_update(moved, ["region_at_seal"], batch_size=500)
    salt = secrets.token_bytes(SALT_BYTES)
    form = form_of_rows(edition, sealed_at=moment, salt=salt)
    edition.sealed_at, edition.sealed_by = moment, actor
    edition.salt, edition.canonical = salt, form
    edition.sha256 = hashlib.sha256(form).hexdigest()
    edition.save(update_fields=["sealed_at", "sealed_by", "salt", "canonical", "sha256"])
    record_audit(
        "learners.edition_sealed",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"sha256": edition.sha256, "entries": count},
    )
    return edition


@transaction.atomic
def compose_edition(
    *, register: Register, parts: Sequence[RegisterEdition], actor: "User | None"
) -> RegisterEdition:
    """Seal an edition of a higher region as the union of sealed editions below it."""
    edition = locked_edition(register.editions.order_by("-no")[0])
    if edition.is_sealed:
        edition = RegisterEdition.objects.create(register=register, no=edition.no + 1)
    _require_composable(edition, parts)
    RegisterEditionPart.objects.bulk_create(
        RegisterEditionPart(composed=edition, part=part) for part in parts
    )
    record_audit(
        "learners.edition_composed",
        actor=actor,
        target=edition,
        region_path=register.region.path,
        detail={"parts": [part.sha256 for part in parts]},
    )
    return seal_edition(edition=edition, actor=actor)


@transaction.atomic
def open_next_edition(*, register: Register, actor: "User | None") -> RegisterEdition:
    """A new open edition that begins with whoever is on the sealed one today."""
    last = locked_edition(register.editions.order_by("-no")[0])
    if not last.is_sealed:
        raise RegisterError(
            "EDITION_OPEN",
            _("The last edition is not sealed yet. Go on with that one."),
        )
    edition = RegisterEdition.objects.create(register=register, no=last.no + 1)
    if not is_composed(last):  # its list belongs to the regions below, and is composed again
        rows = entries_in_force(last, today()).select_related(
            "learner__home_region", "household__region", "village"
        )
        RegisterEntry.objects.bulk_create(_copied(edition, row) for row in rows)
    record_audit(
        "learners.edition_opened",
        actor=actor,
        target=edition,
        region_path=register.region.path,
        detail={"no": edition.no},
    )
    return edition


@transaction.atomic
def adjust_entry(
    *,
    edition: RegisterEdition,
    subject: Subject,
    kind: str,
    happened_on: date,
    reason: str,
    facts: EntryFacts | None = None,
    actor: "User | None",
) -> RegisterAdjustment:
    """A dated addition or removal after the seal; the sealed list itself stays as it was.

    Adjustments of an entry follow one another in time and are never taken back: a mistaken one
    is answered by its opposite.
    """
    edition = locked_edition(edition)
    _require_own_list(edition)
    _require_dated_inside(edition, happened_on)
    _require_reason(reason)
    require_unit(edition, [subject])
    entry = entry_of(edition, subject)
    _require_change(edition, entry, kind, happened_on)
    if entry is None:
        entry = make_entry(edition, subject, facts or EntryFacts(reason=reason.strip()))
        entry.in_seal = False
        entry.save(force_insert=True)
    adjustment = RegisterAdjustment.objects.create(
        entry=entry,
        kind=kind,
        happened_on=happened_on,
        reason=reason.strip(),
        recorded_by=actor,
        recorded_at=timezone.now(),
    )
    record_audit(
        "learners.register_adjusted",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"entry": str(entry.pk), "kind": kind, "happened_on": happened_on.isoformat()},
    )
    return adjustment


@transaction.atomic
def print_edition(*, edition: RegisterEdition, actor: "User | None") -> list[RegisterEntry]:
    """The entries of the sealed list, to print it; leaves a line of who printed how many."""
    rows = with_subjects(entries_of(edition).filter(in_seal=True))
    entries = list(rows.order_by("region_at_seal__path", "learner__name", "pk"))
    record_audit(
        "learners.edition_printed",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"entries": len(entries)},
    )
    return entries


# --- rules ---
def _required_count(edition: RegisterEdition, expected: int | None) -> int:
    count = edition.entries.count() or edition.part_rows.count()
    if not count:
        raise RegisterError(
            "EDITION_EMPTY",
            _("Nobody is on this edition, so there is nothing to seal. Add people first."),
        )
    if expected is not None and expected != count:
        raise RegisterError(
            "EDITION_CHANGED",
            _("The list was changed while you were looking at it. Check it again, then seal it."),
        )
    return count


def _require_composable(edition: RegisterEdition, parts: Sequence[RegisterEdition]) -> None:
    register = edition.register
    if not parts:
        raise RegisterError("NO_PARTS", _("Choose at least one sealed edition to unite."))
    if edition.entries.exists():
        raise RegisterError(
            "EDITION_HAS_ENTRIES",
            _("This edition has a list of its own. Remove its entries before uniting others."),
        )
    fitting = (
        part.is_sealed
        and part.register.purpose == register.purpose
        and part.register.subject == register.subject
        and part.register.region_id != register.region_id
        and register.region.covers(part.register.region)
        for part in parts
    )
    if not all(fitting) or not _are_apart(parts):
        raise RegisterError(
            "UNFIT_PART",
            _(
                "Only sealed editions of the same kind, of different regions below this one, can "
                "be united, one of each. Choose them again."
            ),
        )


def _are_apart(parts: Sequence[RegisterEdition]) -> bool:
    """No region is there twice, and none lies in another."""
    regions = sorted(part.register.region.path for part in parts)
    return not any(later.startswith(path) for path, later in pairwise(regions))


def _require_own_list(edition: RegisterEdition) -> None:
    if is_composed(edition):
        raise RegisterError(
            "EDITION_COMPOSED",
            _("This edition unites others. Record the change on the register of the region below."),
        )


def _require_dated_inside(edition: RegisterEdition, happened_on: date) -> None:
    if edition.sealed_at is None:
        raise RegisterError(
            "EDITION_OPEN",
            _("This edition is not sealed yet. Change its list directly."),
        )
    if not local_date(edition.sealed_at) <= happened_on <= today():
        raise RegisterError(
            "ADJUSTMENT_DATE",
            _("An adjustment is dated between the day of the seal and today. Correct the date."),
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RegisterError(
            "ADJUSTMENT_REASON",
            _("An adjustment needs a reason, because it changes a rate. Enter the reason."),
        )


def _require_change(
    edition: RegisterEdition, entry: RegisterEntry | None, kind: str, happened_on: date
) -> None:
    if entry and entry.adjustments.filter(happened_on__gt=happened_on).exists():
        raise RegisterError(
            "ADJUSTMENT_ORDER",
            _(
                "A later change of this entry is recorded already, and recorded changes stay. "
                "Date this one on or after it."
            ),
        )
    on = entries_in_force(edition, happened_on)
    is_on = entry is not None and on.filter(pk=entry.pk).exists()
    if is_on == (kind == Kind.ADD):
        raise RegisterError(
            "NOTHING_TO_ADJUST",
            _("On that day the register already stood like this. Check the date and the name."),
        )


def _copied(edition: RegisterEdition, row: RegisterEntry) -> RegisterEntry:
    subject = row.learner or row.household or row.village
    assert subject is not None  # noqa: S101 - held by a constraint of the table
    facts = EntryFacts(**{field.name: getattr(row, field.name) for field in fields(EntryFacts)})
    return make_entry(edition, subject, facts)
