"""The product's settings on a database file: what is measured is what users get."""

import os

from lms.settings import *  # noqa: F403

TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
if "sqlite" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "bench.sqlite3"}  # noqa: F405
# Processes that a benchmark starts use its database.
if name := os.environ.get("LMS_BENCH_DATABASE"):
    DATABASES["default"]["NAME"] = name  # noqa: F405
