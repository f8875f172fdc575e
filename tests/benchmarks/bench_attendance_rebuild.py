"""The state of every session, computed anew from a million events by `rebuild_attendance`."""

import io
import os
import random
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from courses.models import (
    AttendanceState,
    ClassSession,
    CompletionRule,
    Course,
    CourseRun,
    Instructor,
    MarkEvent,
    TrainingSite,
)
from learners.models import Learner
from lms.lib.bulk import insert_rows, moment
from lms.lib.ids import uuid7, uuid7_hexes
from regions.models import Region
from tests.benchmarks import Figure

EVENTS = int(os.environ.get("LMS_BENCH_EVENTS", "1000000"))
PEOPLE, MARKS = 60, 2
STATUSES = ("PRESENT", "LATE", "LEFT_EARLY", "LEAVE", "ABSENT")
COLUMNS = (
    *("event_id", "body_sha256", "kind", "session_id", "learner_id", "status", "source", "method"),
    *("actor_id", "wall_ms", "skew_ms", "t_ms", "app_version", "received_at", "flags", "reason"),
    "payload",
)


def run() -> Iterator[Figure]:
    load(EVENTS // (PEOPLE * MARKS))
    count = MarkEvent.objects.count()
    seconds, differing = rebuilt()
    yield Figure("attendance_rebuild.written_s", seconds, f"s ({count} events, nothing there yet)")
    seconds, differing = rebuilt()
    yield Figure("attendance_rebuild.seconds", seconds, f"s ({count} events)")
    yield Figure("attendance_rebuild.differences", differing, "sessions")
    yield Figure("attendance_rebuild.wrong", wrong(), "states")


def rebuilt() -> tuple[float, int]:
    out, started = io.StringIO(), time.perf_counter()
    call_command("rebuild_attendance", stdout=out)
    seconds = round(time.perf_counter() - started, 1)
    return seconds, int(out.getvalue().splitlines()[-1].split(", ")[1].split()[0])


#: (session, learner) -> what the last mark said, noted while the events were made.
expected: dict[tuple[UUID, UUID], str] = {}


def wrong() -> int:
    rows = AttendanceState.objects.values_list("session_id", "learner_id", "status")
    found = {(session, learner): status for session, learner, status in rows.iterator()}
    return sum(found.get(key) != status for key, status in expected.items()) + len(
        found.keys() - expected.keys()
    )


def load(count: int) -> None:
    region = Region.objects.create(
        code="411521", path="411521", name="罗山县", level=3, starts_on=date(2000, 1, 1)
    )
    user = User.objects.create(username="bench-trainer", display_name="讲师")
    learners = [
        Learner(name=f"学员{n}", home_region=region, provisional=True) for n in range(PEOPLE)
    ]
    Learner.objects.bulk_create(learners)
    sessions = classes(region, user, count)
    draw = random.Random(1)
    for start in range(0, count, 500):
        rows = [
            row(session.pk, learner.pk, turn, user.pk, draw)
            for session, learner, turn in product(
                sessions[start : start + 500], learners, range(MARKS)
            )
        ]
        ids = uuid7_hexes(len(rows))
        insert_rows(
            "courses_markevent", COLUMNS, [(one, *row) for one, row in zip(ids, rows, strict=True)]
        )


def classes(region: Region, user: User, count: int) -> list[ClassSession]:
    site = TrainingSite.objects.create(name="基地", region=region)
    teacher = Instructor.objects.create(name="讲师", region=region, user=user)
    day = date(2020, 1, 1)
    run = CourseRun.objects.create(
        course=Course.objects.create(title="直播带货", audience="HOUSEHOLD_MEMBER", hours=16),
        host_region=region,
        county=region,
        year=2020,
        number=1,
        starts_on=day,
        ends_on=day + timedelta(days=3650),
        status="RUNNING",
        completion_rule=CompletionRule.objects.get(edition=1),
    )
    start = datetime(2020, 1, 1, 6, tzinfo=ZoneInfo("Asia/Shanghai"))
    starts = [start + timedelta(hours=2 * n) for n in range(count)]
    found = [
        ClassSession(
            pk=uuid7(),
            run=run,
            site=site,
            instructor=teacher,
            starts_at=one,
            ends_at=one + timedelta(hours=1),
            held_on=one.date(),
        )
        for one in starts
    ]
    return ClassSession.objects.bulk_create(found, batch_size=1000)


def row(session: UUID, learner: UUID, turn: int, actor: UUID, draw: random.Random) -> tuple:
    status = draw.choice(STATUSES)
    expected[session, learner] = status
    times = (1_577_800_000_000 + turn, 0, 1_577_800_000_000 + turn)
    said = ("0" * 64, "mark", session.hex, learner.hex, status, "trainer", "name", actor.hex)
    return (*said, *times, "", moment(timezone.now()), "[]", "", "{}")
