import os
import threading
from pathlib import Path

from lms import tasks


@tasks.work("slowwork.count")
def count(progress):
    """Writes one line a step; at step 3 of the first attempt it waits to be killed."""
    directory = Path(os.environ["SLOWWORK_DIR"])
    for step in range(progress.done_count, progress.total_count):
        if step == 3 and progress.attempts == 1:
            (directory / "reached").touch()
            threading.Event().wait()
        with (directory / "steps").open("a") as steps:
            steps.write(f"{step}\n")
        progress.advance(step + 1)
