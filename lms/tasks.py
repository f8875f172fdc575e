"""Long work outside the request: asked for once, shown as progress, taken up again after a kill.

An app registers what it can do with `@work("app.kind")` in its tasks.py; a view calls `start`.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from lms.lib.errors import ActionError
from lms.models import TaskProgress, record_audit

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)
Work = Callable[[TaskProgress], None]
_kinds: dict[str, Work] = {}
MAX_ATTEMPTS = 5
State = TaskProgress.State


def work(kind: str) -> Callable[[Work], Work]:
    """Register a function as the work of `kind`. It must be idempotent and able to resume."""

    def register(function: Work) -> Work:
        _kinds[kind] = function
        return function

    return register


@transaction.atomic
def start(
    kind: str,
    *,
    title: str,
    key: str,
    args: dict[str, Any] | None = None,
    total: int = 0,
    requested_by: "User | None",
) -> TaskProgress:
    """Ask for work once: while a task with this `key` is open, asking again returns that task."""
    if kind not in _kinds:
        raise LookupError(f"no work is registered as {kind}")
    try:
        with transaction.atomic():
            progress = TaskProgress.objects.create(
                kind=kind,
                key=key,
                title=title,
                args=args or {},
                total_count=total,
                requested_by=requested_by,
            )
    except IntegrityError:
        return TaskProgress.objects.get(key=key, state__in=[State.QUEUED, State.RUNNING])
    record_audit("lms.task_started", actor=requested_by, target=progress, detail={"kind": kind})
    transaction.on_commit(partial(run_progress.enqueue, str(progress.pk)))
    return progress


def latest(key: str, *, user: "User") -> TaskProgress | None:
    """The newest task that this user asked for under `key`."""
    return TaskProgress.objects.visible_to(user).filter(key=key).first()


@task()
def run_progress(progress_id: str) -> None:
    """Do the work of one TaskProgress, unless another worker is at it or it is done."""
    claimed = TaskProgress.objects.filter(pk=progress_id, state=State.QUEUED).update(
        state=State.RUNNING, attempts=F("attempts") + 1, heartbeat_at=timezone.now()
    )
    if not claimed:
        return
    progress = TaskProgress.objects.select_related("requested_by").get(pk=progress_id)
    try:
        _kinds[progress.kind](progress)
    except ActionError as error:
        _finish(progress, State.FAILED, str(error.message))
    except Exception:
        log.exception("task %s failed", progress.pk)
        _finish(progress, State.FAILED, "")
    else:
        _finish(progress, State.DONE, "")


def _finish(progress: TaskProgress, state: str, error: str) -> None:
    progress.state, progress.error, progress.finished_at = state, error, timezone.now()
    fields = ["state", "error", "finished_at", "result", "result_url", "done_count", "total_count"]
    progress.save(update_fields=fields)


def restart_stale() -> int:
    """Put work back whose worker died; give up after MAX_ATTEMPTS. Returns how many restarted."""
    return sum(_restart(progress) for progress in TaskProgress.objects.stale())


def restart_orphans() -> int:
    """When no other worker lives, nobody is at any open work: put all of it back at once.

    Queued work is asked for again too, as its request may have died in the hands of a worker;
    asking twice is harmless, because only the first to claim it runs.
    """
    running = TaskProgress.objects.filter(state=State.RUNNING)
    restarted = sum(_restart(progress) for progress in running)
    for progress in TaskProgress.objects.filter(state=State.QUEUED):
        run_progress.enqueue(str(progress.pk))
    return restarted


def _restart(progress: TaskProgress) -> bool:
    if progress.attempts >= MAX_ATTEMPTS:
        _finish(progress, State.FAILED, "")
        return False
    put_back = TaskProgress.objects.filter(
        pk=progress.pk, state=State.RUNNING, heartbeat_at=progress.heartbeat_at
    ).update(state=State.QUEUED)
    if put_back:
        run_progress.enqueue(str(progress.pk))
    return bool(put_back)
