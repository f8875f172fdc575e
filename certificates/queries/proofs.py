"""Signed files, keys, roots of days and the place of a certificate under one."""

import hashlib
import json
import ssl
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from certificates.models import Certificate, DailyRoot, Issuer, IssuerKey, ProofLeaf
from certificates.queries.facts import personal_facts
from certificates.signing import credential as badges
from certificates.signing import days, merkle


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
    if root is None:
        return None
    return {
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
