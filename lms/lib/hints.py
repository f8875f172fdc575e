"""Short keyed hashes kept beside a sealed cell, by which the database finds the rows worth opening.

A row whose hints hold none of those asked for does not say what they stand for; one whose hints do
may, and is opened. They are of a fixed length, one behind the other: a place that holds one by
chance costs a row opened in vain, never one missed.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db.models import BinaryField, BooleanField, F, Func, Q, Value

from lms.lib import crypto

SIZE = 6
#: A row with more of them keeps none, and is opened each time.
MOST = 64


def packer(label: str) -> Callable[[set[str]], bytes | None]:
    """Gives the hints of some words; None: too many. `label` as for `blind_index`."""
    index = crypto.indexer(label)

    def packed(words: set[str]) -> bytes | None:
        if len(words) > MOST:
            return None
        return b"".join([index(word)[:SIZE] for word in words])

    return packed


def all_packed(words: Collection[str], label: str) -> bytes:
    """Of a whole file, however many."""
    index = crypto.indexer(label)
    return b"".join([index(word)[:SIZE] for word in words])


def may_hold(column: str, words: Iterable[str], label: str) -> Q:
    """Rows that say one of these words, a few that do not, and all without hints."""
    found, index = Q(**{f"{column}__isnull": True}), crypto.indexer(label)
    for word in words:
        found |= Q(_Stands(F(column), index(word)[:SIZE]))
    return found


class _Stands(Func):
    """Whether some bytes stand in a column of bytes."""

    output_field = BooleanField()

    def __init__(self, column: F, sought: bytes) -> None:
        super().__init__(column, Value(sought, output_field=BinaryField()))

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="(instr(%(expressions)s) > 0)", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # By its name it takes the text first, as `position(… in …)` turns them round.
        named = '(pg_catalog."position"(%(expressions)s) > 0)'
        return self.as_sql(compiler, connection, template=named, **extra)
