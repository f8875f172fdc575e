from certificates.actions.issuing import (
    create_issuer,
    issue_certificates,
    note_correction,
    revoke_certificate,
    store_pdf,
)
from certificates.actions.proofs import make_daily_roots
from certificates.actions.signatures import credential_signer, store_signed

__all__ = [
    "create_issuer",
    "credential_signer",
    "issue_certificates",
    "make_daily_roots",
    "note_correction",
    "revoke_certificate",
    "store_pdf",
    "store_signed",
]
