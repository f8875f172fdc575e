"""Records made of what is known already, without a question to the database."""

from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

_Record = TypeVar("_Record", bound=Model)


def part_of(model: type[_Record], **values: Any) -> _Record:
    """A stored record of which only some columns are known; the others load when they are used. As
    `from_db` makes it, without looking at each of its columns."""
    found = model.__new__(model)
    found._state = ModelState()
    found._state.adding, found._state.db = False, DEFAULT_DB_ALIAS
    vars(found).update(values)
    return found
