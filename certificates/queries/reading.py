"""Ten thousand records at once, a few columns of each, as objects of the model's own class.

Django's way there takes every column through a descriptor, those that are not read, too: half of
what issuing to a county would cost.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=Model)


def bare(rows: QuerySet[Row], own: Sequence[str], **others: Sequence[str]) -> list[Row]:
    """The rows with the attributes `own`, and related records, by their names, with theirs; all
    else is read when it is asked for, as after `only()`. `own` holds the keys of the others."""
    fields = rows.model._meta
    columns = [f"{name}__{column}" for name, names in others.items() for column in names]
    kinds = [
        (name, fields.get_field(name).related_model, own.index(f"{name}_id"), ("id", *names))
        for name, names in others.items()
    ]
    found = []
    for values in rows.values_list(*own, *columns):
        record = _made(rows.model, own, values, rows.db)
        at = len(own)
        for name, model, key, names in kinds:
            part = (values[key], *values[at : at + len(names) - 1])
            record._state.fields_cache[name] = _made(model, names, part, rows.db)
            at += len(part) - 1
        found.append(record)
    return found


def _made(model: Any, names: Sequence[str], values: Sequence[Any], database: str) -> Any:
    record = model.__new__(model)
    state = record._state = ModelState()
    state.adding, state.db = False, database
    record.__dict__.update(zip(names, values, strict=False))
    return record
