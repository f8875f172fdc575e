"""The product as it is run: web server and worker as processes of their own, a data directory each.

Nothing here shares a database with the test process; what a test prepares beforehand is done by
`tests.e2e.cast`, in a process with the product's own settings.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests import prepared

BASE_DIR = Path(__file__).resolve().parents[2]
READY_WITHIN = 60
STOP_WITHIN = 15
COMMAND_WITHIN = 300
#: What a developer's shell or script/test may have set and the product must not take over.
NOT_INHERITED = ("DATABASE_URL", "LMS_ENV", "LMS_DEMO", "LMS_PUBLIC_URL", "DJANGO_SETTINGS_MODULE")


#: Below those that the system gives to whoever connects: a browser takes none of them between the
#: choice of a port and the start of its server.
PORTS = range(12_000, 32_000)


def free_port() -> int:
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port := random.choice(PORTS)))
            return port


@dataclass
class Site:
    """One installation: `prepare` it or copy a prepared one, `start`, use, `stop`."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    parts: list[subprocess.Popen[bytes]] = field(default_factory=list)
    logs: list[IO[bytes]] = field(default_factory=list)
    web: subprocess.Popen[bytes] = field(init=False, repr=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        return kept | {
            "LMS_DATA_DIR": str(self.data_dir),
            "LMS_PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "lms.settings",
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    def run(self, *arguments: str) -> str:
        """A Python command in the product's environment; its output, or an error that shows it."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=BASE_DIR,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN,
        )
        if done.returncode:
            raise AssertionError(f"{arguments} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.run(str(BASE_DIR / "manage.py"), *arguments)

    def cast(self, step: str, **given: str) -> Any:
        """A step of tests/e2e/cast.py; what it returns."""
        return json.loads(self.run("-m", "tests.e2e.cast", step, json.dumps(given)))

    def prepare(self) -> None:
        # With keys: parts that start at once would make them in each other's way.
        shutil.copytree(prepared.collected(), self.data_dir, dirs_exist_ok=True)
        prepared.lay_down(prepared.with_regions(), self.data_dir)

    def start(self) -> None:
        self.start_web()
        self._begin("worker", [str(BASE_DIR / "manage.py"), "run_worker"])
        self.wait_until_ready()

    def start_web(self) -> None:
        gunicorn = [
            *("-m", "gunicorn", "lms.wsgi", "--bind", f"127.0.0.1:{self.port}"),
            *("--worker-class", "gthread", "--workers", "1", "--threads", "4"),
            *("--timeout", "60", "--log-level", "info"),
        ]
        self.web = self._begin("web", gunicorn)

    def stop_web(self) -> None:
        """The worker goes on; `start_web` and `wait_until_ready` bring the pages back."""
        _signal(self.web, signal.SIGTERM)
        self.web.wait()
        self.parts.remove(self.web)

    def _begin(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        log = (self.data_dir / f"{name}.log").open("ab")
        self.logs.append(log)
        part = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=BASE_DIR,
            env=self.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.parts.append(part)
        return part

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        said = ""
        while time.monotonic() < deadline:
            if any(part.poll() is not None for part in self.parts):
                break
            said = self._ask_ready()
            if not said:
                return
            time.sleep(0.1)
        raise AssertionError(f"not ready: {said}\n{self.log_tail()}")

    def _ask_ready(self) -> str:
        """ "" when ready, else what is missing."""
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):
                return ""
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()
        except OSError as error:
            return str(error)

    def log_tail(self, size: int = 4000) -> str:
        found = sorted(self.data_dir.glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text()[-size:]}" for path in found)

    def stop(self) -> None:
        """Ask each group to end, then insist: nothing of a test outlives it."""
        for part in self.parts:
            _signal(part, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        for part in self.parts:
            try:
                part.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(part, signal.SIGKILL)
                part.wait()
        for log in self.logs:
            log.close()


def _signal(part: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(part.pid, number)
    except ProcessLookupError:
        return


def copy_of(source: Path, data_dir: Path, **extra: str) -> Site:
    shutil.copytree(source, data_dir)
    return Site(data_dir, extra=extra)
