"""Who can get a certificate and why not, and what stands on the issued ones."""

import hashlib
import hmac
import json
import ssl
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Any

import segno
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, DailyRoot, Issuer, IssuerKey, ProofLeaf
from certificates.render import CertificateFacts, RenderError, check, missing_glyphs
from certificates.signing import credential as badges
from certificates.signing import days, merkle
from certificates.signing.inspection import Inspection, inspect
from courses.models import CourseRun, Enrolment
from courses.queries import AttendanceShare, attendance_shares
from learners.models import Learner, Merge
from learners.queries import SheetTable, TimelineRow
from learners.queries.merging import Refusal
from lms.lib import crypto
from lms.lib.idnumbers import mask_name
from lms.lib.scope import HasScope
from regions.models import Region

#: No code has this: it is too short.
NO_CODE = "0"
#: Of a name that somebody types; longer than any on a sheet.
MOST_NAME = 200


@dataclass(frozen=True)
class Candidate:
    """An enrolment of a run; `why_not` is "" for those who can be issued a certificate now."""

    enrolment: Enrolment
    attended: int
    held: int
    hours: int
    certificate: Certificate | None
    why_not: "str | Promise"

    @property
    def is_eligible(self) -> bool:
        return not self.why_not


def issuer_for(region: Region) -> Issuer | None:
    """The issuer of the region itself or of the nearest region above it."""
    codes = [region.code, *reversed(region.ancestor_codes())]
    found = {
        i.region.code: i
        for i in Issuer.objects.filter(region__code__in=codes).select_related("region")
    }
    return next((found[code] for code in codes if code in found), None)


def candidates(run: CourseRun, *, user: HasScope) -> list[Candidate]:
    """Every enrolment of the run that the user sees, eligible ones first."""
    rows = (
        Enrolment.objects.visible_to(user)
        .filter(run=run)
        .exclude(status__in=[Enrolment.Status.WAITING, Enrolment.Status.WITHDRAWN])
    )
    enrolments = list(
        rows.select_related(
            "learner", "home_region", "run__course", "run__county", "run__host_region"
        ).order_by("learner__initials", "learner__name")
    )
    certified = {
        c.enrolment_id: c
        for c in Certificate.objects.valid().filter(enrolment__in=[e.pk for e in enrolments])
    }
    shares = attendance_shares(rows)
    found = [_candidate(e, shares[e.pk], certified.get(e.pk)) for e in enrolments]
    return sorted(found, key=lambda c: (not c.is_eligible, bool(c.certificate)))


def _candidate(
    enrolment: Enrolment, share: AttendanceShare, certificate: Certificate | None
) -> Candidate:
    return Candidate(
        enrolment=enrolment,
        attended=share.attended,
        held=share.held,
        hours=share.hours,
        certificate=certificate,
        why_not=_why_not(enrolment, certificate),
    )


def _why_not(enrolment: Enrolment, certificate: Certificate | None) -> "str | Promise":
    learner = enrolment.learner
    if certificate:
        return gettext_lazy("already has a certificate")
    if enrolment.status != Enrolment.Status.COMPLETED:
        return gettext_lazy("has not completed the run")
    if learner.provisional:
        return gettext_lazy("identity not confirmed yet")
    lacking = missing_glyphs(learner.name + learner.native_name)
    if lacking:
        return _("no installed font draws “%(characters)s”") % {"characters": lacking}
    return ""


def native_script(name: str) -> str:
    """The script of a name in its own writing, as the renderer knows it; "" for none."""
    for char in name:
        point = ord(char)
        if 0x0600 <= point <= 0x06FF or 0xFB50 <= point <= 0xFEFF:
            return "ug"
        if 0x0F00 <= point <= 0x0FFF:
            return "bo"
        if 0xA000 <= point <= 0xA4CF:
            return "ii"
    return ""


def printable(facts: CertificateFacts) -> "str | Promise":
    """ "" if the facts fit the sheet, else why not."""
    try:
        check(facts)
    except RenderError:
        return gettext_lazy("the name is too long for the sheet")
    return ""


def frozen_facts(certificate: Certificate) -> dict[str, Any]:
    """The public facts as they were frozen: what a signed-in page shows of the sheet."""
    facts: dict[str, Any] = json.loads(certificate.public_facts)
    for key in ("starts_on", "ends_on", "issued_on"):
        facts[key] = date.fromisoformat(facts[key])
    return facts


def qr_rows(certificate: Certificate) -> tuple[int, list[tuple[int, int, int]]]:
    """The code's side in modules, and its dark runs as (x, y, length)."""
    url = json.loads(certificate.public_facts)["verify_url"]
    matrix = segno.make_qr(url, error="q").matrix
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                runs.append((x, y, length))
            x += length
    return len(matrix), runs


def seal_ring(issuer: str) -> list[tuple[str, float]]:
    """Each letter of the issuer's name and its turn in degrees on the ring of the seal."""
    step = min(24.0, 264 / max(len(issuer) - 1, 1))
    first = -step * (len(issuer) - 1) / 2
    return [(letter, round(first + n * step, 1)) for n, letter in enumerate(issuer)]


#: (kind of chip, icon) of each status.
STATUS_CHIP = {
    Certificate.Status.VALID: ("good", "check"),
    Certificate.Status.REPLACED: ("info", "refresh"),
    Certificate.Status.REVOKED: ("bad", "cross"),
}


def timeline(learner: Learner, user: HasScope) -> list[TimelineRow]:
    """Certificates of one learner for the archive's timeline."""
    rows = Certificate.objects.visible_to(user).filter(enrolment__learner=learner)
    return [
        TimelineRow(
            on=c.issued_on,
            kind="award",
            title=_("Certificate %(number)s") % {"number": c.number},
            detail=frozen_facts(c)["course"],
            chip=(*STATUS_CHIP[Certificate.Status(c.status)], c.get_status_display()),
            href=reverse("certificates:certificate_detail", args=[c.pk]),
            done=True,
        )
        for c in rows
    ]


def certificate_table(learner: Learner, user: HasScope) -> SheetTable:
    """Certificates of one learner on the archive sheet."""
    rows = Certificate.objects.visible_to(user).filter(enrolment__learner=learner)
    facts = [(row, frozen_facts(row)) for row in rows.order_by("-issued_on")]
    return SheetTable(
        title=_("Certificates"),
        heads=[_("Number"), _("Course"), _("Hours"), _("Day of issue"), _("Issuer"), _("Status")],
        rows=[
            (
                row.number,
                fact["course"],
                str(fact["hours"]),
                row.issued_on.isoformat(),
                fact["issuer"],
                str(row.get_status_display()),
            )
            for row, fact in facts
        ],
        none=_("No certificate is recorded."),
        widths=(22, 24, 8, 14, 24, 10),
        figures=(2,),
    )


@dataclass(frozen=True)
class PublicView:
    """What anyone may see of a certificate."""

    certificate: Certificate
    masked_name: str
    course: str
    hours: str
    starts_on: date
    ends_on: date
    issued_on: date
    issuer: str
    number: str


def public_view(code: str) -> PublicView | None:
    """The certificate with this normalised verify code.

    A code that no certificate has costs the same work, so that the time taken tells nothing.
    """
    certificate = Certificate.objects.filter(verify_code=code or NO_CODE).first()
    if certificate is None:
        _shown(_decoy())
        return None
    return _shown(certificate)


def _shown(certificate: Certificate) -> PublicView:
    facts = json.loads(certificate.public_facts)
    name = personal_facts(certificate).get("name", "")
    return PublicView(
        certificate=certificate,
        masked_name=mask_name(name) if name else "—",
        course=facts["course"],
        hours=facts["hours"],
        starts_on=date.fromisoformat(facts["starts_on"]),
        ends_on=date.fromisoformat(facts["ends_on"]),
        issued_on=date.fromisoformat(facts["issued_on"]),
        issuer=facts["issuer"],
        number=facts["number"],
    )


@cache
def _decoy() -> Certificate:
    """A certificate of nobody, in no table."""
    key, row = crypto.new_key(), Certificate()
    day = date(2000, 1, 1).isoformat()
    days = dict.fromkeys(("starts_on", "ends_on", "issued_on"), day)
    facts = {"course": "", "hours": "", "issuer": "", "number": "", **days}
    row.public_facts = json.dumps(facts)
    where = f"certificate.facts:{row.pk}"
    row.sealed_facts = crypto.seal_with(key, json.dumps({"name": "某某某"}), where=where)
    row.sealed_key = crypto.encrypt(key, where=f"certificate.key:{row.pk}")
    return row


class NameAnswer(StrEnum):
    AGREES = "AGREES"
    DIFFERS = "DIFFERS"
    #: The personal part was erased at the holder's request.
    ERASED = "ERASED"


def name_answer(certificate: Certificate, typed: str) -> NameAnswer:
    """Whether this is the full name on the certificate, in Chinese or in the holder's script."""
    facts = personal_facts(certificate)
    if not facts:
        return NameAnswer.ERASED
    given = _name_digest(typed)
    names = (facts["name"], facts.get("native_name") or facts["name"])
    # Both are compared whatever the first one gives: the time taken tells nothing.
    agreeing = [hmac.compare_digest(given, _name_digest(name)) for name in names]
    return NameAnswer.AGREES if any(agreeing) else NameAnswer.DIFFERS


def _name_digest(name: str) -> bytes:
    """Of the letters alone: people type dots and spaces in a name as their keyboard has them."""
    plain = unicodedata.normalize("NFKC", name[:MOST_NAME]).casefold()
    letters = "".join(c for c in plain if unicodedata.category(c)[0] in "LMN")
    return hashlib.sha256(letters.encode()).digest()


class FileVerdict(StrEnum):
    #: Byte for byte the file that was issued.
    SAME = "SAME"
    #: It bears one of our numbers or signatures, but other bytes.
    EDITED = "EDITED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class FileCheck:
    verdict: FileVerdict
    #: Shown only to who brought the issued bytes: a number in a file is no proof of anything.
    found: PublicView | None = None
    is_signed: bool = False


def file_check(content: bytes) -> FileCheck:
    """What we know of a file that somebody brings."""
    seen = inspect(content)
    is_signed = _is_signed_by_us(seen)
    hashes = [seen.sha256, *(part.signed_sha256 for part in seen.signatures)]
    row = Certificate.objects.filter(Q(pdf_sha256__in=hashes) | Q(signed_sha256__in=hashes)).first()
    if row and seen.sha256 in (row.pdf_sha256, row.signed_sha256):
        return FileCheck(FileVerdict.SAME, _shown(row), is_signed=is_signed)
    if row:
        return FileCheck(FileVerdict.EDITED, _shown(row))
    numbered = Certificate.objects.filter(number=seen.number).first() if seen.number else None
    if numbered and is_signed:
        # A signature of ours over the whole file, though the record of its hash was lost.
        return FileCheck(FileVerdict.SAME, _shown(numbered), is_signed=True)
    if numbered or _signers(seen):
        return FileCheck(FileVerdict.EDITED)
    return FileCheck(FileVerdict.UNKNOWN)


def _signers(seen: Inspection) -> set[str]:
    """Fingerprints of ours among those that the file's signatures name."""
    named = [part.signer for part in seen.signatures]
    known = IssuerKey.objects.filter(purpose=IssuerKey.Purpose.SIGNATURE, fingerprint__in=named)
    return set(known.values_list("fingerprint", flat=True)) if named else set()


def _is_signed_by_us(seen: Inspection) -> bool:
    """Whether an unbroken signature of ours covers every byte."""
    ours = _signers(seen)
    return any(p.is_intact and p.is_last and p.signer in ours for p in seen.signatures)


def signed_name(certificate: Certificate) -> str:
    """Where the storage keeps the signed file."""
    return f"certificates/signed/{certificate.pk}.pdf"


# --- proofs ---
def waiting_for_roots() -> QuerySet[Certificate]:
    """Certificates that are under no root yet as they are now, in the order of the leaves."""
    leaves = ProofLeaf.objects.filter(certificate=OuterRef("pk"), pdf_sha256=OuterRef("pdf_sha256"))
    rows = Certificate.objects.filter(~Exists(leaves)).select_related("issuer__region")
    return rows.order_by("issuer__prefix", "chain_no").defer("sealed_facts", "sealed_key")


def leaf_of(certificate: Certificate, *, pdf_sha256: str, signer: str) -> str:
    return days.leaf(
        number=certificate.number,
        public_facts=certificate.public_facts,
        commitment=certificate.commitment,
        chain_hash=certificate.chain_hash,
        pdf_sha256=pdf_sha256,
        signer=signer,
    )


def proof_of(certificate: Certificate) -> dict[str, Any] | None:
    """That a certificate stands under a signed root; None until its day is over."""
    found = certificate.leaves.select_related("root__key").order_by("-root__day").first()
    if found is None:
        return None
    root = found.root
    hashes = [
        bytes.fromhex(one)
        for one in root.leaves.order_by("position").values_list("leaf_hash", flat=True)
    ]
    return {
        "format": days.PROOF_FORMAT,
        "leaf": leaf_of(certificate, pdf_sha256=found.pdf_sha256, signer=found.signer),
        "path": [one.hex() for one in merkle.audit_path(hashes, found.position)],
        "position": found.position,
        "public_key": bytes(root.key.public).hex(),
        "signature": root.signature,
        "statement": root.statement,
    }


def signed_day(day: date | None) -> dict[str, Any] | None:
    """What was signed for a day, or for the newest one that was."""
    rows = DailyRoot.objects.select_related("key").order_by("-day")
    root = rows.filter(day=day).first() if day else rows.first()
    return root and {
        "public_key": bytes(root.key.public).hex(),
        "signature": root.signature,
        "statement": root.statement,
    }


def public_keys() -> dict[str, Any]:
    """Every key that signs or did: of the days, of the authority, of the issuers."""
    rows = list(IssuerKey.objects.select_related("issuer").order_by("made_at"))
    roots = [row for row in rows if row.purpose == IssuerKey.Purpose.ROOTS]
    others = [row for row in rows if row.purpose != IssuerKey.Purpose.ROOTS]
    return {
        "days": [
            {"public_key": bytes(row.public).hex(), "in_use": row.retired_at is None}
            for row in roots
        ],
        "certificates": [
            {
                "issuer": row.issuer.name if row.issuer else "",
                "prefix": row.issuer.prefix if row.issuer else "",
                "purpose": row.purpose,
                "fingerprint": row.fingerprint,
                "pem": ssl.DER_cert_to_PEM_cert(bytes(row.public)),
                "in_use": row.retired_at is None,
            }
            for row in others
        ],
    }


def issuer_profile(prefix: str) -> dict[str, Any] | None:
    issuer = Issuer.objects.filter(prefix=prefix.upper()).first()
    if issuer is None:
        return None
    keys = issuer.keys.order_by("made_at").values_list("public", flat=True)
    return _profile(issuer.prefix, issuer.name) | {
        "@context": list(badges.CONTEXT),
        "keys": [badges.jwk(bytes(key)) for key in keys],
    }


def badge_of(certificate: Certificate) -> dict[str, Any] | None:
    """The certificate's facts as an Open Badges credential; None once its holder was erased."""
    personal = personal_facts(certificate)
    if not personal:
        return None
    facts = json.loads(certificate.public_facts)
    issuer = _profile(certificate.issuer.prefix, facts["issuer"])
    # Not the salt of the commitment: that one never leaves.
    salt = hashlib.sha256(f"badge:{personal['salt']}".encode()).hexdigest()[:32]
    return badges.credential(facts, issuer=issuer, name=personal["name"], salt=salt)


def _profile(prefix: str, name: str) -> dict[str, Any]:
    path = reverse("verify_issuer", args=[prefix])
    return badges.profile(address=f"{settings.PUBLIC_URL}{path}", name=name)


def personal_facts(certificate: Certificate) -> dict[str, Any]:
    """The sealed part in clear; {} once its key was destroyed."""
    if certificate.sealed_key is None:
        return {}
    key = crypto.decrypt(certificate.sealed_key, where=f"certificate.key:{certificate.pk}")
    plain = crypto.open_with(
        key, certificate.sealed_facts, where=f"certificate.facts:{certificate.pk}"
    )
    found: dict[str, Any] = json.loads(plain)
    return found


def all_facts(certificate: Certificate) -> CertificateFacts:
    """Everything printed, as frozen at issue."""
    public = json.loads(certificate.public_facts)
    personal = {k: v for k, v in personal_facts(certificate).items() if k != "salt"}
    return CertificateFacts.from_json(json.dumps(public | personal))


# --- two records of one person ---
def certified_twice(kept: Learner, merged: Learner) -> Iterable[Refusal]:
    """In a class that both were in one place stays, and the certificate must stand on that."""
    runs = Enrolment.objects.filter(learner=kept).values("run")
    rows = Certificate.objects.valid().filter(enrolment__learner=merged, enrolment__run__in=runs)
    for row in rows:
        words = gettext_lazy(
            "The record to be merged holds certificate %(number)s of a class in which the other "
            "record is enrolled, too. Keep the record with the certificate, or revoke it first."
        )
        yield Refusal("CERTIFICATE_TWICE", words % {"number": row.number})


def certified_since(merge: Merge) -> Iterable[Refusal]:
    """A certificate bears the name that the merge gave to the enrolment, for ever."""
    moved = merge.changes.filter(model=Enrolment._meta.label).values_list("row", flat=True)
    rows = Certificate.objects.filter(enrolment__in=list(moved), issued_at__gt=merge.made_at)
    for row in rows:
        words = gettext_lazy(
            "Certificate %(number)s was issued since for a class that the merge touched, so the "
            "merge stays."
        )
        yield Refusal("CERTIFIED_SINCE", words % {"number": row.number})
