"""One certificate at a time in a warm process: CPU time on one core, size, memory."""

from collections.abc import Iterator

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import measured

COUNT = 200


def run() -> Iterator[Figure]:
    found = measured("ours", COUNT)
    yield Figure("certificate_single.p95_ms", found.p95_ms, "ms of CPU")
    yield Figure("certificate_single.p50_ms", found.p50_ms, "ms of CPU")
    yield Figure("certificate_single.kb", found.kb, "kB unsigned")
    yield Figure("certificate_single.rss_mb", found.rss_mb, "MB at most")
