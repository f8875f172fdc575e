import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import AppConfig


class HaltingConfig(AppConfig):
    name = "tests.learners.halting"

    def ready(self) -> None:
        """HALT=inside: after the people of the second chunk were written, before its commit;
        HALT=between: after the commit of the first. Without HALT nothing is changed."""
        from learners import tasks
        from learners.actions import imports

        match os.environ.get("HALT"):
            case "inside":
                imports.take_in_people = halt_after(imports.take_in_people, calls=2)  # type: ignore[assignment]
            case "between":
                tasks.import_chunk = halt_after(tasks.import_chunk, calls=1)  # type: ignore[assignment]


def halt_after(function: Callable[..., Any], calls: int) -> Callable[..., Any]:
    made = []

    def halting(**given: Any) -> Any:
        result = function(**given)
        made.append(1)
        if len(made) == calls:
            (Path(os.environ["LMS_DATA_DIR"]) / "reached").touch()
            threading.Event().wait()
        return result

    return halting
