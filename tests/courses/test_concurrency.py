"""Many at once, on PostgreSQL: what the locks are for. SQLite has one writer at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection

from courses.actions import MarkInput, edit_run, enrol_learners, plan_run, record_marks
from courses.models import AttendanceState, CourseRun, Enrolment, MarkEvent
from courses.projection import project
from courses.queries import stored_events
from lms.lib.periods import today
from lms.lib.scope import Role
from tests import factories

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite has one writer at a time",
    ),
]
#: Fewer than the connections that a small server allows.
MOST_THREADS = 25
ROUNDS = 8


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run all jobs, each in its thread and connection, from the same moment."""
    start = Barrier(len(jobs))

    def work(job: Callable[[], object]) -> object:
        try:
            start.wait(timeout=30)
            return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(work, jobs))


def wrong_winners(session) -> int:
    """States that differ from what the session's events say."""
    expected = {
        learner: own.status
        for learner, own in project(stored_events(session.pk).values()).learners.items()
        if own.winner
    }
    stored = dict(
        AttendanceState.objects.filter(session=session).values_list("learner_id", "status")
    )
    return sum(stored.get(who) != status for who, status in expected.items()) + len(
        set(stored) - set(expected)
    )


def mark_from_two_desks(session, learners, trainer, turn: int) -> None:
    """Both say something of the same people, five at a time, in unlike orders.

    Two tablets: tests/courses/test_push_at_once.py.
    """

    def desk(status: str) -> Callable[[], None]:
        order = sorted(learners, key=lambda learner: hash((turn, status, learner.pk)))
        marks = [MarkInput(learner_id=learner.pk, status=status) for learner in order]

        def say() -> None:
            for n in range(0, len(marks), 5):
                record_marks(session=session, marks=marks[n : n + 5], actor=trainer)

        return say

    assert at_once(desk("PRESENT"), desk("LATE")) == [None, None]


@pytest.fixture
def room(transactional_db):
    factories.make_regions()
    trainer = factories.make_user("trainer", (Role.TRAINER, "411521"))
    session = factories.make_session(factories.make_run(starts_on=today()), user=trainer)
    learners = [factories.make_enrolment(session.run).learner for _ in range(20)]
    return session, learners, trainer


def test_two_desks_mark_one_class(room):
    session, learners, trainer = room
    for turn in range(ROUNDS):
        mark_from_two_desks(session, learners, trainer, turn)
        assert wrong_winners(session) == 0
    assert MarkEvent.objects.count() == ROUNDS * 2 * len(learners)


def test_without_the_lock_winners_would_be_wrong(room, monkeypatch):
    """The test above has teeth: it fails when the lock is taken away."""
    session, learners, trainer = room
    monkeypatch.setattr("courses.actions.marking._lock_sessions", lambda ids: None)
    wrong = 0
    for turn in range(4 * ROUNDS):
        mark_from_two_desks(session, learners, trainer, turn)
        wrong += wrong_winners(session)
        if wrong:
            break
    assert wrong


def test_the_same_event_from_two_sides_is_one(room):
    session, learners, trainer = room
    mark = MarkInput(learner_id=learners[0].pk, status="PRESENT")

    def send():
        result = record_marks(session=session, marks=[mark], actor=trainer)
        return len(result.accepted), len(result.duplicates)

    assert sorted(at_once(*[send] * 4)) == [(0, 1), (0, 1), (0, 1), (1, 0)]
    assert MarkEvent.objects.count() == 1


def ask_for_places(people: int) -> CourseRun:
    """A run of 40 with 35 enrolled, and `people` asking at once, each for one place."""
    factories.make_regions()
    clerk = factories.make_user("clerk", (Role.CLERK, "411521"))
    run = factories.make_run(starts_on=today(), status="OPEN")
    for _ in range(35):
        factories.make_enrolment(run)
    asking = [factories.make_learner() for _ in range(people)]

    def ask(own: list) -> Callable[[], None]:
        def enrol() -> None:
            for learner in own:
                enrol_learners(run=run, learners=[learner], actor=clerk)

        return enrol

    results = at_once(*(ask(asking[n::MOST_THREADS]) for n in range(MOST_THREADS)))
    assert set(results) == {None}
    return run


def test_fifty_people_for_the_last_five_places(transactional_db):
    run = ask_for_places(50)
    status = Enrolment.objects.filter(run=run)
    assert status.filter(status="ENROLLED").count() == 40
    assert status.filter(status="WAITING").count() == 45


def test_row_36_places_are_edited_while_people_enrol(transactional_db):
    """Whoever comes first, afterwards nobody has a place that is not there."""
    factories.make_regions()
    clerk = factories.make_user("clerk", (Role.CLERK, "411521"))
    for _round in range(ROUNDS):
        run = factories.make_run(starts_on=today(), status="OPEN", capacity=6)
        asking = [factories.make_learner() for _n in range(6)]

        def edit(run: CourseRun = run) -> None:
            days = {"starts_on": run.starts_on, "ends_on": run.ends_on}
            edit_run(run=run, capacity=5, actor=clerk, **days)

        jobs = [partial(enrol_learners, run=run, learners=[one], actor=clerk) for one in asking]
        edited, *_enrolled = at_once(edit, *jobs)
        run.refresh_from_db()
        there = Enrolment.objects.filter(run=run, status="ENROLLED").count()
        # All six were in before: then five is refused.
        assert (there, run.capacity) == ((5, 5) if edited is None else (6, 6))
        assert edited is None or edited.code == "CAPACITY"


def test_without_the_lock_places_would_be_given_twice(transactional_db, monkeypatch):
    monkeypatch.setattr(
        "courses.actions.enrolments._locked_run",
        lambda run: CourseRun.objects.select_related("host_region").get(pk=run.pk),
    )
    run = ask_for_places(50)
    assert Enrolment.objects.filter(run=run, status="ENROLLED").count() > 40


def test_two_planners_get_two_numbers(transactional_db):
    factories.make_regions()
    clerk = factories.make_user("clerk", (Role.CLERK, "411521"))
    course, county = factories.make_course(), factories.make_region("411521")

    def plan() -> int:
        return plan_run(
            course=course,
            host_region=county,
            starts_on=today(),
            ends_on=today(),
            capacity=40,
            actor=clerk,
        ).number

    assert sorted(at_once(*[plan] * 6)) == [1, 2, 3, 4, 5, 6]
