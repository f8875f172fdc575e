"""Which background workers are alive.

Each worker writes a WorkerBeat and holds a lock on a file of the same name. The kernel lets the
lock go whatever kills the worker, so that the next start on this machine need not wait for the
beat to grow old.
"""

import fcntl
import os
import secrets
import socket
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils import timezone

from lms.models import WorkerBeat


def beats_directory() -> Path:
    directory = Path(settings.DATA_DIR) / "workers"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


class WorkerLife:
    """The life of one worker, from start to clean end."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.path = beats_directory() / self.name
        self._lock: IO[str] | None = None

    def begin(self) -> None:
        self._lock = self.path.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.beat()

    def beat(self) -> None:
        WorkerBeat.objects.update_or_create(name=self.name, defaults={"at": timezone.now()})

    def end(self) -> None:
        WorkerBeat.objects.filter(name=self.name).delete()
        self.path.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()


def bury_the_dead() -> int:
    """Forget workers that died on this machine, and those silent for long; returns how many."""
    dead = [name for name in _names() if _died_here(beats_directory() / name)]
    limit = timezone.now() - timedelta(seconds=settings.TASK_HEARTBEAT_SECONDS)
    buried, _ = WorkerBeat.objects.filter(name__in=dead).delete()
    silent, _ = WorkerBeat.objects.filter(at__lt=limit).delete()
    for name in dead:
        (beats_directory() / name).unlink(missing_ok=True)
    return buried + silent


def nobody_else_lives() -> bool:
    return not WorkerBeat.objects.exists()


def _names() -> list[str]:
    return [path.name for path in beats_directory().iterdir()]


def _died_here(path: Path) -> bool:
    try:
        with path.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return True
    return True
