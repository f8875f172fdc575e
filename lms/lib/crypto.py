"""Field encryption (AES-256-GCM) and blind indexes (HMAC-SHA256).

A ciphertext is bound to its table, column and row by the associated data, so a value copied to
another row does not decrypt. The index key is another key than the field key, and every column
has its own label, so equal values in two columns have unlike indexes.
"""

import hashlib
import secrets
from collections.abc import Callable
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
NONCE_BYTES = 12
_BODY = 1 + NONCE_BYTES
_KEY_BYTES = 32
_HASH_BLOCK = 64


class DecryptError(Exception):
    """The ciphertext was altered, moved to another row, or made under another key."""

    code = "DECRYPT"


@cache
def _derived(secret: str, label: str) -> bytes:
    return HKDF(SHA256(), 32, None, label.encode()).derive(secret.encode())


@cache
def _field_cipher(secret: str) -> AESGCM:
    return AESGCM(_derived(secret, "lms.field"))


def encrypt(plain: str, *, where: str) -> bytes:
    """`where` is "table.column:primary key" of the cell that will hold the result."""
    return encrypt_bytes(plain.encode(), where=where)


def encrypt_bytes(plain: bytes, *, where: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + _field_cipher(settings.FIELD_KEY).encrypt(nonce, plain, where.encode())


def encryptor() -> Callable[[str, str], bytes]:
    """`encrypt(plain, where)` for whoever encrypts a hundred thousand cells in a row."""
    seal, draw = _field_cipher(settings.FIELD_KEY).encrypt, secrets.token_bytes

    def encrypt_one(plain: str, where: str) -> bytes:
        nonce = draw(NONCE_BYTES)
        return VERSION + nonce + seal(nonce, plain.encode(), where.encode())

    return encrypt_one


def cells_encryptor(table: str, *columns: str) -> Callable[..., list[bytes | None]]:
    """`encrypt(primary key, plain, …)` for rows with these encrypted columns; "" gives None."""
    seal, draw = _field_cipher(settings.FIELD_KEY).encrypt, secrets.token_bytes
    places = [
        (NONCE_BYTES * at, NONCE_BYTES * (at + 1), f"{table}.{column}:".encode())
        for at, column in enumerate(columns)
    ]
    all_nonces = NONCE_BYTES * len(columns)

    def encrypt_cells(key: str, *plains: str) -> list[bytes | None]:
        row, drawn = key.encode(), draw(all_nonces)
        return [
            VERSION + drawn[begin:end] + seal(drawn[begin:end], plain.encode(), place + row)
            if plain
            else None
            for plain, (begin, end, place) in zip(plains, places, strict=True)
        ]

    return encrypt_cells


def decryptor() -> Callable[[bytes, str], str]:
    """`decrypt(cipher, where)` for many cells in a row."""
    unseal = _field_cipher(settings.FIELD_KEY).decrypt

    def decrypt_one(cipher: bytes, where: str) -> str:
        if cipher[:1] != VERSION:
            raise DecryptError("unknown key version")
        try:
            return unseal(cipher[1:_BODY], cipher[_BODY:], where.encode()).decode()
        except InvalidTag as error:
            raise DecryptError(where.split(":")[0]) from error

    return decrypt_one


def decrypt(cipher: bytes | memoryview, *, where: str) -> str:
    """Raises DecryptError unless `cipher` was made by `encrypt` for the same cell."""
    return decrypt_bytes(cipher, where=where).decode()


def decrypt_bytes(cipher: bytes | memoryview, *, where: str) -> bytes:
    cipher = bytes(cipher)
    if cipher[:1] != VERSION:
        raise DecryptError("unknown key version")
    nonce, sealed = cipher[1 : 1 + NONCE_BYTES], cipher[1 + NONCE_BYTES :]
    try:
        return _field_cipher(settings.FIELD_KEY).decrypt(nonce, sealed, where.encode())
    except InvalidTag as error:
        raise DecryptError(where.split(":")[0]) from error


def indexer(label: str) -> Callable[[str], bytes]:
    """`blind_index` under one label, for many values."""
    return _indexer(settings.INDEX_KEY, label)


@cache
def _indexer(secret: str, label: str) -> Callable[[str], bytes]:
    """HMAC as RFC 2104 writes it down, the two keyed blocks hashed once and copied.

    One call of `hmac.digest` looks the algorithm up each time, which costs thrice as much.
    """
    key = _derived(secret, f"lms.index:{label}").ljust(_HASH_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def index_of(value: str) -> bytes:
        within, around = inner.copy(), outer.copy()
        within.update(value.encode())
        around.update(within.digest())
        return around.digest()

    return index_of


def blind_index(value: str, *, label: str) -> bytes:
    """32 bytes that are equal for equal `value` under one `label` ("table.column")."""
    return indexer(label)(value)


def new_key() -> str:
    """A key for `seal_with`, as text so that it can itself be stored by `encrypt`."""
    return secrets.token_hex(_KEY_BYTES)


def seal_with(key: str, plain: str, *, where: str) -> bytes:
    """Encrypt under a key of its own: destroying that key erases the plain text for good."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = AESGCM(bytes.fromhex(key))
    return VERSION + nonce + cipher.encrypt(nonce, plain.encode(), where.encode())


def sealer(count: int) -> Callable[[bytes, str, str], tuple[bytes, bytes]]:
    """`seal(plain, where, key's where)` as `seal_with` under a new key, and that key as `encrypt`
    stores it: for `count` in a row and no more, the system asked for random bytes once."""
    wrap, cut = _field_cipher(settings.FIELD_KEY).encrypt, 2 * NONCE_BYTES
    size = cut + _KEY_BYTES
    pool = secrets.token_bytes(size * count)
    places = iter(range(0, size * count, size))

    def seal_one(plain: bytes, where: str, key_where: str) -> tuple[bytes, bytes]:
        at = next(places)  # never a place twice: under one key a nonce is used once
        nonce, other = pool[at : at + NONCE_BYTES], pool[at + NONCE_BYTES : at + cut]
        key = pool[at + cut : at + size]
        return (
            VERSION + nonce + AESGCM(key).encrypt(nonce, plain, where.encode()),
            VERSION + other + wrap(other, key.hex().encode(), key_where.encode()),
        )

    return seal_one


def open_with(key: str, sealed: bytes | memoryview, *, where: str) -> str:
    """Raises DecryptError unless `sealed` was made by `seal_with` with the same key and place."""
    sealed = bytes(sealed)
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(nonce, body, where.encode()).decode()
    except InvalidTag as error:
        raise DecryptError(where.split(":")[0]) from error
