"""Writers of SQLite one after the other, in the order in which the system wakes them.

SQLite lets one write at a time, and lets the others ask again after ever longer pauses: at a busy
hour the disk stands idle while everybody sleeps. Who waits here is woken at once. It is a courtesy
and no lock: writers that do not stand in line are kept apart by SQLite as ever.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

_own = threading.local()


@contextmanager
def in_turn() -> Iterator[None]:
    """Stand in line; never within a transaction, whose lock the next in line may wait for."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.in_atomic_block or not Path(name).is_file():
        yield
        return
    number = _file(f"{name}-turn")
    fcntl.flock(number, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(number, fcntl.LOCK_UN)


def _file(name: str) -> int:
    """Opened by each thread for itself, and by a forked process anew: a lock is the opening's."""
    if getattr(_own, "of", None) != (name, os.getpid()):
        _own.of, _own.number = (name, os.getpid()), os.open(name, os.O_CREAT | os.O_RDWR, 0o600)
    return int(_own.number)
