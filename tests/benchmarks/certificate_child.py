"""One measurement of certificates in a process of its own, on one core: CPU time and memory.

`python -m tests.benchmarks.certificate_child WHAT COUNT` prints one line of JSON; with `wait` it
says that it is ready, and for each number that it is told works that many seconds and prints what
it has made meanwhile.
"""

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certificates.render import CertificateFacts, render_book, render_many
from tests.benchmarks.certificate_facts import facts

ROOT = Path(__file__).parents[2]
Files = Callable[[Iterable[CertificateFacts]], Iterator[bytes]]
WARM = 3


@dataclass(frozen=True)
class Measured:
    count: int
    seconds: float  # of CPU
    p50_ms: float
    p95_ms: float
    kb: float  # a file
    rss_mb: float

    @property
    def per_second(self) -> float:
        return round(self.count / self.seconds, 2)


def rss_mb() -> float:
    """The most that the process has held."""
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(peak.split()[1]) / 1024, 1)


def books(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    yield render_book(batch, title="证书汇编")


def counting(batch: Iterable[CertificateFacts]) -> Iterator[bytes]:
    """No work but a core's."""
    for _ in batch:
        sum(range(100_000))
        yield b""


def files_of(what: str) -> Files:
    if what == "ours":
        return render_many
    if what in ("book", "counting"):
        return books if what == "book" else counting
    found: Files = importlib.import_module(f"tests.benchmarks.peers.{what}").files
    return found


def warm(what: str) -> Files:
    files = files_of(what)
    list(files(facts(WARM)))
    return files


def measure(files: Files, count: int) -> Measured:
    taken, size = [], 0
    started = last = time.process_time()
    for content in files(facts(count)):
        now = time.process_time()
        taken.append((now - last) * 1000)
        size += len(content)
        last = now
    ordered = sorted(taken)
    return Measured(
        count=count,
        seconds=last - started,
        p50_ms=round(ordered[len(ordered) // 2], 2),
        p95_ms=round(ordered[int(len(ordered) * 0.95)], 2),
        kb=round(size / count / 1000, 2),
        rss_mb=rss_mb(),
    )


@dataclass(frozen=True)
class Made:
    per_second: float  # by the clock
    per_cpu_second: float


def made_within(files: Files, seconds: float) -> Made:
    """Whole files from now until the time is over; the last one may end a little after it."""
    made = 0
    begun, cpu_begun = time.perf_counter(), time.process_time()
    for _ in files(facts(sys.maxsize)):
        made += 1
        taken = time.perf_counter() - begun
        if taken >= seconds:
            break
    return Made(made / taken, made / (time.process_time() - cpu_begun))


def work_when_told(files: Files) -> None:
    print("ready", flush=True)  # noqa: T201
    for told in sys.stdin:
        print(json.dumps(vars(made_within(files, float(told)))), flush=True)  # noqa: T201


def command(what: str, count: int) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.certificate_child", what, str(count)]


def measured(what: str, count: int) -> Measured:
    """In a fresh process on one core, which it alone uses as far as the machine lets it."""
    core = str(max(os.sched_getaffinity(0)))
    done = subprocess.run(
        command(what, count),
        cwd=ROOT,
        env=os.environ | {"CERTIFICATE_CORE": core},
        capture_output=True,
        check=True,
    )
    values: dict[str, Any] = json.loads(done.stdout)
    return Measured(**values)


if __name__ == "__main__":
    if core := os.environ.get("CERTIFICATE_CORE"):
        os.sched_setaffinity(0, {int(core)})
    made = warm(sys.argv[1])
    if "wait" in sys.argv:
        work_when_told(made)
    else:
        print(json.dumps(vars(measure(made, int(sys.argv[2])))))  # noqa: T201
