"""The web server loads everything before it makes its processes, and nothing that they must not
share."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOADING = """
import json, sys, threading
import lms.wsgi
from django.db import connection
facts = [connection.connection is None, threading.active_count() == 1, "courses.api" in sys.modules]
print(json.dumps(facts))
"""


def test_processes_are_made_of_what_is_loaded():
    assert runpy.run_path(str(ROOT / "gunicorn.conf.py"))["preload_app"] is True


def test_nothing_is_loaded_that_two_processes_must_not_share():
    """Neither a connection nor a thread; but all addresses are, and what answers at them."""
    command = [sys.executable, "-c", LOADING]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [True, True, True]
