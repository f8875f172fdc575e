"""The class photo and the signature: written anew, so that nothing but the picture is kept."""

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import Device
from courses.actions.errors import CourseError
from courses.models import ClassSession, SessionEvidence
from lms.lib.ids import uuid7
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

EVIDENCE_BYTES = 2 * 1024 * 1024
#: A phone's camera makes 12 to 50 million; what is larger is not decoded.
MOST_PIXELS = 60_000_000
MOST_OF_A_KIND = 12
_LONGEST_SIDE = {SessionEvidence.Kind.PHOTO: 2048, SessionEvidence.Kind.SIGNATURE: 1200}
Kind = SessionEvidence.Kind


@transaction.atomic
def store_evidence(
    *,
    session: ClassSession,
    kind: str,
    content: bytes,
    device: Device | None = None,
    actor: "User",
) -> tuple[SessionEvidence, bool]:
    """Keep a picture of a session; the same bytes once. The second value: whether it is new.

    CourseError: not_an_image, too_large, too_many. May come before or after the close.
    """
    if len(content) > EVIDENCE_BYTES:
        raise CourseError("too_large", _("The picture is larger than 2 MB. Take it once more."))
    source = hashlib.sha256(content).hexdigest()
    own = SessionEvidence.objects.filter(session=session, kind=kind)
    if found := own.filter(source_sha256=source).first():
        return found, False
    if own.count() >= MOST_OF_A_KIND:
        raise CourseError("too_many", _("This session has pictures enough: no more are kept."))
    picture, width, height = _redrawn(content, Kind(kind))
    evidence = SessionEvidence(
        session=session,
        kind=kind,
        source_sha256=source,
        sha256=hashlib.sha256(picture).hexdigest(),
        width=width,
        height=height,
        device=device,
        added_by=actor,
    )
    name = _stored(picture, kind, "evidence")
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


def _stored(picture: bytes, kind: str, directory: str) -> str:
    ending = "jpg" if kind == Kind.PHOTO else "png"
    return default_storage.save(f"{directory}/{uuid7()}.{ending}", ContentFile(picture))


def _redrawn(content: bytes, kind: Kind) -> tuple[bytes, int, int]:
    """Decoded, upright and encoded again: no place, no maker, no second file inside."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _refused()
            # Decodes a JPEG at the size that is wanted, not at that of the camera.
            image.draft("RGB", (_LONGEST_SIDE[kind], _LONGEST_SIDE[kind]))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((_LONGEST_SIDE[kind], _LONGEST_SIDE[kind]))
            return _encoded(upright, kind)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise _refused() from None


def _encoded(image: Image.Image, kind: Kind) -> tuple[bytes, int, int]:
    out = BytesIO()
    clean = Image.new("RGB", image.size, "white")
    rgba = image.convert("RGBA")
    clean.paste(rgba, mask=rgba.getchannel("A"))
    if kind == Kind.PHOTO:
        clean.save(out, "JPEG", quality=85, optimize=True)
    else:
        clean.convert("L").save(out, "PNG", optimize=True)
    return out.getvalue(), clean.width, clean.height


def _refused() -> CourseError:
    message = _("This is no JPEG or PNG picture that can be read. Take it once more.")
    return CourseError("not_an_image", message)
