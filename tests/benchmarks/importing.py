"""One step of an import figure in a process of its own: `python -m tests.benchmarks.importing`.

prepare      migrate the database of LMS_DATA_DIR (or DATABASE_URL) and load the county's regions
files DIR    write the roster into DIR
ours FILE    the whole way of a roster, as a worker goes it; prints what was saved and the seconds
NAME FILE    the peer of that name
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from lms.models import TaskProgress


def prepare() -> None:
    from django.core.management import call_command

    from regions.actions import load_regions
    from regions.forms import RegionRow
    from tests.benchmarks import rosters

    call_command("migrate", verbosity=0)
    digits = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}
    rows = [
        RegionRow(line=at, code=code, level=digits[len(code)], name=name)
        for at, (code, _parent, _level, name) in enumerate(rosters.places())
    ]
    load_regions(rows=rows, renamed_on=rosters.AS_OF, actor=None)


def write_files(directory: Path) -> None:
    from tests.benchmarks import rosters

    rosters.write_xlsx(directory / "roster.xlsx")
    rosters.write_csv(directory / "roster.csv")


def ours(path: Path) -> dict[str, float]:
    """Receive, check, confirm, take in chunk by chunk: by the work that a worker runs.

    Looking for duplicates is another work, of its own progress bar: the import asks for it as its
    last act, and has ended by then. Its seconds are told apart.
    """
    from accounts.models import Grant, User
    from learners.actions.imports import ask_for_check, confirm_import, receive_roster
    from learners.tasks import FIND
    from lms.lib.scope import Role
    from lms.models import TaskProgress
    from regions.models import Region
    from tests.benchmarks import rosters

    region = Region.objects.get(code=rosters.COUNTY)
    clerk = User.objects.create(username="clerk")
    Grant.objects.create(user=clerk, role=Role.CLERK, region=region, starts_on=rosters.AS_OF)
    cpu, started = _cpu(), time.perf_counter()
    received = receive_roster(
        content=path.read_bytes(),
        file_name=path.name,
        region=region,
        as_of=rosters.AS_OF,
        actor=clerk,
    )
    _work(ask_for_check(roster_import=received, actor=clerk))
    checked = time.perf_counter() - started
    received.refresh_from_db()
    _work(confirm_import(roster_import=received, actor=clerk))
    seconds, cpu = time.perf_counter() - started, _cpu() - cpu
    started = time.perf_counter()
    _work(TaskProgress.objects.get(kind=FIND))
    return {
        "checked": checked,
        "seconds": seconds,
        "cpu": cpu,
        "compared": time.perf_counter() - started,
        **_saved(received),
    }


def _work(progress: "TaskProgress") -> None:
    """What a worker does with it; the queue itself keeps nothing here."""
    from lms.models import TaskProgress
    from lms.tasks import run_progress

    run_progress.func(str(progress.pk))
    progress.refresh_from_db()
    if progress.state != TaskProgress.State.DONE:
        raise RuntimeError(f"{progress.kind} ended as {progress.state}")


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _saved(roster_import: object) -> dict[str, float]:
    """What lies in the tables, not what was said to be done."""
    from learners.models import Household, HouseholdStatus, Learner, Membership, RoleHeld, RosterRow

    rows = RosterRow.objects.filter(roster_import=roster_import)
    counts = {
        model.__name__: model.objects.count()
        for model in (Learner, Household, Membership, HouseholdStatus, RoleHeld)
    }
    return {
        **counts,
        "rows": rows.count(),
        "errors": rows.filter(verdict="ERROR").count(),
        "created": rows.filter(outcome="CREATED", learner__isnull=False).count(),
    }


def peer(name: str, path: Path) -> dict[str, float]:
    cpu = _cpu()
    saved, seconds = importlib.import_module(f"tests.benchmarks.peers.{name}").run(path)
    return {"rows": saved, "seconds": seconds, "cpu": _cpu() - cpu}


def main(step: str, *arguments: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benchmarks.settings")
    os.environ["LMS_BENCH_TASKS"] = "dummy"  # asked for, and run here one after the other
    django.setup()
    paths = [Path(argument) for argument in arguments]
    match step:
        case "prepare":
            prepare()
        case "files":
            write_files(*paths)
        case "ours":
            print(json.dumps(ours(*paths)))  # noqa: T201
        case _:
            print(json.dumps(peer(step, *paths)))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
