"""Certificates for clerks and officials, a trainee's own, and the public check."""

from certificates.views.certificates import (
    certificate_code,
    certificate_detail,
    certificate_list,
    certificate_pdf,
    certificate_revoke,
    my_certificates,
    run_issue,
    verify,
    verify_code,
)

__all__ = [
    "certificate_code",
    "certificate_detail",
    "certificate_list",
    "certificate_pdf",
    "certificate_revoke",
    "my_certificates",
    "run_issue",
    "verify",
    "verify_code",
]
