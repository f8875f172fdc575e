"""An evening's upload of a county: 500 tablets with 60 marks each, a fifth of it delivered twice.

Over real gunicorn with tokens, audit lines and the real models; the peer is a bare upsert of the
same batches under the same server, in turns with ours. Then once more while workers are killed.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import Figure
from tests.benchmarks.peers.raw_upsert_server import QUOTED_PG, QUOTED_SQLITE
from tests.benchmarks.processes import ROOT, postgresql

WORDS = "a bare raw-SQL upsert of the same batches under the same server"


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="lms-bench-") as name:
        work = Path(name)
        work.chmod(0o755)
        yield from figures("attendance_sync", evening(work / "lite", ""), QUOTED_SQLITE)
        with postgresql(work / "postgres") as url:
            databases = migrated_twice(url)
            plain = evening(work / "plain", databases[0])
            yield from figures("attendance_sync_pg", plain, QUOTED_PG)
            every = f"{middle(plain['ours'], 'seconds') / 7:.2f}"
            killed = evening(work / "killed", databases[1], "killed", LMS_BENCH_KILL_EVERY=every)
        yield from figures("attendance_sync_killed", killed, 0)


def migrated_twice(url: str) -> list[str]:
    """Addresses of two databases of one server, migrated once."""
    import psycopg

    with tempfile.TemporaryDirectory(prefix="lms-bench-") as name:
        env = os.environ | {"DATABASE_URL": url, "LMS_DATA_DIR": name}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True
        )
    base = url.rpartition("/")[0]
    with psycopg.connect(
        f"{base}/template1".replace("postgres:", "postgresql:"), autocommit=True
    ) as own:
        for name in ("plain", "killed"):
            own.execute(f"CREATE DATABASE {name} TEMPLATE postgres")
    return [f"{base}/plain", f"{base}/killed"]


def evening(directory: Path, url: str, mode: str = "", **more: str) -> Any:
    """In a process of its own: on an engine of its own, and no memory of the one before."""
    directory.mkdir()
    env = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    env |= {"LMS_DATA_DIR": str(directory / "data"), **more}
    env |= {"DATABASE_URL": url} if url else {}
    command = [sys.executable, "-m", "tests.benchmarks.syncing", str(directory), mode]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def figures(name: str, found: dict[str, Any], quoted: float) -> Iterator[Figure]:
    seconds = middle(found["ours"], "seconds")
    if found["peer"]:
        theirs = middle(found["peer"], "seconds")
        void = f"the peer took {theirs} s, quoted were {quoted}" * (theirs > 2 * quoted)
        yield Figure(f"{name}.seconds", seconds, "s", WORDS, theirs, void)
        peer_cpu = middle(found["peer"], "cpu_s")
        yield Figure(f"{name}.cpu_s", middle(found["ours"], "cpu_s"), "s (web)", WORDS, peer_cpu)
    else:
        broken = sum(one["seen"].get("broken", 0) for one in found["ours"])
        yield Figure(f"{name}.seconds", seconds, f"s ({broken} broken connections)")
    for what in ("lost", "doubled", "wrong"):
        yield Figure(f"{name}.{what}", found[what], "events" if what != "wrong" else "states")
    yield Figure(f"{name}.p95_ms", middle(found["ours"], "p95_ms"), "ms a batch")


def middle(rounds: list[dict[str, Any]], key: str) -> float:
    """Others may have had the machine during one of them."""
    return float(median(one[key] for one in rounds))
