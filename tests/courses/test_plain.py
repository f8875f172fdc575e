"""The usual batch by the short way says what the long way says, and leaves the same behind."""

import json
import random
from datetime import time

import pytest
from django.db import connection, transaction
from pydantic import ValidationError

from courses.actions import intake, sync, withdraw_enrolment
from courses.actions.plain import marks_in, plain_marks
from courses.actions.rows import read_rows
from courses.api import MarksIn
from courses.models import AttendanceState, Enrolment, MarkEvent, MarkQuestion, ParkedRow
from learners.models import Learner
from lms.lib import sets
from lms.lib.periods import today
from tests import factories
from tests.courses.tablets import Tablet, new_id, now_ms

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
AHEAD = 2 * 365 * 86_400_000


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is in the same process")
def test_a_batch_asks_postgresql_four_things(tablet, session, monkeypatch):
    """The tablet with all locks, the question, the events, and everything else at once."""
    people = [factories.make_enrolment(session.run).learner for _n in range(3)]
    monkeypatch.setattr(intake, "_begun", {session.pk})
    asked, real = [], sets._rows_of
    monkeypatch.setattr(sets, "_rows_of", lambda *given: asked.append(given) or real(*given))
    rows = [tablet.mark(session, who, skew_ms=None) for who in people]
    assert tablet.results(*rows) == ["accepted"] * 3
    assert MarkQuestion.objects.filter(session=session).count() == 3
    assert [statement.split()[0] for statement, _given in asked if "token" not in statement] == [
        *("WITH", "WITH", "INSERT", "WITH")
    ]


# --- what is plain ------------------------------------------------------------------------------
def test_a_plain_mark_has_the_hash_of_any_row(tablet):
    draw = random.Random(7)
    rows = []
    for _n in range(60):
        row = tablet.mark(new_id(), new_id(), draw.choice(["PRESENT", "LATE", "ABSENT"]))
        row["source"] = draw.choice(["self", "trainer"])
        row["base"] = draw.choice([None, str(new_id())])
        for name in ("wall_ms", "skew_ms", "snapshot_version", "method", "base"):
            if draw.random() < 0.3:
                row[name] = "qr" if name == "method" else None
            if draw.random() < 0.3:
                del row[name]
        rows.append(row)
    bodies = [mark.body_sha256 for mark in plain_marks(marks_in(rows))]
    assert bodies == [read.body for read in read_rows(rows)]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "void", "target": "3f2b6f0e-5a7c-4c2e-9a35-1c2d3e4f5a6b"},
        {"kind": "close", "head_count": 1},
        {"event_id": "3F2B6F0E-5A7C-4C2E-9A35-1C2D3E4F5A6B"},
        {"event_id": "3f2b6f0e5a7c4c2e9a351c2d3e4f5a6b"},
        {"event_id": "3f2b6f0e-5a7c-4c2e-9a35-1c2d3e4f5a6b\n"},
        {"learner_id": None},
        {"seq": True},
        {"t_ms": 1.0},
        {"source": "override"},
        {"note": "x"},
        {"sealed": None},
    ],
)
def test_what_is_not_plain_spoils_it_for_all(tablet, change):
    good, bad = tablet.mark(new_id(), new_id()), tablet.mark(new_id(), new_id()) | change
    assert marks_in([good]) == [good]
    assert marks_in([good, bad]) == []
    body = tablet.body(good)
    assert MarksIn.model_validate_json(json.dumps(body)).events == [good]
    with pytest.raises(ValidationError):
        MarksIn.model_validate_json(json.dumps(body | {"events": [good, bad]}))


def test_what_stands_there_twice_is_not_plain(tablet):
    good = tablet.mark(new_id(), new_id())
    assert len(plain_marks([good])) == 1
    assert plain_marks([good, good]) == []
    assert plain_marks([good, good | {"event_id": str(new_id())}]) == []


# --- the two ways -------------------------------------------------------------------------------
class Both:
    """Evenings that are played twice from one beginning, once by either way."""

    def __init__(self, monkeypatch) -> None:
        self.monkeypatch = monkeypatch
        self.short = 0

    def play(self, *deliveries) -> list:
        """(tablet, rows) each; what was answered and what is in the tables, by both ways."""
        by_short, by_long = self.once(deliveries, short=True), self.once(deliveries, short=False)
        assert by_short == by_long
        return by_short[0]

    def once(self, deliveries, *, short: bool):
        own = sync.take_plain

        def way(*arguments):
            found = own(*arguments) if short else None
            self.short += found is not None
            return found

        with self.monkeypatch.context() as patch, transaction.atomic():
            patch.setattr(sync, "take_plain", way)
            answers = [answer_of(pad, rows) for pad, rows in deliveries]
            found = answers, left_behind()
            transaction.set_rollback(True)
        return found


def answer_of(pad: Tablet, rows: list[dict]) -> dict:
    first = MarkEvent.objects.order_by("-server_seq").values_list("server_seq", flat=True).first()
    answer = pad.send(*rows)
    for row in answer["results"]:  # numbers go on after a rollback
        row["server_seq"] = row.get("server_seq", 0) > (first or 0)
    return {name: answer[name] for name in ("results", "contig_seq", "missing_seq", "directives")}


def left_behind() -> list:
    """Tables as they are, but for numbers, times and what a batch is called."""
    events = MarkEvent.objects.order_by("event_id").values(
        *("event_id", "device", "seq", "body_sha256", "kind", "session", "learner", "status"),
        *("source", "method", "actor", "base", "target", "wall_ms", "skew_ms", "t_ms"),
        *("snapshot_version", "app_version", "flags", "reason", "payload"),
    )
    states = AttendanceState.objects.order_by("session", "learner").values(
        *("session", "learner", "event__event_id", "status", "conflict", "clock_suspect")
    )
    questions = MarkQuestion.objects.order_by("session", "learner").values(
        *("session", "learner", "kind")
    )
    parked = ParkedRow.objects.order_by("event_id").values("event_id", "code", "raw")
    return [list(rows) for rows in (events, states, questions, parked)]


@pytest.fixture
def both(monkeypatch) -> Both:
    return Both(monkeypatch)


@pytest.fixture
def people(session):
    return [factories.make_enrolment(session.run).learner for _n in range(4)]


@pytest.mark.parametrize("seed", range(6))
def test_any_evening_of_plain_marks(both, trainer, session, people, seed):
    """Two tablets, two classes, wrong clocks, bases, repeats in any order."""
    draw = random.Random(seed)
    second = factories.make_session(session.run, user=trainer, at=time(14))
    people = [*people, factories.make_learner("路人")]
    pads = [Tablet(trainer), Tablet(trainer)]
    rows: list[list[dict]] = [[], []]
    for _n in range(24):
        at = draw.randrange(2)
        base = draw.choice([None, *(row["event_id"] for row in rows[0] + rows[1])])
        row = pads[at].mark(
            draw.choice([session, second]),
            draw.choice(people),
            draw.choice(["PRESENT", "LATE", "LEAVE"]),
            base=base,
            source=draw.choice(["self", "trainer"]),
            skew_ms=draw.choice([0, 0, None]),
            snapshot_version=draw.choice([None, 1, now_ms()]),
        )
        row["t_ms"] += draw.choice([0, 0, AHEAD, -AHEAD])
        rows[at].append(row)
    deliveries = []
    for at in (0, 1):
        parts = [rows[at][start : start + 5] for start in range(0, len(rows[at]), 5)]
        deliveries += [(pads[at], part) for part in [*parts, *draw.sample(parts, 2)]]
    draw.shuffle(deliveries)
    both.play(*deliveries)
    assert both.short == len(deliveries)


def unlike(name: str):
    """Batches that look usual, and are not once the database was asked."""

    def make(tablet, trainer, session, people):
        mark, other = tablet.mark(session, people[0]), Tablet(trainer)
        theirs = other.mark(session, people[0], "LATE")
        return {
            "unknown person": [(tablet, [mark, tablet.mark(session, new_id())])],
            "unknown class": [(tablet, [mark, tablet.mark(new_id(), people[0])])],
            "another body": [(tablet, [mark]), (tablet, [mark | {"status": "ABSENT"}])],
            "a taken number": [(tablet, [mark]), (tablet, [mark | {"event_id": str(new_id())}])],
            "another tablet's": [(tablet, [mark]), (other, [mark, theirs | {"seq": 2}])],
            "a new number": [(tablet, [mark]), (tablet, [mark | {"seq": 9}])],
            "closed": [(tablet, [mark, tablet.close(session, 1)]), (other, [theirs])],
            "taken back": [
                (tablet, [mark, tablet.void(mark)]),
                (tablet, [tablet.mark(session, people[0], "LATE")]),
            ],
        }[name]

    return make


@pytest.mark.parametrize(
    "name",
    [
        *("unknown person", "unknown class", "another body", "a taken number", "another tablet's"),
        *("a new number", "closed", "taken back"),
    ],
)
def test_what_turns_out_unusual_goes_the_long_way(both, tablet, trainer, session, people, name):
    deliveries = unlike(name)(tablet, trainer, session, people)
    both.play(*deliveries)
    usual = {"another tablet's", "another body", "a taken number", "a new number"}
    assert both.short == (name in usual)


def test_a_merged_person_and_a_withdrawn_one(both, tablet, session, people, county_clerk):
    Enrolment.objects.filter(learner=people[0]).delete()
    Learner.objects.filter(pk=people[0].pk).update(merged_into=people[1])
    gone = Enrolment.objects.get(learner=people[2])
    withdraw_enrolment(enrolment=gone, withdrawn_on=today(), actor=county_clerk)
    both.play((tablet, [tablet.mark(session, who) for who in people]))
    assert both.short == 0
    rows = [tablet.mark(session, who) for who in people[1:]]
    found = both.play((tablet, rows))
    assert [row.get("note") for row in found[0]["results"]] == [None, "not_enrolled", None]
    assert both.short == 1


def test_a_row_that_waits_is_settled_when_it_comes_again(both, tablet, trainer, session):
    stranger = new_id()
    row = tablet.mark(session, stranger)
    tablet.send(row)
    factories.make_enrolment(session.run, factories.make_learner("后来", pk=stranger))
    both.play((tablet, [row]))
    assert tablet.results(row) == ["accepted"]
    assert ParkedRow.objects.get().resolved_event is not None


def test_an_id_that_is_taken_at_the_same_moment_is_sent_again(tablet, session, people, monkeypatch):
    """By a row of another session, whose lock is not held here; PostgreSQL then stores none."""
    own = sync.answers_of

    def answers_of(*arguments):
        found = own(*arguments)
        clone = MarkEvent.objects.get(event_id=row["event_id"])
        found.stored[:] = [one for one in found.stored if one[1] != clone.server_seq]
        return found

    row = tablet.mark(session, people[0])
    tablet.send(row)
    monkeypatch.setattr(sync, "answers_of", answers_of)
    before = left_behind()
    response = tablet.push(tablet.mark(session, people[1]), row)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert left_behind() == before
    assert not connection.needs_rollback
    assert json.loads(response.content)["error"] == "busy"


def test_a_class_whose_first_batch_was_undone_begins_with_the_next(
    tablet, session, people, django_capture_on_commit_callbacks
):
    """Otherwise this process would believe for good that it has begun."""
    with django_capture_on_commit_callbacks():
        tablet.send(tablet.mark(session, people[0]))
    assert session.pk not in intake._begun
    with django_capture_on_commit_callbacks(execute=True):
        tablet.send(tablet.mark(session, people[0]))
    assert session.pk in intake._begun
