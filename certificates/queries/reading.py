"""Ten thousand records at once, a few columns of each, as objects of the model's own class.

Django's way there takes every column through a descriptor, those that are not read, too: half of
what issuing to a county would cost.
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from lms.lib.records import made_of

Row = TypeVar("Row", bound=Model)


def bare(rows: QuerySet[Row], own: Sequence[str], **others: Sequence[str]) -> list[Row]:
    """The rows with the attributes `own`, and related records, by their names, with theirs; all
    else is read when it is asked for, as after `only()`. `own` holds the keys of the others, and
    rows with the same key share one record."""
    fields, database = rows.model._meta, rows.db
    columns = [f"{name}__{column}" for name, names in others.items() for column in names]
    kinds: list[tuple[Any, ...]] = []
    at = len(own)
    for name, names in others.items():
        key, end = own.index(f"{name}_id"), at + len(names)
        kinds.append((name, fields.get_field(name).related_model, key, at, end, names, {}))
        at = end
    found = []
    for values in rows.values_list(*own, *columns):
        related = {}
        for name, model, key, at, end, names, known in kinds:
            value = values[key]
            # A UUID itself is slow to look up.
            short = value.int if type(value) is UUID else value
            if (part := known.get(short)) is None:
                said = {"id": value, **dict(zip(names, values[at:end], strict=True))}
                part = known[short] = made_of(model, said, database)
            related[name] = part
        found.append(made_of(rows.model, dict(zip(own, values, strict=False)), database, related))
    return found
