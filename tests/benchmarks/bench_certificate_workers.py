"""Two worker processes against one: files a second by the clock, each process on its own core.

As in a queue, a process takes the next file when it has ended one, so what counts is how many they
make in the same time. One turn is the first alone, the second alone and both together, right after
each other: this machine's speed drifts by a third within a minute, and a turn's ratio compares what
was measured at the same speed. The median of the turns counts.

`machine_ratio` is the same with loops that only count: what the second core gives here, now; cores
that are threads of one, or that others use, give less than 2. `cpu_ratio` is of CPU time: what one
process costs the other, whoever else is on the machine.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import mean, median

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import ROOT, Made, command

SECONDS = 0.8  # of a measurement: a hundred files and more
TURNS = 15


class Worker:
    """A process on a core of its own, warm, that works as long as it is told to."""

    def __init__(self, what: str, core: int) -> None:
        self.process = subprocess.Popen(
            [*command(what, 0), "wait"],
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
        self.process.stdin.write(f"{SECONDS}\n")
        self.process.stdin.flush()

    def end(self) -> Made:
        return Made(**json.loads(self.process.stdout.readline()))


def together(workers: list[Worker]) -> list[Made]:
    for worker in workers:
        worker.begin()
    return [worker.end() for worker in workers]


def turn(workers: list[Worker]) -> tuple[float, float]:
    """How much more both make than one, by the clock and of CPU time."""
    alone = [made for worker in workers for made in together([worker])]
    both = together(workers)
    clock = sum(made.per_second for made in both) / mean(made.per_second for made in alone)
    cpu = sum(made.per_cpu_second for made in both) / mean(made.per_cpu_second for made in alone)
    return clock, cpu


def stolen() -> tuple[int, int]:
    """Ticks that the host kept from this machine so far, and all ticks."""
    ticks = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    return ticks[7], sum(ticks)


def run() -> Iterator[Figure]:
    before = stolen()
    cores = sorted(os.sched_getaffinity(0))[:2]
    turns: dict[str, list[tuple[float, float]]] = {"ours": [], "counting": []}
    with ExitStack() as stack:
        workers = {
            what: [stack.enter_context(Worker(what, core)) for core in cores] for what in turns
        }
        for _ in range(TURNS):
            for what, both in workers.items():
                turns[what].append(turn(both))
    ours, cpu = (round(median(ratios), 2) for ratios in zip(*turns["ours"], strict=True))
    counting = round(median(clock for clock, _ in turns["counting"]), 2)
    told = "two processes that only count"
    yield Figure("certificate_workers.ratio", ours, "x one process", told, counting)
    yield Figure("certificate_workers.machine_ratio", counting, "x one process that only counts")
    yield Figure("certificate_workers.cpu_ratio", cpu, "x one process, of CPU time")
    kept, all_ticks = (now - then for now, then in zip(stolen(), before, strict=True))
    steal = round(100 * kept / max(all_ticks, 1), 1)
    yield Figure("certificate_workers.steal_percent", steal, "% kept by the host")
