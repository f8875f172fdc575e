"""The product's settings on a database file: what is measured is what users get."""

import os

from lms.settings import *  # noqa: F403

_QUEUES = {"": "immediate.ImmediateBackend", "dummy": "dummy.DummyBackend"}
_QUEUE = _QUEUES[os.environ.get("LMS_BENCH_TASKS", "")]
TASKS = {"default": {"BACKEND": f"django_tasks.backends.{_QUEUE}"}}
if "sqlite" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "bench.sqlite3"}  # noqa: F405
# Processes that a benchmark starts use its database.
if name := os.environ.get("LMS_BENCH_DATABASE"):
    DATABASES["default"]["NAME"] = name  # noqa: F405
