"""Two worker processes against one, in wall time, both started and warm beforehand."""

import subprocess
import time
from collections.abc import Iterator

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import ROOT, command

COUNT = 400


def wall(processes: int) -> float:
    """Seconds for COUNT certificates each; from the word go, not from the start of Python."""
    started = [
        subprocess.Popen(
            [*command("ours", COUNT), "wait"],
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


def run() -> Iterator[Figure]:
    one, two = wall(1), wall(2)
    yield Figure("certificate_workers.ratio", round(2 * one / two, 2), "x one process")
    yield Figure("certificate_workers.per_second", round(2 * COUNT / two, 1), "files/s, two")
