"""Certificates: facts frozen at issue, a gapless number, a code that anyone can check."""

from certificates.models.copies import (
    CertificateCopy,
)
from certificates.models.issuing import (
    Certificate,
    CertificateQuerySet,
    Issuer,
    NumberCounter,
)
from certificates.models.proofs import (
    DailyRoot,
    IssuerKey,
    ProofLeaf,
)
from certificates.models.templates import (
    CertificateTemplate,
)

__all__ = [
    "Certificate",
    "CertificateCopy",
    "CertificateQuerySet",
    "CertificateTemplate",
    "DailyRoot",
    "Issuer",
    "IssuerKey",
    "NumberCounter",
    "ProofLeaf",
]
