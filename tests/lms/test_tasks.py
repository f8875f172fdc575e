from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms import tasks
from lms.lib.errors import ActionError
from lms.models import AuditEvent, TaskProgress

State = TaskProgress.State


@pytest.fixture
def counted_work(monkeypatch):
    """A kind of work that counts its runs."""
    runs: list[TaskProgress] = []
    monkeypatch.setitem(tasks._kinds, "test.count", runs.append)
    return runs


def start(user, key="test.count:1"):
    return tasks.start("test.count", title="数一数", key=key, requested_by=user)


def test_work_that_was_asked_for_runs_once(
    county_clerk, counted_work, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        progress = start(county_clerk)
    progress.refresh_from_db()
    assert (progress.state, progress.attempts, len(counted_work)) == (State.DONE, 1, 1)
    assert AuditEvent.objects.filter(action="lms.task_started", actor=county_clerk).count() == 1


def test_a_double_click_is_one_task(county_clerk, counted_work):
    assert start(county_clerk).pk == start(county_clerk).pk
    assert TaskProgress.objects.count() == 1


def test_after_the_end_the_same_key_starts_anew(county_clerk, counted_work):
    first = start(county_clerk)
    TaskProgress.objects.filter(pk=first.pk).update(state=State.DONE)
    assert start(county_clerk).pk != first.pk


def test_a_refusal_is_shown_and_a_fault_is_not(
    county_clerk, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(progress):
        raise ActionError("NO", _("Not today."))

    def break_down(progress):
        raise RuntimeError("李建军")

    for work, message in ((refuse, "Not today."), (break_down, "")):
        monkeypatch.setitem(tasks._kinds, "test.count", work)
        with django_capture_on_commit_callbacks(execute=True):
            progress = start(county_clerk, key=f"test.count:{message}")
        progress.refresh_from_db()
        assert (progress.state, progress.error) == (State.FAILED, message)


def stalled(user, attempts):
    return TaskProgress.objects.create(
        kind="test.count",
        key=f"stalled:{attempts}",
        title="t",
        requested_by=user,
        state=State.RUNNING,
        attempts=attempts,
        heartbeat_at=timezone.now() - timedelta(hours=1),
    )


def test_silent_work_is_taken_up_again(county_clerk, counted_work):
    progress = stalled(county_clerk, attempts=1)
    assert tasks.restart_stale() == 1
    progress.refresh_from_db()
    assert (progress.state, progress.attempts) == (State.DONE, 2)


def test_work_that_kills_its_worker_is_given_up(county_clerk, counted_work):
    progress = stalled(county_clerk, attempts=tasks.MAX_ATTEMPTS)
    assert tasks.restart_stale() == 0
    progress.refresh_from_db()
    assert (progress.state, counted_work) == (State.FAILED, [])


def test_living_work_is_left_alone(county_clerk, counted_work):
    progress = stalled(county_clerk, attempts=1)
    progress.advance(1)
    assert tasks.restart_stale() == 0


def test_only_who_asked_sees_a_task(county_clerk, neighbour_clerk, counted_work):
    start(county_clerk)
    assert tasks.latest("test.count:1", user=county_clerk)
    assert tasks.latest("test.count:1", user=neighbour_clerk) is None
