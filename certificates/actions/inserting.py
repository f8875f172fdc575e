"""Many rows of certificates in one statement: an insert of objects costs ten times as much."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

from certificates.models import Certificate


def insert(rows: Sequence[dict[str, Any]], shared: dict[str, Any]) -> None:
    """`rows` are what differs, by attribute name; `shared` is the same for all of them, and what
    neither names gets the field's default."""
    columns = [*rows[0], *shared, *(n for n in _fields() if n not in rows[0] and n not in shared)]
    same = tuple(
        _stored(name, shared.get(name, _default(name))) for name in columns[len(rows[0]) :]
    )
    keys = [name for name in rows[0] if isinstance(_fields()[name], models.UUIDField)]
    keys += [name for name in rows[0] if _is_key(name) and name not in keys]
    native = connection.features.has_native_uuid_field
    quote = connection.ops.quote_name
    names = ", ".join(quote(_fields()[name].column or name) for name in columns)
    marks = ", ".join(["%s"] * len(columns))
    # Names of columns from the model: nothing in it comes from outside.
    sql = f"INSERT INTO {quote(Certificate._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(sql, _lines(rows, same, () if native else keys))


def _lines(
    rows: Iterable[dict[str, Any]], same: tuple[Any, ...], keys: Sequence[str]
) -> list[tuple[Any, ...]]:
    found = []
    for row in rows:
        for key in keys:
            if not isinstance(row[key], str):
                row[key] = row[key].hex
        found.append((*row.values(), *same))
    return found


@lru_cache
def _fields() -> dict[str, "models.Field[Any, Any]"]:
    return {field.attname: field for field in Certificate._meta.concrete_fields}


def _is_key(name: str) -> bool:
    field = _fields()[name]
    return isinstance(field, models.ForeignKey) and isinstance(field.target_field, models.UUIDField)


def _default(name: str) -> Any:
    return _fields()[name].get_default()


def _stored(name: str, value: Any) -> Any:
    return _fields()[name].get_db_prep_save(value, connection)
