"""Issuing for a whole run: the rows in one transaction, then a PDF for each."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from certificates.actions import issue_certificates, store_pdf
from certificates.models import Certificate, Issuer
from courses.models import CourseRun
from lms import tasks
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.models import TaskProgress

ISSUE_RUN = "certificates.issue_run"


@tasks.work(ISSUE_RUN)
def issue_run(progress: TaskProgress) -> None:
    """Resumes by itself: who has a certificate gets no second one, a stored PDF stays."""
    run, user = _run_in_scope(progress.requested_by, progress.args["run"])
    issue_certificates(
        run=run,
        issuer=Issuer.objects.get(pk=progress.args["issuer"]),
        issued_on=date.fromisoformat(progress.args["issued_on"]),
        actor=user,
    )
    waiting = Certificate.objects.valid().filter(enrolment__run=run)
    total = waiting.count()
    done = total - waiting.filter(pdf="").count()
    progress.advance(done, total)
    for certificate in waiting.filter(pdf="").order_by("number"):
        store_pdf(certificate=certificate, actor=user)
        done += 1
        progress.advance(done)
    progress.result_url = reverse("certificates:run_issue", args=[run.pk])


def _run_in_scope(user: User | None, run_id: str) -> tuple[CourseRun, User]:
    """The requester's grants as they are now, not as they were when the button was pressed."""
    run = user and CourseRun.objects.visible_to(user).filter(pk=run_id).first()
    if not user or not run or not user.scope.covers(run.host_region.path, Role.CLERK):
        message = _("You may not issue certificates for this class any more.")
        raise ActionError("OUT_OF_SCOPE", message)
    return run, user
