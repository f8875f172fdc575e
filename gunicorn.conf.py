"""What each web process does besides answering. gunicorn reads this file by its name."""

from threading import Thread
from typing import Any

from lms.lib import pdf


def post_worker_init(worker: Any) -> None:
    """Fonts are loaded beside the first answers, not while somebody waits for a sheet."""
    Thread(target=pdf.warm_up, name="fonts", daemon=True).start()
