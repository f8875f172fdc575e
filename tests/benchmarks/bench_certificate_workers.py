"""Two worker processes against one by the clock, each on a core of its own, started and warm.

`machine_ratio` is the same with loops that only count: what the second core gives here, now; cores
that are threads of one, or that others use, give less than 2. `cpu_ratio` is of CPU time: what one
process costs the other, whoever else is on the machine. The processes live through all turns, as
workers do, and the four kinds of turn follow each other, so that what else the machine does meets
all of them; the best turn of each kind counts.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import ROOT, command

COUNT, LOOPS = 100, 500
TURNS = 12


@dataclass(frozen=True)
class Run:
    wall: float
    cpu: float  # of each on average


class Worker:
    """A process on a core of its own, warm, that does its work whenever it is told to."""

    def __init__(self, what: str, count: int, core: int) -> None:
        self.process = subprocess.Popen(
            [*command(what, count), "wait"],
            cwd=ROOT,
            env=os.environ | {"CERTIFICATE_CORE": str(core)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def begin(self) -> None:
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> float:
        seconds: float = json.loads(self.process.stdout.readline())["seconds"]
        return seconds


def together(workers: list[Worker]) -> Run:
    """From the word go to the last one's last file."""
    begun = time.perf_counter()
    for worker in workers:
        worker.begin()
    seconds = [worker.end() for worker in workers]
    return Run(time.perf_counter() - begun, sum(seconds) / len(seconds))


def ratios(alone: list[Run], pairs: list[Run]) -> tuple[float, float]:
    """By the clock and of CPU time."""
    walls = min(run.wall for run in alone) / min(run.wall for run in pairs)
    cpu = min(run.cpu for run in alone) / min(run.cpu for run in pairs)
    return round(2 * walls, 2), round(2 * cpu, 2)


def stolen() -> tuple[int, int]:
    """Ticks that the host kept from this machine so far, and all ticks."""
    ticks = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    return ticks[7], sum(ticks)


def run() -> Iterator[Figure]:
    before = stolen()
    cores = sorted(os.sched_getaffinity(0))[:2]
    found: dict[tuple[str, int], list[Run]] = {}
    with ExitStack() as stack:
        workers = {
            what: [stack.enter_context(Worker(what, count, core)) for core in cores]
            for what, count in (("ours", COUNT), ("counting", LOOPS))
        }
        for _ in range(TURNS):
            for what, both in workers.items():
                found.setdefault((what, 1), []).append(together(both[1:]))
                found.setdefault((what, 2), []).append(together(both))
    counting, _ = ratios(found["counting", 1], found["counting", 2])
    ours, cpu = ratios(found["ours", 1], found["ours", 2])
    told = "two processes that only count"
    yield Figure("certificate_workers.ratio", ours, "x one process", told, counting)
    yield Figure("certificate_workers.machine_ratio", counting, "x one process that only counts")
    yield Figure("certificate_workers.cpu_ratio", cpu, "x one process, of CPU time")
    kept, all_ticks = (now - then for now, then in zip(stolen(), before, strict=True))
    steal = round(100 * kept / max(all_ticks, 1), 1)
    yield Figure("certificate_workers.steal_percent", steal, "% kept by the host")
