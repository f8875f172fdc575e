"""Taking a certificate back, and noticing that one may have to be."""

import json

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.models import Certificate
from courses.models import Enrolment
from courses.queries import attendance_shares
from lms.lib.errors import ActionError
from lms.models import record_audit


@transaction.atomic
def revoke_certificate(*, certificate: Certificate, reason: str, actor: User) -> Certificate:
    """The number is never used again and the verify page says "revoked" for ever."""
    certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if certificate.status != Certificate.Status.VALID:
        raise ActionError("NOT_VALID", _("This certificate is not valid any more."))
    if not reason.strip():
        raise ActionError("NO_REASON", _("State the reason: it is kept with the certificate."))
    certificate.status = Certificate.Status.REVOKED
    certificate.status_on, certificate.reason = timezone.localdate(), reason.strip()
    certificate.save(update_fields=["status", "status_on", "reason"])
    record_audit(
        "certificates.revoked",
        actor=actor,
        target=certificate,
        region_path=certificate.enrolment.run.host_region.path,
        detail={"number": certificate.number},
    )
    return certificate


@transaction.atomic
def note_correction(*, enrolment: Enrolment, actor: User) -> None:
    """A corrected mark undid the completion, or changed the hours that the certificate states:
    it waits for somebody's decision."""
    certificate = Certificate.objects.valid().filter(enrolment=enrolment).first()
    if certificate is None:
        return
    if enrolment.status == Enrolment.Status.COMPLETED and _states_hours_of(certificate, enrolment):
        return
    record_audit(
        "certificates.review_needed",
        actor=actor,
        target=certificate,
        region_path=enrolment.run.host_region.path,
        detail={"number": certificate.number},
    )


def _states_hours_of(certificate: Certificate, enrolment: Enrolment) -> bool:
    shares = attendance_shares(Enrolment.objects.filter(pk=enrolment.pk))
    stated: str = json.loads(certificate.public_facts)["hours"]
    return stated == str(shares[enrolment.pk].hours)
