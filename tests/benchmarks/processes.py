"""Processes beside the one that measures: on the same database, with memory of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    from django.db import connection  # not in a peer that has no use for it

    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "LMS_BENCH_DATABASE": str(connection.settings_dict["NAME"]),
        **more,
    }


def answer_of(*arguments: str) -> Any:
    """What a Python module prints as JSON on its last line."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def most_memory_mb() -> float:
    """The most that this process has ever held, since it began to run its own program."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)
