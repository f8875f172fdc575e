from certificates.views.checking import verify, verify_code, verify_file
from certificates.views.issuing import (
    certificate_code,
    certificate_detail,
    certificate_list,
    certificate_pdf,
    certificate_revoke,
    my_certificates,
    run_issue,
)
from certificates.views.proofs import (
    certificate_credential,
    verify_issuer,
    verify_keys,
    verify_proof,
    verify_root,
)

__all__ = [
    "certificate_code",
    "certificate_credential",
    "certificate_detail",
    "certificate_list",
    "certificate_pdf",
    "certificate_revoke",
    "my_certificates",
    "run_issue",
    "verify",
    "verify_code",
    "verify_file",
    "verify_issuer",
    "verify_keys",
    "verify_proof",
    "verify_root",
]
