"""What the web server does besides answering. gunicorn reads this file by its name."""

import gc
from threading import Thread
from typing import Any

from lms.lib import pdf

#: Loaded once, before the processes are made: they share its memory, and one that takes the place
#: of another answers at once.
preload_app = True

#: What is longer before the body ends at the door, in words (431, 414); none of ours comes near.
limit_request_line, limit_request_fields, limit_request_field_size = 4094, 100, 8190


def when_ready(server: Any) -> None:
    """What is loaded stays: no process looks through it for garbage, or copies it by looking."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Fonts are loaded beside the first answers, not while somebody waits for a sheet."""
    Thread(target=pdf.warm_up, name="fonts", daemon=True).start()
