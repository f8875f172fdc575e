"""An evening's upload of a county, measured in a process of its own on a database of its own.

    python -m tests.benchmarks.syncing DIRECTORY [killed]

500 tablets, two in each of 250 classes, with 60 marks each; a fifth of the batches comes twice.
Rounds take turns with the peer. Prints one JSON line.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from tests import prepared

CLASSES = int(os.environ.get("LMS_BENCH_CLASSES", "250"))
PEOPLE, BATCH, ROUNDS, KILLS = 60, 50, 3, 6
ROOT = Path(__file__).resolve().parents[2]
STATUSES = ("PRESENT", "LATE", "LEFT_EARLY", "LEAVE", "ABSENT")
PATH = "/api/attendance/v1/push"


class County:
    """Trainers, their tablets, learners, and a class of each trainer for every round."""

    def __init__(self, rounds: int) -> None:
        from accounts.models import Device, Grant, User
        from courses.models import CompletionRule, Course, CourseRun, Instructor, TrainingSite
        from courses.queries.tablets import token_digest
        from learners.models import Learner
        from regions.models import Region

        day = date(2026, 11, 20)
        region = Region.objects.create(
            code="411521", path="411521", name="罗山县", level=3, starts_on=date(2000, 1, 1)
        )
        users = [User(username=f"trainer{n}", display_name=f"讲师{n}") for n in range(CLASSES)]
        User.objects.bulk_create(users)
        Grant.objects.bulk_create(
            Grant(user=user, role="TRAINER", region=region, starts_on=date(2000, 1, 1))
            for user in users
        )
        teachers = [Instructor(name=user.display_name, region=region, user=user) for user in users]
        Instructor.objects.bulk_create(teachers)
        site = TrainingSite.objects.create(name="基地", region=region)
        course = Course.objects.create(title="直播带货", audience="HOUSEHOLD_MEMBER", hours=16)
        rule = CompletionRule.objects.get(edition=1)
        runs = [
            CourseRun(
                course=course,
                host_region=region,
                county=region,
                year=2026,
                number=n + 1,
                starts_on=day,
                ends_on=day,
                status="RUNNING",
                completion_rule=rule,
            )
            for n in range(CLASSES)
        ]
        CourseRun.objects.bulk_create(runs)
        self.learners = [
            [Learner(name=f"学员{n}", home_region=region, provisional=True) for n in range(PEOPLE)]
            for _run in runs
        ]
        everybody = list(chain.from_iterable(self.learners))
        Learner.objects.bulk_create(everybody, batch_size=2000)
        self.enrol(runs, region, day)
        self.sessions = [self.classes(runs, teachers, site, n) for n in range(rounds)]
        self.tokens = [f"att_live_bench{n}" for n in range(2 * CLASSES)]
        self.devices = [
            Device(
                label=f"平板{n}",
                token_sha256=token_digest(token),
                enrolled_by=users[n // 2],
                region=region,
            )
            for n, token in enumerate(self.tokens)
        ]
        Device.objects.bulk_create(self.devices)

    def enrol(self, runs, region, day) -> None:
        from courses.models import Enrolment

        Enrolment.objects.bulk_create(
            (
                Enrolment(
                    run=run, learner=who, home_region=region, source="REGISTER", enrolled_on=day
                )
                for run, people in zip(runs, self.learners, strict=True)
                for who in people
            ),
            batch_size=2000,
        )

    def classes(self, runs, teachers, site, turn: int) -> list:
        from courses.models import ClassSession

        start = datetime(2026, 11, 20, 6, tzinfo=ZoneInfo("Asia/Shanghai"))
        start += timedelta(hours=2 * turn)
        found = [
            ClassSession(
                run=run,
                instructor=teacher,
                site=site,
                starts_at=start,
                ends_at=start + timedelta(hours=1),
                held_on=start.date(),
            )
            for run, teacher in zip(runs, teachers, strict=True)
        ]
        return ClassSession.objects.bulk_create(found)


def evening(county: County, turn: int) -> tuple[list[dict], list[dict]]:
    """Every row, and the requests that bring them: a fifth of these twice, in any order."""
    draw = random.Random(turn)
    rows, requests = [], []
    for n, device in enumerate(county.devices):
        session = county.sessions[turn][n // 2]
        own = [
            {
                "event_id": str(UUID(int=draw.getrandbits(128), version=4)),
                "seq": turn * PEOPLE + order + 1,
                "kind": "mark",
                "session_id": str(session.pk),
                "learner_id": str(who.pk),
                "status": draw.choice(STATUSES),
                "source": draw.choice(["trainer", "self"]),
                "method": "name",
                "base": None,
                "wall_ms": 1_795_300_000_000 + order,
                "skew_ms": 0,
                "t_ms": 1_795_300_000_000 + draw.randrange(10_000_000),
                "snapshot_version": 1,
            }
            for order, who in enumerate(county.learners[n // 2])
        ]
        rows += own
        for start in range(0, PEOPLE, BATCH):
            body = {
                "batch_id": str(UUID(int=draw.getrandbits(128), version=4)),
                "device": str(device.pk),
                "last_seq": (turn + 1) * PEOPLE,
                "pending": len(own) - start,
                "client_time": 1_795_300_000_000,
                "app_version": "1.0.0",
                "events": own[start : start + BATCH],
            }
            requests.append({"path": PATH, "token": county.tokens[n], "body": json.dumps(body)})
    requests += draw.sample(requests, len(requests) // 5)
    draw.shuffle(requests)
    return rows, requests


# --- one round ------------------------------------------------------------------------------------
@contextmanager
def serving(application: str, env: dict[str, str]) -> Iterator[tuple[int, int]]:
    from lms.management.commands.serve import web_server
    from tests.benchmarks.bench_page_list import wait_for
    from tests.e2e.site import free_port

    port = free_port()
    arguments = [application if word == "lms.wsgi" else word for word in web_server(port)]
    server = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=os.environ | env)
    try:
        wait_for(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(30)


def upload(
    application: str,
    env: dict[str, str],
    requests: list[dict],
    directory: Path,
    kill_every: float = 0,
) -> dict:
    """One evening through one server; what its processes cost besides."""
    lines, acked = directory / "requests.jsonl", directory / "acked.txt"
    lines.write_text("\n".join(json.dumps(request) for request in requests))
    client = str(Path(__file__).parent / "uploaders.py")
    with serving(application, env) as (port, master):
        stop = threading.Event()
        killer = threading.Thread(target=kill_workers, args=(master, kill_every, stop))
        if kill_every:
            killer.start()
        before = cpu_seconds(master)
        command = [sys.executable, client, str(port), str(lines), str(acked)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        stop.set()
        cpu = round(cpu_seconds(master) - before, 1)
    return json.loads(done.stdout) | {"cpu_s": cpu, "acked": acked.read_text().split()}


def cpu_seconds(master: int) -> float:
    """Of the server and its workers so far; of workers that ended, while the server lives."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    ticks = 0
    for pid in (str(master), *children):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        ticks += sum(map(int, fields[11:15] if pid == str(master) else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def kill_workers(master: int, every: float, stop: threading.Event) -> None:
    """Six of them, one after the other, as the kernel does it when memory runs out."""
    for turn in range(KILLS):
        if stop.wait(every):
            return
        workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        if workers:
            os.kill(int(workers[turn % len(workers)]), signal.SIGKILL)


def faults(county: County, turn: int, rows: list[dict], acked: list[str]) -> dict[str, int]:
    """What is missing, what is there twice, and whose state is not what the rule says."""
    from courses.models import AttendanceState, MarkEvent
    from courses.projection import Event, project

    sessions = [session.pk for session in county.sessions[turn]]
    stored = [
        str(one)
        for one in MarkEvent.objects.filter(session__in=sessions).values_list("event_id", flat=True)
    ]
    sent = {row["event_id"] for row in rows}
    expected, by_session = {}, {}
    for at, row in enumerate(rows):
        event = Event(
            event_id=UUID(row["event_id"]),
            kind="mark",
            source=row["source"],
            t_ms=row["t_ms"],
            learner=UUID(row["learner_id"]),
            status=row["status"],
            device=county.devices[at // PEOPLE].pk,
            seq=row["seq"],
        )
        by_session.setdefault(UUID(row["session_id"]), []).append(event)
    for session, events in by_session.items():
        for who, own in project(events).learners.items():
            expected[session, who] = (own.winner.event_id, own.status, own.conflict)
    columns = ("session_id", "learner_id", "event__event_id", "status", "conflict")
    states = AttendanceState.objects.filter(session__in=sessions).values_list(*columns)
    found = {(one[0], one[1]): one[2:] for one in states}
    return {
        "lost": len((sent | set(acked)) - set(stored)),
        "doubled": len(stored) - len(set(stored)) + len(set(stored) - sent),
        "wrong": sum(found.get(key) != said for key, said in expected.items())
        + len(set(found) - set(expected)),
    }


def main(directory: Path, mode: str = "") -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    if "DATABASE_URL" not in os.environ:
        prepared.lay_down(prepared.migrated(), Path(os.environ["LMS_DATA_DIR"]))
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    rounds = 1 if mode == "killed" else ROUNDS
    county = County(rounds)
    peer = peer_environment(county)
    ours, theirs, wrong = [], [], {"lost": 0, "doubled": 0, "wrong": 0}
    for turn in range(rounds):
        rows, requests = evening(county, turn)
        connections.close_all()
        every = float(os.environ.get("LMS_BENCH_KILL_EVERY", "1")) if mode == "killed" else 0
        ours.append(upload("lms.wsgi", {}, requests, directory, every))
        for name, count in faults(county, turn, rows, ours[-1].pop("acked")).items():
            wrong[name] += count
        connections.close_all()
        if mode != "killed":
            theirs.append(upload(PEER, peer, requests, directory))
            theirs[-1].pop("acked")
    print(json.dumps({"ours": ours, "peer": theirs, **wrong}))  # noqa: T201


PEER = "tests.benchmarks.peers.raw_upsert_server:application"


def peer_environment(county: County) -> dict[str, str]:
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        file = str(Path(settings.DATA_DIR) / "peer.sqlite3")
        env = {"PEER_FILE": file, "PEER_PRAGMAS": database["OPTIONS"]["init_command"]}
    else:
        env = {"PEER_URL": os.environ["DATABASE_URL"].replace("postgres://", "postgresql://")}
    prepare = (
        "import json, sys; from tests.benchmarks.peers.raw_upsert_server import prepare;"
        "prepare(json.load(sys.stdin))"
    )
    devices = json.dumps([(device.token_sha256, str(device.pk)) for device in county.devices])
    command = [sys.executable, "-c", prepare]
    subprocess.run(command, cwd=ROOT, env=os.environ | env, check=True, input=devices, text=True)
    return env


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
