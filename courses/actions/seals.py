"""What is sealed to the server: the key, and opening what tablets sealed with it."""

import json
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from django.db import IntegrityError, transaction

from courses.models import SealKey
from courses.queries.tablets import current_seal_key
from lms.lib import crypto
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

KEY_BITS, AES_BYTES, IV_BYTES = 2048, 32, 12
_OAEP = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)


class SealError(Exception):
    """No key of ours, or altered on the way."""


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
    key.sealed_private = crypto.encrypt_bytes(plain, where=_where(key.pk))
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:  # somebody was faster: theirs counts
        return SealKey.objects.get(in_use=True)
    record_audit("courses.seal_key_made", actor=actor, target=key)
    return key


def open_seal(sealed: Mapping[str, Any]) -> Any:
    """The JSON in {"key", "wrapped", "iv", "data"}; SealError when it cannot be had."""
    return json_of(open_bytes(sealed))


def json_of(plain: bytes) -> Any:
    try:
        return json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise SealError from error


def open_bytes(sealed: Mapping[str, Any]) -> bytes:
    try:
        private = _opened(UUID(str(sealed["key"])))
        wrapped, iv, data = (b64decode(sealed[name]) for name in ("wrapped", "iv", "data"))
        secret = private.decrypt(wrapped, _OAEP)
        return AESGCM(secret).decrypt(iv, data, None)
    except (KeyError, TypeError, ValueError, Base64Error, InvalidTag) as error:
        raise SealError from error
    except SealKey.DoesNotExist as error:
        raise SealError from error


@lru_cache(maxsize=8)
def _opened(key_id: UUID) -> rsa.RSAPrivateKey:
    """Parsing a key costs more than using it, so a process does it once."""
    key = SealKey.objects.get(pk=key_id)
    plain = crypto.decrypt_bytes(key.sealed_private, where=_where(key.pk))
    found = load_der_private_key(plain, password=None)
    assert isinstance(found, rsa.RSAPrivateKey)  # noqa: S101 - as it was made
    return found


def _where(key_id: UUID) -> str:
    return f"courses_sealkey.sealed_private:{key_id}"


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
