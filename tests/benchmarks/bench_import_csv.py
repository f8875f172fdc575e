"""The same roster as UTF-8 text: everything that an import does, against bare inserts."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import Figure, rosters
from tests.benchmarks.bench_import_xlsx import EXPECTED, STEP
from tests.benchmarks.peers import raw_executemany
from tests.benchmarks.processes import run_step


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="lms-import.") as name:
        work = Path(name)
        run_step(STEP, "files", work, env={"LMS_DATA_DIR": str(work / "files")})
        env = {"LMS_DATA_DIR": str(work / "csv"), "DATABASE_URL": ""}
        run_step(STEP, "prepare", env=env)
        found, _most = run_step(STEP, "ours", work / "roster.csv", env=env)
        if wrong := {key: found[key] for key in EXPECTED if found[key] != EXPECTED[key]}:
            raise RuntimeError(f"import_csv: wrong counts in the tables: {wrong}")
        peer, _most = run_step(STEP, "raw_executemany", work / "roster.csv", env=env)
        if peer["rows"] != rosters.ROWS:
            raise RuntimeError(f"import_csv: the peer saved {peer['rows']} rows")
        yield Figure.against(
            "import_csv.rows_per_second",
            rosters.ROWS / found["seconds"],
            "rows/s",
            "raw executemany into one table",
            rosters.ROWS / peer["seconds"],
            quoted=raw_executemany.QUOTED,
        )
