"""Copies for an archive and for screen readers: what was handed out is known again by its hash."""

import hashlib

from django.db import transaction

from accounts.models import User
from certificates.models import Certificate, CertificateCopy
from lms.models import record_audit


@transaction.atomic
def note_copy(
    *, certificate: Certificate, kind: CertificateCopy.Kind, content: bytes, actor: User | None
) -> CertificateCopy:
    """Keep the copy's hash: whoever brings it to be checked is told that it is ours."""
    sha256 = hashlib.sha256(content).hexdigest()
    copy, is_new = CertificateCopy.objects.get_or_create(
        sha256=sha256, defaults={"certificate": certificate, "kind": kind}
    )
    if is_new:
        record_audit(
            "certificates.copy_made",
            actor=actor,
            target=certificate,
            region_path=certificate.enrolment.run.host_region.path,
            detail={"number": certificate.number, "kind": kind.value, "sha256": sha256},
        )
    return copy
