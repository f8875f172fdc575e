"""What anyone may see of a certificate, and what we know of a name or a file that they bring."""

import hashlib
import hmac
import json
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from django.db.models import Q

from certificates.models import Certificate, IssuerKey
from certificates.queries.facts import personal_facts
from certificates.signing.inspection import Inspection, inspect
from lms.lib import crypto
from lms.lib.idnumbers import mask_name

#: No code has this: it is too short.
NO_CODE = "0"
#: Of a name that somebody types; longer than any on a sheet.
MOST_NAME = 200


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
    #: Our own copy for an archive or for screen readers; it bears no signature.
    is_copy: bool = False


def file_check(content: bytes) -> FileCheck:
    """What we know of a file that somebody brings."""
    seen = inspect(content)
    is_signed = _is_signed_by_us(seen)
    hashes = [seen.sha256, *(part.signed_sha256 for part in seen.signatures)]
    # What has no file stands in no index of hashes: the question says that it asks for none.
    drawn = Q(pdf_sha256__in=hashes, pdf_sha256__gt="")
    signed = Q(signed_sha256__in=hashes, signed_sha256__gt="")
    row = Certificate.objects.filter(drawn | signed).first()
    if row and seen.sha256 in (row.pdf_sha256, row.signed_sha256):
        return FileCheck(FileVerdict.SAME, _shown(row), is_signed=is_signed)
    if row:
        return FileCheck(FileVerdict.EDITED, _shown(row))
    if copied := Certificate.objects.filter(copies__sha256=seen.sha256).first():
        return FileCheck(FileVerdict.SAME, _shown(copied), is_copy=True)
    return _unrecorded(seen, is_signed)


def _unrecorded(seen: Inspection, is_signed: bool) -> FileCheck:
    """Bytes that we have no record of: what they say of themselves."""
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
