"""Issuing: numbers without a gap, facts frozen, all in one transaction; nothing is drawn here."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.actions.inserting import insert
from certificates.actions.signatures import retire_made_key
from certificates.models import Certificate, CertificateTemplate, Issuer, NumberCounter
from certificates.queries import (
    Candidate,
    Sheet,
    personal_of,
    template_for,
    uncertified,
    unready,
    weighed,
)
from courses.models import CourseRun, Enrolment
from learners.models import id_masker
from lms.lib import crypto
from lms.lib.errors import ActionError
from lms.lib.ids import dashed, uuid7_hexes
from lms.lib.verifycodes import new_codes
from lms.models import record_audit
from regions.models import Region

_SALT_BYTES = 16


class Row(NamedTuple):
    """What differs from one certificate to the next, by attribute name; as a driver takes it."""

    id: str
    enrolment_id: str
    number: str
    verify_code: str
    public_facts: str
    sealed_facts: bytes
    sealed_key: bytes
    commitment: str
    chain_no: int
    chain_hash: str


@dataclass
class _Chain:
    """The issuer as it is called now, its running number and hash while a batch is issued."""

    issuer: Issuer
    counter: NumberCounter
    number: int
    chain_no: int
    chain_hash: str


@transaction.atomic
def rename_issuer(*, issuer: Issuer, name: str, actor: User) -> Issuer:
    """The same office under another name: its numbers and its chain go on, and what was issued
    keeps the name that was frozen in it. Never in the midst of an issue: that holds the lock."""
    issuer = (
        Issuer.objects.select_for_update(of=("self",)).select_related("region").get(pk=issuer.pk)
    )
    before = issuer.name
    if name == before:
        raise ActionError("SAME_NAME", _("This is its name already. Type the new one."))
    issuer.name = name
    issuer.save(update_fields=["name"])
    retire_made_key(issuer)
    record_audit(
        "certificates.issuer_renamed",
        actor=actor,
        target=issuer,
        region_path=issuer.region.path,
        detail={"prefix": issuer.prefix, "from": before, "to": name},
    )
    return issuer


@transaction.atomic
def create_issuer(*, region: Region, name: str, prefix: str, actor: User) -> Issuer:
    """Who signs for a region; the prefix (2 to 8 capitals) begins every number, for ever."""
    try:
        with transaction.atomic():
            issuer = Issuer.objects.create(region=region, name=name, prefix=prefix)
    except IntegrityError as error:
        message = _("Numbers of another issuer begin with these letters already. Choose others.")
        raise ActionError("PREFIX_TAKEN", message) from error
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
    *,
    run: CourseRun,
    issuer: Issuer,
    issued_on: date,
    template: CertificateTemplate | None = None,
    only: Collection[UUID] = (),
    actor: User,
) -> list[Certificate]:
    """Give a certificate to everyone of the run who is eligible and has none; with `only`, to
    those enrolments.

    Numbers are taken under a lock on the issuer in this transaction, so they have no gap; asking
    again issues only what is missing.
    """
    chain = _locked_chain(issuer, issued_on.year)
    # A correction of a mark does not come in between.
    CourseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    rows = Enrolment.objects.visible_to(actor).filter(run=run)
    if only:
        rows = rows.filter(pk__in=only)
    sheet = Sheet(chain.issuer, _usable(template, run.host_region), issued_on)
    made = _issue(weighed(rows, sheet), sheet, chain)
    _audit_issued(made, issuer, run, run.host_region, actor)
    return _stored(made, issuer)


@transaction.atomic
def issue_region(
    *,
    region: Region,
    issuer: Issuer,
    issued_on: date,
    template: CertificateTemplate | None = None,
    actor: User,
) -> int:
    """Everyone eligible in the classes of a region and of the places under it, in one go; how
    many they were."""
    chain = _locked_chain(issuer, issued_on.year)
    runs = _uncertified(region, issuer, actor).order_by().values("run")
    list(
        CourseRun.objects.select_for_update(of=("self",))
        .filter(pk__in=runs)
        .only("pk")
        .order_by("pk")
    )
    sheet = Sheet(chain.issuer, _usable(template, region), issued_on)
    found = weighed(_uncertified(region, issuer, actor), sheet)
    # Who completed a class after that day waits for the next time.
    made = _issue([c for c in found if not _is_before(issued_on, c)], sheet, chain)
    _audit_issued(made, issuer, region, region, actor)
    return len(made)


@transaction.atomic
def reissue_certificate(
    *,
    certificate: Certificate,
    reason: str,
    issued_on: date,
    template: CertificateTemplate | None = None,
    actor: User,
) -> Certificate:
    """A new number with the facts as they are now, in place of a valid or a revoked one.

    A valid one says from now on that it was replaced; a revoked one stays revoked. Both answer
    for ever. This is the only way to a second certificate of the same class.
    """
    if not reason.strip():
        raise ActionError("NO_REASON", _("State the reason: it is kept with the certificate."))
    issuer = Issuer.objects.get(pk=certificate.issuer_id)
    chain = _locked_chain(issuer, issued_on.year)
    # The run before its certificates, as whoever merges or erases people of it.
    CourseRun.objects.select_for_update(of=("self",)).get(enrolments__certificates=certificate.pk)
    old = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    enrolment = Enrolment.objects.select_related("learner", "run__host_region").get(
        pk=old.enrolment_id
    )
    sheet = Sheet(chain.issuer, _usable(template, enrolment.run.host_region), issued_on)
    candidate = _reissuable(old, enrolment, sheet)
    if old.status == Certificate.Status.VALID:
        old.status, old.status_on = Certificate.Status.REPLACED, timezone.localdate()
        old.reason = reason.strip()
        old.save(update_fields=["status", "status_on", "reason"])
    [made] = _stored(_issue([candidate], sheet, chain, replaces=old), issuer)
    record_audit(
        "certificates.reissued",
        actor=actor,
        target=made,
        region_path=enrolment.run.host_region.path,
        detail={"number": made.number, "replaces": old.number},
    )
    return made


def _reissuable(old: Certificate, enrolment: Enrolment, sheet: Sheet) -> Candidate:
    """The holder as a candidate once more; ActionError says why not."""
    if old.is_erased:
        message = _("The holder's personal data was erased: nothing can be issued in its place.")
        raise ActionError("ERASED", message)
    if old.status == Certificate.Status.REPLACED or hasattr(old, "replaced_by"):
        message = _("Another certificate has replaced this one. Reissue that one.")
        raise ActionError("REPLACED", message)
    found = weighed(Enrolment.objects.filter(pk=enrolment.pk), None)
    why_not = unready(enrolment) if found else _("has not completed the run")
    why_not = why_not or sheet.why_not(found[0].enrolment.run, found[0].hours, enrolment.learner)
    if why_not:
        words = _("No certificate can be issued again: %(why)s.")
        raise ActionError("NOT_ELIGIBLE", words % {"why": why_not})
    weight = found[0]
    return Candidate(weight.enrolment, weight.attended, weight.held, weight.hours, None, "")


def _uncertified(region: Region, issuer: Issuer, actor: User) -> QuerySet[Enrolment]:
    return uncertified(region, issuer, user=actor)


def _usable(template: CertificateTemplate | None, region: Region) -> CertificateTemplate:
    """The edition that was chosen, if it may be used there still, or the nearest one."""
    if template is None:
        found = template_for(region)
    else:
        found = CertificateTemplate.objects.usable_in(region).filter(pk=template.pk).first()
    if found is None:
        message = _("This template is not in use here. Choose another one.")
        raise ActionError("TEMPLATE_NOT_IN_USE", message)
    return found


def _locked_chain(issuer: Issuer, year: int) -> _Chain:
    """One lock for the numbers of all years and for the hash chain, which runs over them."""
    issuer = Issuer.objects.select_for_update(of=("self",)).get(pk=issuer.pk)
    NumberCounter.objects.get_or_create(issuer=issuer, year=year)
    counter = NumberCounter.objects.select_for_update(of=("self",)).get(issuer=issuer, year=year)
    ends = Certificate.objects.filter(issuer=issuer).order_by("-chain_no")
    chain_no, chain_hash = ends.values_list("chain_no", "chain_hash").first() or (0, "")
    return _Chain(issuer, counter, counter.last, chain_no, chain_hash)


def _is_before(day: date, candidate: Candidate) -> bool:
    completed_on = candidate.enrolment.completed_on
    return completed_on is not None and day < completed_on


def _require_day(eligible: Iterable[Candidate], issued_on: date) -> None:
    """Nothing is certified before it was completed."""
    late = [c.enrolment.completed_on for c in eligible if _is_before(issued_on, c)]
    if late:
        last = max(day for day in late if day)
        message = _("The class was completed on %(day)s. Date the certificates on or after it.")
        raise ActionError("BEFORE_COMPLETION", message % {"day": last.isoformat()})


def _issue(
    found: Iterable[Candidate], sheet: Sheet, chain: _Chain, replaces: Certificate | None = None
) -> list[Row]:
    """Rows for those who are eligible, chained and stored; the counter follows."""
    eligible = [candidate for candidate in found if candidate.is_eligible]
    _require_day(eligible, sheet.issued_on)
    rows = _rows(eligible, sheet, chain)
    if rows:
        shared = {
            "issuer_id": sheet.issuer.pk,
            "template_id": sheet.template.pk,
            "issued_on": sheet.issued_on,
            "issued_at": timezone.now(),
            "replaces_id": replaces and replaces.pk,
        }
        insert(Row._fields, rows, shared)
        chain.counter.last = chain.number
        chain.counter.save(update_fields=["last"])
    return rows


def _rows(eligible: list[Candidate], sheet: Sheet, chain: _Chain) -> list[Row]:
    """Each is the chain's next link. No call that can be spared: it is made ten thousand times."""
    count = len(eligible)
    seal, masked, stem = crypto.sealer(count), id_masker(), sheet.number_stem
    last, at, link = chain.number, chain.chain_no, chain.chain_hash
    drawn = zip(eligible, uuid7_hexes(count), new_codes(count), _salts(count), strict=True)
    rows = []
    for candidate, pk, code, salt in drawn:
        enrolment = candidate.enrolment
        learner = enrolment.learner
        last, at = last + 1, at + 1
        number, key = f"{stem}{last:06d}", dashed(pk)
        facts = sheet.public_facts(enrolment.run, candidate.hours, number, code)
        personal = personal_of(learner, masked(learner), salt).encode()
        commitment = sha256(personal).hexdigest()
        sealed = seal(personal, f"certificate.facts:{key}", f"certificate.key:{key}")
        link = sha256(f"{link}\n{number}\n{facts}\n{commitment}".encode()).hexdigest()
        rows.append(Row(pk, enrolment.id.hex, number, code, facts, *sealed, commitment, at, link))
    chain.number, chain.chain_no, chain.chain_hash = last, at, link
    return rows


def _salts(count: int) -> list[str]:
    drawn, size = secrets.token_hex(_SALT_BYTES * count), 2 * _SALT_BYTES
    return [drawn[at : at + size] for at in range(0, size * count, size)]


def _stored(rows: list[Row], issuer: Issuer) -> list[Certificate]:
    """The certificates just made, in the order of their numbers."""
    made = Certificate.objects.filter(issuer=issuer, chain_no__in=[r.chain_no for r in rows])
    return list(made.select_related("enrolment__learner", "issuer").order_by("chain_no"))


def _audit_issued(
    rows: list[Row], issuer: Issuer, target: CourseRun | Region, region: Region, actor: User
) -> None:
    if not rows:
        return
    record_audit(
        "certificates.issued",
        actor=actor,
        target=target,
        region_path=region.path,
        detail={
            "issuer": issuer.prefix,
            "count": len(rows),
            "first": rows[0].number,
            "last": rows[-1].number,
        },
    )
