from certificates.models.issuing import (
    Certificate,
    CertificateTemplate,
    Issuer,
    NumberCounter,
)
from certificates.models.proofs import DailyRoot, IssuerKey, ProofLeaf

__all__ = [
    "Certificate",
    "CertificateTemplate",
    "DailyRoot",
    "Issuer",
    "IssuerKey",
    "NumberCounter",
    "ProofLeaf",
]
