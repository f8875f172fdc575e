"""Issuing for a run or a region: the rows in one transaction, then a PDF for each."""

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from certificates.actions import issue_certificates, issue_region, keep_pack, store_pdf
from certificates.actions.packing import BOOK_REGION, PACK_RUN
from certificates.models import (
    Certificate,
    CertificateQuerySet,
    CertificateTemplate,
    Issuer,
)
from certificates.queries import books_of, drawing_of, files_of, hosted_runs
from certificates.render import zipped
from courses.models import CourseRun
from lms import tasks
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.models import TaskProgress
from regions.models import Region

ISSUE_RUN = "certificates.issue_run"
ISSUE_REGION = "certificates.issue_region"


#: Each word of how far it is waits for the disk.
SECONDS_BETWEEN = 1
Parts = Iterator[tuple[str, bytes]]


@tasks.work(ISSUE_RUN)
def issue_run(progress: TaskProgress) -> None:
    """Resumes by itself: who has a certificate gets no second one, a stored PDF stays."""
    run, user = run_in_scope(progress.requested_by, progress.args["run"])
    issue_certificates(
        run=run,
        issuer=Issuer.objects.get(pk=progress.args["issuer"]),
        issued_on=date.fromisoformat(progress.args["issued_on"]),
        template=_template(progress),
        only=[UUID(pk) for pk in progress.args.get("only", [])],
        actor=user,
    )
    _draw(progress, Certificate.objects.valid().filter(enrolment__run=run), user)
    progress.result_url = reverse("certificates:run_issue", args=[run.pk])


@tasks.work(ISSUE_REGION)
def issue_everyone(progress: TaskProgress) -> None:
    """The rows of a county in one transaction, so a killed worker left all of them or none; then
    the files, each kept as it is drawn."""
    region, user = region_in_scope(progress.requested_by, progress.args["region"])
    issuer = Issuer.objects.get(pk=progress.args["issuer"])
    issued_on = date.fromisoformat(progress.args["issued_on"])
    issue_region(
        region=region,
        issuer=issuer,
        issued_on=issued_on,
        template=_template(progress),
        actor=user,
    )
    hosted = Certificate.objects.valid().filter(enrolment__run__in=hosted_runs(region, issuer))
    _draw(progress, hosted, user)
    progress.result_url = f"{reverse('certificates:region_issue')}?region={region.code}"


def _template(progress: TaskProgress) -> CertificateTemplate | None:
    """The edition that was chosen; what was asked for before there was a choice says none."""
    edition = progress.args.get("template")
    return CertificateTemplate.objects.get(pk=edition) if edition else None


@tasks.work(PACK_RUN)
def pack_run(progress: TaskProgress) -> None:
    """Draws what is not drawn yet, then every file of the class in one ZIP."""
    run, user = run_in_scope(progress.requested_by, progress.args["run"])
    rows = Certificate.objects.visible_to(user).valid().filter(enrolment__run=run)
    _draw(progress, rows, user)
    _pack(progress, rows, user, files_of)


@tasks.work(BOOK_REGION)
def book_region(progress: TaskProgress) -> None:
    """A page for each valid certificate of a region, for the press."""
    region, user = region_in_scope(progress.requested_by, progress.args["region"])
    rows = Certificate.objects.visible_to(user).valid()
    rows = rows.filter(enrolment__run__host_region__in=Region.objects.within(region))
    _pack(progress, rows, user, books_of)


def _pack(
    progress: TaskProgress, rows: CertificateQuerySet, user: User, made: Callable[..., Parts]
) -> None:
    """Outside any transaction: a county takes minutes, and others write meanwhile."""
    count, erased = rows.drawable().count(), _erased(rows)
    if not count:
        message = _("No certificate is there to be put into the file. Issue them first.")
        raise ActionError("NO_CERTIFICATES", message)
    progress.advance(0, count)
    with tempfile.TemporaryFile() as file:
        for part in zipped(made(rows.drawable(), _counted(progress))):
            file.write(part)
        if _erased(rows) != erased:
            message = _("Somebody's data was erased while the file was made. Ask for it again.")
            raise ActionError("ERASED_MEANWHILE", message)
        keep_pack(progress=progress, file=file, count=count, actor=user)
    progress.done_count = progress.total_count
    progress.result_url = reverse("certificates:pack_download", args=[progress.pk])


def _erased(rows: CertificateQuerySet) -> int:
    return rows.filter(sealed_key=None).count()


def _counted(progress: TaskProgress) -> Callable[[], None]:
    """A word of how far it is, now and then: also the sign of life of a long book."""
    done, said = 0, time.monotonic()

    def seen() -> None:
        nonlocal done, said
        done += 1
        if time.monotonic() - said > SECONDS_BETWEEN:
            progress.advance(done)
            said = time.monotonic()

    return seen


def _draw(progress: TaskProgress, rows: CertificateQuerySet, user: User) -> None:
    """What is not drawn yet; of who was erased meanwhile nothing can be."""
    rows = rows.drawable()
    total, left = rows.count(), rows.filter(pdf="")
    keys = list(left.order_by("number").values_list("pk", flat=True))
    done = total - len(keys)
    progress.advance(done, total)
    for key in keys:
        done += 1
        certificate = rows.select_related("template").filter(pk=key).first()
        if certificate is None:  # erased or revoked since
            continue
        # Outside any transaction: on SQLite nobody could write until a county is drawn.
        content = drawing_of(certificate)
        with transaction.atomic():  # the file and the word of it: one wait for the disk
            store_pdf(certificate=certificate, content=content, actor=user)
            progress.advance(done)


def region_in_scope(user: User | None, code: str) -> tuple[Region, User]:
    region = Region.objects.current().filter(code=code).first()
    if not user or not region or not user.scope.covers(region.path, Role.CLERK):
        message = _("You may not issue certificates for this region any more.")
        raise ActionError("OUT_OF_SCOPE", message)
    return region, user


def run_in_scope(user: User | None, run_id: str) -> tuple[CourseRun, User]:
    """The requester's grants as they are now, not as they were when the button was pressed."""
    run = user and CourseRun.objects.visible_to(user).filter(pk=run_id).first()
    if not user or not run or not user.scope.covers(run.host_region.path, Role.CLERK):
        message = _("You may not issue certificates for this class any more.")
        raise ActionError("OUT_OF_SCOPE", message)
    return run, user
