"""What is signed for a day: a statement with the root of its tree, and the leaves below it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

ROOT_FORMAT: Final = "lms-daily-root-1"
LEAF_FORMAT: Final = "lms-certificate-leaf-1"
PROOF_FORMAT: Final = "lms-certificate-proof-1"


def canonical(values: dict[str, object]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def leaf(
    *,
    number: str,
    public_facts: str,
    commitment: str,
    chain_hash: str,
    pdf_sha256: str,
    signer: str,
) -> str:
    """A certificate as its leaf states it: nothing personal, the salted commitment apart."""
    return canonical(
        {
            "chain_hash": chain_hash,
            "commitment": commitment,
            "format": LEAF_FORMAT,
            "number": number,
            "pdf_sha256": pdf_sha256,
            "public_facts": public_facts,
            "signer": signer,
        }
    )


def statement(day: date, *, root: bytes, size: int, previous: str, key: str) -> str:
    """`previous` is the statement before this one: none can be taken out or slipped in."""
    return canonical(
        {
            "day": day.isoformat(),
            "format": ROOT_FORMAT,
            "key": key,
            "previous": hashlib.sha256(previous.encode()).hexdigest() if previous else "",
            "root": root.hex(),
            "size": size,
        }
    )


def new_root_key() -> tuple[bytes, bytes]:
    """Private (PKCS#8) and public (32 bytes) part of an ed25519 key."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign_statement(private: bytes, text: str) -> str:
    key = load_der_private_key(private, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("days are signed with ed25519")
    return key.sign(text.encode()).hex()
