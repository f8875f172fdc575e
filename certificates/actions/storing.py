"""The file of a certificate: drawn once, kept, and served from then on."""

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.models import Certificate
from certificates.queries import drawing_of
from lms.lib.errors import ActionError
from lms.models import record_audit


@transaction.atomic
def store_pdf(
    *, certificate: Certificate, content: bytes | None = None, actor: User | None
) -> Certificate:
    """Keep the bytes that were first drawn: they are served from then on.

    Whoever draws many brings the `content`: to draw takes longer than to store, and on SQLite
    nobody else can write meanwhile.
    """
    certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if certificate.pdf:
        return certificate
    if certificate.is_erased:
        raise ActionError(
            "ERASED", _("The holder's personal data was erased: there is no file any more.")
        )
    content = content or drawing_of(certificate)
    certificate.pdf_sha256 = hashlib.sha256(content).hexdigest()
    certificate.pdf.save(f"{certificate.pk}.pdf", ContentFile(content), save=False)
    certificate.save(update_fields=["pdf", "pdf_sha256"])
    record_audit(
        "certificates.pdf_stored",
        actor=actor,
        target=certificate,
        detail={"number": certificate.number, "sha256": certificate.pdf_sha256},
    )
    return certificate
