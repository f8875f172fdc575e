"""One after the other on SQLite, and no line within a transaction."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import ContextVar
from functools import partial
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from lms.lib import turns
from lms.lib.turns import in_turn, together


@pytest.fixture
def file(tmp_path: Path, monkeypatch) -> Path:
    """A database that is a file; nothing of it is opened."""
    found = tmp_path / "lms.sqlite3"
    found.touch()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(found))
    return found


def test_the_next_waits_until_the_first_is_done(file):
    order: list[str] = []

    def second() -> None:
        started.set()
        with in_turn():
            order.append("second")

    started = threading.Event()
    waiting = threading.Thread(target=second)
    with in_turn():
        waiting.start()
        assert started.wait(5)
        waiting.join(0.05)
        assert waiting.is_alive()
        order.append("first")
    waiting.join(5)
    assert order == ["first", "second"]


@pytest.mark.django_db
def test_a_transaction_stands_in_no_line(file):
    with transaction.atomic(), in_turn():
        assert not file.with_name(f"{file.name}-turn").exists()


# --- one COMMIT for several -----------------------------------------------------------------------
class Group:
    """Actions that come while another has its turn, and so go together when it is over."""

    def __init__(self, monkeypatch) -> None:
        self.taken: list[int] = []
        own = turns._run

        def run(group) -> None:
            self.taken.append(len(group))
            own(group)

        monkeypatch.setattr(turns, "_run", run)

    def go(
        self, *actions: Callable[[], object], before: Callable[[int], object] = str
    ) -> list[object]:
        """What each was answered, or the error it heard."""
        said: list[object] = [None] * len(actions)

        def work(at: int) -> None:
            before(at)
            try:
                said[at] = together(actions[at])
            except Exception as error:
                said[at] = error
            finally:
                connections.close_all()

        with turns._front:
            threads = []
            for at in range(len(actions)):
                threads.append(threading.Thread(target=work, args=(at,)))
                threads[-1].start()
                while len(turns._line) <= at and threads[-1].is_alive():
                    threads[-1].join(0.001)
        for thread in threads:
            thread.join(10)
        assert not turns._line
        return said


@pytest.fixture
def stored(tmp_path: Path, monkeypatch, django_db_blocker) -> Iterator[Callable[[], list[str]]]:
    """A database in a file, with a table of names; what other connections see in it."""
    path = tmp_path / "lms.sqlite3"
    monkeypatch.setitem(connections.settings["default"], "NAME", str(path))
    monkeypatch.setitem(connection.settings_dict, "NAME", str(path))
    with closing(sqlite3.connect(path)) as own:
        own.execute("CREATE TABLE name (name TEXT UNIQUE)")

    def names() -> list[str]:
        with closing(sqlite3.connect(path)) as own:
            return [row[0] for row in own.execute("SELECT name FROM name ORDER BY name")]

    with django_db_blocker.unblock():
        yield names


@transaction.atomic
def keep(*names: str) -> str:
    for name in names:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO name VALUES (%s)", [name])
    return names[-1]


on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="there is no line elsewhere")


@on_sqlite
def test_who_waits_goes_along_and_is_answered_for_itself(stored, monkeypatch):
    group = Group(monkeypatch)
    said = group.go(*(partial(keep, name) for name in "abc"))
    assert said == ["a", "b", "c"]
    assert stored() == ["a", "b", "c"]
    assert group.taken == [3]


@on_sqlite
def test_one_that_fails_is_undone_alone(stored, monkeypatch):
    group = Group(monkeypatch)
    said = group.go(partial(keep, "a"), partial(keep, "b", "a"), partial(keep, "c"))
    assert [said[0], said[2]] == ["a", "c"]
    assert isinstance(said[1], IntegrityError)
    assert stored() == ["a", "c"]
    assert group.taken == [3]


@on_sqlite
@pytest.mark.parametrize("place", ["the end", "the middle"])
def test_nobody_is_told_what_was_not_stored(stored, monkeypatch, place):
    """The disk is full at COMMIT, or SQLite undid everything while one was at work."""

    def refuse(*_arguments: object) -> None:
        raise OperationalError("disk is full")

    @transaction.atomic
    def undone() -> None:
        connection.connection.execute("ROLLBACK")
        raise OperationalError("disk is full")

    if place == "the end":
        monkeypatch.setattr(type(connections["default"]), "_commit", refuse)
    middle = undone if place == "the middle" else partial(keep, "b")
    group = Group(monkeypatch)
    said = group.go(partial(keep, "a"), middle, partial(keep, "c"))
    assert [type(one) for one in said] == [OperationalError] * 3
    assert stored() == []
    monkeypatch.undo()


@on_sqlite
def test_each_runs_with_what_its_own_thread_knows(stored, monkeypatch):
    """Such as the id of the request, which the audit line bears."""
    name: ContextVar[str] = ContextVar("name")
    group = Group(monkeypatch)

    def known() -> str:
        return keep(name.get())

    said = group.go(known, known, before=lambda at: name.set("ab"[at]))
    assert said == ["a", "b"]


def test_elsewhere_there_is_no_line():
    """In memory, in a transaction and on PostgreSQL an action is simply done."""
    assert together(lambda: "done") == "done"
    assert not turns._line


# --- killed ---------------------------------------------------------------------------------------
ROOT = Path(__file__).parents[2]


class Process:
    """Another process on the same file, with the product's own settings."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        environment = {**os.environ, "LMS_DATA_DIR": str(directory), "DATABASE_URL": ""}
        environment["DJANGO_SETTINGS_MODULE"] = "lms.settings"
        command = [sys.executable, "-m", "tests.lms.group_process", *arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)

    def lines(self) -> Iterator[list[str]]:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                if line.endswith(b"\n"):
                    yield line.decode().split()

    def killed(self) -> bool:
        return self.process.wait(30) == -signal.SIGKILL


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "lms.sqlite3")) as own:
        own.execute("CREATE TABLE name (name TEXT UNIQUE)")
    return tmp_path


def names_in(directory: Path) -> set[str]:
    with closing(sqlite3.connect(directory / "lms.sqlite3")) as own:
        assert own.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {row[0] for row in own.execute("SELECT name FROM name")}


@on_sqlite
@pytest.mark.parametrize(
    ("when", "stored"),
    [("within", set()), ("after", {"a", "b", "c"})],
    ids=["before the COMMIT", "before the answers"],
)
def test_a_group_that_is_killed_is_stored_whole_or_not_at_all(shared, when, stored):
    """And nobody was told anything: all of it is sent again."""
    process = Process(shared, "one", when)
    assert list(process.lines()) == [["group", "3"]]
    assert process.killed()
    assert names_in(shared) == stored


@on_sqlite
def test_nothing_that_was_acknowledged_is_lost_by_a_kill(shared):
    """Killed under load; the next process finds no lock that nobody holds."""
    told: set[str] = set()
    most = 0
    for at, answers in enumerate((3, 25)):
        process = Process(shared, str(at), "never")
        heard = 0
        for word, what in process.lines():
            if word == "group":
                most = max(most, int(what))
            else:
                told.add(what)
                heard += 1
            if heard == answers:  # what it said before it died counts as well
                process.process.kill()
        assert process.killed()
        assert heard >= answers
        assert told <= names_in(shared)
    assert most > 1
