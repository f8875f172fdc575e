"""Several statements that go one way to the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from lms.lib.sets import ask, ask_at_once
from lms.models import AuditEvent, record_audit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PUT = "INSERT INTO {} (said) VALUES (%s) RETURNING said"
CHANGE = "UPDATE first SET said = %s WHERE said = %s"


@pytest.fixture(autouse=True)
def tables():
    with connection.cursor() as cursor:
        for name in ("first", "second", "third"):
            cursor.execute(f"CREATE TABLE {name} (said VARCHAR(9) NOT NULL)")
    ask(PUT.format("first"), "old")


def kept(name: str) -> list[str]:
    return [said for (said,) in ask(f"SELECT said FROM {name}")]


def test_each_is_done_and_the_last_answers():
    asked = [
        (CHANGE, ("new", "old")),
        (PUT.format("second"), ("b",)),
        (PUT.format("third"), ("c",)),
    ]
    assert ask_at_once(*asked) == [("c",)]
    assert [kept(name) for name in ("first", "second", "third")] == [["new"], ["b"], ["c"]]


def test_one_alone_is_done():
    assert ask_at_once((CHANGE, ("new", "old"))) == []
    assert kept("first") == ["new"]


def test_where_one_is_refused_none_is_left():
    with pytest.raises(DatabaseError), transaction.atomic():
        ask_at_once((CHANGE, ("new", "old")), (PUT.format("second"), (None,)))
    assert (kept("first"), kept("second")) == (["old"], [])


def test_a_line_of_the_trail_takes_them_along():
    line = record_audit("lms.tried", actor=None, along=[(CHANGE, ("new", "old"))])
    assert AuditEvent.objects.get(pk=line.seq).action == "lms.tried"
    assert kept("first") == ["new"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no way off")
def test_it_is_one_way():
    asked = [(CHANGE, ("new", "old")), (PUT.format("second"), ("b",))]
    ask_at_once(*asked)
    text = "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE %s"
    assert ask(text, "WITH part0 AS (UPDATE first%") == [(1,)]
