"""One export of learners as the worker makes it, in a process of its own that does nothing else.

python -m tests.benchmarks.exporting PROGRESS
"""

import json
import sys
import time

import django

django.setup()

from lms.lib.collector import settle  # noqa: E402 - after setting up
from lms.models import ExportFile, TaskProgress  # noqa: E402
from lms.tasks import run_progress  # noqa: E402
from tests.benchmarks.processes import most_memory_mb  # noqa: E402


def main(key: str) -> None:
    settle()  # as a worker does when it begins
    started = time.perf_counter()
    run_progress.call(key)
    seconds = time.perf_counter() - started
    progress = TaskProgress.objects.get(pk=key)
    done = ExportFile.objects.get(progress=progress)
    found = {
        "rows": done.row_count,
        "seconds": seconds,
        "rss_mb": most_memory_mb(),
        "file": done.file,
        "error": progress.error,
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
