import os

from django.apps import AppConfig

from tests.learners.halting.apps import halt_after


def halting(function):
    """`halt_after` takes keywords; what is halted here is called with places."""
    halted = halt_after(lambda *, args: function(*args), calls=1)
    return lambda *args: halted(args=args)


class HaltingConfig(AppConfig):
    name = "tests.certificates.halting"
    label = "halting_issues"

    def ready(self) -> None:
        """HALT=issuing: after the rows were written, before their commit; HALT=drawing: after
        the first file was stored. Without HALT nothing is changed."""
        from certificates import tasks
        from certificates.actions import issuing

        match os.environ.get("HALT"):
            case "issuing":
                issuing.insert = halting(issuing.insert)
            case "drawing":
                tasks.store_pdf = halt_after(tasks.store_pdf, calls=1)
