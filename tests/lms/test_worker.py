"""The background worker, as a process of its own and piece by piece."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from lms.liveness import WorkerLife, bury_the_dead, nobody_else_lives
from lms.management.commands import run_worker
from lms.management.commands.run_worker import Housekeeping
from lms.models import WorkerBeat
from tests import prepared

ROOT = Path(__file__).resolve().parents[2]
START = (
    "from lms import tasks; "
    "tasks.start('slowwork.count', title='x', key='x', total=6, requested_by=None)"
)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")


@pytest.fixture
def manage(tmp_path):
    """Starts manage.py on a database of its own; whatever still runs is killed at the end."""
    inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment = inherited | {
        "LMS_DATA_DIR": str(tmp_path),
        "SLOWWORK_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tests.lms.slowwork.settings",
    }
    started = []

    def run(*arguments):
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def query(directory, sql):
    connection = sqlite3.connect(directory / "lms.sqlite3", timeout=30)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_work_of_a_killed_worker_is_taken_up_by_the_next_start(manage, tmp_path):
    prepared.lay_down(prepared.migrated(), tmp_path)
    assert manage("shell", "-v0", "-c", START).wait() == 0

    first = manage("run_worker")
    wait_for((tmp_path / "reached").exists)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert query(tmp_path, "SELECT state, done_count FROM lms_taskprogress") == [("RUNNING", 3)]

    second = manage("run_worker")
    done = [("DONE", 6, 2)]
    sql = "SELECT state, done_count, attempts FROM lms_taskprogress"
    wait_for(lambda: query(tmp_path, sql) == done)
    assert (tmp_path / "steps").read_text().split() == list("012345")

    wait_for(lambda: query(tmp_path, "SELECT count(*) FROM lms_auditseal") == [(1,)])
    second.send_signal(signal.SIGTERM)
    code = second.wait(timeout=30)
    assert code == 0, second.stderr.read().decode()
    assert query(tmp_path, "SELECT name FROM lms_workerbeat") == []


@pytest.mark.django_db
class TestLife:
    @pytest.fixture(autouse=True)
    def data_directory(self, settings, tmp_path):
        settings.DATA_DIR = tmp_path

    def test_a_living_worker_is_not_buried(self):
        life = WorkerLife()
        life.begin()
        assert bury_the_dead() == 0
        assert not nobody_else_lives()
        life.end()
        assert nobody_else_lives()

    def test_a_worker_that_let_its_lock_go_is_dead_at_once(self):
        life = WorkerLife()
        life.begin()
        life._lock.close()
        assert bury_the_dead() == 1
        assert nobody_else_lives()
        assert not life.path.exists()

    def test_a_worker_elsewhere_is_dead_when_it_was_silent_for_long(self, settings):
        now = timezone.now()
        silent = timedelta(seconds=settings.TASK_HEARTBEAT_SECONDS + 1)
        WorkerBeat.objects.create(name="elsewhere-1", at=now)
        WorkerBeat.objects.create(name="elsewhere-2", at=now - silent)
        assert bury_the_dead() == 1
        assert [beat.name for beat in WorkerBeat.objects.all()] == ["elsewhere-1"]


def test_housekeeping_keeps_its_intervals_and_survives_a_locked_database(caplog):
    done = []

    def locked():
        done.append("locked")
        raise OperationalError("database is locked")

    housekeeping = Housekeeping(WorkerLife())
    housekeeping.duties = [(15, lambda: done.append("beat")), (30, locked)]
    for second in (100, 101, 114, 115, 130):
        housekeeping.tick(second)
    assert done == ["beat", "locked", "beat", "beat", "locked"]
    assert "will try again" in caplog.text


def test_a_worker_that_is_to_stop_begins_no_other_duty():
    done = []
    housekeeping = Housekeeping(WorkerLife())
    housekeeping.duties = [(15, housekeeping.stopped.set), (15, lambda: done.append("more"))]
    housekeeping.tick(100)
    assert done == []


@pytest.mark.django_db
def test_a_worker_settles_before_it_works(monkeypatch, settings, tmp_path):
    """What `certificates` measures, and the memory of its reads, stands on that."""
    settings.DATA_DIR = tmp_path
    done = []
    monkeypatch.setattr(run_worker, "settle", lambda: done.append("settled"))
    monkeypatch.setattr(run_worker.Command, "work", lambda self, name: done.append("working"))
    monkeypatch.setattr(run_worker.Housekeeping, "run", lambda self: None)
    call_command("run_worker")
    assert done == ["settled", "working"]


def test_a_worker_starts_without_the_libraries_of_single_pages(tmp_path):
    """An export is to stay below 80 MB, of which these would be 30."""
    code = (
        "import django; django.setup(); import sys, lms.management.commands.run_worker;"
        "heavy = {'pydantic', 'ninja', 'PIL', 'fontTools', 'weasyprint', 'pandas', 'pikepdf'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = {"LMS_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
