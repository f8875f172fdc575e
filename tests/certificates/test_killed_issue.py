"""A real worker is killed with SIGKILL in the middle of issuing; the next one goes on."""

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
PEOPLE = 6
ASK = f"""
from datetime import date
from certificates import tasks
from lms import tasks as work
from lms.lib.scope import Role
from tests import factories
from tests.quotas.counted import complete
factories.make_regions()
clerk = factories.make_user("clerk", (Role.CLERK, "411521"))
issuer = factories.make_issuer()
run = factories.make_run(starts_on=date(2026, 3, 2), status="CLOSED")
for n in range({PEOPLE}):
    complete(factories.make_learner("李建军"), run=run)
work.start(
    tasks.ISSUE_REGION,
    title="t",
    key="k",
    args={{"region": "411521", "issuer": str(issuer.pk), "issued_on": "2026-03-04"}},
    requested_by=clerk,
)
"""


def manage(directory: Path, *arguments: str, **extra: str) -> subprocess.Popen:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    settings = {"DJANGO_SETTINGS_MODULE": "tests.certificates.halting.settings"}
    given = inherited | settings | {"LMS_DATA_DIR": str(directory)} | extra
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.Popen(command, env=given, cwd=ROOT, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Path:
    """An installation where a county's certificates were asked for; no worker ran yet."""
    directory = tmp_path_factory.mktemp("asked") / "data"
    prepared.lay_down(prepared.migrated(), directory)
    assert manage(directory, "shell", "-v0", "-c", ASK).wait() == 0
    return directory


@pytest.mark.parametrize(("halt", "left"), [("issuing", 0), ("drawing", PEOPLE)])
def test_a_killed_issue_is_finished_without_gap_or_double(halt, left, asked, tmp_path):
    directory = tmp_path / "data"
    shutil.copytree(asked, directory)
    first = manage(directory, "run_worker", HALT=halt)
    try:
        wait_for((directory / "reached").exists)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    count = "SELECT count(*) FROM certificates_certificate"
    assert query(directory, count) == [(left,)]

    second = manage(directory, "run_worker")
    try:
        state = "SELECT state, done_count, attempts FROM lms_taskprogress WHERE key = 'k'"
        wait_for(lambda: query(directory, state) == [("DONE", PEOPLE, 2)])
    finally:
        second.send_signal(signal.SIGTERM)
        second.wait(timeout=30)
    numbers = "SELECT number FROM certificates_certificate ORDER BY number"
    expected = [(f"LS-2026-{n:06d}",) for n in range(1, PEOPLE + 1)]
    assert query(directory, numbers) == expected
    assert query(directory, "SELECT last FROM certificates_numbercounter") == [(PEOPLE,)]
    assert query(directory, f"{count} WHERE pdf != ''") == [(PEOPLE,)]
