"""Keys of issuers, and the signed file of a certificate: made once, stored, served for ever."""

import hashlib
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.models import Certificate, Issuer, IssuerKey
from certificates.queries import frozen_facts, signed_name
from certificates.signing.authority import MadeKey, make_authority, make_certificate
from certificates.signing.signer import KeySigner, Signer
from lms.lib import crypto
from lms.lib.errors import ActionError
from lms.models import record_audit

AUTHORITY_NAME = "{product} 自建签名机构"


@transaction.atomic
def store_signed(*, certificate: Certificate, actor: User | None) -> Certificate:
    """Sign the stored file, once: what was first signed is served from then on."""
    certificate = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("issuer__region")
        .get(pk=certificate.pk)
    )
    if certificate.signed_sha256:
        return certificate
    if not certificate.pdf:
        raise ActionError("NOT_DRAWN", _("This certificate is not drawn yet. Try again shortly."))
    signer = _signer_of(certificate, actor)
    issuer = frozen_facts(certificate)["issuer"]  # it may be called otherwise by now
    with certificate.pdf.open("rb") as file:
        content = signer.sign_pdf(file.read(), number=certificate.number, issuer=issuer)
    name = signed_name(certificate)
    # What a stopped attempt left is in nobody's hands: its row was rolled back.
    default_storage.delete(name)
    default_storage.save(name, ContentFile(content))
    certificate.signed_sha256 = hashlib.sha256(content).hexdigest()
    certificate.save(update_fields=["signed_sha256"])
    record_audit(
        "certificates.pdf_signed",
        actor=actor,
        target=certificate,
        region_path=certificate.issuer.region.path,
        detail={"number": certificate.number, "sha256": certificate.signed_sha256},
    )
    return certificate


@transaction.atomic
def credential_signer(*, issuer: Issuer, actor: User | None) -> Signer:
    """The signer of an issuer; its key is made at its first use."""
    return _signer(issuer, actor)


def _signer_of(certificate: Certificate, actor: User | None) -> Signer:
    """Whose key the root of its day names, if we hold it still; otherwise who signs now."""
    leaf = certificate.leaves.order_by("root__day").last()
    named = IssuerKey.objects.filter(fingerprint=leaf.signer) if leaf else IssuerKey.objects.none()
    key = named.filter(sealed_private__isnull=False).first()
    return _opened(key.pk) if key else _signer(certificate.issuer, actor)


def retire_made_key(issuer: Issuer) -> None:
    """A key made here bears the issuer's name, so a new name gets a new one at its first use."""
    made = IssuerKey.objects.filter(issuer=issuer, retired_at=None, sealed_private__isnull=False)
    made.update(retired_at=timezone.now())


def _signer(issuer: Issuer, actor: User | None) -> Signer:
    active = IssuerKey.objects.filter(issuer=issuer, retired_at=None).first()
    if licensed := _licensed(issuer.prefix):
        if active is None or active.fingerprint != licensed.fingerprint:
            _register(issuer, licensed, actor)
        return licensed
    if active is None or active.sealed_private is None:
        active = _made_for(issuer, actor)
    return _opened(active.pk)


def _licensed(prefix: str) -> KeySigner | None:
    """The key that the operator put there for this issuer."""
    if not settings.SIGNING_PKCS12_DIR:
        return None
    path = Path(settings.SIGNING_PKCS12_DIR) / f"{prefix}.p12"
    return _read_pkcs12(path, path.stat().st_mtime_ns) if path.exists() else None


@lru_cache(maxsize=64)
def _read_pkcs12(path: Path, _changed_at: int) -> KeySigner:
    return KeySigner.from_pkcs12(path, settings.SIGNING_PKCS12_PASSWORD)


def _register(issuer: Issuer, signer: KeySigner, actor: User | None) -> None:
    """Keep a licensed key's certificate, so that its signatures are known for ever."""
    now = timezone.now()
    IssuerKey.objects.filter(issuer=issuer, retired_at=None).update(retired_at=now)
    IssuerKey.objects.update_or_create(
        fingerprint=signer.fingerprint,
        defaults={
            "issuer": issuer,
            "purpose": IssuerKey.Purpose.SIGNATURE,
            "public": signer.certificate,
            "retired_at": None,
        },
    )
    _note(issuer, signer.fingerprint, "licensed", actor)


def _made_for(issuer: Issuer, actor: User | None) -> IssuerKey:
    authority = _authority(actor)
    made = make_certificate(
        issuer.name,
        prefix=issuer.prefix,
        authority=MadeKey(private_part(authority), bytes(authority.public)),
        bits=settings.SIGNING_KEY_BITS,
    )
    now = timezone.now()
    IssuerKey.objects.filter(issuer=issuer, retired_at=None).update(retired_at=now)
    key = keep_key(IssuerKey.Purpose.SIGNATURE, made.private, made.certificate, issuer=issuer)
    _note(issuer, key.fingerprint, "made", actor)
    return key


def _authority(actor: User | None) -> IssuerKey:
    purpose = IssuerKey.Purpose.AUTHORITY
    if found := IssuerKey.objects.filter(purpose=purpose, retired_at=None).first():
        return found
    name = AUTHORITY_NAME.format(product=settings.PRODUCT_NAME)
    made = make_authority(name, bits=settings.SIGNING_KEY_BITS)
    return keep_key(purpose, made.private, made.certificate)


def keep_key(
    purpose: IssuerKey.Purpose, private: bytes, public: bytes, *, issuer: Issuer | None = None
) -> IssuerKey:
    """Store a key encrypted; where somebody else was faster, theirs counts."""
    key = IssuerKey(
        issuer=issuer,
        purpose=purpose,
        public=public,
        fingerprint=hashlib.sha256(public).hexdigest(),
    )
    key.sealed_private = crypto.encrypt_bytes(private, where=f"issuer_key.private:{key.pk}")
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        return IssuerKey.objects.get(issuer=issuer, purpose=purpose, retired_at=None)
    return key


def private_part(key: IssuerKey) -> bytes:
    if key.sealed_private is None:
        raise ActionError("KEY_OUTSIDE", _("The key of this issuer is not kept here."))
    return crypto.decrypt_bytes(key.sealed_private, where=f"issuer_key.private:{key.pk}")


@lru_cache(maxsize=256)
def _opened(key_id: UUID) -> Signer:
    """Parsing a key costs more than a signature, so a process does it once."""
    key = IssuerKey.objects.get(pk=key_id)
    return KeySigner(private_part(key), bytes(key.public))


def _note(issuer: Issuer, fingerprint: str, how: str, actor: User | None) -> None:
    record_audit(
        "certificates.key_taken_in_use",
        actor=actor,
        target=issuer,
        region_path=issuer.region.path,
        detail={"issuer": issuer.prefix, "fingerprint": fingerprint, "how": how},
    )
