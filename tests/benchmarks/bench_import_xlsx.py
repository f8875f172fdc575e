"""A roster of 100,000 rows from the upload to people, households, roles: rows a second, memory.

Ours parses in the child process, judges every row, keeps each encrypted, then takes the people in
by chunks of 500, every chunk a transaction of its own. The peer reads the same file into one
table. What lies in the tables at the end is counted; a wrong count is no figure but an error.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import Figure, rosters
from tests.benchmarks.peers import import_export_bulk
from tests.benchmarks.processes import postgresql, run_step

STEP = "tests.benchmarks.importing"
EXPECTED = {
    "rows": rosters.ROWS + 1,
    "errors": rosters.BAD_IDS + rosters.DUPLICATES,
    "created": rosters.SAVED,
    "Learner": rosters.SAVED,
    "Household": rosters.SAVED,
    "Membership": rosters.SAVED,
    "HouseholdStatus": rosters.SAVED,
    "RoleHeld": rosters.SAVED,
}


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="lms-import.") as name:
        work = Path(name)
        run_step(STEP, "files", work, env={"LMS_DATA_DIR": str(work / "files")})
        yield from measure("import_xlsx", work, {})
        with postgresql(work / "postgres") as url:
            yield from measure("import_xlsx_pg", work, {"DATABASE_URL": url})


def measure(figure: str, work: Path, engine: dict[str, str]) -> Iterator[Figure]:
    env = {"LMS_DATA_DIR": str(work / figure), "DATABASE_URL": "", **engine}
    path = work / "roster.xlsx"
    run_step(STEP, "prepare", env=env)
    found, most = run_step(STEP, "ours", path, env=env)
    if wrong := {name: found[name] for name in EXPECTED if found[name] != EXPECTED[name]}:
        raise RuntimeError(f"{figure}: wrong counts in the tables: {wrong}")
    peer, _most = run_step(STEP, "import_export_bulk", path, env=env)
    if peer["rows"] != rosters.SAVED:
        raise RuntimeError(f"{figure}: the peer saved {peer['rows']} rows")
    yield Figure.against(
        f"{figure}.rows_per_second",
        rosters.ROWS / found["seconds"],
        "rows/s",
        "django-import-export use_bulk",
        rosters.ROWS / peer["seconds"],
        quoted=import_export_bulk.QUOTED,
    )
    yield Figure(f"{figure}.rss_mb", round(most / 2**20, 1), "MB, all processes")
    compared = round(found["compared"], 1)
    yield Figure(f"{figure}.compare_seconds", compared, "s, looking for duplicates afterwards")
