"""Issuing, storing, reissuing and revoking certificates."""

from certificates.actions.copies import (
    note_copy,
)
from certificates.actions.erasing import (
    erase_holder,
)
from certificates.actions.handing import (
    look_up,
    note_sheet,
)
from certificates.actions.issuing import (
    create_issuer,
    issue_certificates,
    issue_region,
    reissue_certificate,
    rename_issuer,
)
from certificates.actions.packing import (
    erase_packs,
    keep_pack,
    note_pack_fetched,
    sweep_packs,
)
from certificates.actions.proofs import (
    make_daily_roots,
)
from certificates.actions.revoking import (
    note_correction,
    revoke_certificate,
)
from certificates.actions.signatures import (
    credential_signer,
    store_signed,
)
from certificates.actions.storing import (
    store_pdf,
)
from certificates.actions.templates import (
    make_template,
    use_template,
    withdraw_template,
)

__all__ = [
    "create_issuer",
    "credential_signer",
    "erase_holder",
    "erase_packs",
    "issue_certificates",
    "issue_region",
    "keep_pack",
    "look_up",
    "make_daily_roots",
    "make_template",
    "note_copy",
    "note_correction",
    "note_pack_fetched",
    "note_sheet",
    "reissue_certificate",
    "rename_issuer",
    "revoke_certificate",
    "store_pdf",
    "store_signed",
    "sweep_packs",
    "use_template",
    "withdraw_template",
]
