"""Many rows of certificates at once: an insert of objects costs ten times as much."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from certificates.models import Certificate
from lms.lib import bulk


def insert(varied: Sequence[str], rows: Sequence[tuple[Any, ...]], shared: dict[str, Any]) -> None:
    """`rows` are what differs, in the order of the attributes `varied`, as the driver takes it;
    `shared` is the same for all of them, and what neither names gets the field's default."""
    same = [name for name in _fields() if name not in varied]
    kept = tuple(_stored(name, shared.get(name, _default(name))) for name in same)
    columns = [_fields()[name].column or name for name in [*varied, *same]]
    bulk.insert_rows(Certificate._meta.db_table, columns, [row + kept for row in rows])


@lru_cache
def _fields() -> dict[str, "models.Field[Any, Any]"]:
    return {field.attname: field for field in Certificate._meta.concrete_fields}


def _default(name: str) -> Any:
    return _fields()[name].get_default()


def _stored(name: str, value: Any) -> Any:
    """As text where a driver would write it out anew for every row."""
    stored = _fields()[name].get_db_prep_save(value, connection)
    return str(stored) if isinstance(stored, UUID | date) else stored
