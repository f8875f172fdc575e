"""The product broken on purpose, and the tests that must notice.

    python -m tests.broken_variants

Runs the table of the merge rule, its properties, the state machine against the real endpoint, and
two tablets at once, against each variant and against the product as it is; prints who caught what
after how many examples. Exit code 1 when a variant survives, or when nothing was broken and a test
complains. Starts a PostgreSQL of its own unless DATABASE_URL names one: SQLite has one writer at a
time and cannot show what a lock is for.
"""

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from uuid import UUID

import pytest

#: What a variant is caught by: an assertion, or a machine that finds its own books wrong.
COMPLAINTS = (AssertionError, KeyError, ExceptionGroup)
TESTS = "tests/courses/test_broken_variants.py"


@dataclass
class Tally:
    """`failed`: at which example it was noticed; 0 = not at all."""

    begun: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Verdict:
    variant: str
    check: str
    tally: Tally


#: What was tried in this process, for the table.
VERDICTS: list[Verdict] = []


# --- what must notice -----------------------------------------------------------------------------
def rule(events: Sequence[object]) -> object:
    """What the product in use makes of a set of events: winners, states, conflicts, the close."""
    from courses.actions import events as writing

    state = writing.project(events)  # type: ignore[arg-type]
    learners = {
        who: (own.winner and own.winner.event_id, own.status, own.conflict)
        for who, own in state.learners.items()
    }
    return learners, state.closed_by and state.closed_by.event_id


def table_of_cases(tally: Tally) -> None:
    from tests.courses.test_merge_cases import CASES, event

    for case in CASES:
        tally.begun += 1
        learners, closed_by = rule([event(row) for row in case["events"]])
        said = {
            str(who): {"status": status, "event": winner and str(winner), "conflict": conflict}
            for who, (winner, status, conflict) in learners.items()
        }
        expected = case["expected"]
        assert (said, closed_by and str(closed_by)) == (expected["learners"], expected["closed_by"])


def any_order(tally: Tally) -> None:
    from hypothesis import Phase, given, settings

    from tests.courses.test_projection import SHUFFLED, check_order_is_nothing, events

    @settings(
        max_examples=500, deadline=None, database=None, derandomize=True, phases=[Phase.generate]
    )
    @given(events(), SHUFFLED)
    def order_is_nothing(found, random):
        tally.begun += not tally.failed
        try:
            check_order_is_nothing(rule, found, random)
        except AssertionError:
            tally.failed = tally.failed or tally.begun
            raise

    order_is_nothing()


def any_evening(tally: Tally, examples: int = 40, steps: int = 30) -> None:
    """Each machine in a savepoint that is rolled back."""
    from django.db import transaction
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.courses.machine import Evening

    points: list[str] = []

    class Rolled(Evening):
        def __init__(self) -> None:
            super().__init__()
            tally.begun += not tally.failed

        @staticmethod
        def clean() -> None:
            if points:
                transaction.savepoint_rollback(points.pop())
            points.append(transaction.savepoint())

        def teardown(self) -> None:
            is_caught = sys.exc_info()[0] is not None
            try:
                super().teardown()
            except BaseException:
                is_caught = True
                raise
            finally:
                if is_caught:
                    tally.failed = tally.failed or tally.begun

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


def two_tablets_at_once(tally: Tally, rounds: int = 10) -> None:
    """Each waits for the other between reading and writing: as long as it takes where nothing keeps
    them apart, a moment in vain where a lock does."""
    from courses.actions import events as writing
    from tests.courses.test_push_at_once import Room

    room, both, write = Room(people=6), Barrier(2, timeout=0.3), writing.write_down

    def write_together(*read):
        try:
            both.wait()
        except BrokenBarrierError:
            both.reset()
        return write(*read)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "write_down", write_together)
        for turn in range(rounds):
            tally.begun += 1
            assert room.upload_at_once(turn) == 0


Check = Callable[[Tally], None]


# --- what is broken -------------------------------------------------------------------------------
def last_arrival_wins(patch: pytest.MonkeyPatch) -> None:
    from courses import projection
    from courses.actions import events as writing

    def project(events):
        in_turn = [replace(event, t_ms=turn, base=None) for turn, event in enumerate(events)]
        return projection.project(in_turn)

    patch.setattr(writing, "project", project)


def voids_only_what_came_before(patch: pytest.MonkeyPatch) -> None:
    from courses import projection
    from courses.actions import events as writing

    def project(events):
        kept: dict[UUID, projection.Event] = {}
        for event in events:
            if event.kind == "void":
                kept.pop(event.target, None)
            else:
                kept[event.event_id] = event
        return projection.project(kept.values())

    patch.setattr(writing, "project", project)


def closes_when_the_close_arrives(patch: pytest.MonkeyPatch) -> None:
    from courses import projection
    from courses.actions import events as writing

    def project(events):
        kept: list[projection.Event] = []
        for event in dict.fromkeys(events):
            kept.append(event)
            if event.kind == "close":
                break
        return projection.project(event for event in kept if event.kind != "close")

    patch.setattr(writing, "project", project)


def delete_before_ack(patch: pytest.MonkeyPatch) -> None:
    """The tablet forgets a row once it was sent."""
    from tests.courses.machine import Evening

    whole = Evening.body

    def body(self, pad: int, newest_first: bool = False) -> str:
        text = whole(self, pad, newest_first)
        queue = self.queues[pad]
        queue.rows = [row for row in queue.rows if row["event_id"] in queue.acked]
        return text

    patch.setattr(Evening, "body", body)


def reused_sequence(patch: pytest.MonkeyPatch) -> None:
    """The tablet lost its storage and kept its name."""
    from tests.courses.tablets import Tablet

    whole = Tablet.row

    def row(self, *arguments, **fields):
        self.seq %= 3
        return whole(self, *arguments, **fields)

    patch.setattr(Tablet, "row", row)


def no_transaction_round_a_batch(patch: pytest.MonkeyPatch) -> None:
    from courses import api
    from courses.actions import sync

    patch.setattr(api, "push_events", sync.push_events.__wrapped__)


def no_session_lock(patch: pytest.MonkeyPatch) -> None:
    from courses.actions import intake

    patch.setattr(intake, "_lock_sessions", lambda _ids: None)
    patch.setattr(intake, "_session_locks", lambda _ids: [])


@dataclass(frozen=True)
class Variant:
    """Each check of it must notice, alone."""

    breaks: Callable[[pytest.MonkeyPatch], None]
    checks: tuple[Check, ...]
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.breaks.__name__.replace("_", " "))


def as_it_is(_patch: pytest.MonkeyPatch) -> None:
    """Nothing is broken, and nothing may be noticed."""


ALONE = [
    Variant(last_arrival_wins, (table_of_cases, any_order, any_evening)),
    Variant(voids_only_what_came_before, (table_of_cases, any_order)),
    Variant(closes_when_the_close_arrives, (table_of_cases, any_order)),
    Variant(delete_before_ack, (any_evening,)),
    Variant(reused_sequence, (any_evening,)),
    Variant(no_transaction_round_a_batch, (any_evening,)),
]
AT_ONCE = [Variant(no_session_lock, (two_tablets_at_once,))]
SOUND = [
    Variant(as_it_is, (table_of_cases, any_order, any_evening)),
    Variant(as_it_is, (two_tablets_at_once,)),
]


def try_out(variant: Variant, check: Check) -> Verdict:
    """Break it, look whether the check notices, and mend it."""
    tally = Tally()
    with pytest.MonkeyPatch.context() as patch:
        variant.breaks(patch)
        try:
            check(tally)
        except COMPLAINTS:
            tally.failed = tally.failed or tally.begun
    verdict = Verdict(variant.name, check.__name__.replace("_", " "), tally)
    VERDICTS.append(verdict)
    return verdict


# --- the table ------------------------------------------------------------------------------------
def drawn(verdicts: Sequence[Verdict]) -> str:
    rows = [("variant", "test", "noticed", "after")]
    for one in verdicts:
        noticed = "yes" if one.tally.failed else "no"
        rows.append((one.variant, one.check, noticed, f"{one.tally.failed or one.tally.begun}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


@contextlib.contextmanager
def _postgresql():
    from tests.benchmarks.processes import postgresql

    with contextlib.ExitStack() as stack:
        if "DATABASE_URL" not in os.environ:
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            os.environ["DATABASE_URL"] = stack.enter_context(postgresql(Path(directory) / "own"))
        yield


def main() -> int:
    from tests import broken_variants as shared  # the one that the tests import

    os.environ["LMS_ALSO_SOUND"] = "1"
    said = io.StringIO()
    with _postgresql(), contextlib.redirect_stdout(said):
        code = pytest.main([TESTS, "-q", "-n", "0", "-p", "no:cacheprovider"])
    sys.stdout.write(f"{drawn(shared.VERDICTS)}\n")
    wanted = {variant.name for variant in [*ALONE, *AT_ONCE]}
    missing = wanted - {verdict.variant for verdict in shared.VERDICTS}
    if code or missing:
        sys.stdout.write("\n".join([said.getvalue(), *sorted(missing), ""]))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
