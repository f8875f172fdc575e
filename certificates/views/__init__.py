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
    "verify_file",
]
