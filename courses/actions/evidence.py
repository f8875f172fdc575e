"""The class photo and the signature: kept as they were drawn anew."""

from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Device
from courses.actions.errors import CourseError
from courses.models import ClassSession, SessionEvidence
from courses.queries.drawing import NOT_AN_IMAGE, TOO_LARGE, Drawing, Kind
from lms.lib.ids import uuid7
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

MOST_OF_A_KIND = 12


@transaction.atomic
def store_evidence(
    *,
    session: ClassSession,
    picture: Drawing,
    device: Device | None = None,
    actor: "User",
) -> tuple[SessionEvidence, bool]:
    """Keep a picture of a session; the same bytes once. The second value: whether it is new.

    It comes drawn (`courses.queries.drawing`): that takes longer than to store it, and nobody who
    writes is to wait for a photo.

    CourseError: not_an_image, too_large, too_many. May come before or after the close.
    """
    own = SessionEvidence.objects.filter(session=session, kind=picture.kind)
    if found := own.filter(source_sha256=picture.source_sha256).first():
        return found, False
    _require_sound(picture)
    if own.count() >= MOST_OF_A_KIND:
        raise CourseError("too_many", _("This session has pictures enough: no more are kept."))
    evidence = SessionEvidence(
        session=session,
        kind=picture.kind,
        source_sha256=picture.source_sha256,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        device=device,
        added_by=actor,
    )
    name = _stored(picture, "evidence")
    evidence.file.name = name
    try:
        return _saved(evidence, name, actor)
    except BaseException:
        default_storage.delete(name)
        raise


def _saved(evidence: SessionEvidence, name: str, actor: "User") -> tuple[SessionEvidence, bool]:
    """Twice at once is once: the row that is there counts."""
    SessionEvidence.objects.bulk_create([evidence], ignore_conflicts=True)
    keys = {"session": evidence.session, "kind": evidence.kind}
    found = SessionEvidence.objects.get(source_sha256=evidence.source_sha256, **keys)
    if found.pk != evidence.pk:
        default_storage.delete(name)
        return found, False
    record_audit(
        "courses.evidence_stored",
        actor=actor,
        target=evidence.session,
        region_path=evidence.session.run.host_region.path,
        detail={"kind": evidence.kind, "sha256": evidence.source_sha256},
    )
    return evidence, True


def _stored(picture: Drawing, directory: str) -> str:
    ending = "jpg" if picture.kind == Kind.PHOTO else "png"
    return default_storage.save(f"{directory}/{uuid7()}.{ending}", ContentFile(picture.content))


def _require_sound(picture: Drawing) -> None:
    if picture.fault:
        raise CourseError(picture.fault, _FAULTS[picture.fault])


_FAULTS = {
    TOO_LARGE: _("The picture is larger than 2 MB. Take it once more."),
    NOT_AN_IMAGE: _("This is no JPEG or PNG picture that can be read. Take it once more."),
}
