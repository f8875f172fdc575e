"""Keep registers: fill an edition, seal it, adjust it afterwards, open the next one."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.models import (
    Household,
    Learner,
    Register,
    RegisterAdjustment,
    RegisterEdition,
    RegisterEntry,
)
from learners.queries.registers import Subject, canonical_form, entries_in_force
from lms.lib.errors import ActionError
from lms.lib.periods import local_date, today
from lms.models import record_audit
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

Kind = RegisterAdjustment.Kind
SALT_BYTES = 32


class RegisterError(ActionError):
    """A register or an edition of one cannot be changed in this way."""


@transaction.atomic
def create_register(*, purpose: str, year: int, region: Region, actor: "User | None") -> Register:
    """The register with its first edition, open for entries."""
    if Register.objects.filter(purpose=purpose, year=year, region=region).exists():
        raise RegisterError(
            "REGISTER_EXISTS",
            _("This region already has a register of this kind for the year. Open that one."),
        )
    register = Register.objects.create(purpose=purpose, year=year, region=region)
    RegisterEdition.objects.create(register=register, no=1)
    record_audit(
        "learners.register_created",
        actor=actor,
        target=register,
        region_path=region.path,
        detail={"purpose": purpose, "year": year},
    )
    return register


@transaction.atomic
def add_entries(
    *,
    edition: RegisterEdition,
    subjects: Sequence[Subject],
    able: bool = True,
    willing: bool = True,
    reason: str = "",
    actor: "User | None",
) -> int:
    """Put people, households or villages on an open edition; who is on it already stays as is."""
    edition = _locked(edition)
    _require_open(edition)
    present = _present(edition)
    fresh = {_key(subject): subject for subject in subjects if _key(subject) not in present}
    RegisterEntry.objects.bulk_create(
        _entry(edition, subject, able=able, willing=willing, reason=reason)
        for subject in fresh.values()
    )
    record_audit(
        "learners.register_filled",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"added": len(fresh)},
    )
    return len(fresh)


@transaction.atomic
def remove_entry(*, entry: RegisterEntry, actor: "User | None") -> None:
    """Take a subject off an edition that is not sealed yet."""
    edition = _locked(entry.edition)
    _require_open(edition)
    record_audit(
        "learners.register_entry_removed",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"entry": str(entry.pk)},
    )
    entry.delete()


@transaction.atomic
def seal_edition(
    *, edition: RegisterEdition, sealed_at: datetime | None = None, actor: "User | None"
) -> RegisterEdition:
    """Fix the edition for ever. `sealed_at` is given for lists that were sealed on paper before."""
    edition = _locked(edition)
    _require_open(edition)
    entries = list(edition.entries.select_related("village", "region_at_seal"))
    if not entries:
        raise RegisterError(
            "EDITION_EMPTY",
            _("Nobody is on this edition, so there is nothing to seal. Add people first."),
        )
    moment = (sealed_at or timezone.now()).replace(microsecond=0)
    salt = secrets.token_bytes(SALT_BYTES)
    form = canonical_form(edition, sealed_at=moment, salt=salt, entries=entries)
    edition.sealed_at, edition.sealed_by = moment, actor
    edition.salt, edition.canonical = salt, form
    edition.sha256 = hashlib.sha256(form).hexdigest()
    edition.save(update_fields=["sealed_at", "sealed_by", "salt", "canonical", "sha256"])
    record_audit(
        "learners.edition_sealed",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"sha256": edition.sha256, "entries": len(entries)},
    )
    return edition


@transaction.atomic
def open_next_edition(*, register: Register, actor: "User | None") -> RegisterEdition:
    """A new open edition that begins with whoever is on the sealed one today."""
    last = _locked(register.editions.order_by("-no")[0])
    if not last.is_sealed:
        raise RegisterError(
            "EDITION_OPEN",
            _("The last edition is not sealed yet. Go on with that one."),
        )
    edition = RegisterEdition.objects.create(register=register, no=last.no + 1)
    rows = entries_in_force(last, today()).select_related("learner__home_region")
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
    actor: "User | None",
) -> RegisterAdjustment:
    """A dated addition or removal after the seal; the sealed list itself stays as it was."""
    edition = _locked(edition)
    _require_dated_inside(edition, happened_on)
    _require_reason(reason)
    entry = _entry_of(edition, subject)
    is_on = (
        entry is not None and entries_in_force(edition, happened_on).filter(pk=entry.pk).exists()
    )
    if is_on == (kind == Kind.ADD):
        raise RegisterError(
            "NOTHING_TO_ADJUST",
            _("On that day the register already stood like this. Check the date and the name."),
        )
    if entry is None:
        entry = _entry(edition, subject, reason=reason.strip())
        entry.in_seal = False
        entry.save(force_insert=True)
    adjustment = RegisterAdjustment.objects.create(
        entry=entry, kind=kind, happened_on=happened_on, reason=reason.strip()
    )
    record_audit(
        "learners.register_adjusted",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"entry": str(entry.pk), "kind": kind, "happened_on": happened_on.isoformat()},
    )
    return adjustment


# --- rules ---
def _locked(edition: RegisterEdition) -> RegisterEdition:
    rows = RegisterEdition.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("register__region").get(pk=edition.pk)


def _require_open(edition: RegisterEdition) -> None:
    if edition.is_sealed:
        raise RegisterError(
            "EDITION_SEALED",
            _("This edition is sealed and never changes. Record a dated adjustment instead."),
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


# --- subjects ---
def _filter(subject: Subject) -> dict[str, Subject]:
    if isinstance(subject, Learner):
        return {"learner": subject}
    return {"household": subject} if isinstance(subject, Household) else {"village": subject}


def _entry_of(edition: RegisterEdition, subject: Subject) -> RegisterEntry | None:
    """Also one that was sealed under a record merged into the subject since."""
    own = edition.entries.filter(**_filter(subject)).first()
    if own is None and isinstance(subject, Learner):
        own = edition.entries.filter(learner__merged_into=subject).first()
    return own


def _key(subject: Subject) -> tuple[str, object]:
    return next(iter(_filter(subject))), subject.pk


def _present(edition: RegisterEdition) -> set[tuple[str, object]]:
    columns = ("learner", "household", "village")
    rows: Iterable[tuple[object, ...]] = edition.entries.values_list(*columns)
    return {
        (name, pk) for row in rows for name, pk in zip(columns, row, strict=True) if pk is not None
    }


def _home(subject: Subject) -> Region:
    if isinstance(subject, Learner):
        return subject.home_region
    return subject.region if isinstance(subject, Household) else subject


def _entry(
    edition: RegisterEdition,
    subject: Subject,
    *,
    able: bool = True,
    willing: bool = True,
    reason: str = "",
) -> RegisterEntry:
    return RegisterEntry(
        edition=edition,
        region_at_seal=_home(subject),
        able=able,
        willing=willing,
        reason=reason,
        **_filter(subject),
    )


def _copied(edition: RegisterEdition, row: RegisterEntry) -> RegisterEntry:
    subject = row.learner or row.household or row.village
    assert subject is not None  # noqa: S101 - held by a constraint of the table
    return _entry(edition, subject, able=row.able, willing=row.willing, reason=row.reason)
