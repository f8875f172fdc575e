"""Make two records one person, and take that back while nothing stands on it."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.models import Learner, Merge, MergeChange, SuspectedPair
from learners.queries.merging import FOLLOW, LOCKS, Step, merge_plan, reasons_not_to_undo
from lms.lib.errors import ActionError
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

UNDO_DAYS = 30
State = SuspectedPair.State


class MergeError(ActionError):
    """These two records cannot be merged, or this merge cannot be undone; nothing was changed."""


@transaction.atomic
def merge_learners(*, kept: Learner, merged: Learner, reason: str, actor: "User | None") -> Merge:
    """Everything of `merged` is `kept`'s, by the rule of each column; every row is written down.

    `merged` stays as a record that points at `kept`, and so does whatever was merged into it.
    """
    _require_reason(reason)
    kept, merged = _locked(kept, merged)
    _require_two_live(kept, merged)
    plan = merge_plan(kept, merged)
    for refusal in plan.refusals:
        raise MergeError(refusal.code, refusal.message)
    merge = Merge.objects.create(kept=kept, merged=merged, reason=reason.strip(), made_by=actor)
    for step in plan.steps:
        _apply(merge, step)
    _apply(merge, Step(merged, {"merged_into_id": kept.pk}))
    _settle_pair(merge, actor)
    for follow in FOLLOW:
        follow(merge, partial(_apply, merge), actor)
    record_audit(
        "learners.merged",
        actor=actor,
        target=merge,
        region_path=kept.home_region.path,
        detail={
            "kept": str(kept.pk),
            "merged": str(merged.pk),
            "rows": merge.changes.count(),
        },
    )
    return merge


@transaction.atomic
def undo_merge(*, merge: Merge, reason: str, actor: "User | None") -> Merge:
    """Put every row back as it was; refused once something later stands on the merge."""
    _require_reason(reason)
    merge = Merge.objects.select_related("kept", "merged").get(pk=merge.pk)
    kept, merged = _locked(merge.kept, merge.merged)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    _require_undoable(merge, kept)
    for refusal in reasons_not_to_undo(merge):
        raise MergeError(refusal.code, refusal.message)
    _put_back(merge)
    merge.undone_at, merge.undone_by, merge.undo_reason = timezone.now(), actor, reason.strip()
    merge.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    for follow in FOLLOW:
        follow(merge, partial(_apply, merge), actor)
    record_audit(
        "learners.merge_undone",
        actor=actor,
        target=merge,
        region_path=kept.home_region.path,
        detail={"kept": str(kept.pk), "merged": str(merged.pk)},
    )
    return merge


# --- rules ---
def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise MergeError("NO_REASON", _("Say why: the reason is kept with the merge."))


def _locked(*learners: Learner) -> list[Learner]:
    """Classes lock before people, and people by key, so that no two merges wait for each other."""
    ids = [learner.pk for learner in learners]
    for lock in LOCKS:
        lock(ids)
    rows = Learner.objects.select_for_update(of=("self",)).select_related("home_region", "user")
    found = {row.pk: row for row in rows.filter(pk__in=ids).order_by("pk")}
    return [found[pk] for pk in ids]


def _require_two_live(kept: Learner, merged: Learner) -> None:
    if kept.pk == merged.pk:
        raise MergeError("SAME_RECORD", _("This is one record, not two. Choose two records."))
    if kept.merged_into_id or merged.merged_into_id:
        raise MergeError(
            "ALREADY_MERGED",
            _("One of the two was merged meanwhile. Open the list again to see where it stands."),
        )


def _require_undoable(merge: Merge, kept: Learner) -> None:
    if merge.undone_at is not None:
        raise MergeError("UNDONE", _("This merge was undone already."))
    if timezone.now() - merge.made_at > timedelta(days=UNDO_DAYS):
        raise MergeError(
            "TOO_LATE",
            _("A merge can be undone for 30 days. This one is older and stays as it is."),
        )
    if kept.merged_into_id is not None:
        raise MergeError(
            "KEPT_MERGED",
            _("The record that was kept has itself been merged since. Undo that merge first."),
        )
    later = Merge.objects.filter(kept=kept, undone_at__isnull=True, made_at__gt=merge.made_at)
    if later.exists():
        raise MergeError(
            "LATER_MERGE",
            _("Another record was merged into the same person since. Undo that merge first."),
        )


# --- rows ---
def _apply(merge: Merge, step: Step) -> None:
    """Write one step and what the row was before."""
    model = type(step.row)
    rows = model._base_manager.filter(pk=step.row.pk)
    row = rows.get()
    names = list(step.values) or [column.attname for column in model._meta.concrete_fields]
    before = _values(row, names)
    after: dict[str, Any] = {}
    if step.sets_aside:
        rows.delete()
    else:
        rows.update(**step.values)
        after = _values(rows.get(), names)
    MergeChange.objects.create(
        merge=merge, model=model._meta.label, row=str(row.pk), before=before, after=after
    )


def _put_back(merge: Merge) -> None:
    try:
        with transaction.atomic():
            for change in merge.changes.order_by("-pk"):
                _revert(change)
    except IntegrityError as error:
        raise _changed_since() from error


def _revert(change: MergeChange) -> None:
    model = apps.get_model(change.model)
    before = _python(model, change.before)
    if not change.after:
        model(**before).save(force_insert=True)
        return
    rows = model._base_manager.filter(pk=change.row, **_python(model, change.after))
    if rows.update(**before) != 1:
        raise _changed_since()


def _changed_since() -> MergeError:
    return MergeError(
        "DEPENDS",
        _(
            "What the merge moved was changed since, so it cannot be put back. "
            "Correct the record by hand instead."
        ),
    )


def _values(row: models.Model, names: list[str]) -> dict[str, Any]:
    """As JSON keeps them: text, or null."""
    columns = {column.attname: column for column in row._meta.concrete_fields}
    return {
        name: None if getattr(row, name) is None else columns[name].value_to_string(row)
        for name in names
    }


def _python(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    columns = {column.attname: column for column in model._meta.concrete_fields}
    found = {
        name: None if value is None else columns[name].to_python(value)
        for name, value in values.items()
    }
    return {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in found.items()
    }


def _settle_pair(merge: Merge, actor: "User | None") -> None:
    """The question whether these two are one is answered."""
    first, second = sorted((merge.kept_id, merge.merged_id))
    pair = SuspectedPair.objects.filter(first=first, second=second).first()
    if pair is not None:
        now = timezone.now()
        decided = {"decided_at": now, "decided_by_id": actor.pk if actor else None}
        _apply(merge, Step(pair, {"state": State.MERGED, "reason": merge.reason, **decided}))
