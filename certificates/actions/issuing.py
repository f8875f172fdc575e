"""Issuing, storing and revoking certificates."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.models import Certificate, CertificateTemplate, Issuer, NumberCounter
from certificates.queries import Candidate, all_facts, candidates, native_script, printable
from certificates.render import CertificateFacts, render_pdf
from courses.models import CourseRun, Enrolment
from courses.queries import attendance_shares
from lms.lib import crypto
from lms.lib.errors import ActionError
from lms.lib.verifycodes import new_code
from lms.models import record_audit
from regions.models import Region

#: What stands between the county's name and 第N期 on the sheet.
PROGRAMME = "农村电子商务培训"
PERSONAL = ("name", "native_name", "native_script", "masked_id")


@dataclass
class _Chain:
    """The issuer's running number and hash while a batch is issued."""

    counter: NumberCounter
    number: int
    chain_no: int
    chain_hash: str


@transaction.atomic
def create_issuer(*, region: Region, name: str, prefix: str, actor: User) -> Issuer:
    """Who signs for a region; the prefix (2 to 8 capitals) begins every number, for ever."""
    issuer = Issuer.objects.create(region=region, name=name, prefix=prefix)
    record_audit(
        "certificates.issuer_created",
        actor=actor,
        target=issuer,
        region_path=region.path,
        detail={"prefix": prefix},
    )
    return issuer


@transaction.atomic
def issue_certificates(
    *, run: CourseRun, issuer: Issuer, issued_on: date, actor: User
) -> list[Certificate]:
    """Give a certificate to everyone of the run who is eligible and has none.

    Numbers are taken under a lock on the issuer's counter in this transaction, so they have no
    gap; asking again issues only what is missing.
    """
    counter = _locked_counter(issuer, issued_on.year)
    # Neither a second issuer nor a correction of a mark comes in between.
    CourseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    eligible = [c for c in candidates(run, user=actor) if c.is_eligible]
    if not eligible:
        return []
    _require_day(eligible, issued_on)
    template = CertificateTemplate.objects.latest("edition")
    last = Certificate.objects.filter(issuer=issuer).order_by("-chain_no").first()
    chain = _Chain(
        counter,
        counter.last,
        last.chain_no if last else 0,
        last.chain_hash if last else "",
    )
    made = [
        certificate
        for candidate in eligible
        if (certificate := _make(candidate, issuer, template, issued_on, chain))
    ]
    Certificate.objects.bulk_create(made)
    counter.last = chain.number
    counter.save(update_fields=["last"])
    record_audit(
        "certificates.issued",
        actor=actor,
        target=run,
        region_path=run.host_region.path,
        detail={"issuer": issuer.prefix, "numbers": [c.number for c in made]},
    )
    return made


def _require_day(eligible: list[Candidate], issued_on: date) -> None:
    """Nothing is certified before it was completed."""
    last = max(c.enrolment.completed_on for c in eligible if c.enrolment.completed_on)
    if issued_on < last:
        message = _("The class was completed on %(day)s. Date the certificates on or after it.")
        raise ActionError("BEFORE_COMPLETION", message % {"day": last.isoformat()})


def _locked_counter(issuer: Issuer, year: int) -> NumberCounter:
    NumberCounter.objects.get_or_create(issuer=issuer, year=year)
    # One lock for numbers and for the hash chain, which runs over the years.
    Issuer.objects.select_for_update(of=("self",)).get(pk=issuer.pk)
    return NumberCounter.objects.select_for_update(of=("self",)).get(issuer=issuer, year=year)


def _make(
    candidate: Candidate,
    issuer: Issuer,
    template: CertificateTemplate,
    issued_on: date,
    chain: _Chain,
) -> Certificate | None:
    """The row of one certificate, or None if its facts cannot be printed."""
    certificate = Certificate(
        enrolment=candidate.enrolment,
        issuer=issuer,
        template=template,
        issued_on=issued_on,
        number=f"{issuer.prefix}-{issued_on.year}-{chain.number + 1:06d}",
        verify_code=new_code(),
    )
    facts = _facts(candidate, certificate)
    if printable(facts):
        return None
    chain.number += 1
    chain.chain_no += 1
    _freeze(certificate, facts)
    link = "\n".join(
        [chain.chain_hash, certificate.number, certificate.public_facts, certificate.commitment]
    )
    chain.chain_hash = hashlib.sha256(link.encode()).hexdigest()
    certificate.chain_no, certificate.chain_hash = chain.chain_no, chain.chain_hash
    return certificate


def _facts(candidate: Candidate, certificate: Certificate) -> CertificateFacts:
    run, learner = candidate.enrolment.run, candidate.enrolment.learner
    return CertificateFacts(
        number=certificate.number,
        verify_code=certificate.verify_code,
        verify_url=f"{settings.PUBLIC_URL}/v/{certificate.verify_code}".upper(),
        name=learner.name,
        native_name=learner.native_name if native_script(learner.native_name) else "",
        native_script=native_script(learner.native_name),
        masked_id=learner.masked_id,
        course=run.course.title,
        region=run.county.name,
        programme=PROGRAMME,
        run_number=run.number,
        starts_on=run.starts_on,
        ends_on=run.ends_on,
        hours=str(candidate.hours),
        issuer=certificate.issuer.name,
        issued_on=certificate.issued_on,
        template_edition=str(certificate.template_id),
    )


def _freeze(certificate: Certificate, facts: CertificateFacts) -> None:
    """Split the facts into what anyone may see and a personal part under a key of its own."""
    everything = json.loads(facts.as_json())
    personal = {name: everything.pop(name) for name in PERSONAL}
    personal["salt"] = secrets.token_hex(16)
    certificate.public_facts = _canonical(everything)
    sealed = _canonical(personal)
    certificate.commitment = hashlib.sha256(sealed.encode()).hexdigest()
    key = crypto.new_key()
    certificate.sealed_facts = crypto.seal_with(
        key, sealed, where=f"certificate.facts:{certificate.pk}"
    )
    certificate.sealed_key = crypto.encrypt(key, where=f"certificate.key:{certificate.pk}")


def _canonical(values: dict[str, object]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@transaction.atomic
def store_pdf(*, certificate: Certificate, actor: User | None) -> Certificate:
    """Render once and keep the bytes: what was first rendered is served from then on."""
    certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if certificate.pdf:
        return certificate
    content = render_pdf(all_facts(certificate))
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
