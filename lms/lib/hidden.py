"""Text that must stand in an address without being read there: what somebody searched for."""

import base64
import binascii

from lms.lib.crypto import DecryptError, decrypt, encrypt

_LONGEST = 600


def hide(text: str, *, of: object) -> str:
    """A token for the address. Only the person `of` (a user's key) can have it read again."""
    return base64.urlsafe_b64encode(encrypt(text, where=_where(of))).decode().rstrip("=")


def read(token: str, *, of: object) -> str | None:
    """The text of a token, or None: somebody else's, altered, or typed by hand."""
    if len(token) > _LONGEST:
        return None
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return decrypt(sealed, where=_where(of))
    except (binascii.Error, ValueError, DecryptError):
        return None


def _where(of: object) -> str:
    return f"lms.hidden:{of}"
