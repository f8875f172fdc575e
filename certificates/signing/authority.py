"""Keys and certificates made here: a small authority, and a certificate of it for each issuer.

It shows that a file is as issued, to whoever knows the authority's certificate. In law it is no
electronic seal: for that, a licensed authority's key is put in its place by configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

KEY_BITS: Final = 3072
YEARS: Final = 30  # certificates are checked for as long as people live
CLOCKS_DIFFER: Final = timedelta(hours=1)
MOST_NAME: Final = 64  # of a common name in X.509


@dataclass(frozen=True, slots=True)
class MadeKey:
    private: bytes  # PKCS#8, DER
    certificate: bytes  # X.509, DER


def make_authority(name: str, *, bits: int = KEY_BITS) -> MadeKey:
    key = generate_private_key(65537, bits)
    own = _name(name)
    builder = _builder(own, own, key, path_length=0)
    return _signed(builder, key, by=key)


def make_certificate(
    name: str, *, prefix: str, authority: MadeKey, bits: int = KEY_BITS
) -> MadeKey:
    """A key that signs files in an issuer's name."""
    above = x509.load_der_x509_certificate(authority.certificate)
    key = generate_private_key(65537, bits)
    own = _name(name, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, prefix))
    builder = _builder(own, above.subject, key, path_length=None)
    return _signed(builder, key, by=_private(authority.private))


def _name(name: str, *more: x509.NameAttribute[str]) -> x509.Name:
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")
    return x509.Name([country, *more, x509.NameAttribute(NameOID.COMMON_NAME, name[:MOST_NAME])])


def _builder(
    subject: x509.Name, above: x509.Name, key: RSAPrivateKey, *, path_length: int | None
) -> x509.CertificateBuilder:
    is_authority = path_length is not None
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now.replace(year=now.year + YEARS, day=min(now.day, 28)))
        .add_extension(x509.BasicConstraints(is_authority, path_length), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed(builder: x509.CertificateBuilder, key: RSAPrivateKey, *, by: RSAPrivateKey) -> MadeKey:
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    certificate = builder.add_extension(above, critical=False).sign(by, SHA256())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return MadeKey(private, certificate.public_bytes(Encoding.DER))


def _private(der: bytes) -> RSAPrivateKey:
    key = load_der_private_key(der, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("an authority made here has an RSA key")
    return key
