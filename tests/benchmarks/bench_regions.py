"""Loading the region tree, and asking for all villages under a county.

The peer is the same file read with the csv module and inserted with one executemany, without
parents' keys, checks or an audit line: the least that any loader must do.
"""

import csv
import gzip
import io
import sqlite3
import time
from collections.abc import Iterator

from lms.lib.periods import today
from regions.actions import load_regions
from regions.forms import read_rows
from regions.management.commands.load_regions import OURS
from regions.models import Region
from tests.benchmarks import Figure


def bare_insert() -> float:
    started = time.perf_counter()
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE region (code TEXT, parent TEXT, level INTEGER, name TEXT)")
    count = 0
    for path in OURS:
        rows = list(csv.reader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))[1:]
        connection.executemany("INSERT INTO region VALUES (?, ?, ?, ?)", rows)
        count += len(rows)
    connection.commit()
    return count / (time.perf_counter() - started)


def run() -> Iterator[Figure]:
    started = time.perf_counter()
    rows = [row for path in OURS for row in read_rows(path)]
    counts = load_regions(rows=rows, renamed_on=today(), actor=None)
    per_second = counts.added / (time.perf_counter() - started)
    yield Figure(
        "regions.load", round(per_second), "rows/s", "csv + executemany", round(bare_insert())
    )

    county = Region.objects.get(code="411521")
    seconds = []
    for _ in range(50):
        started = time.perf_counter()
        found = Region.objects.within(county).count()
        seconds.append(time.perf_counter() - started)
    assert found > 300
    yield Figure("regions.within_county", round(sorted(seconds)[25] * 1000, 3), "ms (median)")
