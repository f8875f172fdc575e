"""Read a CMS envelope (RFC 5652) as PAdES puts it into a PDF, and check it over the bytes."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_der_x509_certificate

DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
MOST_HEX: Final = 128 * 1024
# What a reader of somebody else's bytes may meet.
BROKEN: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    InvalidSignature,
    UnsupportedAlgorithm,
)


def signer_of(hexed: bytes, covered: bytes) -> tuple[str, bool]:
    """The fingerprint of the signer's certificate, and whether it signed exactly these bytes."""
    if len(hexed) > MOST_HEX:
        return "", False
    try:
        info, certificate = _opened(bytes.fromhex(hexed.decode("ascii")))
    except BROKEN:
        return "", False
    fingerprint = hashlib.sha256(certificate).hexdigest()
    try:
        _check(info, certificate, covered)
    except BROKEN:
        return fingerprint, False
    return fingerprint, True


def _opened(envelope: bytes) -> tuple[Any, bytes]:
    """The signer's part, and the certificate that it names."""
    from asn1crypto import cms

    signed = cms.ContentInfo.load(envelope)["content"]
    info = signed["signer_infos"][0]
    named = info["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        same_issuer = certificate.issuer.dump() == named["issuer"].dump()
        if same_issuer and certificate.serial_number == named["serial_number"].native:
            return info, certificate.dump()
    raise ValueError("the signer's certificate is not enclosed")


def _check(info: Any, certificate: bytes, covered: bytes) -> None:
    digest = info["digest_algorithm"]["algorithm"].native
    algorithm = DIGESTS[digest]
    attributes = info["signed_attrs"]
    stated = {a["type"].native: a["values"][0].native for a in attributes}
    if stated["message_digest"] != hashlib.new(digest, covered).digest():
        raise InvalidSignature
    signature = info["signature"].native
    message = attributes.untag().dump()
    key = load_der_x509_certificate(certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, message, ec.ECDSA(algorithm))
    else:
        raise UnsupportedAlgorithm("neither RSA nor an elliptic curve")
