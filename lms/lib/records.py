"""Records made of what is known already, without a question to the database."""

from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

_Record = TypeVar("_Record", bound=Model)


def part_of(model: type[_Record], **values: Any) -> _Record:
    """A stored record of which only some columns are known; the others load when they are used."""
    return made_of(model, values)


def made_of(
    model: type[_Record],
    values: dict[str, Any],
    database: str = DEFAULT_DB_ALIAS,
    related: dict[str, Any] | None = None,
) -> _Record:
    """As `from_db` makes it, without looking at each of its columns. `values` becomes the record's
    own; `related`: records that it names, by the name of the field."""
    record = model.__new__(model)
    record.__dict__ = values
    state = values["_state"] = ModelState()
    state.adding, state.db = False, database
    if related:
        state.fields_cache = related
    return record
