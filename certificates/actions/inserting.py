"""Many rows of certificates at once: an insert of objects costs ten times as much."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from certificates.models import Certificate
from lms.lib import bulk


def insert(varied: Sequence[str], rows: Sequence[tuple[Any, ...]], shared: dict[str, Any]) -> None:
    """`rows` are what differs, in the order of the columns `varied`, as the driver takes it;
    `shared` is the same for all of them, and what neither names gets the field's default."""
    same = [name for name in _fields() if name not in varied]
    kept = {name: _stored(name, shared.get(name, _default(name))) for name in same}
    kinds = {name: _fields()[name].db_type(connection) or "" for name in [*varied, *same]}
    bulk.insert_alike(Certificate._meta.db_table, kinds, rows, kept)


@lru_cache
def _fields() -> dict[str, "models.Field[Any, Any]"]:
    return {field.column or "": field for field in Certificate._meta.concrete_fields}


def _default(name: str) -> Any:
    return _fields()[name].get_default()


def _stored(name: str, value: Any) -> Any:
    stored = _fields()[name].get_db_prep_save(value, connection)
    if isinstance(stored, UUID):
        return stored.hex
    is_day = isinstance(stored, date) and not isinstance(stored, datetime)
    return stored.isoformat() if is_day else stored
