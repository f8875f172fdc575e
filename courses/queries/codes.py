"""What a tablet recognises people by without knowing their numbers: tags and personal QR codes."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from uuid import UUID

from lms.lib import crypto

QR_VERSION = "T1"
_MAC_BYTES = 8


def class_key(session_id: UUID) -> bytes:
    """Under which one session's numbers are tagged; of no use for any other."""
    return crypto.blind_index(str(session_id), label="attendance.class_key")


def id_tag(key: bytes, number: str) -> bytes:
    """What the tablet computes from the number that is typed, 18 characters with a capital X."""
    return hmac.digest(key, number.upper().encode(), sha256)


def personal_qr(learner_id: UUID) -> str:
    """T1.<learner>.<mark>: what a trainee's card shows; nobody can make one for somebody else."""
    return f"{QR_VERSION}.{_base64(learner_id.bytes)}.{_base64(_mark(learner_id))}"


def read_personal_qr(text: str) -> UUID | None:
    """Whose code this is; None for anything else that a camera may see."""
    version, _, rest = text.strip().partition(".")
    body, _, mark = rest.partition(".")
    if version != QR_VERSION or (len(body), len(mark)) != (22, 11):
        return None
    try:
        learner_id = UUID(bytes=urlsafe_b64decode(f"{body}=="))
        given = urlsafe_b64decode(f"{mark}=")
    except (Base64Error, ValueError):
        return None
    return learner_id if hmac.compare_digest(given, _mark(learner_id)) else None


def _mark(learner_id: UUID) -> bytes:
    return crypto.blind_index(str(learner_id), label="attendance.qr")[:_MAC_BYTES]


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
