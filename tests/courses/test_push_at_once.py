"""Two tablets of one class that upload at the same moment, on PostgreSQL.

That it goes wrong without the lock of the session: tests/courses/test_broken_variants.py.
"""

import random
from collections.abc import Callable
from threading import Event
from time import monotonic

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts.models import Device
from courses.models import MarkEvent
from courses.queries.batches import locked_device
from lms.lib.ids import uuid7
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lib.sets import ask
from tests import factories
from tests.courses.tablets import Tablet
from tests.courses.test_concurrency import at_once, wrong_winners

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite has one writer at a time",
    ),
]
PEOPLE, BATCH = 30, 3


class Room:
    def __init__(self, people: int = PEOPLE) -> None:
        factories.make_regions()
        trainer = factories.make_user("", (Role.TRAINER, "411521"))
        run = factories.make_run(starts_on=today())
        self.session = factories.make_session(run, user=trainer)
        self.people = [factories.make_enrolment(run).learner for _n in range(people)]
        self.tablets = [Tablet(trainer), Tablet(trainer)]

    def upload_at_once(self, turn: int) -> int:
        """Both mark everybody, in unlike orders; how many states are not what the rule says."""
        statuses = ["PRESENT", "LATE"]
        jobs = [
            self.upload(pad, status, turn)
            for pad, status in zip(self.tablets, statuses, strict=True)
        ]
        said = at_once(*jobs)
        assert said == [None, None]
        return wrong_winners(self.session)

    def upload(self, pad: Tablet, status: str, turn: int) -> Callable[[], None]:
        order = random.Random(f"{turn}{status}").sample(self.people, len(self.people))
        rows = [pad.mark(self.session, who, status) for who in order]
        for row in rows:
            row["t_ms"] += random.Random(row["event_id"]).randrange(1000)
        # A batch goes twice, as it does when its answer is lost.
        parts = [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]
        parts += parts[:2]

        def work() -> None:
            client = Client()
            for part in parts:
                answer = client.post(
                    "/api/attendance/v1/push",
                    pad.body(*part),
                    "application/json",
                    headers=pad.headers(),
                )
                assert answer.status_code == 200, answer.content

        return work


def test_two_tablets_of_one_class_at_once():
    room = Room()
    assert [room.upload_at_once(turn) for turn in range(3)] == [0, 0, 0]
    assert MarkEvent.objects.count() == 3 * 2 * PEOPLE


def test_the_locks_of_a_class_come_after_the_tablet(transactional_db):
    """While it waits for the tablet a batch keeps no class from others; then it has them all."""
    room = Room(people=1)
    pad, holds, numbers = room.tablets[0].device, Event(), [11, 12, 13]
    seen = {"waiting": -1, "then": -1}

    def first() -> None:
        with transaction.atomic():
            Device.objects.select_for_update().get(pk=pad.pk)
            holds.set()
            until = monotonic() + 30
            while not waiting():
                assert monotonic() < until, "the second does not wait"
            seen["waiting"] = held()

    def second() -> None:
        assert holds.wait(30)
        with transaction.atomic():
            locked_device(pad.pk, numbers)
            seen["then"] = held()

    assert at_once(first, second) == [None, None]
    assert seen == {"waiting": 0, "then": 3}


def test_who_is_unknown_locks_no_class(transactional_db):
    with transaction.atomic():
        with pytest.raises(Device.DoesNotExist):
            locked_device(uuid7(), [11, 12, 13])
        assert held() == 0


def waiting() -> int:
    """Transactions that wait for a row, or for whoever changes it."""
    kinds = ("transactionid", "tuple")
    [(count,)] = ask(
        "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND locktype IN (%s, %s)", *kinds
    )
    return count


def held() -> int:
    [(count,)] = ask(
        "SELECT COUNT(*) FROM pg_locks WHERE locktype = %s AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())",
        "advisory",
    )
    return count
