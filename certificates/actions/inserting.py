"""Many rows of certificates at once: an insert of objects costs ten times as much."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from certificates.models import Certificate
from lms.lib import bulk


def insert(rows: Sequence[dict[str, Any]], shared: dict[str, Any]) -> None:
    """`rows` are what differs, by attribute name; `shared` is the same for all of them, and what
    neither names gets the field's default."""
    varied = list(rows[0])
    same = [name for name in _fields() if name not in rows[0]]
    kept = tuple(_stored(name, shared.get(name, _default(name))) for name in same)
    columns = [_fields()[name].column or name for name in [*varied, *same]]
    bulk.insert_rows(Certificate._meta.db_table, columns, list(_lines(rows, kept)))


def _lines(rows: Iterable[dict[str, Any]], kept: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        values = (value.hex if isinstance(value, UUID) else value for value in row.values())
        yield (*values, *kept)


@lru_cache
def _fields() -> dict[str, "models.Field[Any, Any]"]:
    return {field.attname: field for field in Certificate._meta.concrete_fields}


def _default(name: str) -> Any:
    return _fields()[name].get_default()


def _stored(name: str, value: Any) -> Any:
    return _fields()[name].get_db_prep_save(value, connection)
