"""SQL of ours whose parameters are sets: one text for a statement, however many values there are.

Keys travel as text in the database's own spelling (`spelled`), and so do sets of them (`set_of`):
an object for every key would cost more than all the reading.

In a statement `{among}` stands for "is one of the next parameter", `{within x FROM y}` for "is one
of these", found before anything is joined, and `{lock name}` behind a SELECT for the lock of a row
that is changed later (SQLite has one writer anyway).

`{rows key a; word? b}` are all rows of a SELECT as the text of one JSON list of lists, in any order
(it may be NULL where there are none): of each column its kind and its SQL. Kinds are "key", "word"
(a text that needs no escape), "number", "truth", "day", and "json", which comes as text; "?" where
it may be NULL.

`{by index}` among what a SELECT of one row asks tells PostgreSQL that all in this transaction is
found by keys, by plans that are made once: one that was made while a table was small would read the
whole table for each batch of an evening, and planning a statement for its very values takes longer
than running it.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from itertools import chain
from operator import methodcaller
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections

#: Columns with their types on PostgreSQL.
Columns = tuple[tuple[str, str], ...]
#: In one statement of SQLite, which takes 32,766 values.
_MOST_ROWS = 500
#: Each holds its text and its last answer; a batch of several classes has texts of its own.
_MOST_CURSORS = 100
#: Of a thread: PostgreSQL's connection, and its cursors by statement.
_own = threading.local()


def ask(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement; a list among the parameters is for `{among}`."""
    given = [_given(value) for value in parameters]
    return _rows_of(_spelled(statement, _is_postgresql()), given)


#: A statement and its parameters.
Asked = tuple[str, Sequence[Any]]


def ask_at_once(*asked: Asked) -> list[tuple[Any, ...]]:
    """The rows of the last of several statements, none of which changes a row of another's.

    PostgreSQL takes them as one: a way there and back costs more than such a statement."""
    if _is_postgresql():
        together = _together(tuple(statement for statement, _given in asked))
        return ask(together, *chain.from_iterable(given for _statement, given in asked))
    return [ask(statement, *given) for statement, given in asked][-1]


def put_rows(
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    then: str,
    shared: Mapping[str, Any],
) -> list[tuple[Any, ...]]:
    """INSERT rows, with `then` (ON CONFLICT ..., RETURNING ...) behind; column -> SQL type.

    Rows are only their values in the order of `columns`, as the driver takes them. What stands in
    `shared` is the same for all, and in no row."""
    if _is_postgresql():
        return _rows_of(*_array_insert(table, columns, rows, then, shared))
    own, common = _parted(columns, shared)
    found = []
    for start in range(0, len(rows), _MOST_ROWS):
        part = rows[start : start + _MOST_ROWS]
        statement = _insert_values(table, own, common, then, len(part))
        found += _rows_of(statement, [*shared.values(), *chain.from_iterable(part)])
    return found


def put_later(
    later: list[Asked] | None,
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    then: str,
    shared: Mapping[str, Any],
) -> None:
    """`put_rows` of which nothing is asked: on PostgreSQL added to what the caller will ask at once
    (`ask_at_once`), where there is such a list."""
    if later is None or not _is_postgresql():
        put_rows(table, columns, rows, then, shared)
    else:
        later.append(_array_insert(table, columns, rows, then, shared))


def put_numbered(
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    shared: Mapping[str, Any],
    names: tuple[str, str],
) -> list[tuple[Any, ...]]:
    """As `put_rows`, but what is there already stays as it is; `names` of those that are new: their
    key as text, and the number that the database gave them. In a transaction that writes."""
    own, number = names
    if _is_postgresql():
        then = f"ON CONFLICT DO NOTHING RETURNING {own}::text, {number}"
        return put_rows(table, columns, rows, then, shared)
    # Nobody else writes, and numbers only rise. RETURNING takes a fifth of the insert's time.
    [(last,)] = _rows_of(f"SELECT COALESCE(MAX({number}), 0) FROM {table}", ())
    put_rows(table, columns, rows, "ON CONFLICT DO NOTHING", shared)
    return _rows_of(f"SELECT {own}, {number} FROM {table} WHERE {number} > ?", (last,))


def _array_insert(
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    then: str,
    shared: Mapping[str, Any],
) -> Asked:
    own, common = _parted(columns, shared)
    given = [*shared.values(), json.dumps(rows, ensure_ascii=False)]
    return _insert_arrays(table, own, common, then), given


def _parted(columns: Mapping[str, str], shared: Mapping[str, Any]) -> tuple[Columns, Columns]:
    """Columns of each row, and those that all rows have in common."""
    own = tuple(pair for pair in columns.items() if pair[0] not in shared)
    return own, tuple((name, columns[name]) for name in shared)


@cache
def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _rows_of(statement: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    """By the driver itself, which Django's cursor would only make slower."""
    here = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` does it for each name
    if here.connection is None:
        here.ensure_connection()
    if here.needs_rollback:
        here.validate_no_broken_transaction()
    with here.wrap_database_errors:
        if not _is_postgresql():
            return here.connection.execute(statement, given).fetchall()  # type: ignore[no-any-return]
        cursor = _cursor_for(statement, here.connection)
        # Planned once a connection: planning takes longer than all the rest.
        cursor.execute(statement, given, prepare=True)
        return cursor.fetchall() if cursor.rownumber is not None else []  # None: it has no rows


def _cursor_for(statement: str, server: Any) -> Any:
    """One for each statement of a connection: to make one takes as long as a short question."""
    if getattr(_own, "server", None) is not server:
        _own.server, _own.cursors = server, {}
    if (found := _own.cursors.get(statement)) is None:
        from psycopg import Cursor  # 10 MB, where SQLite needs none of it

        if len(_own.cursors) >= _MOST_CURSORS:
            _own.cursors.clear()
        found = _own.cursors[statement] = Cursor(server)
    return found


def key(value: Any) -> Any:
    """A UUID as the driver gives it; None stays."""
    return UUID(value) if isinstance(value, str) else value


def day(value: Any) -> Any:
    """A date as the driver gives it; None stays."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def spelled(value: UUID | str) -> str:
    """A key as this database writes it, from a UUID or from the text of one."""
    return spelling()(value)


def spelling() -> Callable[[Any], str]:
    """`spelled` of UUIDs or texts, for many of them."""
    return str if _is_postgresql() else _undashed


def spelling_of_texts() -> Callable[[str], str]:
    """The same of nothing but texts."""
    return str if _is_postgresql() else _UNDASHED


_UNDASHED = methodcaller("replace", "-", "")


def _undashed(value: Any) -> str:
    return str(value).replace("-", "")


def set_of(values: Iterable[UUID | str | int]) -> str:
    """Keys or numbers as a parameter for `{among}`; texts are spelled already."""
    if _is_postgresql():
        return "{" + ",".join(map(str, values)) + "}"
    # Nothing but digits and letters: there is nothing to escape.
    found = list(values)
    if found and isinstance(found[0], str):
        return '["' + '","'.join(found) + '"]'  # type: ignore[arg-type]
    return "[" + ",".join([_quoted(one) for one in found]) + "]"


def _quoted(one: Any) -> str:
    return str(one) if isinstance(one, int) else f'"{one.hex}"'


_BY_INDEX = (
    "set_config('enable_seqscan', 'off', true)",
    "set_config('plan_cache_mode', 'force_generic_plan', true)",
)


@lru_cache(maxsize=64)
def _spelled(statement: str, is_postgresql: bool) -> str:
    among = "= ANY(%s)" if is_postgresql else "IN (SELECT value FROM json_each(%s))"
    lock = r" FOR NO KEY UPDATE OF \1" if is_postgresql else ""
    by_index = " || ".join(_BY_INDEX) if is_postgresql else "''"
    statement = statement.replace("{by index}", by_index)
    statement = statement.replace("{among}", among)
    statement = re.sub(r"\{rows ([^}]+)\}", _chained if is_postgresql else _gathered, statement)
    within = r"= ANY(ARRAY(SELECT \1))" if is_postgresql else r"IN (SELECT \1)"
    statement = re.sub(r"\{within ([^}]+)\}", within, statement)
    statement = re.sub(r"\{lock (\w+)\}", lock, statement)
    return statement if is_postgresql else statement.replace("%s", "?")


def _gathered(match: re.Match[str]) -> str:
    own = [column.partition(" ") for column in match[1].split("; ")]
    parts = [f"CAST({sql} AS TEXT)" if kind == "json" else sql for kind, _blank, sql in own]
    return f"CAST(json_group_array(json_array({', '.join(parts)})) AS TEXT)"


def _chained(match: re.Match[str]) -> str:
    """PostgreSQL looks up how to write each value that it makes JSON of: twice the time."""
    own = [column.partition(" ") for column in match[1].split("; ")]
    row = " || ',' || ".join(_as_json(kind, sql) for kind, _blank, sql in own)
    return f"'[' || string_agg('[' || {row} || ']', ',') || ']'"


_AS_JSON = {
    "key": """('"' || {0} || '"')""",
    "word": """('"' || {0} || '"')""",
    "number": "({0})::text",
    "truth": "({0})::text",
    "day": """('"' || to_char({0}, 'YYYY-MM-DD') || '"')""",
    "json": """(CASE {0}::text WHEN '[]' THEN '"[]"' WHEN '{{}}' THEN '"{{}}"'"""
    " ELSE to_json({0}::text)::text END)",
}


def _as_json(kind: str, sql: str) -> str:
    found = _AS_JSON[kind.removesuffix("?")].format(sql)
    return f"COALESCE({found}, 'null')" if kind.endswith("?") else found


@lru_cache(maxsize=16)
def _together(statements: tuple[str, ...]) -> str:
    *first, last = statements
    parts = [f"part{at} AS ({statement})" for at, statement in enumerate(first)]
    return f"WITH {', '.join(parts)} {last}" if parts else last


@lru_cache(maxsize=16)
def _insert_arrays(table: str, own: Columns, common: Columns, then: str) -> str:
    names = ", ".join(name for name, _kind in (*common, *own))
    values = [f"%s::{kind}" for _name, kind in common]
    values += [f"(value ->> {at})::{kind}" for at, (_name, kind) in enumerate(own)]
    source = f"SELECT {', '.join(values)} FROM jsonb_array_elements(%s::jsonb)"
    return f"INSERT INTO {table} ({names}) {source} {then}"


@lru_cache(maxsize=256)
def _insert_values(table: str, own: Columns, common: Columns, then: str, count: int) -> str:
    names = ", ".join(name for name, _kind in (*common, *own))
    first = ", ".join(f"?{at}" for at in range(1, len(common) + 1))
    rows = [
        ", ".join(filter(None, [first, *(f"?{start + at}" for at in range(len(own)))]))
        for start in range(len(common) + 1, len(common) + 1 + count * len(own), len(own))
    ]
    values = ", ".join(f"({row})" for row in rows)
    return f"INSERT INTO {table} ({names}) VALUES {values} {then}"


def _given(value: Any) -> Any:
    if isinstance(value, list):
        return set_of(value)
    return value.hex if isinstance(value, UUID) and not _is_postgresql() else value
