"""Rows that waited for a person, queues that came as a file, and how far backups reach."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Device
from courses.actions.apart import push_apart, unless_broken
from courses.actions.errors import CourseError
from courses.actions.intake import Intake, Outcome, lock_for_rows
from courses.actions.pictures import receive_picture
from courses.actions.rows import RowResult, TabletRow, read_rows
from courses.actions.sync import Delivery, take_waiting, waiting_for
from courses.models import BackupMark, ClassSession, MarkEvent, ParkedRow
from courses.queries.queues import Queue, QueuedPicture
from learners.models import Learner
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

Code = ParkedRow.Code
_BATCH = 50


# --- rows in custody ------------------------------------------------------------------------------
@transaction.atomic
def resolve_parked(
    *,
    parked: ParkedRow,
    take_in: bool,
    reason: str,
    learner: Learner | None = None,
    session: ClassSession | None = None,
    actor: "User",
) -> ParkedRow:
    """Make a row an event after all, or set it aside; either needs a reason.

    `learner` and `session` say who and which class was meant, where the row names none that is
    known. CourseError when it still cannot be taken in.
    """
    if not reason.strip():
        raise CourseError("NO_REASON", _("Say why: the record keeps it."))
    device = Device.objects.select_for_update(of=("self",), no_key=True).get(pk=parked.device_id)
    rows = ParkedRow.objects.select_related("device__region", "device__enrolled_by")
    parked = rows.select_for_update(of=("self",)).get(pk=parked.pk)
    if parked.resolved_at is not None:
        raise CourseError("RESOLVED", _("Somebody has decided about this row already."))
    if take_in:
        parked.resolved_event_id = _taken_in(device, parked, learner, session)
    parked.resolved_at, parked.resolved_by = timezone.now(), actor
    parked.reason = reason.strip()[:200]
    parked.save()
    record_audit(
        "courses.parked_row_resolved",
        actor=actor,
        target=parked,
        region_path=parked.device.region.path,
        detail={"code": parked.code, "taken_in": take_in, "event": parked.resolved_event_id},
    )
    return parked


def _taken_in(
    device: Device, parked: ParkedRow, learner: Learner | None, session: ClassSession | None
) -> int:
    row = read_rows([parked.raw])[0].row
    if row is None:
        raise CourseError("INCOMPLETE", _("This row is not complete: it can only be set aside."))
    if session is not None:
        row = row.model_copy(update={"session_id": session.pk})
    waiting = waiting_for([row], parked.device.enrolled_by)
    lock_for_rows([row, *(other for _parked, other in waiting)])
    there = MarkEvent.objects.filter(event_id=row.event_id).first()
    if there is not None and parked.code != Code.BODY_DIFFERS:
        return there.server_seq  # it came by another way meanwhile
    if there is not None:
        row = row.model_copy(update={"event_id": uuid5(NAMESPACE_OID, str(parked.pk))})
    numbered = MarkEvent.objects.filter(device=device, seq=row.seq)
    intake = Intake(
        device,
        parked.device.enrolled_by,
        is_decided=True,
        is_numbered=not numbered.exists(),
        named_learner=learner,
    )
    number = _number(intake, row)
    take_waiting(waiting, parked.device.enrolled_by)
    return number


def _number(intake: Intake, row: TabletRow) -> int:
    found = unless_broken(lambda: intake.take([row])[row.event_id], intake.device.pk)
    outcome = found or Outcome(code=Code.FAILED)
    if outcome.server_seq is None:
        raise CourseError(outcome.code, _STILL[Code(outcome.code)])
    return outcome.server_seq


_STILL = {
    Code.UNKNOWN_SESSION: _("Choose the class session that this mark belongs to."),
    Code.UNKNOWN_LEARNER: _("Choose the person whom this mark is about."),
    Code.SEAL_UNREADABLE: _("Choose the person who walked in, or enter them on the roll call."),
    Code.BODY_DIFFERS: _("This row is here already."),
    Code.FAILED: _("The server still stumbles over this row. It is kept: tell the support."),
}


@transaction.atomic
def keep_hints(*, found: Mapping[UUID, bytes], actor: "User | None" = None) -> int:
    """Of whom sealed rows speak, by their keys; a row that was erased meanwhile gets none."""
    rows = ParkedRow.objects.filter(hints__isnull=True, raw__has_key="sealed")
    kept = sum(rows.filter(pk=key).update(hints=said) for key, said in sorted(found.items()))
    if kept:
        record_audit("courses.custody_hinted", actor=actor, detail={"rows": kept})
    return kept


# --- a queue in a file ----------------------------------------------------------------------------
@dataclass(frozen=True)
class QueueImport:
    device: Device
    counts: dict[str, int]
    pictures: int
    pictures_refused: int
    #: Each row of the file with what became of it.
    lines: tuple[tuple[Any, RowResult], ...] = ()


@transaction.atomic
def import_queue(*, queue: Queue, actor: "User") -> QueueImport:
    """Take in what a tablet wrote into a file, as if it had uploaded it; the file was read, and its
    pictures drawn, before this begins (`courses.queries.queues`)."""
    device = queue.device
    counts: Counter[str] = Counter()
    lines: list[tuple[Any, RowResult]] = []
    for start in range(0, len(queue.rows), _BATCH):
        delivery = Delivery(
            batch_id=uuid5(NAMESPACE_OID, f"{queue.sha256}:{start}"),
            rows=queue.rows[start : start + _BATCH],
            last_seq=device.reported_last_seq,
            pending=len(queue.rows) - start,
        )
        answer = push_apart(device_id=device.pk, delivery=delivery, actor=actor)
        counts.update(result.result for result in answer.results)
        lines += zip(delivery.rows, answer.results, strict=True)
    kept = sum(_has_kept(device, one, actor) for one in queue.pictures)
    record_audit(
        "courses.queue_imported",
        actor=actor,
        target=device,
        region_path=device.region.path,
        detail={**counts, "pictures": kept},
    )
    refused = queue.pictures_unreadable + len(queue.pictures) - kept
    return QueueImport(device, dict(counts), kept, refused, tuple(lines))


def _has_kept(device: Device, one: QueuedPicture, actor: "User") -> bool:
    """A picture that cannot be kept does not keep the marks out."""
    try:
        receive_picture(device=device, session_id=one.session_id, picture=one.picture, actor=actor)
    except CourseError:
        return False
    return True


# --- backups --------------------------------------------------------------------------------------
@transaction.atomic
def mark_backup(*, actor: "User | None" = None) -> BackupMark:
    """Note how far every tablet has come; a backup that begins after this holds all of it."""
    reached = {
        str(pk): contig for pk, contig in Device.objects.values_list("pk", "contig_seq") if contig
    }
    mark = BackupMark.objects.create(reached=reached)
    record_audit("courses.backup_marked", actor=actor, target=mark)
    return mark


@transaction.atomic
def store_backup(*, mark: BackupMark, actor: "User | None" = None) -> int:
    """That backup is safe: tablets may forget what it holds. Returns how many tablets moved on."""
    mark = BackupMark.objects.select_for_update().get(pk=mark.pk)
    moved = 0
    for pk, contig in sorted(mark.reached.items()):
        rows = Device.objects.filter(pk=pk, durable_seq__lt=contig, contig_seq__gte=contig)
        moved += rows.update(durable_seq=contig)
    mark.stored_at = mark.stored_at or timezone.now()
    mark.save(update_fields=["stored_at"])
    detail = {"tablets": moved}
    record_audit("courses.backup_stored", actor=actor, target=mark, detail=detail)
    return moved
