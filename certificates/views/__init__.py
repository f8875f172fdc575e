from certificates.views.certificates import (
    certificate_code,
    certificate_detail,
    certificate_list,
    certificate_reissue,
    certificate_revoke,
)
from certificates.views.checking import (
    verify,
    verify_code,
    verify_file,
)
from certificates.views.handing import (
    certificate_copy,
    certificate_find,
    certificate_image,
    certificate_pdf,
    certificate_picture,
    my_certificates,
    run_sheet,
)
from certificates.views.issuers import (
    issuer_create,
    issuer_list,
    issuer_rename,
)
from certificates.views.issuing import (
    ineligible_list,
    region_issue,
    run_issue,
)
from certificates.views.packing import (
    pack_download,
    region_book,
    run_pack,
)
from certificates.views.proofs import (
    certificate_credential,
    verify_issuer,
    verify_keys,
    verify_proof,
    verify_root,
)
from certificates.views.templates import (
    template_create,
    template_list,
    template_move,
    template_picture,
    template_proof,
)

__all__ = [
    "certificate_code",
    "certificate_copy",
    "certificate_credential",
    "certificate_detail",
    "certificate_find",
    "certificate_image",
    "certificate_list",
    "certificate_pdf",
    "certificate_picture",
    "certificate_reissue",
    "certificate_revoke",
    "ineligible_list",
    "issuer_create",
    "issuer_list",
    "issuer_rename",
    "my_certificates",
    "pack_download",
    "region_book",
    "region_issue",
    "run_issue",
    "run_pack",
    "run_sheet",
    "template_create",
    "template_list",
    "template_move",
    "template_picture",
    "template_proof",
    "verify",
    "verify_code",
    "verify_file",
    "verify_issuer",
    "verify_keys",
    "verify_proof",
    "verify_root",
]
