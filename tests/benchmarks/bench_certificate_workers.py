"""Two worker processes against one, in wall time, both started and warm beforehand.

The peer is the same pair with a loop that only counts: what two cores give here, now.
"""

import subprocess
import time
from collections.abc import Iterator

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import ROOT, command

COUNT = 400


def wall(processes: int, what: str, count: int) -> float:
    """Seconds for so many each; from the word go, not from the start of Python."""
    started = [
        subprocess.Popen(
            [*command(what, count), "wait"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(processes)
    ]
    for process in started:
        assert process.stdout.readline() == b"ready\n"
    begun = time.perf_counter()
    for process in started:
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in started:
        process.communicate()
        assert process.returncode == 0
    return time.perf_counter() - begun


def ratio(what: str, count: int) -> float:
    return round(2 * wall(1, what, count) / wall(2, what, count), 2)


def run() -> Iterator[Figure]:
    counting = ratio("counting", COUNT * 20)
    ours = ratio("ours", COUNT)
    told = "two processes that only count"
    yield Figure("certificate_workers.ratio", ours, "x one process", told, counting)
