"""People of a county who completed their classes and hold no certificate yet."""

import random
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Grant, User
from certificates.models import Issuer
from courses.models import (
    AttendanceState,
    ClassSession,
    CompletionRule,
    Course,
    CourseRun,
    Enrolment,
    Instructor,
    MarkEvent,
    TrainingSite,
)
from learners.models import Learner, id_index
from lms.lib import crypto
from lms.lib.ids import uuid7
from lms.lib.scope import Role
from regions.models import Region
from tests.benchmarks.archive import GIVEN, SURNAMES, insert, key

CLASS_SIZE, SESSIONS = 40, 4
FIRST = date(2026, 3, 2)
#: What the events of this bench alone say; no learner of it has two in a session.
STATES = (
    f"INSERT INTO {AttendanceState._meta.db_table}"
    " (session_id, learner_id, event_id, status, conflict, clock_suspect)"
    " SELECT session_id, learner_id, server_seq, status, false, false"
    f" FROM {MarkEvent._meta.db_table} e WHERE NOT EXISTS"
    f" (SELECT 1 FROM {AttendanceState._meta.db_table} s WHERE s.event_id = e.server_seq)"
)


class County:
    """A county with a school, an issuer and somebody who may issue."""

    def __init__(self) -> None:
        self.region = Region.objects.create(
            code="411521", path="411521", name="罗山县", level=3, starts_on=date(2000, 1, 1)
        )
        self.clerk = User.objects.create(username="bench-clerk", display_name="经办")
        Grant.objects.create(
            user=self.clerk, role=Role.CLERK, region=self.region, starts_on=date(2000, 1, 1)
        )
        self.issuer = Issuer.objects.create(
            region=self.region, name="罗山县电子商务服务中心", prefix="LS"
        )
        self.course = Course.objects.create(
            title="网店开设与直播带货", audience="HOUSEHOLD_MEMBER", hours=16
        )
        self.rule = CompletionRule.objects.get(edition=1)

    @transaction.atomic
    def complete(self, people: int, *, first_number: int = 1) -> list[CourseRun]:
        """Classes of CLASS_SIZE with SESSIONS each, attended and completed by everyone."""
        runs = [self._run(first_number + n) for n in range(ceil(people / CLASS_SIZE))]
        learners = [uuid7() for _ in range(people)]
        chance = random.Random(first_number)
        insert(Learner, (self._learner(pk, n, chance) for n, pk in enumerate(learners)))
        classes = [(runs[n // CLASS_SIZE], pk) for n, pk in enumerate(learners)]
        insert(Enrolment, (self._enrolment(run, pk) for run, pk in classes))
        self._attend(runs, classes)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return runs

    def _run(self, number: int) -> CourseRun:
        return CourseRun.objects.create(
            course=self.course,
            host_region=self.region,
            county=self.region,
            year=FIRST.year,
            number=number,
            starts_on=FIRST,
            ends_on=FIRST + timedelta(days=1),
            status=CourseRun.Status.CLOSED,
            completion_rule=self.rule,
        )

    def _learner(self, pk: Any, n: int, chance: random.Random) -> dict[str, Any]:
        number = f"4115211985{n % 12 + 1:02d}{n % 28 + 1:02d}{n % 1000:03d}X"
        return {
            "id": key(pk),
            "id_cipher": crypto.encrypt(number, where=f"learners_learner.id_cipher:{pk}"),
            "id_index": id_index(f"{pk}"),
            "id_tail": number[-4:],
            "name": chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=1 + n % 2)),
            "sex": "MF"[n % 2],
            "home_region_id": self.region.pk,
        }

    def _enrolment(self, run: CourseRun, learner: Any) -> dict[str, Any]:
        return {
            "id": key(uuid7()),
            "run_id": key(run.pk),
            "learner_id": key(learner),
            "home_region_id": self.region.pk,
            "source": Enrolment.Source.REGISTER,
            "status": Enrolment.Status.COMPLETED,
            "enrolled_on": FIRST.isoformat(),
            "completed_on": (FIRST + timedelta(days=1)).isoformat(),
        }

    def _attend(self, runs: list[CourseRun], classes: list[tuple[CourseRun, Any]]) -> None:
        sessions = {run.pk: [self._session(run, n) for n in range(SESSIONS)] for run in runs}
        insert(
            MarkEvent,
            (self._mark(session, pk) for run, pk in classes for session in sessions[run.pk]),
        )
        with connection.cursor() as cursor:
            cursor.execute(STATES)

    def _mark(self, session: ClassSession, learner: Any) -> dict[str, Any]:
        return {
            "event_id": key(uuid7()),
            "session_id": key(session.pk),
            "learner_id": key(learner),
            "kind": "mark",
            "status": "PRESENT",
            "source": "trainer",
            "actor_id": key(self.clerk.pk),
            "wall_ms": 0,
            "t_ms": 0,
            "body_sha256": "0" * 64,
        }

    def _session(self, run: CourseRun, n: int) -> ClassSession:
        day = FIRST + timedelta(days=n // 2)
        starts = datetime.combine(day, time(8 + 5 * (n % 2)), timezone.get_current_timezone())
        name = f"{run.number}-{n}"
        return ClassSession.objects.create(
            run=run,
            starts_at=starts,
            ends_at=starts + timedelta(hours=3),
            site=TrainingSite.objects.create(name=name, region=self.region),
            instructor=Instructor.objects.create(name=name, region=self.region),
            status=ClassSession.Status.CLOSED,
        )
