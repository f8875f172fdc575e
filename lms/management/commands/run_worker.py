import logging
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, OperationalError, connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.utils import is_locked_database_exception

from certificates.actions import make_daily_roots, sweep_packs
from courses.tasks import hint_custody
from learners.actions.retention import erase_old_rosters
from learners.tasks import look_for_duplicates
from lms.exports import sweep_exports
from lms.lib.collector import settle
from lms.liveness import WorkerLife, bury_the_dead, nobody_else_lives
from lms.removal import sweep_files
from lms.sealing import seal_events
from lms.tasks import restart_orphans, restart_stale

log = logging.getLogger(__name__)


class Housekeeping(threading.Thread):
    """Beside the work: signs of life, restarts of what died, seals, and what is erased in time."""

    def __init__(self, life: WorkerLife) -> None:
        super().__init__(name="housekeeping", daemon=True)
        self.duties: list[tuple[int, Callable[[], object]]] = [
            (15, life.beat),
            (30, restart_stale),
            (60, seal_events),
            (600, sweep_exports),
            (600, sweep_packs),
            (600, sweep_files),
            (3600, make_daily_roots),
            (24 * 3600, erase_old_rosters),
            (24 * 3600, hint_custody),
            (24 * 3600, look_for_duplicates),
        ]
        self.due = [0.0] * len(self.duties)
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(1):
            self.tick(time.monotonic())
        connection.close()

    def tick(self, now: float) -> None:
        for number, (every, duty) in enumerate(self.duties):
            if now >= self.due[number] and not self.stopped.is_set():
                self.due[number] = now + every
                self.perform(duty)

    def perform(self, duty: Callable[[], object]) -> None:
        try:
            duty()
        except DatabaseError:
            # A locked or restarting database: this duty comes round again.
            log.warning("housekeeping will try again", exc_info=True)
            connection.close()

    def stop(self) -> None:
        self.stopped.set()
        self.join(timeout=30)


class CalmWorker(Worker):
    """Asked to stop, it ends at its next look at the queue, a second later at most.

    Leaving at once, from the signal's handler, could break off a BEGIN and end in an error.
    """

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        if not self.running:
            super().shutdown(signum, frame)  # asked twice
        log.info("asked to stop")
        self.running = False


class Command(BaseCommand):
    help = (
        "Do background work until stopped (SIGTERM or Ctrl-C); the work in hand is finished first."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        settle()
        bury_the_dead()
        alone = nobody_else_lives()
        life = WorkerLife()
        life.begin()
        if alone and (restarted := restart_orphans()):
            log.info("took up %s tasks again", restarted)
        housekeeping = Housekeeping(life)
        housekeeping.start()
        try:
            self.work(life.name)
        finally:
            housekeeping.stop()
            life.end()

    def work(self, name: str) -> None:
        worker = CalmWorker(
            queue_names=["default"],
            interval=1,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=name,
            excluded_queue_names=[],
        )
        worker.configure_signals()
        while worker.running:
            try:
                worker.run()
            except OperationalError as error:
                if not is_locked_database_exception(error):
                    raise
                log.warning("the database was locked for long; going on")
