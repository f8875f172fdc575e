"""A real worker is killed with SIGKILL in the middle of an import; the next one goes on."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prepared
from tests.lms.test_worker import query, wait_for

ROOT = Path(__file__).resolve().parents[2]
#: Two chunks, one of them whole.
PEOPLE, CHUNK = 700, 500
ASK = f"""
from learners.actions.imports import confirm_import
from learners.models import RosterImport
from lms.lib.scope import Role
from tests import factories
from tests.learners.rosters import checked, make_rows
factories.make_regions()
clerk = factories.make_user("clerk", (Role.CLERK, "411521"))
confirm_import(roster_import=checked(make_rows(1, {PEOPLE}), actor=clerk), actor=clerk)
"""


def environment(directory: Path, **extra: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    settings = {"DJANGO_SETTINGS_MODULE": "tests.learners.halting.settings"}
    return inherited | settings | {"LMS_DATA_DIR": str(directory)} | extra


def manage(directory: Path, *arguments: str, **extra: str) -> subprocess.Popen:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    given = environment(directory, **extra)
    return subprocess.Popen(command, env=given, cwd=ROOT, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Path:
    """An installation with a checked roster whose import was asked for; no worker ran yet."""
    directory = tmp_path_factory.mktemp("asked") / "data"
    prepared.lay_down(prepared.migrated(), directory)
    assert manage(directory, "shell", "-v0", "-c", ASK).wait() == 0
    return directory


@pytest.mark.parametrize("halt", ["inside", "between"])
def test_a_killed_import_is_finished_without_gap_or_double(halt, asked, tmp_path):
    directory = tmp_path / "data"
    shutil.copytree(asked, directory)
    first = manage(directory, "run_worker", HALT=halt)
    try:
        wait_for((directory / "reached").exists)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    done = "SELECT count(*) FROM learners_rosterrow WHERE outcome != ''"
    assert query(directory, done) == [(CHUNK,)]
    assert query(directory, "SELECT count(*) FROM learners_learner") == [(CHUNK,)]
    assert query(directory, "SELECT state FROM learners_rosterimport") == [("IMPORTING",)]

    second = manage(directory, "run_worker")
    try:
        state = "SELECT state, done_count, attempts FROM lms_taskprogress"
        state += " WHERE kind = 'learners.import_roster'"
        wait_for(lambda: query(directory, state) == [("DONE", PEOPLE, 2)])
    finally:
        second.send_signal(signal.SIGTERM)
        second.wait(timeout=30)
    assert query(directory, "SELECT state FROM learners_rosterimport") == [("IMPORTED",)]
    once = "SELECT outcome, count(*), count(DISTINCT learner_id) FROM learners_rosterrow"
    once += " WHERE outcome != '' GROUP BY outcome"
    assert query(directory, once) == [("CREATED", PEOPLE, PEOPLE)]
    for table in ("learner", "household", "membership", "householdstatus", "roleheld"):
        assert query(directory, f"SELECT count(*) FROM learners_{table}") == [(PEOPLE,)], table
