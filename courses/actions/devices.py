"""Tablets: let one in by a code, and shut one out."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Device, EnrolCode
from accounts.queries import regions_granted
from courses.actions.errors import CourseError
from courses.actions.seals import ensure_seal_key
from courses.models import SealKey
from courses.queries.tablets import token_digest
from lms.lib.scope import Role
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

#: Without 0 O 1 I: it is typed by hand where the camera fails.
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH, CODE_MINUTES = 8, 15
TOKEN_PREFIX = "att_live_"  # noqa: S105 - what tokens begin with is no secret


@dataclass(frozen=True)
class IssuedCode:
    """`text` is shown once; only its hash is kept."""

    code: EnrolCode
    text: str


@dataclass(frozen=True)
class EnrolledDevice:
    device: Device
    token: str
    seal_key: SealKey


@transaction.atomic
def issue_enrol_code(*, actor: "User") -> IssuedCode:
    """For a tablet of the trainer `actor`; it holds for a quarter of an hour, once."""
    regions = regions_granted(actor, Role.TRAINER)
    if not regions:
        raise CourseError("NOT_TRAINER", _("Only a trainer can enrol a tablet for own classes."))
    letters = "".join(secrets.choice(CODE_LETTERS) for _n in range(CODE_LENGTH))
    code = EnrolCode.objects.create(
        code_sha256=_code_digest(letters),
        issued_by=actor,
        region=regions[0],
        expires_at=timezone.now() + timedelta(minutes=CODE_MINUTES),
    )
    record_audit("courses.enrol_code_issued", actor=actor, target=code, region_path=regions[0].path)
    return IssuedCode(code, f"{letters[:4]}-{letters[4:]}")


@transaction.atomic
def enrol_device(
    *, code: str, label: str, app_version: str = "", actor: None = None
) -> EnrolledDevice:
    """A tablet with a token of its own, which is shown nowhere again; whoever issued the code acts.

    CourseError "code_used_or_expired" for any code that lets nobody in.
    """
    rows = EnrolCode.objects.select_for_update(of=("self",)).select_related("region", "issued_by")
    found = rows.filter(code_sha256=_code_digest(code), used_at=None).first()
    now = timezone.now()
    if found is None or found.expires_at <= now or not found.issued_by.scope.has(Role.TRAINER):
        message = _("This code was used already or has expired. Ask for a new one and scan it.")
        raise CourseError("code_used_or_expired", message)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    device = Device.objects.create(
        label=_label(label),
        token_sha256=token_digest(token),
        enrolled_by=found.issued_by,
        region=found.region,
        app_version=app_version[:20],
        last_seen_at=now,
    )
    found.used_at, found.device = now, device
    found.save(update_fields=["used_at", "device"])
    _audit("courses.device_enrolled", device, found.issued_by)
    return EnrolledDevice(device, token, ensure_seal_key(actor=found.issued_by))


@transaction.atomic
def mark_device_lost(*, device: Device, actor: "User") -> Device:
    """No data for it from now on; what it still brings waits for a decision, then it is wiped."""
    return _shut_out(device, Device.Status.LOST, "courses.device_lost", actor)


@transaction.atomic
def retire_device(*, device: Device, actor: "User") -> Device:
    """Handed in: as with a lost one, what it may still bring waits for a decision."""
    return _shut_out(device, Device.Status.RETIRED, "courses.device_retired", actor)


def _shut_out(device: Device, status: str, action: str, actor: "User") -> Device:
    device = (
        Device.objects.select_for_update(of=("self",)).select_related("region").get(pk=device.pk)
    )
    if device.status == status:
        return device
    device.status = status
    device.save(update_fields=["status"])
    _audit(action, device, actor, waiting=device.reported_pending)
    return device


def _label(text: str) -> str:
    plain = " ".join("".join(letter for letter in text if letter.isprintable()).split())
    return plain[:60] or gettext("Tablet without a name")


def _code_digest(text: str) -> str:
    """However it was typed: small letters, blanks and hyphens do not matter."""
    plain = re.sub(r"[\s\-]", "", text).upper()
    return hashlib.sha256(plain.encode()).hexdigest()


def _audit(action: str, device: Device, actor: "User", **detail: object) -> None:
    path = device.region.path
    record_audit(action, actor=actor, target=device, region_path=path, detail=detail)
