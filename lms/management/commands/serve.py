"""The whole system on one machine: prepare, start the parts, watch them, stop them together."""

import hashlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

READY_WITHIN = 90
STOP_WITHIN = 20
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
Parts = dict[str, subprocess.Popen[bytes]]


class Command(BaseCommand):
    help = "Prepare the database and static files, then run the web server and a background worker."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_taken_port()
        parts: Parts = {}
        for number in SIGNALS:
            signal.signal(number, signal.default_int_handler)
        try:
            self.prepare()
            parts.update(start_parts())
            wait_until_ready(parts)
            self.announce()
            watch(parts)
        except KeyboardInterrupt:
            self.stdout.write("stopping")
        finally:
            stop_parts(parts)

    def prepare(self) -> None:
        self.check(databases=["default"])
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        collect_static()
        call_command("load_regions", if_empty=True)
        if settings.DEMO and "load_demo" in get_commands():
            call_command("load_demo", top_up=True)
        # The children open connections of their own.
        connections.close_all()

    def announce(self) -> None:
        self.stdout.write(f"\n{settings.PRODUCT_NAME}  http://127.0.0.1:{settings.PORT}/\n\n")
        for line in sign_in_lines(settings.DATA_DIR / "demo-sign-ins.json"):
            self.stdout.write(line)
        self.stdout.write("\nCtrl-C stops it.")
        self.stdout.flush()


def collect_static() -> None:
    """collectstatic, unless no file has changed since: it compresses all of them every time."""
    files = sorted(
        (path, Path(storage.path(path)).stat())
        for finder in get_finders()
        for path, storage in finder.list([])
    )
    now = hashlib.sha256(
        repr([(path, stat.st_size, stat.st_mtime_ns) for path, stat in files]).encode()
    ).hexdigest()
    mark = settings.DATA_DIR / "static-collected"
    if settings.STATIC_ROOT.exists() and mark.exists() and mark.read_text() == now:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(now)


def refuse_taken_port() -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", settings.PORT)) == 0:
            raise CommandError(
                f"something listens on port {settings.PORT} already; set LMS_PORT to another"
            )


def web_server(port: int) -> list[str]:
    return [
        *("-m", "gunicorn", "lms.wsgi", "--bind", f"{settings.BIND}:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--timeout", "60", "--graceful-timeout", "10", "--log-level", "warning"),
    ]


def start_parts() -> Parts:
    worker = [str(settings.BASE_DIR / "manage.py"), "run_worker"]
    return {"web server": start(web_server(settings.PORT)), "worker": start(worker)}


def start(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *arguments], cwd=settings.BASE_DIR)  # noqa: S603


def dead(parts: Parts) -> str:
    return next((name for name, process in parts.items() if process.poll() is not None), "")


def wait_until_ready(parts: Parts) -> None:
    deadline = time.monotonic() + READY_WITHIN
    status, said = 0, ""
    while time.monotonic() < deadline:
        status, said = ask_ready()
        if status == 200:
            return
        if name := dead(parts):
            raise CommandError(f"the {name} ended while starting")
        time.sleep(0.1)
    raise CommandError(f"not ready after {READY_WITHIN} s: {said or status}")


def ask_ready() -> tuple[int, str]:
    host = settings.ALLOWED_HOSTS[0].replace("*", "").lstrip(".") or "localhost"
    request = urllib.request.Request(
        f"http://127.0.0.1:{settings.PORT}/readyz", headers={"Host": host}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


def watch(parts: Parts) -> None:
    while not (name := dead(parts)):
        time.sleep(0.2)
    raise CommandError(f"the {name} stopped (exit code {parts[name].returncode})")


def stop_parts(parts: Parts) -> None:
    """Ask, wait, insist: long work is cut short, and taken up again at the next start."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for process in parts.values():
        process.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for process in parts.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def sign_in_lines(path: Path) -> list[str]:
    """One line a role, as the demonstration wrote them."""
    if not (settings.DEMO and path.exists()):
        return []
    rows = json.loads(path.read_text())
    keys = ("role", "username", "password", "page")
    return ["  ".join(str(row.get(key, "")) for key in keys) for row in rows]
