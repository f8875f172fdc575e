"""What a batch asks is found by keys, whatever the statistics say: among thousands of learners with
none, with those of tables that were empty, and with new ones."""

import json
from uuid import uuid4

import pytest
from django.db import connection

from courses.actions.plain import asked_of_plain, plain_marks
from courses.queries import batches
from lms.lib import sets
from tests import factories
from tests.courses.tablets import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
#: What stands at the beginning of the question, and lists of keys.
GIVEN = {"named", "merged", "sessions", "enrolled", "json_each", "s", "n", "m", "CONSTANT"}
#: Partial, and nearly empty by their meaning: rows that wait, records that were merged.
FEW = ("parkedrow_waiting", "learner_merged_by_id", "learner_by_merged_into")


@pytest.fixture
def question(monkeypatch, tablet, session):
    """The statement and its parameters, of a batch of 30."""
    people = [factories.make_learner() for _n in range(30)]
    rows = [tablet.mark(session, who) for who in people]
    asked = asked_of_plain(plain_marks(rows))
    tablet.send(*rows[:20])
    statements = []
    monkeypatch.setattr(batches, "ask", lambda *given: statements.append(given) or [["[]"] * 7])
    batches.answers_of(tablet.device, tablet.device.enrolled_by, asked)
    return statements[0]


def many(table: str, count: int, **others: str) -> None:
    """Rows as the last one is, but for some columns."""
    with connection.cursor() as cursor:
        names = [one.name for one in connection.introspection.get_table_description(cursor, table)]
        values = ", ".join(others.get(name, f"one.{name}") for name in names)
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values}"
            f" FROM (SELECT * FROM {table} LIMIT 1) one, generate_series(1, {count}) n"
        )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans of PostgreSQL")
def test_on_postgresql(question):
    statement, *given = question
    key = "gen_random_uuid()"
    many("learners_learner", 20_000, id=key, user_id="NULL", provisional="true", id_index="NULL")
    before = plan_of(statement, given)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    after = plan_of(statement, given)
    for plan in (before, after):
        assert steps(plan)
        assert not [one for one in steps(plan) if reads_all(one)]


def plan_of(statement: str, given: list) -> dict:
    """As it is made once a connection, under what the first statement of a batch sets."""
    text, numbers = sets._spelled(statement, True), iter(range(1, 99))
    while "%s" in text:
        text = text.replace("%s", f"${next(numbers)}", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + sets._spelled("{by index}", True))
        cursor.execute(f"PREPARE question AS {text}")
        places = ", ".join(["%s"] * len(given))
        values = [str(value) for value in given]
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE question({places})", values)
        found = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE question")
    return (found if isinstance(found, list) else json.loads(found))[0]["Plan"]


def steps(plan: dict) -> list[dict]:
    return [plan, *(step for part in plan.get("Plans", ()) for step in steps(part))]


def reads_all(step: dict) -> bool:
    kind, name = step["Node Type"], step.get("Index Name", "")
    is_of_index = kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
    return kind == "Seq Scan" or (is_of_index and "Index Cond" not in step and name not in FEW)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plans of SQLite")
@pytest.mark.parametrize("is_counted", [False, True])
def test_on_sqlite(question, is_counted):
    statement, *given = question
    with connection.cursor() as cursor:
        if is_counted:
            pretend_a_million(cursor)
        explained = f"EXPLAIN QUERY PLAN {sets._spelled(statement, False)}"
        rows = connection.connection.execute(explained, list(map(sets._given, given))).fetchall()
    plan = [str(row[-1]) for row in rows]
    assert len(plan) > 10
    assert not [step for step in plan if reads_a_table(step)]


def pretend_a_million(cursor) -> None:
    """As SQLite counts learners of whom a column is NULL nearly everywhere: one value for all."""
    cursor.execute("SELECT name FROM pragma_index_list('learners_learner') WHERE origin = 'u'")
    unique = [row[0] for row in cursor.fetchall()]
    cursor.execute("ANALYZE learners_learner")
    for name in unique:
        row = ["learners_learner", name, "1000000 1000000"]
        cursor.execute("INSERT INTO sqlite_stat1 VALUES (%s, %s, %s)", row)
    cursor.execute("ANALYZE sqlite_schema")  # they are read anew


def reads_a_table(step: str) -> bool:
    """What is given in the question itself has a name without a part."""
    words = step.split()
    return words[0] == "SCAN" and words[1] not in GIVEN and not any(one in step for one in FEW)


def test_what_is_asked_of_unknown_keys_is_nothing(tablet):
    marks = plain_marks([tablet.mark(uuid4(), new_id())])
    found = batches.answers_of(tablet.device, tablet.device.enrolled_by, asked_of_plain(marks))
    assert (found.sessions, found.stored, found.people, found.events, found.states) == ([],) * 5
