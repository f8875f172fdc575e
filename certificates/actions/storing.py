"""The file of a certificate: drawn once, kept, and served from then on."""

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.models import Certificate
from certificates.queries import all_facts
from certificates.render import render_pdf
from lms.lib.errors import ActionError
from lms.models import record_audit


@transaction.atomic
def store_pdf(*, certificate: Certificate, actor: User | None) -> Certificate:
    """Render once and keep the bytes: what was first rendered is served from then on."""
    certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if certificate.pdf:
        return certificate
    if certificate.is_erased:
        raise ActionError(
            "ERASED", _("The holder's personal data was erased: there is no file any more.")
        )
    template = certificate.template
    content = render_pdf(all_facts(certificate), template.drawn(), seal_image=template.seal_bytes())
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
