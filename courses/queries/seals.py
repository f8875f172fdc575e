"""Opening what tablets sealed to the server."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from courses.models import SealKey
from lms.lib import crypto

_OAEP = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)


class SealError(Exception):
    """No key of ours, or altered on the way."""


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
    plain = crypto.decrypt_bytes(key.sealed_private, where=where_of(key.pk))
    found = load_der_private_key(plain, password=None)
    assert isinstance(found, rsa.RSAPrivateKey)  # noqa: S101 - as it was made
    return found


def where_of(key_id: UUID) -> str:
    return f"courses_sealkey.sealed_private:{key_id}"
