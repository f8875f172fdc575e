"""Fonts are ready before somebody waits for a sheet."""

import runpy
import threading
from pathlib import Path

from lms.lib import pdf

CONFIGURATION = Path(__file__).resolve().parents[2] / "gunicorn.conf.py"


def test_a_web_process_loads_the_fonts_as_it_starts():
    pdf._tools.cache_clear()
    runpy.run_path(str(CONFIGURATION))["post_worker_init"](None)
    (loading,) = (thread for thread in threading.enumerate() if thread.name == "fonts")
    loading.join(60)
    assert pdf._tools.cache_info().currsize == 1
