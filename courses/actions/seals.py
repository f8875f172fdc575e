"""The key to which tablets seal what the server alone may read."""

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import IntegrityError, transaction

from courses.models import SealKey
from courses.queries.seals import where_of
from courses.queries.tablets import current_seal_key
from lms.lib import crypto
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

KEY_BITS = 2048


@transaction.atomic
def ensure_seal_key(*, actor: "User | None" = None) -> SealKey:
    """The key to give out; made at its first use."""
    return current_seal_key() or _make_key(actor)


@transaction.atomic
def rotate_seal_key(*, actor: "User | None" = None) -> SealKey:
    """A new key from now on; what was sealed to the old one is opened as before."""
    SealKey.objects.filter(in_use=True).update(in_use=None)
    return _make_key(actor)


def _make_key(actor: "User | None") -> SealKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    numbers = private.public_key().public_numbers()
    jwk = {"kty": "RSA", "alg": "RSA-OAEP-256", "n": _base64(numbers.n), "e": _base64(numbers.e)}
    key = SealKey(public=jwk, in_use=True)
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    key.sealed_private = crypto.encrypt_bytes(plain, where=where_of(key.pk))
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:  # somebody was faster: theirs counts
        return SealKey.objects.get(in_use=True)
    record_audit("courses.seal_key_made", actor=actor, target=key)
    return key


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
