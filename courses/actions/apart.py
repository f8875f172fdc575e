"""A batch of which some row breaks the server: the others are stored, that one goes into custody.

A tablet sends what it holds until an answer names it. A batch that ends in a fault each time would
come for ever, and all marks behind it would wait: so nothing that a row contains may end in one.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from accounts.models import Device
from courses.actions.rows import PARKED, UNREADABLE, Read, RowResult, _read, read_rows
from courses.actions.sync import Code, Delivery, PushAnswer, _park, push_events
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

_Answer = TypeVar("_Answer")
_log = logging.getLogger(__name__)


@transaction.atomic
def push_apart(*, device_id: UUID, delivery: Delivery, actor: "User | None" = None) -> PushAnswer:
    """As `push_events`, for a batch in which that broke: in halves, down to the row that does it.

    Such a row is parked as `failed`, whatever was wrong with it or with us; what is no matter of
    a row (a busy database, a disk that is full) is raised as ever.
    """
    return _pushed(device_id, delivery, actor)


def _pushed(device_id: UUID, delivery: Delivery, actor: "User | None") -> PushAnswer:
    def whole() -> PushAnswer:
        return push_events(device_id=device_id, delivery=delivery, actor=actor)

    if not delivery.rows:  # whatever breaks then is no matter of a row
        return whole()
    answer = unless_broken(whole, device_id, is_told=len(delivery.rows) == 1)
    if answer is not None:
        return answer
    if len(delivery.rows) == 1:
        return _kept_apart(device_id, delivery, actor)
    half = len(delivery.rows) // 2
    return _joined(
        [
            _pushed(device_id, _part(delivery, delivery.rows[:half], 0), actor),
            _pushed(device_id, _part(delivery, delivery.rows[half:], half), actor),
        ]
    )


def unless_broken(
    action: Callable[[], _Answer], device_id: UUID, *, is_told: bool = True
) -> _Answer | None:
    """None where it ended in a fault of ours, and nothing of it is left; the log tells of it."""
    try:
        with transaction.atomic():
            return action()
    except (OperationalError, InterfaceError, Device.DoesNotExist):
        raise
    except Exception as error:
        if is_told:
            _log.exception("a row of tablet %s broke with %s", device_id, type(error).__name__)
        return None


def _part(delivery: Delivery, rows: Sequence[Any], before: int) -> Delivery:
    return replace(delivery, rows=rows, pending=max(delivery.pending - before, len(rows)))


def _kept_apart(device_id: UUID, delivery: Delivery, actor: "User | None") -> PushAnswer:
    """The row into custody; then the answer of a batch without it."""
    read = _read_of(delivery.rows[0])
    result = RowResult(read.named, UNREADABLE)
    if read.event_id is not None:
        device = Device.objects.select_for_update(of=("self",), no_key=True).get(pk=device_id)
        _park(device, [read], {0: Code.FAILED})
        result = RowResult(read.named, PARKED, code=Code.FAILED)
        record_audit(
            "courses.row_failed",
            actor=actor or device.enrolled_by,
            target=device,
            region_path=device.region.path,
            detail={"event": str(read.event_id)},
        )
    left = delivery.pending - (result.result == PARKED)
    rest = push_events(
        device_id=device_id,
        delivery=replace(delivery, rows=(), pending=max(left, 0)),
        actor=actor,
    )
    return replace(rest, results=(result,))


def _read_of(raw: Any) -> Read:
    """Nothing of what reads a row may break this once more."""
    try:
        return read_rows([raw])[0]
    except Exception:
        return _read(raw, None)


def _joined(answers: Sequence[PushAnswer]) -> PushAnswer:
    """The last one knows how far the tablet has come."""
    results = chain.from_iterable(answer.results for answer in answers)
    directives = dict.fromkeys(chain.from_iterable(answer.directives for answer in answers))
    return replace(answers[-1], results=tuple(results), directives=tuple(directives))
