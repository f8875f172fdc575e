"""Three tablets, a server and a network that loses what it likes, for hypothesis to play with.

Shared by the test and by tests/broken_variants.py, which breaks the product and expects notice.
"""

import json
from collections.abc import Callable
from uuid import UUID

import hypothesis.strategies as st
from django.db import OperationalError
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from courses.models import AttendanceState, MarkEvent, ParkedRow
from courses.projection import Event, project
from lms.lib.periods import today
from lms.lib.scope import Role
from tests import factories
from tests.courses.tablets import Tablet

STATUSES = ["PRESENT", "LATE", "LEFT_EARLY", "LEAVE", "ABSENT"]
PADS, PEOPLE = 3, 3


class Queue:
    """One tablet's rows. `acked` is what it believes to be delivered: it keeps these too."""

    def __init__(self, tablet: Tablet) -> None:
        self.tablet = tablet
        self.rows: list[dict] = []
        self.acked: set[str] = set()

    def waiting(self) -> list[dict]:
        return [row for row in self.rows if row["event_id"] not in self.acked]

    def hear(self, answer: dict) -> None:
        taken = [x for x in answer["results"] if x["result"] != "unreadable"]
        self.acked |= {x["event_id"] for x in taken}
        for first, last in answer["missing_seq"]:
            gone = {row["event_id"] for row in self.rows if first <= row["seq"] <= last}
            self.acked -= gone


def as_event(row: dict, device: UUID) -> Event:
    uuid = lambda text: UUID(text) if text else None  # noqa: E731
    return Event(
        event_id=UUID(row["event_id"]),
        kind=row["kind"],
        source=row["source"],
        t_ms=row["t_ms"],
        learner=uuid(row["learner_id"]),
        status=row.get("status") or "",
        device=device,
        seq=row["seq"],
        base=uuid(row["base"]),
        target=uuid(row.get("target")),
        saw=frozenset(map(UUID, row.get("saw", ()))),
    )


class Evening(RuleBasedStateMachine):
    """Invariants: every row is in a queue or in the log; the state is what the set of rows says."""

    #: Called before a machine starts; the test gives each a clean database.
    clean: Callable[[], None] = staticmethod(lambda: None)

    @initialize()
    def start(self) -> None:
        type(self).clean()
        factories.make_regions()
        trainer = factories.make_user("", (Role.TRAINER, "411521"))
        run = factories.make_run(starts_on=today())
        self.session = factories.make_session(run, user=trainer)
        self.people = [factories.make_enrolment(run).learner.pk for _n in range(PEOPLE)]
        self.queues = [Queue(Tablet(trainer)) for _n in range(PADS)]
        self.on_the_way: list[tuple[int, str]] = []
        self.heard = False

    @rule(
        pad=st.integers(0, PADS - 1),
        who=st.integers(0, PEOPLE - 1),
        status=st.sampled_from(STATUSES),
        source=st.sampled_from(["trainer", "self"]),
        drift=st.sampled_from([0, 0, -5, 5, 10**9]),
        on_top=st.booleans(),
    )
    def mark(self, pad, who, status, source, drift, on_top) -> None:
        queue = self.queues[pad]
        base = self.last_of(queue, self.people[who]) if on_top else None
        row = queue.tablet.mark(self.session, self.people[who], status, source=source, base=base)
        row["t_ms"] += drift
        queue.rows.append(row)

    def last_of(self, queue: Queue, learner: UUID) -> str | None:
        own = [row for row in queue.rows if row["learner_id"] == str(learner)]
        return own[-1]["event_id"] if own else None

    @rule(pad=st.integers(0, PADS - 1), of=st.integers(0, PADS - 1), nth=st.integers(0, 30))
    def void(self, pad, of, nth) -> None:
        marks = [row for row in self.queues[of].rows if row["kind"] == "mark"]
        if marks:
            queue = self.queues[pad]
            queue.rows.append(queue.tablet.void(marks[nth % len(marks)]))

    @rule(pad=st.integers(0, PADS - 1), saw=st.booleans())
    def close(self, pad, saw) -> None:
        queue = self.queues[pad]
        others = [
            row["event_id"] for other in self.queues if other is not queue for row in other.rows
        ]
        queue.rows.append(queue.tablet.close(self.session, 3, saw=others if saw else ()))

    # --- the network -------------------------------------------------------------------------
    def body(self, pad: int, newest_first: bool = False) -> str:
        queue = self.queues[pad]
        rows = queue.waiting()[:50]
        return json.dumps(queue.tablet.body(*(reversed(rows) if newest_first else rows)))

    @rule(pad=st.integers(0, PADS - 1), newest_first=st.booleans())
    def deliver(self, pad, newest_first) -> None:
        queue = self.queues[pad]
        answer = queue.tablet.post("push", self.body(pad, newest_first))
        assert answer.status_code == 200, answer.content
        queue.hear(answer.json())

    @rule(pad=st.integers(0, PADS - 1))
    def lose_the_request(self, pad) -> None:
        """It may still arrive, at any later time."""
        self.on_the_way.append((pad, self.body(pad)))

    @rule(pad=st.integers(0, PADS - 1))
    def lose_the_answer(self, pad) -> None:
        body = self.body(pad)
        assert self.queues[pad].tablet.post("push", body).status_code == 200
        self.on_the_way.append((pad, body))

    @rule(nth=st.integers(0, 30))
    def arrive_late(self, nth) -> None:
        if self.on_the_way:
            pad, body = self.on_the_way[nth % len(self.on_the_way)]
            assert self.queues[pad].tablet.post("push", body).status_code == 200

    @rule(pad=st.integers(0, PADS - 1), place=st.sampled_from(["_contact", "_audit"]))
    def crash_in_the_middle(self, pad, place) -> None:
        """After rows were stored, before the batch is: nothing of it may stay."""
        from courses.actions import sync

        before = MarkEvent.objects.count()
        own = getattr(sync, place)

        def die(*_arguments: object, **_named: object) -> None:
            raise OperationalError("the server was killed")

        setattr(sync, place, die)
        try:
            answer = self.queues[pad].tablet.post("push", self.body(pad))
        finally:
            setattr(sync, place, own)
        assert answer.status_code in {200, 503}
        if answer.status_code == 503:
            assert MarkEvent.objects.count() == before

    # --- what must hold ------------------------------------------------------------------------
    @invariant()
    def state_is_what_the_log_says(self) -> None:
        if not hasattr(self, "queues"):
            return
        known = {row["event_id"]: (row, queue) for queue in self.queues for row in queue.rows}
        log = [str(one) for one in MarkEvent.objects.values_list("event_id", flat=True)]
        assert len(log) == len(set(log))
        assert set(log) <= set(known)
        for queue in self.queues:
            assert queue.acked <= set(log), "a tablet was told that a row is here, and it is not"
        assert not ParkedRow.objects.exists()
        events = [as_event(known[one][0], known[one][1].tablet.device.pk) for one in log]
        check_states(events, self.session)

    def teardown(self) -> None:
        """The network is back: everything comes, and nothing is left over or lost."""
        if not hasattr(self, "queues"):
            return
        for queue in self.queues:
            for _turn in range(3):
                answer = queue.tablet.send(*queue.waiting()[:50])
                queue.hear(answer)
            assert not queue.waiting()
            assert answer["contig_seq"] == queue.tablet.seq
        self.state_is_what_the_log_says()
        rows = {row["event_id"] for queue in self.queues for row in queue.rows}
        assert rows == {str(one) for one in MarkEvent.objects.values_list("event_id", flat=True)}


def check_states(events: list[Event], session) -> None:
    expected = {
        who: (own.winner.event_id, own.status, own.conflict)
        for who, own in project(events).learners.items()
        if own.winner
    }
    columns = ("learner_id", "event__event_id", "status", "conflict")
    rows = AttendanceState.objects.filter(session=session).values_list(*columns)
    assert {row[0]: row[1:] for row in rows} == expected
