"""Design page: csv -> executemany, no validation (raw limit, SQLite), 198-202k rows/s.

The same rows into one flat table of the same database, in one transaction, with the connection's
own settings: what any importer on this engine stays below.
"""

import csv
import time
from pathlib import Path

from django.db import connection, transaction

QUOTED = 198_000


def run(path: Path) -> tuple[int, float]:
    """How many rows were saved, in how many seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE peer_flat (serial text, name text, sex text, id_number text, "
            "ethnic text, phone text, township text, village text, household_type text)"
        )
    connection.ensure_connection()
    started = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as stream, transaction.atomic():
        rows = csv.reader(stream)
        next(rows)
        connection.connection.executemany(
            "INSERT INTO peer_flat VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM peer_flat")
        return cursor.fetchone()[0], seconds
