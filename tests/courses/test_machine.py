"""Any evening: what tablets wrote is in the log once, and the state is what the log says."""

from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from courses import api, projection
from courses.actions import marking, sync
from tests.courses.machine import Evening
from tests.courses.tablets import Tablet

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def play(examples: int = 12, steps: int = 25) -> None:
    """Each machine in a savepoint that is rolled back."""
    points: list[str] = []

    class Rolled(Evening):
        @staticmethod
        def clean() -> None:
            if points:
                transaction.savepoint_rollback(points.pop())
            points.append(transaction.savepoint())

    run_state_machine_as_test(
        Rolled,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_evening(db):
    play()


# --- the machine has teeth: broken variants do not survive an evening ----------------------------
def last_arrival_wins(monkeypatch) -> None:
    def project(events):
        in_turn = [replace(event, t_ms=turn, base=None) for turn, event in enumerate(events)]
        return projection.project(in_turn)

    monkeypatch.setattr(marking, "project", project)


def delete_before_the_answer(monkeypatch) -> None:
    whole = Evening.body

    def body(self, pad: int, newest_first: bool = False) -> str:
        text = whole(self, pad, newest_first)
        queue = self.queues[pad]
        queue.rows = [row for row in queue.rows if row["event_id"] in queue.acked]
        return text

    monkeypatch.setattr(Evening, "body", body)


def numbers_from_one_again(monkeypatch) -> None:
    """As a tablet that lost its storage and kept its name."""
    whole = Tablet.row

    def row(self, *arguments, **fields):
        self.seq %= 3
        return whole(self, *arguments, **fields)

    monkeypatch.setattr(Tablet, "row", row)


def no_transaction_round_a_batch(monkeypatch) -> None:
    monkeypatch.setattr(api, "push_events", sync.push_events.__wrapped__)


@pytest.mark.parametrize(
    "broken",
    [
        last_arrival_wins,
        delete_before_the_answer,
        numbers_from_one_again,
        no_transaction_round_a_batch,
    ],
)
def test_broken_variants_are_found_out(db, monkeypatch, broken):
    broken(monkeypatch)
    with pytest.raises((AssertionError, KeyError, ExceptionGroup)):
        play(examples=40, steps=30)
