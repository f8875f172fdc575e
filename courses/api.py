"""What tablets talk to: typed schemas in front of the same actions and queries as everybody's.

No cookies and no sessions: the token says which tablet calls, and so whose marks these are.
"""

import hashlib
import time
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.security import HttpBearer
from pydantic import BaseModel

from accounts.models import Device
from courses.actions import (
    Delivery,
    PushAnswer,
    enrol_device,
    ensure_seal_key,
    push_apart,
    push_events,
    receive_picture,
)
from courses.actions.plain import MarkRow
from courses.actions.sync import MOST_ROWS
from courses.queries.drawing import EVIDENCE_BYTES, drawn_anew
from courses.queries.snapshots import expires_at, snapshot
from courses.queries.tablets import (
    WRAP_ROUNDS,
    device_id_of,
    device_with,
    refusal,
    seal_key_facts,
)
from lms.lib.bodies import ApiError, body_of, too_large
from lms.lib.errors import ActionError
from lms.lib.throttle import allow, client_address
from lms.lib.turns import together

router = Router()
#: Tries to enrol a tablet, from one address and from all.
ENROLS_A_MINUTE, ENROLS_EVERYWHERE = 10, 120


class TabletToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> UUID | None:
        return device_id_of(token)


def trusted_device(request: HttpRequest) -> Device:
    """The tablet that calls; 403 when it gets no data any more."""
    device = device_with(request.auth)  # type: ignore[attr-defined]
    if device is None:
        raise Http404
    if reason := refusal(device):
        raise ApiError(403, reason, _NO_DATA[reason], upload="quarantine")
    return device


class EnrolIn(Schema):
    code: Annotated[str, Field(max_length=40)]
    label: Annotated[str, Field(max_length=200)] = ""
    standalone: bool = False
    persisted: bool = False
    app_version: Annotated[str, Field(max_length=40)] = ""


class PushIn(BaseModel):
    batch_id: UUID
    device: UUID
    last_seq: Annotated[int, Field(strict=True, ge=0, le=2**53)] = 0
    pending: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = 0
    client_time: Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)] | None = None
    app_version: Annotated[str, Field(max_length=40)] = ""
    #: Each is judged by itself: see courses.actions.rows.
    events: list[Any] = []


class MarksIn(PushIn):
    """A batch of nothing but plain marks, which are read with it."""

    events: list[MarkRow]


class EnrolOut(Schema):
    device_id: str
    token: str
    server_time: int
    seal_key: dict[str, Any]
    wrap_iter: int
    trainer: str


class KeptOut(Schema):
    result: Literal["accepted", "duplicate", "parked"]
    #: Why it is in custody.
    code: str | None = None


@router.post("enrol", auth=None, url_name="enrol", response={201: EnrolOut})
def enrol(request: HttpRequest, said: EnrolIn) -> Any:
    address = client_address(request)
    if not (
        allow(f"enrol:{address}", limit=ENROLS_A_MINUTE, seconds=60)
        and allow("enrol", limit=ENROLS_EVERYWHERE, seconds=60)
    ):
        message = _("Too many tries. Wait a minute, then try once more.")
        raise ApiError(429, "too_many_tries", message, retry_after=60)
    found = enrol_device(code=said.code, label=said.label, app_version=said.app_version)
    return Status(
        201,
        {
            "device_id": str(found.device.pk),
            "token": found.token,
            "server_time": _now_ms(),
            "seal_key": seal_key_facts(found.seal_key),
            "wrap_iter": WRAP_ROUNDS,
            "trainer": found.device.enrolled_by.display_name,
        },
    )


@router.get("snapshot", url_name="snapshot")
@decorate_view(gzip_page)
def get_snapshot(request: HttpRequest, since: int | None = None) -> Any:
    device = trusted_device(request)
    found = snapshot(device)
    if since == found.version:
        return HttpResponse(status=304)
    return {
        "version": found.version,
        "full": True,
        "server_time": _now_ms(),
        "expires_at": expires_at(),
        "seal_key": seal_key_facts(ensure_seal_key()),
        **found.content,
    }


@router.post("push", url_name="push")
def push(request: HttpRequest, said: PushIn) -> Any:
    device_id: UUID = request.auth  # type: ignore[attr-defined]
    if said.device != device_id:
        message = _("These marks bear the name of another tablet. Enrol this one anew.")
        raise ApiError(409, "wrong_device", message)
    if len(said.events) > MOST_ROWS:
        raise too_large()
    delivery = Delivery(
        batch_id=said.batch_id,
        rows=said.events,
        last_seq=said.last_seq,
        pending=said.pending,
        app_version=said.app_version,
        are_marks=isinstance(said, MarksIn),
    )
    answer = _taken_in(device_id, delivery)
    return {
        "batch_id": str(said.batch_id),
        "server_time": _now_ms(),
        "contig_seq": answer.contig_seq,
        "durable_seq": answer.durable_seq,
        "missing_seq": answer.missing_seq,
        "results": [
            {name: value for name, value in vars(row).items() if value not in ("", None)}
            for row in answer.results
        ],
        "directives": answer.directives,
    }


def _taken_in(device_id: UUID, delivery: Delivery) -> PushAnswer:
    try:
        if not delivery.plain:  # read before anybody waits for this batch
            delivery.reads  # noqa: B018
        return together(lambda: push_events(device_id=device_id, delivery=delivery))
    except (OperationalError, InterfaceError, Device.DoesNotExist):
        raise
    except Exception:
        # It would end the same way each time it came, and keep all others waiting.
        return together(lambda: push_apart(device_id=device_id, delivery=delivery))


@router.post(
    "evidence/{uuid:session_id}/{kind}",
    url_name="evidence",
    response={200: KeptOut, 201: KeptOut},
    exclude_none=True,
)
def evidence(request: HttpRequest, session_id: UUID, kind: Literal["photo", "signature"]) -> Any:
    """Of a tablet that gets no data any more, as of every other: taken into custody."""
    device = device_with(request.auth)  # type: ignore[attr-defined]
    if device is None:
        raise Http404
    content = body_of(request, most=EVIDENCE_BYTES)
    if hashlib.sha256(content).hexdigest() != request.headers.get("X-Content-SHA256", "").lower():
        raise ApiError(400, "half_sent", _("The picture did not arrive whole. Send it once more."))
    picture = drawn_anew(content, kind)
    found = receive_picture(device=device, session_id=session_id, picture=picture)
    if not found.is_new:
        return {"result": "duplicate"}
    if found.code:
        return Status(201, {"result": "parked", "code": found.code})
    return Status(201, {"result": "accepted"})


_NO_DATA = {
    "device_revoked": _("This tablet was reported lost or handed in: it gets no more data."),
    "role_ended": _("The trainer of this tablet teaches no longer: it gets no more data."),
}
#: What actions refuse -> status; anything else is 422.
STATUSES = {"code_used_or_expired": 410, "too_large": 413, "too_many": 409}


def status_of(error: ActionError) -> int:
    return STATUSES.get(error.code, 422)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
