"""Write many rows of one table at once: some tens of thousands a second, no model for any of them.

Values are given as the driver takes them: keys as hexadecimal text, days in ISO form, truth as 0
or 1, moments through `moment`. Nothing but the table's own columns and rules is involved: neither
defaults nor signals.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from lms.lib.binarycopy import packed

# One statement for many rows: what SQLite sets up for a trigger it then sets up once.
_ROWS_PER_STATEMENT = 250


def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    connection.ensure_connection()
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            _copy(table, columns, rows)
        else:
            _insert_values(table, columns, rows)


def insert_alike(
    table: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]], shared: Mapping[str, Any]
) -> None:
    """Rows that have much in common. `kinds`: the columns and their types on PostgreSQL; `shared`:
    what is the same in all rows; `rows`: the others, in the order of `kinds`."""
    varied = [name for name in kinds if name not in shared]
    if connection.vendor != "postgresql":
        kept = tuple(shared.values())
        insert_rows(table, [*varied, *shared], [(*row, *kept) for row in rows])
    elif rows:
        blob = packed(
            [kinds[name] for name in varied],
            rows,
            [(kinds[name], value) for name, value in shared.items()],
        )
        connection.ensure_connection()
        with connection.wrap_database_errors:
            _copy_packed(table, [*varied, *shared], blob)


def update_rows(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """`columns`: name -> its type on PostgreSQL; the first is the key, the others are set."""
    if not rows:
        return
    connection.ensure_connection()
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            _update_from_arrays(table, columns, rows)
        else:
            _update_from_values(table, list(columns), rows)


def held_values(
    table: str, column: str, values: Sequence[Any], conditions: Sequence[str]
) -> set[Any]:
    """Which of `values` stand in a column, in rows that meet one of the `conditions` (SQL)."""
    if not values:
        return set()
    connection.ensure_connection()
    is_postgresql = connection.vendor == "postgresql"
    among = "= ANY(%s)" if is_postgresql else f"IN ({', '.join('?' * len(values))})"
    statement = " UNION ALL ".join(
        f"SELECT {column} FROM {table} WHERE {condition} AND {column} {among}"
        for condition in conditions
    )
    given = [list(values)] if is_postgresql else list(values)
    with connection.wrap_database_errors:
        rows = connection.connection.execute(statement, given * len(conditions))
        return {row[0] for row in rows}


def driver_rows(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query as the driver gives them: no UUID is made of a key that is only text."""
    with connection.cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def moment(value: datetime) -> Any:
    """As the driver takes it."""
    if value.tzinfo is UTC and connection.vendor == "sqlite":  # what Django does in ten times that
        return str(value.replace(tzinfo=None))
    return connection.ops.adapt_datetimefield_value(value)


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(columns)
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _copy_packed(table: str, columns: Sequence[str], blob: bytes) -> None:
    names = ", ".join(columns)
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(blob)


def _insert_values(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    for part in _parts(rows, len(columns)):
        statement = _statement(table, tuple(columns), len(part))
        # Django's cursor would look for place holders of its own; these are SQLite's.
        connection.connection.execute(statement, tuple(chain.from_iterable(part)))


def _parts(rows: Sequence[Sequence[Any]], width: int) -> Iterator[Sequence[Sequence[Any]]]:
    limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    step = min(_ROWS_PER_STATEMENT, limit // width)
    return (rows[start : start + step] for start in range(0, len(rows), step))


def _update_from_arrays(
    table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    key, *others = columns
    sets = ", ".join(f"{name} = v.{name}" for name in others)
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    statement = (
        f"UPDATE {table} SET {sets} FROM unnest({arrays}) AS v({', '.join(columns)}) "
        f"WHERE {table}.{key} = v.{key}"
    )
    with connection.connection.cursor() as cursor:
        cursor.execute(statement, [list(values) for values in zip(*rows, strict=True)])


def _update_from_values(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    for part in _parts(rows, len(columns)):
        statement = _update_statement(table, tuple(columns), len(part))
        connection.connection.execute(statement, tuple(chain.from_iterable(part)))


@lru_cache(maxsize=64)
def _update_statement(table: str, columns: tuple[str, ...], count: int) -> str:
    values = ", ".join([f"({', '.join('?' * len(columns))})"] * count)
    sets = ", ".join(f"{name} = v.column{at}" for at, name in enumerate(columns[1:], 2))
    return (
        f"UPDATE {table} SET {sets} FROM (VALUES {values}) AS v "
        f"WHERE {table}.{columns[0]} = v.column1"
    )


@lru_cache(maxsize=64)
def _statement(table: str, columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}"
