"""Processes beside the one that measures: on the same database, with memory of their own."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PAGE = os.sysconf("SC_PAGE_SIZE")
_EVERY_SECONDS = 0.02


def environment(**more: str) -> dict[str, str]:
    from django.db import connection  # not in a peer that has no use for it

    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "LMS_BENCH_DATABASE": str(connection.settings_dict["NAME"]),
        **more,
    }


def answer_of(*arguments: str) -> Any:
    """What a Python module prints as JSON on its last line."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def most_memory_mb() -> float:
    """The most that this process has ever held, since it began to run its own program."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


def run_step(module: str, *arguments: object, env: Mapping[str, str]) -> tuple[dict[str, Any], int]:
    """What the step printed as its last line, and the most bytes its whole tree held at once."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE)
    most = 0
    while process.poll() is None:
        most = max(most, tree_bytes(process.pid))
        time.sleep(_EVERY_SECONDS)
    output = process.stdout.read().splitlines() if process.stdout else []
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return (json.loads(output[-1]) if output else {}), most


def tree_bytes(pid: int) -> int:
    """Resident memory of a process and its descendants; shared pages count in each of them."""
    total = 0
    waiting = [pid]
    while waiting:
        found = waiting.pop()
        try:
            total += int(Path(f"/proc/{found}/statm").read_text().split()[1]) * _PAGE
            for task in Path(f"/proc/{found}/task").iterdir():
                waiting.extend(map(int, (task / "children").read_text().split()))
        except (OSError, ValueError):
            continue
    return total


def copy_database(path: Path) -> None:
    """The benchmarks' own database, as it is now, for a step that has one to itself."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)


@contextmanager
def postgresql(directory: Path) -> Iterator[str]:
    """A PostgreSQL of its own as it comes (fsync on); gives its DATABASE_URL."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        raise RuntimeError("no PostgreSQL found")
    home = programs[-1].parent
    directory.mkdir(mode=0o700)
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        subprocess.run(["chown", "postgres", directory], check=True)
        for parent in (directory.parent, directory.parent.parent):
            if not parent.stat().st_mode & 0o001:
                parent.chmod(0o711)
        as_user = ["runuser", "-u", "postgres", "--"]
    data, log = directory / "data", directory / "log"
    port = 20_000 + os.getpid() % 20_000
    quiet: dict[str, Any] = {"cwd": directory, "stdout": subprocess.DEVNULL, "check": True}
    initdb = [home / "initdb", "-D", data, "-U", "lms", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*as_user, *initdb, "--locale=C.UTF-8"], **quiet)
    options = f"-p {port} -k {directory} -h 127.0.0.1 -c shared_buffers=512MB -c max_wal_size=4GB"
    start = [home / "pg_ctl", "-D", data, "-s", "-w", "-l", log, "-o", options, "start"]
    subprocess.run([*as_user, *start], **quiet)
    try:
        yield f"postgres://lms@127.0.0.1:{port}/postgres"
    finally:
        stop = [home / "pg_ctl", "-D", data, "-m", "immediate", "-s", "stop"]
        subprocess.run([*as_user, *stop], **quiet)
