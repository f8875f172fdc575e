"""What goes with a person from classes: photos they stand in, sealed rows that name them."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Device
from courses.actions.checks import remove_evidence
from courses.actions.merging import lock_classes
from courses.models import ParkedPicture, ParkedRow
from courses.queries.erasing import decided_about, photos_with, rows_about, waiting_photos_with
from learners.queries.erasing import GONE, Subject
from lms.models import record_audit
from lms.removal import remove_files

if TYPE_CHECKING:
    from accounts.models import User


def lock_custody(subject: Subject) -> None:
    """Tablets, then runs and sessions, as everybody does who takes rows in: those of the rows about
    the person too, whose class may be none of theirs yet."""
    rows = [*rows_about(subject), *decided_about(subject)]
    tablets = Device.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    list(tablets.filter(pk__in={row.device_id for row in rows}))
    lock_classes(subject.keys, {key for row in rows if (key := _session_of(row))})


def _session_of(row: ParkedRow) -> UUID | None:
    """As the tablet named it: it may not be there, or not have been when the row came."""
    named = row.raw.get("session_id") if isinstance(row.raw, dict) else None
    try:
        return UUID(named) if isinstance(named, str) else row.session_id
    except ValueError:
        return row.session_id


@transaction.atomic
def erase_photos(*, subject: Subject, actor: "User") -> None:
    """Of sessions that the person attended, where that was chosen. The head count stays, the
    checksum in the close too, and the trail says that the photo was removed."""
    reason = gettext("Somebody on the photo was erased.")
    # Those in custody first, as whoever makes one evidence.
    pictures = waiting_photos_with(subject).select_for_update(of=("self",)).order_by("pk")
    for picture in pictures.select_related("device__region"):
        _set_aside(picture, actor)
    photos = photos_with(subject).select_for_update(of=("self",))
    for evidence in photos.order_by("session", "pk"):
        remove_evidence(evidence=evidence, reason=reason, actor=actor)


def _set_aside(picture: ParkedPicture, actor: "User") -> None:
    remove_files([str(picture.file.name)])
    picture.file.name, picture.reason = "", GONE
    picture.resolved_at, picture.resolved_by = timezone.now(), actor
    picture.save(update_fields=["file", "reason", "resolved_at", "resolved_by"])
    record_audit(
        "courses.picture_resolved",
        actor=actor,
        target=picture,
        region_path=picture.device.region.path,
        detail={"kind": picture.kind, "sha256": picture.source_sha256, "taken_in": False},
    )


@transaction.atomic
def erase_custody(*, subject: Subject, actor: "User") -> None:
    """What a row says of who somebody is goes; that it came stays, and the hash by which the same
    row is known again. One that nobody decided about is set aside: it says nothing any more."""
    keys = [row.pk for row in rows_about(subject)]
    # Read again under the lock: somebody may have decided about one at this moment.
    rows = ParkedRow.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    for row in rows.select_related("device__region"):
        _blank(row, actor)
    decided = decided_about(subject).select_for_update(of=("self",)).order_by("pk")
    keys = list(decided.values_list("pk", flat=True))
    ParkedRow.objects.filter(pk__in=keys).update(reason=GONE)


def _blank(row: ParkedRow, actor: "User") -> None:
    raw = row.raw if isinstance(row.raw, dict) else {}
    said = {name: raw[name] for name in _IMPERSONAL if name in raw}
    row.raw, row.hints, row.reason = {**said, "erased": True}, None, GONE
    row.resolved_at = row.resolved_at or timezone.now()
    row.resolved_by_id = row.resolved_by_id or actor.pk
    row.save(update_fields=["raw", "hints", "reason", "resolved_at", "resolved_by"])
    record_audit(
        "courses.parked_row_erased",
        actor=actor,
        target=row,
        region_path=row.device.region.path,
        detail={"code": row.code},
    )


#: Keys and times of a row.
_IMPERSONAL = ("event_id", "seq", "kind", "session_id", "t_ms", "wall_ms")
