"""Take a whole import back: what it made goes, what it changed is as it was before."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from learners.actions.steps import RosterError, ask, locked, wrong_state
from learners.models import (
    Household,
    HouseholdStatus,
    Learner,
    Membership,
    RegisterEntry,
    RoleHeld,
    RosterImport,
    RosterRow,
)
from learners.queries.dependants import UNDO, Belongings, is_being_undone, objection_to_undo
from learners.queries.rosters import CHUNK
from learners.queries.traces import TRACED, split_key
from lms.models import TaskProgress, record_audit
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

State = RosterImport.State
Outcome = RosterRow.Outcome
#: What an import made goes in this order, so that nothing points at what is gone already.
_MADE = ("entry", "membership", "role", "status")


@transaction.atomic
def undo_import(*, roster_import: RosterImport, reason: str, actor: "User") -> TaskProgress:
    """Take the import back in the worker: asked for once, and again if it broke off.

    Whether something depends on it is found out there too: of a large import that takes a while.
    """
    roster_import = locked(roster_import)
    if roster_import.state != State.UNDOING and not is_being_undone(roster_import):
        _require_undoable(roster_import, reason)
        roster_import.undo_reason = reason.strip()[:200]
        roster_import.save(update_fields=["undo_reason"])
        record_audit(
            "learners.undo_asked",
            actor=actor,
            target=roster_import,
            region_path=roster_import.region.path,
        )
    rows = roster_import.rows.exclude(outcome="")
    return ask(UNDO, roster_import, actor, total=rows.count())


def _require_undoable(roster_import: RosterImport, reason: str) -> None:
    if roster_import.state != State.IMPORTED:
        raise wrong_state(roster_import)
    if not reason.strip():
        raise RosterError("REASON_MISSING", _("Say why this import is taken back, then try again."))
    if not roster_import.rows.exclude(outcome="").exists():
        raise RosterError(
            "ROWS_ERASED",
            _(
                "The rows of this import are no longer kept, so it is not known what it changed. "
                "Correct single people on their own pages."
            ),
        )


@transaction.atomic
def begin_undo(
    *, roster_import: RosterImport, reason: str, is_checked: bool = False, actor: "User | None"
) -> None:
    """From here on nothing but going on is possible; refused while something depends on it.

    `is_checked`: nothing did a moment ago, and each chunk looks again before it takes anything
    back, so that no lock is held for as long as looking at everything takes.
    """
    roster_import = locked(roster_import)
    if roster_import.state == State.UNDOING:
        return
    _require_undoable(roster_import, reason)
    rows = roster_import.rows.exclude(outcome="")
    if not is_checked:
        _refuse_dependants(Belongings(roster_import, rows))
    roster_import.state, roster_import.undo_reason = State.UNDOING, reason.strip()[:200]
    roster_import.save(update_fields=["state", "undo_reason"])
    record_audit(
        "learners.undo_begun",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
        detail={"rows": rows.count()},
    )


def _refuse_dependants(belongings: Belongings) -> None:
    """Raise with a list of what depends on these rows, if anything does."""
    if found := objection_to_undo(belongings):
        raise RosterError(*found)


@transaction.atomic
def undo_chunk(*, roster_import: RosterImport, size: int = CHUNK, actor: "User | None") -> int:
    """Take the last rows back that are still in; returns how many, 0 when all are.

    The mark of being in (`outcome`) goes in the same transaction as the people, so a process
    killed at any moment leaves no row half taken back. The last come first: what a row found was
    left by the rows before it.
    """
    roster_import = locked(roster_import)
    if roster_import.state != State.UNDOING:
        return 0
    list(Region.objects.select_for_update(no_key=True).filter(pk=roster_import.region_id))
    rows = list(roster_import.rows.exclude(outcome="").order_by("-position")[:size])
    if rows:
        _take_back(roster_import, rows)
        return len(rows)
    roster_import.state = State.UNDONE
    roster_import.save(update_fields=["state"])
    record_audit(
        "learners.roster_undone",
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
        detail=roster_import.summary.get("undone", {}),
    )
    return 0


def _take_back(roster_import: RosterImport, rows: Sequence[RosterRow]) -> None:
    these = RosterRow.objects.filter(pk__in=[row.pk for row in rows])
    # Whoever is about to point at one of these people waits here, and then finds them gone.
    people = Learner.objects.select_for_update().order_by("pk")
    list(people.filter(pk__in=[row.learner_id for row in rows]))
    belongings = Belongings(roster_import, these)
    _refuse_dependants(belongings)
    made = list(Household.objects.filter(pk__in=belongings.households).values_list("pk", flat=True))
    _delete_created(roster_import, [row for row in rows if row.outcome == Outcome.CREATED])
    for row in rows:
        _restore(row.trace())
    empty = Household.objects.filter(pk__in=made, memberships__isnull=True)
    HouseholdStatus.objects.filter(household__in=empty).delete()
    empty.delete()
    _count(roster_import, rows)
    these.update(learner=None, outcome="", before_cipher=None)


def _delete_created(roster_import: RosterImport, rows: Sequence[RosterRow]) -> None:
    learners = [row.learner_id for row in rows if row.learner_id]
    if edition := roster_import.summary.get("edition"):
        RegisterEntry.objects.filter(edition=UUID(edition), learner__in=learners).delete()
    Household.objects.filter(head__in=learners).update(head=None)
    Membership.objects.filter(learner__in=learners).delete()
    RoleHeld.objects.filter(learner__in=learners).delete()
    RosterRow.objects.filter(learner__in=learners, roster_import=roster_import).update(learner=None)
    Learner.objects.filter(pk__in=learners).delete()


def _restore(trace: dict[str, Any]) -> None:
    """What was made goes first: two memberships of one person must never overlap."""
    made = [key for key, (before, _after) in trace.items() if before is None]
    for kind, pk in sorted(map(split_key, made), key=lambda key: _MADE.index(key[0])):
        TRACED[kind][0]._default_manager.filter(pk=pk).delete()
    for key, (before, after) in trace.items():
        if before is not None:
            kind, pk = split_key(key)
            changed = {
                name: value
                for name, value in before.items()
                if after is None or after.get(name) != value
            }
            model = TRACED[kind][0]
            model._default_manager.filter(pk=pk).update(**dict(_typed(model, changed)))


def _typed(model: Any, values: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in values.items():
        is_binary = model._meta.get_field(name).get_internal_type() == "BinaryField"
        yield name, bytes.fromhex(value) if is_binary and value is not None else value


def _count(roster_import: RosterImport, rows: Sequence[RosterRow]) -> None:
    """How many rows of each outcome were taken back, for the page to say."""
    undone = dict(roster_import.summary.get("undone", {}))
    for row in rows:
        undone[row.outcome] = undone.get(row.outcome, 0) + 1
    roster_import.summary = {**roster_import.summary, "undone": undone}
    roster_import.save(update_fields=["summary"])
