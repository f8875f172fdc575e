"""Keep registers: open one, fill an edition, change what stands on it while it is open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from learners.models import (
    CADRE_KINDS,
    Household,
    Learner,
    Register,
    RegisterEdition,
    RegisterEntry,
    RosterRow,
)
from learners.queries.households import households_on
from learners.queries.proposals import cadre_kinds, home_of
from learners.queries.registers import Subject
from learners.roster.entries import entry_facts
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.models import record_audit
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

Purpose = Register.Purpose
Unit = Register.Subject
FEW = 1000


class RegisterError(ActionError):
    """A register or an edition of one cannot be changed in this way."""


@dataclass(frozen=True)
class EntryFacts:
    """What an edition says of one entry, besides who it is. The names are the entry's columns."""

    able: bool | None = True
    willing: bool | None = True
    reason: str = ""
    kind: str = ""
    intention: str = ""
    surveyed_by: str = ""
    surveyed_on: date | None = None
    category: str = ""
    project: str = ""
    yearly_income_yuan: Decimal | None = None
    drive_count: int | None = None
    drive_way: str = ""
    has_agreement: bool | None = None
    shop_grant_yuan: Decimal | None = None
    loan_yuan: Decimal | None = None


@transaction.atomic
def create_register(
    *,
    purpose: str,
    year: int,
    region: Region,
    subject: str = "",
    kinds: Sequence[str] = (),
    actor: "User | None",
) -> Register:
    """The register with its first edition, open for entries."""
    subject = _unit_of(purpose, subject)
    _require_kinds(purpose, kinds)
    if Register.objects.filter(purpose=purpose, year=year, region=region, subject=subject).exists():
        raise RegisterError(
            "REGISTER_EXISTS",
            _("This region already has a register of this kind for the year. Open that one."),
        )
    register = Register.objects.create(
        purpose=purpose, year=year, region=region, subject=subject, kinds=list(kinds)
    )
    RegisterEdition.objects.create(register=register, no=1)
    record_audit(
        "learners.register_created",
        actor=actor,
        target=register,
        region_path=region.path,
        detail={"purpose": purpose, "year": year, "subject": subject, "kinds": list(kinds)},
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
    facts: Mapping[object, EntryFacts] | None = None,
    actor: "User | None",
) -> int:
    """Put people, households or villages on an open edition; who is on it already stays as is.

    `facts`, by the key of a subject, say more of it than `able`, `willing` and `reason` do of all.
    """
    edition = locked_edition(edition)
    require_open(edition)
    require_unit(edition, subjects)
    present = _present(edition, subjects)
    fresh = {_key(subject): subject for subject in subjects if _key(subject) not in present}
    of_all = EntryFacts(able=able, willing=willing, reason=reason)
    said = {row.pk: (facts or {}).get(row.pk, of_all) for row in fresh.values()}
    kinds = _kinds_of(edition.register, fresh.values())
    RegisterEntry.objects.bulk_create(
        make_entry(edition, subject, said[subject.pk], kind=kinds.get(subject.pk, ""))
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
def add_from_roster(
    *, edition_id: UUID, rows: Sequence[RosterRow], as_of: date, actor: "User | None"
) -> int:
    """Put the people of imported rows on an open edition, with what their rows say of them."""
    edition = RegisterEdition.objects.select_related("register__region").get(pk=edition_id)
    learners = [row.learner for row in rows if row.learner is not None]
    by_household = edition.register.subject == Unit.HOUSEHOLD
    homes = households_on(learners, as_of) if by_household else {}
    facts: dict[object, EntryFacts] = {}
    subjects: dict[object, Subject] = {}
    for row in rows:
        if row.learner is None:
            continue
        subject = homes.get(row.learner_id) if by_household else row.learner
        if subject is not None and subject.pk not in subjects:
            subjects[subject.pk] = subject
            facts[subject.pk] = _said(edition.register, row)
    return add_entries(edition=edition, subjects=list(subjects.values()), facts=facts, actor=actor)


@transaction.atomic
def change_entry(*, entry: RegisterEntry, facts: EntryFacts, actor: "User | None") -> RegisterEntry:
    """Correct what an edition that is not sealed yet says of an entry."""
    edition = locked_edition(entry.edition)
    require_open(edition)
    _require_kind(edition.register, facts.kind)
    changed = [name for name, value in asdict(facts).items() if getattr(entry, name) != value]
    for name in changed:
        setattr(entry, name, getattr(facts, name))
    if changed:
        entry.save(update_fields=changed)
    record_audit(
        "learners.register_entry_changed",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"entry": str(entry.pk), "fields": changed},
    )
    return entry


@transaction.atomic
def remove_entry(*, entry: RegisterEntry, actor: "User | None") -> None:
    """Take a subject off an edition that is not sealed yet."""
    edition = locked_edition(entry.edition)
    require_open(edition)
    record_audit(
        "learners.register_entry_removed",
        actor=actor,
        target=edition,
        region_path=edition.register.region.path,
        detail={"entry": str(entry.pk)},
    )
    entry.delete()


def _said(register: Register, row: RosterRow) -> EntryFacts:
    """What the row says for this register; a plain "type" column is taken for its own kind."""
    raw = row.raw()
    fields = raw["fields"]
    own = {Purpose.CADRES: "post", Purpose.LEADERS: "category"}.get(Purpose(register.purpose))
    if own and not fields.get(own):
        fields = {**fields, own: _cell_of(row, raw["cells"], "household_type")}
    for name in ("yearly_income", "shop_grant", "loan"):
        if fields.get(name) and "万" in _title_of(row, name):
            fields = {**fields, name: f"{fields[name]}万"}
    return EntryFacts(**entry_facts(fields))


def _cell_of(row: RosterRow, cells: Sequence[object], name: str) -> str:
    at = _layout_of(row).get("columns", {}).get(name)
    return str(cells[at] or "") if at is not None and at < len(cells) else ""


def _title_of(row: RosterRow, name: str) -> str:
    layout = _layout_of(row)
    at = layout.get("columns", {}).get(name)
    return str(layout["titles"][at]) if at is not None else ""


def _layout_of(row: RosterRow) -> dict[str, Any]:
    layouts: list[dict[str, Any]] = row.roster_import.summary.get("layouts", [])
    return next((layout for layout in layouts if layout["sheet"] == row.sheet), {})


# --- rules ---
def locked_edition(edition: RegisterEdition) -> RegisterEdition:
    rows = RegisterEdition.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("register__region").get(pk=edition.pk)


def require_open(edition: RegisterEdition) -> None:
    if edition.is_sealed:
        raise RegisterError(
            "EDITION_SEALED",
            _("This edition is sealed and never changes. Record a dated adjustment instead."),
        )


def require_unit(edition: RegisterEdition, subjects: Iterable[Subject]) -> None:
    """People, households and villages are never added up, so never on one register."""
    wanted: dict[str, type] = {Unit.HOUSEHOLD: Household, Unit.VILLAGE: Region}
    model = wanted.get(edition.register.subject, Learner)
    if not all(isinstance(subject, model) for subject in subjects):
        raise RegisterError(
            "OTHER_UNIT",
            _("This register lists another unit (people, households or villages). Use that one."),
        )


def _unit_of(purpose: str, subject: str) -> str:
    if purpose == Purpose.QUALIFYING_VILLAGES:
        return Unit.VILLAGE
    if purpose == Purpose.ABLE_WILLING and subject == Unit.HOUSEHOLD:
        return Unit.HOUSEHOLD
    return Unit.LEARNER


def _require_kinds(purpose: str, kinds: Sequence[str]) -> None:
    if kinds and (purpose != Purpose.CADRES or not set(kinds) <= set(CADRE_KINDS)):
        raise RegisterError(
            "CADRE_KINDS",
            _("Only a register of cadres has kinds, and only kinds of cadre. Choose them again."),
        )


def _require_kind(register: Register, kind: str) -> None:
    if kind and (register.purpose != Purpose.CADRES or kind not in dict(register.kind_choices())):
        raise RegisterError(
            "CADRE_KIND", _("This register does not list this kind of cadre. Choose another kind.")
        )


# --- subjects ---
def subject_filter(subject: Subject) -> dict[str, Subject]:
    if isinstance(subject, Learner):
        return {"learner": subject}
    return {"household": subject} if isinstance(subject, Household) else {"village": subject}


def entry_of(edition: RegisterEdition, subject: Subject) -> RegisterEntry | None:
    """Also one that was sealed under a record merged into the subject since."""
    own = edition.entries.filter(**subject_filter(subject)).first()
    if own is None and isinstance(subject, Learner):
        own = edition.entries.filter(learner__merged_into=subject).first()
    return own


def _key(subject: Subject) -> tuple[str, object]:
    return next(iter(subject_filter(subject))), subject.pk


def _present(edition: RegisterEdition, subjects: Sequence[Subject]) -> set[tuple[str, object]]:
    """Who is on the edition; of few subjects only those, as an import asks chunk by chunk."""
    columns = ("learner", "household", "village")
    entries = edition.entries.all()
    if len(subjects) <= FEW:
        column = {Unit.HOUSEHOLD: "household", Unit.VILLAGE: "village"}.get(
            Unit(edition.register.subject), "learner"
        )
        entries = entries.filter(**{f"{column}__in": [subject.pk for subject in subjects]})
    rows: Iterable[tuple[object, ...]] = entries.values_list(*columns)
    return {
        (name, pk) for row in rows for name, pk in zip(columns, row, strict=True) if pk is not None
    }


def _kinds_of(register: Register, subjects: Iterable[Subject]) -> dict[Any, str]:
    if register.purpose != Purpose.CADRES:
        return {}
    learners = [subject for subject in subjects if isinstance(subject, Learner)]
    return dict(cadre_kinds(learners, [kind for kind, _name in register.kind_choices()], today()))


def make_entry(
    edition: RegisterEdition, subject: Subject, facts: EntryFacts, *, kind: str = ""
) -> RegisterEntry:
    """`kind`: as what a cadre rotates when `facts` do not say, or say what is not listed here."""
    said = asdict(facts)
    register = edition.register
    if register.purpose != Purpose.CADRES or facts.kind not in dict(register.kind_choices()):
        said["kind"] = kind
    return RegisterEntry(
        edition=edition,
        region_at_seal=home_of(subject),
        **said,
        **subject_filter(subject),
    )
