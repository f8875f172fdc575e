"""10,000 certificates issued to a county: who is eligible, number, sealed facts, chain, durable.

CPU time of the process that issues, on SQLite and on a PostgreSQL of its own as it comes.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import Figure
from tests.benchmarks.peers import certificate_rows
from tests.benchmarks.processes import ROOT

STEP = "tests.benchmarks.issuing"


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        yield measure("certificate_issue", Path(name), "")
        if url := os.environ.get("LMS_BENCH_POSTGRES", ""):
            yield measure("certificate_issue_pg", Path(name) / "pg", url)


def measure(name: str, directory: Path, url: str) -> Figure:
    given = {"LMS_DATA_DIR": str(directory), "DATABASE_URL": url}
    env = {k: v for k, v in os.environ.items() if k != "LMS_BENCH_DATABASE"} | given
    done = subprocess.run(
        [sys.executable, "-m", STEP], cwd=ROOT, env=env, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    if found["gaps"] or found["rows"] != found["before"] + found["made"]:
        raise RuntimeError(f"{name}: a gap or a double: {found}")
    speed = found["peer_per_second"]
    peer = f"bare inserts in blocks of 500 ({certificate_rows.QUOTED} rows/s in the design)"
    if not url and speed < certificate_rows.QUOTED / 2:
        peer = f"VOID: {peer} came to {speed}"
    return Figure(f"{name}.seconds", found["seconds"], "s of CPU", peer, round(10_000 / speed, 3))
