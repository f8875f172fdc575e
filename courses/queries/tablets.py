"""Tablets as the protocol sees them: who calls, what has come, what is missing."""

import hashlib
import json
from uuid import UUID

from accounts.models import Device, Grant, User
from courses.models import SealKey
from lms.lib.periods import today, valid_on
from lms.lib.scope import Role
from lms.lib.sets import ask, key

#: Gaps that one answer names; the next answer names the next ones.
MOST_GAPS = 50
#: PBKDF2 rounds by which a tablet's PIN guards its data.
WRAP_ROUNDS = 600_000


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def device_id_of(token: str) -> UUID | None:
    """Whose token this is, whatever became of the tablet since; a token never moves to another."""
    digest = token_digest(token)
    if digest not in _KNOWN:
        found = ask("SELECT id FROM accounts_device WHERE token_sha256 = %s", digest)
        if not found:
            return None
        if len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[digest] = key(found[0][0])
    return _KNOWN[digest]


_KNOWN: dict[str, UUID] = {}
_MOST_KNOWN = 20_000


def device_with(pk: UUID) -> Device | None:
    return Device.objects.select_related("enrolled_by", "region").filter(pk=pk).first()


def is_trainer(user: User) -> bool:
    """Today; one question, where a scope would ask for all that the person reaches."""
    grants = Grant.objects.filter(valid_on(today()), user=user, role=Role.TRAINER)
    return user.is_active and grants.exists()


def refusal(device: Device, *, has_role: bool | None = None) -> str:
    """Why this tablet gets no data, and what it brings goes into quarantine; "" = it is trusted."""
    if device.status != Device.Status.ACTIVE:
        return "device_revoked"
    if not (is_trainer(device.enrolled_by) if has_role is None else has_role):
        return "role_ended"
    return ""


def current_seal_key() -> SealKey | None:
    return SealKey.objects.filter(in_use=True).first()


def seal_key_facts(key: SealKey) -> dict[str, object]:
    return {"id": str(key.pk), "jwk": key.public}


def enrol_text(code: str, *, origin: str) -> str:
    """What the QR code of the enrolment page says."""
    said = {"v": 1, "url": f"{origin.rstrip('/')}/attendance/", "code": code}
    return json.dumps(said, separators=(",", ":"))


def seqs_after(device_id: UUID, seq: int) -> list[int]:
    """Numbers above `seq` whose rows are here, ascending."""
    return sorted(row[0] for row in ask(_SEQS, device_id, seq, device_id, seq))


_SEQS = (
    "SELECT seq FROM courses_markevent WHERE device_id = %s AND seq > %s"
    " UNION SELECT seq FROM courses_takenseq WHERE device_id = %s AND seq > %s"
)


def reach(contiguous: int, seqs: list[int], last_seq: int) -> tuple[int, list[tuple[int, int]]]:
    """Up to where nothing is missing, and the gaps after that, from what is here above it."""
    gaps = []
    expected = contiguous + 1
    for seq in seqs:
        if seq > expected:
            gaps.append((expected, seq - 1))
        expected = seq + 1
    end = expected - 1
    contiguous = gaps[0][0] - 1 if gaps else end
    if last_seq > end:
        gaps.append((end + 1, last_seq))
    return contiguous, gaps[:MOST_GAPS]
