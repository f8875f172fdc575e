"""A queue that a tablet wrote into a file: opened, known to be its own, its pictures drawn."""

import hashlib
import hmac
import json
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import Device
from courses.queries.drawing import Drawing, drawn_anew
from courses.queries.seals import SealError, json_of, open_bytes
from lms.lib.errors import ActionError
from lms.lib.scope import HasScope

QUEUE_FORMAT, QUEUE_VERSION = "lms-attendance-queue", 1
QUEUE_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class QueuedPicture:
    session_id: UUID
    picture: Drawing


@dataclass(frozen=True)
class Queue:
    device: Device
    #: Of the file.
    sha256: str
    rows: list[Any]
    pictures: list[QueuedPicture]
    #: What names no class or holds no bytes.
    pictures_unreadable: int


def read_queue(content: bytes, user: HasScope) -> Queue:
    """Of a tablet that `user` answers for; the file shows by its mark that it is that tablet's.

    ActionError: FILE, DEVICE. Reads only, and takes its time over the pictures: outside of every
    transaction.
    """
    device, said = _opened(content, user)
    rows, found = _list(said.get("events")), _list(said.get("evidence"))
    pictures = [_picture(one) for one in found if isinstance(one, dict)]
    sound = [one for one in pictures if one is not None]
    sha256 = hashlib.sha256(content).hexdigest()
    return Queue(device, sha256, rows, sound, len(pictures) - len(sound))


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []


def _opened(content: bytes, user: HasScope) -> tuple[Device, dict[str, Any]]:
    try:
        outer = json.loads(content[: QUEUE_BYTES + 1])
        if (outer["format"], outer["v"]) != (QUEUE_FORMAT, QUEUE_VERSION):
            raise ValueError("another format")
        plain, mac = open_bytes(outer["sealed"]), str(outer["mac"])
        device_id = UUID(str(outer["device"]))
        said = json_of(plain)
    except (ValueError, KeyError, TypeError, RecursionError, SealError):
        message = _("This is no queue file of a tablet, or it was altered. Export it once more.")
        raise ActionError("FILE", message) from None
    rows = Device.objects.visible_to(user).select_related("region", "enrolled_by")
    device = rows.filter(pk=device_id).first()
    if device is None or not _is_from(device, plain, mac) or not isinstance(said, dict):
        raise ActionError("DEVICE", _("This file is from no tablet that you answer for."))
    return device, said


def _is_from(device: Device, plain: bytes, mac: str) -> bool:
    key = bytes.fromhex(device.token_sha256)
    return hmac.compare_digest(hmac.digest(key, plain, "sha256").hex().encode(), mac.encode())


def _picture(said: dict[str, Any]) -> QueuedPicture | None:
    try:
        session_id = UUID(str(said.get("session_id")))
        content = b64decode(str(said.get("b64", "")))
        return QueuedPicture(session_id, drawn_anew(content, str(said.get("kind"))))
    except (Base64Error, ValueError):
        return None
