"""The next rows of an import are opened while those before them are written.

Writing is the database's own work, during which Python is free: a thread decrypts the next chunk
and makes the values of its people as new ones. It asks the database nothing and writes nothing;
what it made is dropped when other rows than these turn out to be next, or a person is known.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

from learners.actions.newcomers import learner_writer
from learners.queries.matching import PersonFacts
from learners.queries.rosters import OpenRow, Reference, opened
from lms.lib.ids import uuid7_hexes

#: Whoever comes back from the database waits so long at most for the thread to let Python go;
#: with Python's own 5 ms the thread would hold up what it is to speed up.
_TURN_SECONDS = 0.0005


@dataclass(frozen=True)
class OpenChunk:
    rows: Sequence[OpenRow]
    people: Sequence[PersonFacts]

    @classmethod
    def of(cls, rows: Sequence[OpenRow], reference: Reference) -> "OpenChunk":
        values_of = learner_writer()
        people = [reference.person(fields) for fields in opened(rows)]
        for person, key in zip(people, uuid7_hexes(len(people)), strict=True):
            person.as_new = values_of(person, key)
        return cls(rows, people)


class ReadAhead:
    """One chunk ahead, so that never more than two lie in memory. To be used in a `with`."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._thread = ThreadPoolExecutor(1, "roster")
        self._coming: Future[OpenChunk] | None = None
        self._interval = sys.getswitchinterval()

    def __enter__(self) -> Self:
        sys.setswitchinterval(_TURN_SECONDS)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.setswitchinterval(self._interval)
        self._thread.shutdown()

    def begin(self, rows: Sequence[OpenRow]) -> None:
        self._coming = self._thread.submit(OpenChunk.of, rows, self._reference) if rows else None

    def take(self) -> OpenChunk | None:
        """What was begun; raises what went wrong with it."""
        coming, self._coming = self._coming, None
        return coming.result() if coming else None
