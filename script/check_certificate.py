#!/usr/bin/env python3
"""Check a certificate without the system that issued it, and without a network.

    script/check_certificate.py CERTIFICATE.pdf PROOF.json --key KEY

CERTIFICATE.pdf  the file that somebody hands you
PROOF.json       its proof, downloaded from the page that its QR code leads to
KEY              the key that signs the days: 64 hexadecimal digits, or a file that holds them.
                 Take it from the issuer's publication, never from whoever handed you the file.

It answers 0 when everything agrees, 1 when something does not, 2 when it cannot tell. It needs
Python 3.11 and the package `cryptography`, nothing else: copy this file wherever you like.
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?")
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
AGREES, DIFFERS, CANNOT_TELL = 0, 1, 2


class DisagreementError(Exception):
    """Something does not agree."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check a certificate offline.")
    parser.add_argument("certificate", type=Path)
    parser.add_argument("proof", type=Path)
    parser.add_argument("--key", required=True, help="64 hexadecimal digits, or a file of them")
    return parser.parse_args()


def key_bytes(given: str) -> bytes:
    text = given if re.fullmatch(r"[0-9a-fA-F]{64}", given) else Path(given).read_text()
    return bytes.fromhex(text.strip())


def check_day(proof: dict, key: bytes) -> dict:
    """The day's statement bears the signature of that key."""
    if bytes.fromhex(proof["public_key"]) != key:
        raise DisagreementError("the proof names another key than the one you gave")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(
            bytes.fromhex(proof["signature"]), proof["statement"].encode()
        )
    except InvalidSignature:
        raise DisagreementError("the signature of the day is not that key's") from None
    return json.loads(proof["statement"])


def check_leaf(proof: dict, day: dict) -> dict:
    """The certificate stands under the day's root (RFC 9162, section 2.1.3.2)."""
    position, last = proof["position"], day["size"] - 1
    if not 0 <= position <= last:
        raise DisagreementError("the certificate's place is outside the day's tree")
    found = hashlib.sha256(b"\x00" + proof["leaf"].encode()).digest()
    for text in proof["path"]:
        beside = bytes.fromhex(text)
        if last == 0:
            raise DisagreementError("the proof is longer than the tree is high")
        if position % 2 or position == last:
            found = hashlib.sha256(b"\x01" + beside + found).digest()
            while position % 2 == 0 and position:
                position, last = position // 2, last // 2
        else:
            found = hashlib.sha256(b"\x01" + found + beside).digest()
        position, last = position // 2, last // 2
    if last or found.hex() != day["root"]:
        raise DisagreementError("the certificate does not stand under the root of that day")
    return json.loads(proof["leaf"])


def check_file(content: bytes, leaf: dict) -> str:
    """The file is the issued one, or the issued one and the issuer's signature behind it."""
    if not leaf["pdf_sha256"]:
        return "UNTOLD"
    if hashlib.sha256(content).hexdigest() == leaf["pdf_sha256"]:
        return "as drawn"
    for end in END.finditer(content):
        for stop in {end.start() + 5, end.end()}:
            if hashlib.sha256(content[:stop]).hexdigest() == leaf["pdf_sha256"]:
                check_signature(content, stop, leaf["signer"])
                return "as signed by the issuer"
    raise DisagreementError(
        "the file is not the one that was issued: it was edited, or is another one"
    )


# --- the electronic signature: a CMS envelope (RFC 5652), read as far as is needed ---
def check_signature(content: bytes, begin: int, signer: str) -> None:
    """Whatever stands behind the issued bytes, the issuer signed the whole file with it."""
    ranges = BYTE_RANGE.findall(content, begin)
    if not ranges:
        raise DisagreementError("something was added to the issued file")
    before, after, length = map(int, ranges[-1])
    gap = content[before:after]
    if after + length != len(content) or gap[:1] != b"<" or gap[-1:] != b">":
        raise DisagreementError("something was added behind the signature")
    certificates, info = envelope(bytes.fromhex(gap[1:-1].decode("ascii")))
    named = [one for one in certificates if hashlib.sha256(one).hexdigest() == signer]
    if not named:
        raise DisagreementError("the file is signed by another key than the issuer's on that day")
    covered = content[:before] + content[after:]
    check_envelope(info, named[0], hashlib.sha256(covered).digest())


def parts(der: bytes) -> list[tuple[int, bytes, bytes]]:
    """Tag, value and whole of each element, one after the other."""
    found, at = [], 0
    while at < len(der):
        tag, size, start = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, start = int.from_bytes(der[start : start + count], "big"), start + count
        if start + size > len(der):
            raise ValueError("a part is longer than the whole")
        found.append((tag, der[start : start + size], der[at : start + size]))
        at = start + size
    return found


def envelope(der: bytes) -> tuple[list[bytes], list[tuple[int, bytes, bytes]]]:
    """The enclosed certificates and the parts of the only signer's information."""
    size = 2 + (der[1] & 0x7F) + int.from_bytes(der[2 : 2 + (der[1] & 0x7F)], "big")
    (_tag, content, _whole), *_rest = parts(der[:size])  # zeros fill up the reserved place
    signed = parts(parts(parts(content)[1][1])[0][1])
    certificates = [
        whole for tag, value, _ in signed if tag == 0xA0 for _, _, whole in parts(value)
    ]
    infos = parts(signed[-1][1])
    if len(infos) != 1:
        raise DisagreementError("the signature is not one signer's")
    return certificates, parts(infos[0][1])


def check_envelope(info: list, certificate: bytes, digest: bytes) -> None:
    stated = next(whole for tag, _value, whole in info if tag == 0xA0)
    message = b"\x31" + stated[1:]  # signed as a set, written as an implicit part
    signature = next(value for tag, value, _whole in info if tag == 0x04)
    attributes = {
        bytes(parts(one)[0][1]): parts(one)[1][1] for _, one, _ in parts(parts(message)[0][1])
    }
    if parts(attributes[MESSAGE_DIGEST])[0][1] != digest:
        raise DisagreementError("the file was changed after it was signed")
    key = load_der_x509_certificate(certificate).public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), SHA256())
        else:
            key.verify(signature, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise DisagreementError("the electronic signature is not the issuer's") from None


def report(leaf: dict, day: dict, file: str) -> None:
    facts = json.loads(leaf["public_facts"])
    for name in ("number", "course", "hours", "starts_on", "ends_on", "issued_on", "issuer"):
        print(f"{name:>10}  {facts[name]}")
    print(f"{'signed':>10}  with {day['size']} of the day {day['day']}")
    print(f"{'file':>10}  {file}")


def main() -> int:
    given = arguments()
    try:
        key = key_bytes(given.key)
        content = given.certificate.read_bytes()
        proof = json.loads(given.proof.read_text(encoding="utf-8"))
        day = check_day(proof, key)
        leaf = check_leaf(proof, day)
        file = check_file(content, leaf)
    except DisagreementError as wrong:
        print(f"DOES NOT AGREE: {wrong}")
        return DIFFERS
    except (OSError, ValueError, LookupError, StopIteration, TypeError) as error:
        print(f"CANNOT TELL: {type(error).__name__}: {error}")
        return CANNOT_TELL
    report(leaf, day, file)
    if file == "UNTOLD":
        print("CANNOT TELL: the proof is older than the file; download the proof again")
        return CANNOT_TELL
    print("AGREES. Whether it was revoked or replaced since, only the issuer's page can tell.")
    return AGREES


if __name__ == "__main__":
    sys.exit(main())
