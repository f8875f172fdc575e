"""Issuing for a run or a region: the rows in one transaction, then a PDF for each."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from certificates.actions import issue_certificates, issue_region, store_pack, store_pdf
from certificates.models import Certificate, Issuer
from certificates.queries import hosted_runs
from courses.models import CourseRun
from lms import tasks
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.models import TaskProgress
from regions.models import Region

ISSUE_RUN = "certificates.issue_run"
ISSUE_REGION = "certificates.issue_region"
PACK_RUN = "certificates.pack_run"
BOOK_REGION = "certificates.book_region"


@tasks.work(ISSUE_RUN)
def issue_run(progress: TaskProgress) -> None:
    """Resumes by itself: who has a certificate gets no second one, a stored PDF stays."""
    run, user = _run_in_scope(progress.requested_by, progress.args["run"])
    issue_certificates(
        run=run,
        issuer=Issuer.objects.get(pk=progress.args["issuer"]),
        issued_on=date.fromisoformat(progress.args["issued_on"]),
        only=[UUID(pk) for pk in progress.args.get("only", [])],
        actor=user,
    )
    _draw(progress, Certificate.objects.valid().filter(enrolment__run=run), user)
    progress.result_url = reverse("certificates:run_issue", args=[run.pk])


@tasks.work(ISSUE_REGION)
def issue_everyone(progress: TaskProgress) -> None:
    """The rows of a county in one transaction, so a killed worker left all of them or none; then
    the files, each kept as it is drawn."""
    region, user = _region_in_scope(progress.requested_by, progress.args["region"])
    issuer = Issuer.objects.get(pk=progress.args["issuer"])
    issued_on = date.fromisoformat(progress.args["issued_on"])
    issue_region(region=region, issuer=issuer, issued_on=issued_on, actor=user)
    hosted = Certificate.objects.valid().filter(enrolment__run__in=hosted_runs(region, issuer))
    _draw(progress, hosted, user)
    progress.result_url = f"{reverse('certificates:region_issue')}?region={region.code}"


@tasks.work(PACK_RUN)
def pack_run(progress: TaskProgress) -> None:
    """Draws what is not drawn yet, then every file of the class in one ZIP."""
    run, user = _run_in_scope(progress.requested_by, progress.args["run"])
    rows = Certificate.objects.visible_to(user).valid().filter(enrolment__run=run)
    _draw(progress, rows, user)
    _pack(progress, rows, user, as_book=False)


@tasks.work(BOOK_REGION)
def book_region(progress: TaskProgress) -> None:
    """A page for each valid certificate of a region, for the press."""
    region, user = _region_in_scope(progress.requested_by, progress.args["region"])
    rows = Certificate.objects.visible_to(user).valid()
    rows = rows.filter(enrolment__run__host_region__in=Region.objects.within(region))
    progress.advance(0, rows.count())
    _pack(progress, rows, user, as_book=True)


def _pack(
    progress: TaskProgress, rows: QuerySet[Certificate], user: User, *, as_book: bool
) -> None:
    name = store_pack(progress=progress, rows=rows, as_book=as_book, actor=user)
    progress.done_count = progress.total_count
    progress.result = {"file": name}
    progress.result_url = reverse("certificates:pack_download", args=[progress.pk])


def _draw(progress: TaskProgress, rows: QuerySet[Certificate], user: User) -> None:
    total, left = rows.count(), rows.filter(pdf="")
    keys = list(left.order_by("number").values_list("pk", flat=True))
    done = total - len(keys)
    progress.advance(done, total)
    for key in keys:
        store_pdf(certificate=Certificate.objects.get(pk=key), actor=user)
        done += 1
        progress.advance(done)


def _region_in_scope(user: User | None, code: str) -> tuple[Region, User]:
    region = Region.objects.current().filter(code=code).first()
    if not user or not region or not user.scope.covers(region.path, Role.CLERK):
        message = _("You may not issue certificates for this region any more.")
        raise ActionError("OUT_OF_SCOPE", message)
    return region, user


def _run_in_scope(user: User | None, run_id: str) -> tuple[CourseRun, User]:
    """The requester's grants as they are now, not as they were when the button was pressed."""
    run = user and CourseRun.objects.visible_to(user).filter(pk=run_id).first()
    if not user or not run or not user.scope.covers(run.host_region.path, Role.CLERK):
        message = _("You may not issue certificates for this class any more.")
        raise ActionError("OUT_OF_SCOPE", message)
    return run, user
