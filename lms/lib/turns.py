"""Writers of SQLite one after the other, in the order in which the system wakes them.

SQLite lets one write at a time, and lets the others ask again after ever longer pauses: at a busy
hour the disk stands idle while everybody sleeps. Who waits here is woken at once. It is a courtesy
and no lock: writers that do not stand in line are kept apart by SQLite as ever.
"""

import fcntl
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

from django.db import (
    DEFAULT_DB_ALIAS,
    OperationalError,
    connection,
    connections,
    transaction,
)

_Answer = TypeVar("_Answer")
_own = threading.local()


@contextmanager
def in_turn() -> Iterator[None]:
    """Stand in line; never within a transaction, whose lock the next in line may wait for."""
    if not (name := _line_name()):
        yield
        return
    number = _file(f"{name}-turn")
    fcntl.flock(number, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(number, fcntl.LOCK_UN)


def together(action: Callable[[], _Answer]) -> _Answer:
    """What an action answers, once the transaction that it ran in is on the disk.

    Whose turn it is takes along those of its process who stand in line by then: each in a savepoint
    of its own, all stored by one COMMIT, as the disk's answer to that takes longer than the work.
    An action that fails is undone alone; a COMMIT that fails has failed for all of them.
    """
    if not _line_name():
        return action()
    own = _Waiting(action)
    _line.append(own)
    with _front:
        if not own.is_over:
            with in_turn():
                _take(_all_in_line())
    return own.answer()  # type: ignore[no-any-return]


class _Waiting:
    """An action in line, with what its thread knows of the request."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self.action, self.context = action, copy_context()
        self.found: Any = None
        self.error: BaseException | None = None
        self.is_over = False

    def run(self) -> None:
        try:
            self.found = self.context.run(self.action)
        except Exception as error:
            self.error = error

    def answer(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.found


#: Databases that were seen to be files.
_files: set[str] = set()
#: Who waits in this process, and the place of the one that leads.
_line: deque[_Waiting] = deque()
_front = threading.Lock()


def _all_in_line() -> list[_Waiting]:
    return [_line.popleft() for _n in range(len(_line))]


def _take(group: Sequence[_Waiting]) -> None:
    error: BaseException | None = OperationalError("whoever led the line has died")
    try:
        _run(group)
        error = None
    except Exception as failure:
        error = failure
    finally:
        for one in group:
            one.error, one.is_over = one.error or error, True


def _run(group: Sequence[_Waiting]) -> None:
    if len(group) == 1:  # its own transaction is all it needs
        group[0].run()
        return
    with transaction.atomic():
        for one in group:
            one.run()
            if connection.needs_rollback:  # the savepoint went with the whole transaction
                raise OperationalError("SQLite has undone what was done together")


def _line_name() -> str:
    """The database's file where there is a line to stand in; "" where there is none."""
    here = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` does it for each name
    name = str(here.settings_dict["NAME"])
    is_alone = here.vendor != "sqlite" or here.in_atomic_block
    return "" if is_alone or not _is_file(name) else name


def _is_file(name: str) -> bool:
    if name not in _files and Path(name).is_file():
        _files.add(name)
    return name in _files


def _file(name: str) -> int:
    """Opened by each thread for itself, and by a forked process anew: a lock is the opening's."""
    if getattr(_own, "of", None) != (name, os.getpid()):
        _own.of, _own.number = (name, os.getpid()), os.open(name, os.O_CREAT | os.O_RDWR, 0o600)
    return int(_own.number)
