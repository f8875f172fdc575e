"""10,000 certificates issued to a county: who is eligible, number, sealed facts, chain, durable.

CPU time of the process that issues, on PostgreSQL with that of the process that serves it; the
engines with the durability of the product's settings. Then clerks issue class by class, one
transaction in ten given up, on PostgreSQL eight of them at once: numbers missing, numbers double.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import Figure
from tests.benchmarks.peers import certificate_rows, void_of
from tests.benchmarks.processes import copy_database, postgresql, run_step

STEP = "tests.benchmarks.issuing"
COUNT = 10_000


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="lms-issue.") as name:
        work = Path(name)
        yield from measure("certificate_issue", work / "sqlite", "")
        with postgresql(work / "postgres") as url:
            yield from measure("certificate_issue_pg", work / "files", url)


def measure(name: str, directory: Path, url: str) -> Iterator[Figure]:
    directory.mkdir()
    if not url:
        copy_database(directory / "lms.sqlite3")  # migrating another takes longer than the bench
    found, _ = run_step(STEP, env={"LMS_DATA_DIR": str(directory), "DATABASE_URL": url})
    if found["errors"]:
        raise RuntimeError(f"{name}: {found['errors']} clerks met an error")
    speed, quoted = found["peer_per_second"], certificate_rows.QUOTED
    # The design's figure is of SQLite; on PostgreSQL it measured none, so there is none to fall to.
    told = f"bare inserts in blocks of {certificate_rows.BLOCK}" + (
        f" ({quoted} rows/s in the design, {speed} here)" if not url else f" ({speed} rows/s here)"
    )
    void = "" if url else void_of(speed, quoted)
    seconds = round(found["seconds"], 2)
    yield Figure(f"{name}.seconds", seconds, "s of CPU", told, round(COUNT / speed, 3), void)
    yield Figure(f"{name}.elapsed", round(found["elapsed"], 2), "s by the clock")
    yield Figure(f"{name}.gaps", found["gaps"], "numbers missing, one in ten given up")
    yield Figure(f"{name}.doubles", found["doubles"], "numbers, codes or holders twice")
