"""Say of a closed session why it stays as it is."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.actions.errors import CourseError
from courses.models import ClassSession, SessionCheck
from courses.queries.worklist import head_difference
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def check_session(
    *, session: ClassSession, kind: str, reason: str, actor: "User"
) -> SessionCheck:
    """Off the list of work, with a reason; another difference later is a new question."""
    if session.status != ClassSession.Status.CLOSED:
        raise CourseError("NOT_CLOSED", _("This session is still open: close it first."))
    if not reason.strip():
        raise CourseError("NO_REASON", _("Say why it stays so: the log keeps it."))
    if kind not in SessionCheck.Kind.values:
        raise CourseError("KIND", _("Choose what was looked at."))
    difference = head_difference(session) if kind == SessionCheck.Kind.HEADS else 0
    found, _created = SessionCheck.objects.get_or_create(
        session=session,
        kind=kind,
        difference=difference,
        defaults={"reason": reason.strip(), "checked_by": actor},
    )
    record_audit(
        "courses.session_checked",
        actor=actor,
        target=session,
        region_path=session.run.host_region.path,
        detail={"kind": kind, "difference": difference},
    )
    return found
