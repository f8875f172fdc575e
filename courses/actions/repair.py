"""Compute the projection anew from the events."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from courses.actions.completion import _follow_changes
from courses.actions.marking import _lock_sessions, _locked_session, _project
from courses.models import ClassSession
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Difference:
    session_id: UUID
    status_before: str
    status_after: str
    learners: frozenset[UUID]


@transaction.atomic
def rebuild_projections(
    *, sessions: Collection[ClassSession], actor: "User | None"
) -> list[Difference]:
    """Some sessions in one transaction: a commit each would take longer than the work itself.

    Those who mark in them wait meanwhile, so some tens are enough.
    """
    _lock_sessions(session.pk for session in sessions)
    found = [rebuild_projection(session=session, actor=actor) for session in sessions]
    return [one for one in found if one is not None]


@transaction.atomic(savepoint=False)
def rebuild_projection(*, session: ClassSession, actor: "User | None") -> Difference | None:
    """Write down what the session's events say; None when it was written so already."""
    session = _locked_session(session)
    before = session.status
    changed = _project(session)
    if actor is not None:
        _follow_changes(session, changed, actor)
    if not changed and before == session.status:
        return None
    found = Difference(session.pk, before, session.status, changed)
    record_audit(
        "courses.projection_rebuilt",
        actor=actor,
        target=session,
        region_path=session.run.host_region.path,
        detail={"learners": len(changed), "before": before, "after": session.status},
    )
    return found
