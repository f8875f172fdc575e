"""SQL of ours whose parameters are sets: one text for a statement, however many values there are.

In a statement `{among}` stands for "is one of the next parameter", `{gather}` and `{array}` for the
functions that make JSON of all rows and of one row, and a last `{lock name}` for the lock of a row
that is changed later (SQLite has one writer anyway).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection


def ask(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement; a list among the parameters is for `{among}`."""
    is_postgresql = connection.vendor == "postgresql"
    spelled = _for_postgresql if is_postgresql else _for_sqlite
    given = [spelled(value) for value in parameters]
    return _rows_of(_spelled(statement, is_postgresql), given)


def put(
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Mapping[str, Any]],
    then: str,
) -> list[tuple[Any, ...]]:
    """INSERT rows, with `then` (ON CONFLICT ..., RETURNING ...) behind; column -> SQL type."""
    content = json.dumps(list(rows), default=_plain, ensure_ascii=False)
    is_postgresql = connection.vendor == "postgresql"
    return _rows_of(_insert(table, tuple(columns.items()), then, is_postgresql), [content])


def _rows_of(statement: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            return cursor.fetchall() if cursor.description else []
    return _prepared(statement, given)


def _prepared(statement: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    """PostgreSQL plans such a statement once a connection: planning takes longer than the rest."""
    from psycopg import Cursor  # 10 MB, where SQLite needs none of it

    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement, given, prepare=True)
        return cursor.fetchall() if cursor.description else []


def key(value: Any) -> Any:
    """A UUID as the driver gives it; None stays."""
    return UUID(value) if isinstance(value, str) else value


def day(value: Any) -> Any:
    """A date as the driver gives it; None stays."""
    return date.fromisoformat(value) if isinstance(value, str) else value


@lru_cache(maxsize=64)
def _spelled(statement: str, is_postgresql: bool) -> str:
    among = "= ANY(%s)" if is_postgresql else "IN (SELECT value FROM json_each(%s))"
    lock = " FOR NO KEY UPDATE OF {0}" if is_postgresql else ""
    statement = statement.replace("{among}", among)
    statement = statement.replace("{gather}", "json_agg" if is_postgresql else "json_group_array")
    statement = statement.replace("{array}", "json_build_array" if is_postgresql else "json_array")
    if "{lock " in statement:
        head, _, name = statement.partition("{lock ")
        statement = head + lock.format(name.partition("}")[0])
    return statement


@lru_cache(maxsize=16)
def _insert(
    table: str, columns: tuple[tuple[str, str], ...], then: str, is_postgresql: bool
) -> str:
    names = ", ".join(name for name, _kind in columns)
    if is_postgresql:
        kinds = ", ".join(f"{name} {kind}" for name, kind in columns)
        source = f"SELECT {names} FROM jsonb_to_recordset(%s::jsonb) AS given({kinds})"
    else:
        values = ", ".join(f"value ->> '$.{name}'" for name, _kind in columns)
        source = f"SELECT {values} FROM json_each(%s) WHERE true"
    return f"INSERT INTO {table} ({names}) {source} {then}"


def _plain(value: Any) -> str:
    if isinstance(value, UUID):
        return value.hex
    raise TypeError(type(value))


def _for_postgresql(value: Any) -> Any:
    """A list of keys or of numbers as PostgreSQL writes it: the driver would turn each one over."""
    if isinstance(value, list) and all(isinstance(one, UUID | int) for one in value):
        return "{" + ",".join(map(str, value)) + "}"
    return value


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, list):
        return json.dumps([_for_sqlite(one) for one in value])
    return value
