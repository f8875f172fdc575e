"""Who signs a file or a text: the one interface, and the signer that has its key at hand."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

FIELD: Final = "Issuer"
DIGEST: Final = "sha256"
POINT_BYTES: Final = 32  # of P-256


class Signer(Protocol):
    """A key of an issuer: at hand, in a token or behind a service."""

    @property
    def certificate(self) -> bytes:
        """X.509, DER."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""

    @property
    def algorithm(self) -> str:
        """As JWS names it: RS256 or ES256."""

    def sign_pdf(self, content: bytes, *, number: str, issuer: str) -> bytes:
        """The file with a PAdES B-B signature behind its own bytes."""

    def sign(self, message: bytes) -> bytes:
        """A signature as JWS wants it."""


class KeySigner:
    """The key is parsed once: that is most of what a signature costs."""

    def __init__(self, private: bytes, certificate: bytes, chain: tuple[bytes, ...] = ()) -> None:
        from asn1crypto import keys, x509
        from pyhanko.sign.signers import SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        self.certificate = certificate
        self._key: Any = load_der_private_key(private, password=None)
        if not isinstance(self._key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise TypeError("neither RSA nor an elliptic curve")
        self.algorithm = "RS256" if isinstance(self._key, rsa.RSAPrivateKey) else "ES256"
        others = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        others.register_multiple(x509.Certificate.load(one) for one in chain)
        self._pdf = SimpleSigner(
            signing_cert=x509.Certificate.load(certificate),
            signing_key=keys.PrivateKeyInfo.load(private),
            cert_registry=others,
            embed_roots=False,
        )
        # pyHanko would parse and test the key at each signature: half a second of RSA.
        self._pdf.sign_raw = self._raw  # type: ignore[method-assign]

    @classmethod
    def from_pkcs12(cls, path: Path, password: str) -> KeySigner:
        """A licensed authority's file: key, certificate and those above it."""
        kept = load_pkcs12(path.read_bytes(), password.encode() or None)
        if kept.key is None or kept.cert is None:
            raise ValueError(f"{path.name} lacks its key or its certificate")
        private = kept.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        above = tuple(one.certificate.public_bytes(Encoding.DER) for one in kept.additional_certs)
        return cls(private, kept.cert.certificate.public_bytes(Encoding.DER), above)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.certificate).hexdigest()

    def sign_pdf(self, content: bytes, *, number: str, issuer: str) -> bytes:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

        described = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm=DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            reason=number,
            name=issuer,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            # The length of an elliptic signature varies by a byte or two.
            tight_size_estimates=self.algorithm == "RS256",
        )
        writer = IncrementalPdfFileWriter(BytesIO(content))
        signed = PdfSigner(described, signer=self._pdf).sign_pdf(writer)
        return bytes(signed.getvalue())

    def _raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """As CMS wants it."""
        if digest_algorithm != DIGEST:
            raise ValueError(f"asked for {digest_algorithm}")
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), SHA256())
        return bytes(self._key.sign(data, ec.ECDSA(SHA256())))

    def sign(self, message: bytes) -> bytes:
        signature = self._raw(message, DIGEST)
        if isinstance(self._key, rsa.RSAPrivateKey):
            return signature
        r, s = decode_dss_signature(signature)
        return r.to_bytes(POINT_BYTES, "big") + s.to_bytes(POINT_BYTES, "big")
