"""What the web server itself answers, as `script/server` starts it: rows 40 and 41 of the matrix of
bad input, where a request never becomes one, or breaks off. The other rows: tests/courses."""

import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import pytest

from lms.management.commands import serve
from tests.e2e.site import Site

API = "/api/attendance/v1"
HUNDRED_KB = "x" * 100_000
#: A server that answers nothing fails the test after this.
PATIENCE = 30


class WebServer(Site):
    """As it is run, without the worker."""

    def start_web(self) -> None:
        self.web = self._begin("web", serve.web_server(self.port))

    def _ask_ready(self) -> str:
        with suppress(OSError):
            return "" if self.is_alive() else "it answers something else"
        return "nobody listens"

    def is_alive(self) -> bool:
        return self.ask("GET /livez", Host=f"127.0.0.1:{self.port}")[0] == 200

    def ask(self, what: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Status and answer to exactly these bytes, after which nothing more is sent; 0 where the
        line is cut."""
        lines = [f"{what} HTTP/1.1", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            with suppress(BrokenPipeError, ConnectionResetError):
                line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
                line.shutdown(socket.SHUT_WR)
            found = b"".join(_heard(line))
        return int(found.split(b" ", 2)[1]) if found else 0, found


def _heard(line: socket.socket) -> Iterator[bytes]:
    with suppress(ConnectionResetError):
        while more := line.recv(65_536):
            yield more


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[WebServer]:
    found = WebServer(tmp_path_factory.mktemp("web") / "data")
    found.data_dir.mkdir()
    found.prepare()
    try:
        found.start_web()
        found.wait_until_ready()
        yield found
    finally:
        found.stop()


@pytest.mark.parametrize(
    ("what", "headers", "expected"),
    [
        ("GET /", {"X_Long": HUNDRED_KB}, 431),
        ("GET /", {"Cookie": HUNDRED_KB}, 431),
        (f"POST {API}/push", {"Authorization": f"Bearer {HUNDRED_KB}"}, 431),
        ("GET /", {f"X_{n}": "x" * 1000 for n in range(120)}, 431),
        (f"GET /?q={HUNDRED_KB}", {}, 414),
    ],
    ids=["one header", "a cookie", "a token", "many headers", "an address"],
)
def test_row_40_a_hundred_kilobytes_before_the_body(server, what, headers, expected):
    """Refused in words, before any of the product's code runs; and the next one is served."""
    status, said = server.ask(what, Host=f"127.0.0.1:{server.port}", **headers)
    assert status == expected
    assert HUNDRED_KB.encode()[:200] not in said
    assert server.is_alive()


def test_row_40_a_made_up_host(server):
    status, said = server.ask("GET /accounts/login/", Host="evil.example")
    assert status == 400
    assert b"evil" not in said


def test_row_41_half_a_batch_and_then_the_line_is_cut(server):
    """Nothing of it is taken, nobody is kept waiting, and the whole one is taken afterwards."""
    room = server.cast("tablet_class", sessions="1", codes="1")
    pad = enrolled(server, room["codes"][0])
    now = time.time_ns() // 1_000_000
    row = {
        "event_id": str(uuid4()),
        "seq": 1,
        "kind": "mark",
        "session_id": room["sessions"][0],
        "learner_id": room["people"][0]["id"],
        "status": "PRESENT",
        "source": "trainer",
        "t_ms": now,
    }
    said = {"batch_id": str(uuid4()), "device": pad["device_id"], "last_seq": 1, "events": [row]}
    body = json.dumps(said).encode()
    head = {
        "Host": f"127.0.0.1:{server.port}",
        "Authorization": f"Bearer {pad['token']}",
        "Content_Type": "application/json",
        "Content_Length": str(len(body)),
        "Connection": "close",
    }
    status, answer = server.ask(f"POST {API}/push", body[: len(body) // 2], **head)
    assert status in {0, 400}, answer
    assert server.is_alive()
    status, answer = server.ask(f"POST {API}/push", body, **head)
    assert status == 200, answer
    assert b'"accepted"' in answer


def enrolled(server: WebServer, code: str) -> dict[str, str]:
    asked = urllib.request.Request(
        f"{server.address}{API}/enrol",
        json.dumps({"code": code}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        return json.load(answer)
