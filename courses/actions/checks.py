"""Say of a closed session why it stays as it is; look at its pictures, take one out."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.actions.errors import CourseError
from courses.actions.marking import _locked_session
from courses.models import ClassSession, SessionCheck, SessionEvidence
from courses.queries.worklist import head_difference
from lms.models import record_audit
from lms.removal import remove_files

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def check_session(*, session: ClassSession, kind: str, reason: str, actor: "User") -> SessionCheck:
    """Off the list of work, with a reason; another difference later is a new question."""
    session = _locked_session(session)
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


@transaction.atomic
def show_evidence(*, evidence: SessionEvidence, actor: "User") -> None:
    """Faces are on it: who looked is written down."""
    _audit_picture("courses.evidence_shown", evidence, actor)


@transaction.atomic
def remove_evidence(*, evidence: SessionEvidence, reason: str, actor: "User") -> None:
    """File and row go for good. That there was a picture stays in the close and in the trail."""
    if not reason.strip():
        raise CourseError("NO_REASON", _("Say why the picture is removed: the record keeps it."))
    session, kind = evidence.session, evidence.kind
    name = str(evidence.file.name)
    _audit_picture("courses.evidence_removed", evidence, actor)
    evidence.delete()
    if kind == SessionEvidence.Kind.PHOTO:
        SessionCheck.objects.get_or_create(
            session=session,
            kind=SessionCheck.Kind.PHOTO,
            difference=0,
            defaults={"reason": reason.strip(), "checked_by": actor},
        )
    remove_files([name])


def _audit_picture(action: str, evidence: SessionEvidence, actor: "User") -> None:
    record_audit(
        action,
        actor=actor,
        target=evidence.session,
        region_path=evidence.session.run.host_region.path,
        detail={"kind": evidence.kind, "sha256": evidence.source_sha256},
    )
