"""One after the other on SQLite, and no line within a transaction."""

import threading
from pathlib import Path

import pytest
from django.db import connection, transaction

from lms.lib.turns import in_turn


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
