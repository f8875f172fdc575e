"""Questions that every page asks: Django puts them into SQL once, not again for each request.

To word one of them takes several times as long as to answer it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

Rows = list[tuple[Any, ...]]


class Question:
    """`Question(build, day=date(1, 1, 2))(day=today())`: the rows that `build(day=today())` gives.

    `build` is called once, with values that stand in for all others: it puts them into the
    question and does nothing else with them. Columns come as the driver gives them, so they are
    texts and whole numbers. A stand-in is like no other value of the question.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **stand_ins: Any) -> None:
        self._build = build
        self._stand_ins = stand_ins

    def __call__(self, **values: Any) -> Rows:
        statement, names, given = self._worded
        spelled = {name: _spelled(value) for name, value in values.items()}
        chosen = [spelled[name] if name else one for name, one in zip(names, given, strict=True)]
        return rows_of(statement, chosen)

    @cached_property
    def _worded(self) -> tuple[str, list[str], tuple[Any, ...]]:
        """The statement, and for each parameter the value that it is, or "" and itself."""
        statement, given = worded(self._build(**self._stand_ins))
        names = list(_named(given, self._stand_ins))
        if missing := self._stand_ins.keys() - set(names):
            raise LookupError(f"the question does not ask by {sorted(missing)}")
        return statement, names, given


def worded(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """A statement and its parameters, for `rows_of`."""
    return rows.query.sql_with_params()


def rows_of(statement: str, given: Any) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cast("Rows", cursor.fetchall())


def _named(given: tuple[Any, ...], stand_ins: Mapping[str, Any]) -> Iterator[str]:
    spelled = {name: _spelled(value) for name, value in stand_ins.items()}
    for one in given:
        yield next((name for name, value in spelled.items() if value == one), "")


def _spelled(value: Any) -> Any:
    """As a parameter of this database."""
    match value:
        case UUID():
            return value if connection.features.has_native_uuid_field else value.hex
        case datetime():
            return connection.ops.adapt_datetimefield_value(value)
        case date():
            return connection.ops.adapt_datefield_value(value)
    return value
