"""A tablet as the tests use one: it writes rows, keeps them, and speaks the protocol."""

import hashlib
import hmac
import json
import time
from base64 import b64encode, urlsafe_b64decode
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client

from courses.actions import (
    Delivery,
    PushAnswer,
    enrol_device,
    import_queue,
    issue_enrol_code,
    push_events,
)
from courses.actions.custody import QueueImport
from courses.models import AttendanceState, MarkEvent
from courses.queries.queues import read_queue

API = "/api/attendance/v1"
OAEP = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def seal(seal_key: dict, content: bytes) -> dict:
    """As the app does it, with what enrolment gave out."""
    n, e = (int.from_bytes(urlsafe_b64decode(seal_key["jwk"][part] + "=="), "big") for part in "ne")
    secret, iv = b"k" * 32, b"i" * 12
    wrapped = rsa.RSAPublicNumbers(e, n).public_key().encrypt(secret, OAEP)
    parts = {"wrapped": wrapped, "iv": iv, "data": AESGCM(secret).encrypt(iv, content, None)}
    return {"key": seal_key["id"]} | {k: b64encode(v).decode() for k, v in parts.items()}


class Tablet:
    """`send` delivers rows and returns the answer's JSON; nothing is retried by itself."""

    def __init__(self, trainer, client: Client | None = None) -> None:
        issued = issue_enrol_code(actor=trainer)
        enrolled = enrol_device(code=issued.text, label="平板")
        self.client = client or Client(raise_request_exception=False)
        self.device, self.token = enrolled.device, enrolled.token
        self.id = str(enrolled.device.pk)
        self.seal_key = {"id": str(enrolled.seal_key.pk), "jwk": enrolled.seal_key.public}
        self.seq = 0
        self.last_ms = now_ms() - 60_000

    def row(self, kind: str, session, learner=None, **fields) -> dict:
        self.seq += 1
        self.last_ms += 1
        learner_id = getattr(learner, "pk", learner)
        return {
            "event_id": str(uuid4()),
            "seq": self.seq,
            "kind": kind,
            "session_id": str(getattr(session, "pk", session)),
            "learner_id": str(learner_id) if learner_id else None,
            "source": "trainer",
            "base": None,
            "wall_ms": self.last_ms,
            "skew_ms": 0,
            "t_ms": self.last_ms,
            "snapshot_version": None,
        } | fields

    def mark(self, session, learner, status: str = "PRESENT", **fields) -> dict:
        return self.row("mark", session, learner, status=status, method="name", **fields)

    def void(self, marked: dict, **fields) -> dict:
        return self.row(
            "void", marked["session_id"], marked["learner_id"], target=marked["event_id"], **fields
        )

    def walk_in(self, session, **person: str) -> dict:
        said = {"name": "", "id_number": "", "phone": "", "village": "", "qr": ""} | person
        sealed = seal(self.seal_key, json.dumps(said).encode())
        return self.row("walkin", session, status="PRESENT", method="name", sealed=sealed)

    def close(self, session, head_count: int = 0, saw=(), **fields) -> dict:
        said = {"head_count": head_count, "saw": [str(x) for x in saw], "photo_sha256": ""}
        return self.row("close", session, **said, **fields)

    def body(self, *rows: dict, **fields) -> dict:
        return {
            "batch_id": str(uuid4()),
            "device": self.id,
            "last_seq": self.seq,
            "pending": len(rows),
            "client_time": now_ms(),
            "app_version": "1.0.0",
            "events": list(rows),
        } | fields

    def post(self, path: str, content, **headers):
        content = content if isinstance(content, (bytes, str)) else json.dumps(content)
        kind = headers.pop("content_type", "application/json")
        return self.client.post(f"{API}/{path}", content, kind, headers=self.headers(**headers))

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | more

    def push(self, *rows: dict, **fields):
        return self.post("push", self.body(*rows, **fields))

    def send(self, *rows: dict, **fields) -> dict:
        response = self.push(*rows, **fields)
        assert response.status_code == 200, (response.status_code, response.content)
        return response.json()

    def results(self, *rows: dict, **fields) -> list[str]:
        """What became of each: "accepted", or "parked:quarantine"."""
        found = self.send(*rows, **fields)["results"]
        return [":".join(x for x in (one["result"], one.get("code")) if x) for one in found]

    def snapshot(self, since: int | None = None):
        query = "" if since is None else f"?since={since}"
        return self.client.get(f"{API}/snapshot{query}", headers=self.headers())


def brought(session, learner, seq: int = 1, status: str = "PRESENT", **fields) -> dict:
    """A mark as a tablet brings it whose clock stands at `seq`, and is right."""
    return {
        "event_id": str(uuid4()),
        "seq": seq,
        "kind": "mark",
        "session_id": str(session.pk),
        "learner_id": str(learner.pk) if learner else None,
        "status": status,
        "source": "trainer",
        "method": "name",
        "wall_ms": seq,
        "skew_ms": 0,
        "t_ms": seq,
    } | fields


def bring(device, *rows: dict) -> PushAnswer:
    """Behind the address and the token."""
    delivery = Delivery(batch_id=uuid4(), rows=rows, last_seq=max(row["seq"] for row in rows))
    return push_events(device_id=device.pk, delivery=delivery)


def new_id() -> UUID:
    return uuid4()


def statuses(session) -> dict:
    rows = AttendanceState.objects.filter(session=session)
    return dict(rows.values_list("learner_id", "status"))


def events() -> int:
    return MarkEvent.objects.count()


def queue_file(tablet, *rows, **more) -> bytes:
    plain = json.dumps({"events": list(rows), "evidence": []} | more).encode()
    key = bytes.fromhex(hashlib.sha256(tablet.token.encode()).hexdigest())
    outer = {
        "format": "lms-attendance-queue",
        "v": 1,
        "device": tablet.id,
        "sealed": seal(tablet.seal_key, plain),
        "mac": hmac.digest(key, plain, "sha256").hex(),
    }
    return json.dumps(outer).encode()


def bring_file(content: bytes, actor) -> QueueImport:
    """A file, as the office takes it in."""
    return import_queue(queue=read_queue(content, actor), actor=actor)
