"""How a database of SQLite is kept on the disk."""

import sqlite3
from pathlib import Path

import pytest

from lms import settings

KILOBYTE = "x" * 1024


@pytest.fixture
def file(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(settings, "database_url", lambda: "")
    return tmp_path / "lms.sqlite3"


def opened(file: Path) -> sqlite3.Connection:
    """As Django opens it."""
    found = sqlite3.connect(file, isolation_level=None)
    found.executescript(settings.database()["OPTIONS"]["init_command"])
    return found


def test_a_commit_is_ended_by_what_is_synced(file):
    """Of a journal that is deleted, nothing says that it stays so after a power cut."""
    [[mode]] = opened(file).execute("PRAGMA journal_mode")
    [[synchronous]] = opened(file).execute("PRAGMA synchronous")
    assert mode == ("wal" if settings.SQLITE_WAL_IS_SAFE else "persist")
    assert synchronous == 2  # FULL


@pytest.mark.skipif(settings.SQLITE_WAL_IS_SAFE, reason="there is a WAL instead")
def test_the_journal_stays_empty_and_small(file):
    writer, journal = opened(file), file.with_name("lms.sqlite3-journal")
    writer.execute("CREATE TABLE kept (said TEXT)")
    writer.execute("BEGIN")
    writer.executemany("INSERT INTO kept VALUES (?)", [(KILOBYTE,)] * 40_000)
    writer.execute("COMMIT")
    writer.execute("UPDATE kept SET said = said || '.'")  # 40 MB of pages as they were
    assert journal.stat().st_size <= 16 * 2**20
    assert journal.read_bytes()[:8] == bytes(8)  # nothing to undo
    [[count]] = opened(file).execute("SELECT count(*) FROM kept WHERE said LIKE '%.'")
    assert count == 40_000


@pytest.mark.skipif(settings.SQLITE_WAL_IS_SAFE, reason="there is a WAL instead")
def test_what_was_half_done_is_undone(file):
    """As a process leaves it that was killed before its commit."""
    writer, journal = opened(file), file.with_name("lms.sqlite3-journal")
    writer.execute("PRAGMA cache_size=10")  # pages go to the file before the commit
    writer.execute("CREATE TABLE kept (said TEXT)")
    writer.execute("BEGIN")
    writer.executemany("INSERT INTO kept VALUES (?)", [(KILOBYTE,)] * 500)
    writer.execute("COMMIT")
    writer.execute("BEGIN")
    writer.execute("UPDATE kept SET said = 'half'")
    left = file.with_name("left.sqlite3")
    left.write_bytes(file.read_bytes())
    left.with_name("left.sqlite3-journal").write_bytes(journal.read_bytes())
    assert b"half" in left.read_bytes()
    [[count]] = opened(left).execute("SELECT count(*) FROM kept WHERE said = 'half'")
    assert count == 0
