"""Pictures that tablets bring: evidence at once, or in custody until somebody decides.

What is true of marks is true of them: whoever may not add evidence any more, a lost tablet above
all, still delivers what it holds; it is kept apart, and shown as evidence nowhere.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Device
from courses.actions.errors import CourseError
from courses.actions.evidence import MOST_OF_A_KIND, _require_sound, _stored, store_evidence
from courses.models import ClassSession, ParkedPicture, SessionEvidence
from courses.queries.drawing import Drawing
from courses.queries.tablets import refusal
from lms.models import record_audit
from lms.removal import remove_files

if TYPE_CHECKING:
    from accounts.models import User

Code = ParkedPicture.Code
#: What one tablet may have in custody: two weeks of classes, morning to night. A thief with a
#: token fills no disk.
MOST_WAITING, MOST_WAITING_BYTES = 200, 128 * 1024 * 1024


@dataclass(frozen=True)
class Received:
    """`code` says why it is in custody; "" where it is evidence."""

    is_new: bool
    code: str = ""


@transaction.atomic
def receive_picture(
    *, device: Device, session_id: UUID, picture: Drawing, actor: "User | None" = None
) -> Received:
    """Evidence where the tablet's trainer sees the class, else custody. `actor` is who brings a
    file, otherwise the trainer. It comes drawn, as `store_evidence` has it.

    CourseError: not_an_image, too_large, too_many.
    """
    trainer = device.enrolled_by
    sessions = ClassSession.objects.select_related("run__host_region").filter(pk=session_id)
    session = sessions.first()
    if refusal(device):
        code = Code.QUARANTINE
    elif session is None:
        code = Code.UNKNOWN_SESSION
    elif not ClassSession.objects.visible_to(trainer).filter(pk=session_id).exists():
        code = Code.FOREIGN_SESSION
    else:
        _kept, is_new = store_evidence(
            session=session, picture=picture, device=device, actor=actor or trainer
        )
        return Received(is_new)
    parked = ParkedPicture(
        device=device,
        named_session=session_id,
        session=session,
        kind=picture.kind,
        code=code,
        source_sha256=picture.source_sha256,
        sha256=picture.sha256,
        size=len(picture.content),
        width=picture.width,
        height=picture.height,
    )
    return Received(_parked(parked, picture, actor or trainer), code)


def _parked(parked: ParkedPicture, picture: Drawing, actor: "User") -> bool:
    """Keep it once, and no more of one tablet than the limits say; whether it is new."""
    # One picture of a tablet at a time, or the limits would not hold.
    Device.objects.select_for_update(of=("self",), no_key=True).get(pk=parked.device_id)
    if _is_here(parked):
        return False
    _require_sound(picture)
    _require_room(parked)
    name = _stored(picture, "custody")
    parked.file.name = name
    try:
        parked.save(force_insert=True)
        _audit("courses.picture_parked", parked, actor, code=parked.code)
    except BaseException:
        default_storage.delete(name)
        raise
    return True


def _is_here(picture: ParkedPicture) -> bool:
    """In custody, decided about, or evidence since before the tablet was shut out."""
    same = {"kind": picture.kind, "source_sha256": picture.source_sha256}
    own = ParkedPicture.objects.filter(
        device=picture.device_id, named_session=picture.named_session, **same
    )
    return own.exists() or SessionEvidence.objects.filter(session=picture.session, **same).exists()


def _require_room(picture: ParkedPicture) -> None:
    waiting = ParkedPicture.objects.waiting().filter(device=picture.device_id)
    taken = waiting.aggregate(size=Sum("size"))["size"] or 0
    if waiting.count() >= MOST_WAITING or taken + picture.size > MOST_WAITING_BYTES:
        message = _("The office holds pictures enough of this tablet: no more are kept.")
        raise CourseError("too_many", message)


@transaction.atomic
def resolve_picture(
    *,
    picture: ParkedPicture,
    take_in: bool,
    reason: str,
    session: ClassSession | None = None,
    actor: "User",
) -> ParkedPicture:
    """Make it evidence after all, or set it aside: then the file goes for good and its checksum
    stays. Either needs a reason. `session`: which class was meant, where it names none."""
    if not reason.strip():
        raise CourseError("NO_REASON", _("Say why: the record keeps it."))
    rows = ParkedPicture.objects.select_related("device__region", "device__enrolled_by")
    picture = rows.select_for_update(of=("self",)).get(pk=picture.pk)
    if picture.resolved_at is not None:
        raise CourseError("RESOLVED", _("Somebody has decided about this picture already."))
    name = str(picture.file.name)
    keeps_file = take_in and _taken_in(picture, session)
    picture.resolved_at, picture.resolved_by = timezone.now(), actor
    picture.reason, picture.taken_in = reason.strip()[:200], take_in
    picture.file.name = ""
    picture.save()
    if not keeps_file:
        remove_files([name])
    _audit("courses.picture_resolved", picture, actor, code=picture.code, taken_in=take_in)
    return picture


def _taken_in(picture: ParkedPicture, session: ClassSession | None) -> bool:
    """Whether the evidence has the file now: the same picture may have come by another way."""
    picture.session = picture.session or session
    if picture.session is None:
        message = _("Choose the class session that this picture belongs to.")
        raise CourseError(Code.UNKNOWN_SESSION, message)
    own = SessionEvidence.objects.filter(session=picture.session, kind=picture.kind)
    if own.filter(source_sha256=picture.source_sha256).exists():
        return False
    if own.count() >= MOST_OF_A_KIND:
        raise CourseError("too_many", _("This session has pictures enough: no more are kept."))
    SessionEvidence.objects.create(
        session=picture.session,
        kind=picture.kind,
        source_sha256=picture.source_sha256,
        sha256=picture.sha256,
        file=picture.file.name,
        width=picture.width,
        height=picture.height,
        device=picture.device,
        added_by=picture.device.enrolled_by,
    )
    return True


@transaction.atomic
def show_picture(*, picture: ParkedPicture, actor: "User") -> None:
    """Faces are on it: who looked is written down."""
    _audit("courses.parked_picture_shown", picture, actor)


def _audit(action: str, picture: ParkedPicture, actor: "User", **detail: object) -> None:
    record_audit(
        action,
        actor=actor,
        target=picture,
        region_path=picture.device.region.path,
        detail={"kind": picture.kind, "sha256": picture.source_sha256, **detail},
    )
