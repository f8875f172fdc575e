"""Raw SQL inserts, 190,534 rows/s in blocks of 500 and 4,883 single: numbers and chain alone.

The same columns in the same engine over the same connection, so with the same durability, from
values made beforehand: what storing costs when nobody asks who is eligible, and nothing is sealed.
One block in ten is rolled back, as when that was measured.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import connection, transaction

QUOTED, BLOCK = 190_534, 500
TABLE = "bench_certificate_rows"
COLUMNS = "number, chain_no, chain_hash"


class UndoneError(Exception):
    """A block is given up."""


def per_second(count: int, clock: Callable[[], float]) -> int:
    """Rows a second of CPU, in blocks, each block a transaction that takes its numbers."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}_counter")
        cursor.execute(
            f"CREATE TABLE {TABLE} (number varchar(24) PRIMARY KEY, chain_no integer, "
            "chain_hash varchar(64))"
        )
        cursor.execute(f"CREATE TABLE {TABLE}_counter (last integer NOT NULL)")
        cursor.execute(f"INSERT INTO {TABLE}_counter VALUES (0)")
    started, chain, stored = clock(), "", 0
    for number in range(count // BLOCK):
        with suppress(UndoneError):
            chain = _block(chain, undone=number % 10 == 9)
            stored += BLOCK
    taken = clock() - started
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), max(chain_no) FROM {TABLE}")
        if cursor.fetchone() != (stored, stored):
            raise RuntimeError("the peer's rows have a gap")
    return round(stored / max(taken, 0.001))


@transaction.atomic
def _block(chain: str, *, undone: bool) -> str:
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE}_counter SET last = last + {BLOCK} RETURNING last")
        last = cursor.fetchone()[0]
        for n in range(last - BLOCK + 1, last + 1):
            chain = hashlib.sha256(f"{chain}{n}".encode()).hexdigest()
            rows.append((f"LS-2026-{n:06d}", n, chain))
        marks = ", ".join(["(%s, %s, %s)"] * BLOCK)
        values = [value for row in rows for value in row]
        cursor.execute(f"INSERT INTO {TABLE} ({COLUMNS}) VALUES {marks}", values)
    if undone:
        raise UndoneError
    return chain
