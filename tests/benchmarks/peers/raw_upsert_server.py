"""30,000 marks in 3.2 to 4.9 s on PostgreSQL, in 5.5 s on SQLite: a bare upsert by raw SQL.

A WSGI application under the same gunicorn, on the same engine with the same fsync: it looks up the
token, reads the JSON, and stores events and latest marks of a batch in one transaction. No models,
no scope, no audit line, no history of who was told what. Twice the quoted time or more and the run
says nothing.
"""

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

QUOTED_PG, QUOTED_SQLITE = 4.9, 5.5
URL, FILE, PRAGMAS = (os.environ.get(f"PEER_{name}", "") for name in ("URL", "FILE", "PRAGMAS"))
EVENTS = (
    "CREATE TABLE IF NOT EXISTS peer_event (event_id {uuid} PRIMARY KEY, device {uuid} NOT NULL, "
    "seq BIGINT NOT NULL, session {uuid} NOT NULL, learner {uuid} NOT NULL, "
    "status VARCHAR(10) NOT NULL, t_ms BIGINT NOT NULL, UNIQUE (device, seq))"
)
STATES = (
    "CREATE TABLE IF NOT EXISTS peer_state (session {uuid} NOT NULL, learner {uuid} NOT NULL, "
    "event_id {uuid} NOT NULL, status VARCHAR(10) NOT NULL, t_ms BIGINT NOT NULL, "
    "PRIMARY KEY (session, learner))"
)
DEVICES = (
    "CREATE TABLE IF NOT EXISTS peer_device (token_sha256 CHAR(64) PRIMARY KEY, id {uuid} NOT NULL)"
)
DEVICE = "INSERT INTO peer_device VALUES ({two}) ON CONFLICT DO NOTHING"
CALLER = "SELECT id FROM peer_device WHERE token_sha256 = {one}"
EVENT = "INSERT INTO peer_event VALUES ({seven}) ON CONFLICT DO NOTHING"
STATE = (
    "INSERT INTO peer_state VALUES ({five}) ON CONFLICT (session, learner) DO UPDATE "
    "SET event_id = excluded.event_id, status = excluded.status, t_ms = excluded.t_ms "
    "WHERE (excluded.t_ms, excluded.event_id) > (peer_state.t_ms, peer_state.event_id)"
)
MARK = "%s" if URL else "?"
_own = threading.local()


def connection() -> Any:
    if not hasattr(_own, "connection"):
        _own.connection = _postgresql() if URL else _sqlite()
    return _own.connection


def _postgresql() -> Any:
    import psycopg

    return psycopg.connect(URL)


def _sqlite() -> sqlite3.Connection:
    found = sqlite3.connect(FILE, timeout=30, isolation_level=None)
    found.executescript(PRAGMAS)
    return found


def prepare(devices: Iterable[tuple[str, str]]) -> None:
    """The tables, and the tablets (SHA-256 of their token, id) that may bring batches."""
    found = connection()
    for statement in (DEVICES, EVENTS, STATES):
        found.execute(statement.format(uuid="UUID" if URL else "CHAR(36)"))
    found.cursor().executemany(DEVICE.format(two=", ".join([MARK] * 2)), list(devices))
    if URL:
        found.commit()


def device_of(header: str) -> str:
    digest = hashlib.sha256(header.removeprefix("Bearer ").encode()).hexdigest()
    cursor = connection().cursor()
    row = cursor.execute(CALLER.format(one=MARK), (digest,)).fetchone()
    return str(row[0]) if row else ""


def take(rows: list[dict[str, Any]], device: str) -> None:
    events = [
        (r["event_id"], device, r["seq"], r["session_id"], r["learner_id"], r["status"], r["t_ms"])
        for r in rows
    ]
    # In one order, or two tablets of a class would wait for each other.
    states = sorted((e[3], e[4], e[0], e[5], e[6]) for e in events)
    found = connection()
    cursor = found.cursor()
    if not URL:
        cursor.execute("BEGIN IMMEDIATE")
    cursor.executemany(EVENT.format(seven=", ".join([MARK] * 7)), events)
    cursor.executemany(STATE.format(five=", ".join([MARK] * 5)), states)
    found.commit()


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "GET":
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]
    said = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    device = device_of(environ.get("HTTP_AUTHORIZATION", ""))
    if device != said["device"]:
        start("401 Unauthorized", [("Content-Length", "0")])
        return [b""]
    take(said["events"], device)
    results = [{"event_id": row["event_id"], "result": "accepted"} for row in said["events"]]
    body = json.dumps({"server_time": int(time.time() * 1000), "results": results}).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
