"""A site as it is after a newer version of the tablet app was deployed: a proxy in front of it.

A browser's check for a newer service worker passes by what a test can put in its way, so the newer
one has to come from a server.
"""

import http.client
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

from tests.e2e.tablet import Classroom

WORKER = "/attendance/sw.js"
#: What the worker's cache is called after; see frontend/build.mjs.
VERSION, NEWER = re.compile(rb"\b[0-9a-f]{12}\b"), "ffffffffffff"
NOT_PASSED = {"transfer-encoding", "connection", "content-length", "date", "server"}


class Release(ThreadingHTTPServer):
    """Passes everything on; `is_newer`: the worker is one of another version."""

    port = 0
    is_newer = False


class _Passing(BaseHTTPRequestHandler):
    server: Release

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        asked = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        with closing(asked):
            asked.request(self.command, self.path, self.rfile.read(size), dict(self.headers))
            answer = asked.getresponse()
            content = answer.read()
        if self.path == WORKER and self.server.is_newer:
            content = VERSION.sub(NEWER.encode(), content)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in NOT_PASSED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""


@contextmanager
def released(room: Classroom) -> Iterator[tuple[Release, Classroom]]:
    """The proxy, and the classroom seen through it."""
    server = Release(("127.0.0.1", 0), _Passing)
    server.port = room.site.port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    site = SimpleNamespace(address=address, data_dir=room.site.data_dir)
    try:
        yield server, replace(room, site=site)
    finally:
        server.shutdown()
        server.server_close()
