"""Two worker processes against one by the clock, each on a core of its own, started and warm.

`machine_ratio` is the same with loops that only count: what the second core gives here, now; cores
that are threads of one, or that others use, give less than 2. `cpu_ratio` is of CPU time: what one
process costs the other, whoever else is on the machine.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import ROOT, command

COUNT, LOOPS = 200, 2_500
TURNS = 3


@dataclass(frozen=True)
class Run:
    wall: float
    cpu: float  # of each on average


def together(cores: list[int], what: str, count: int) -> Run:
    """So many by a process on each of the cores; from the word go to the last one's last file."""
    started = [
        subprocess.Popen(
            [*command(what, count), "wait"],
            cwd=ROOT,
            env=os.environ | {"CERTIFICATE_CORE": str(core)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for core in cores
    ]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    begun = time.perf_counter()
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    done = [json.loads(process.stdout.readline()) for process in started]
    wall = time.perf_counter() - begun
    for process in started:
        process.communicate()
    return Run(wall, sum(one["seconds"] for one in done) / len(done))


def ratios(what: str, count: int) -> tuple[float, float]:
    """By the clock and of CPU time: the best of some turns each, as others use the machine, too."""
    first, second = sorted(os.sched_getaffinity(0))[:2]
    alone, pairs = [], []
    for _ in range(TURNS):
        alone.append(together([second], what, count))
        pairs.append(together([first, second], what, count))
    walls = min(run.wall for run in alone) / min(run.wall for run in pairs)
    cpu = min(run.cpu for run in alone) / min(run.cpu for run in pairs)
    return round(2 * walls, 2), round(2 * cpu, 2)


def stolen() -> tuple[int, int]:
    """Ticks that the host kept from this machine so far, and all ticks."""
    ticks = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    return ticks[7], sum(ticks)


def run() -> Iterator[Figure]:
    before = stolen()
    counting, _ = ratios("counting", LOOPS)
    ours, cpu = ratios("ours", COUNT)
    told = "two processes that only count"
    yield Figure("certificate_workers.ratio", ours, "x one process", told, counting)
    yield Figure("certificate_workers.machine_ratio", counting, "x one process that only counts")
    yield Figure("certificate_workers.cpu_ratio", cpu, "x one process, of CPU time")
    kept, all_ticks = (now - then for now, then in zip(stolen(), before, strict=True))
    steal = round(100 * kept / max(all_ticks, 1), 1)
    yield Figure("certificate_workers.steal_percent", steal, "% kept by the host")
