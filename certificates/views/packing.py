"""A ZIP of a class and a book of a region: asked for, made in the background, fetched."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from certificates import tasks
from certificates.actions import note_pack_fetched
from certificates.actions.packing import BOOK_REGION, KINDS, PACK_RUN
from courses.models import CourseRun
from lms import tasks as work
from lms.lib.downloads import disposition
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.models import TaskProgress


@require_POST
def run_pack(request: HttpRequest, run_id: UUID) -> HttpResponse:
    user = signed_in_user(request)
    rows = CourseRun.objects.visible_to(user).select_related("host_region")
    run = get_object_or_404(rows, pk=run_id)
    if not user.scope.covers(run.host_region.path, Role.CLERK):
        raise PermissionDenied
    progress = work.start(
        PACK_RUN,
        title=_("Certificates of run %(number)s as ZIP") % {"number": run.number},
        key=f"{PACK_RUN}:{run.pk}:{user.pk}",
        args={"run": str(run.pk)},
        requested_by=user,
    )
    return redirect("task_detail", progress.pk)


@require_POST
def region_book(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    region = current_region(request, Role.CLERK)
    progress = work.start(
        BOOK_REGION,
        title=_("Book of certificates of %(region)s") % {"region": region.name},
        key=f"{BOOK_REGION}:{region.code}:{user.pk}",
        args={"region": region.code},
        requested_by=user,
    )
    return redirect("task_detail", progress.pk)


@require_GET
def pack_download(request: HttpRequest, task_id: UUID) -> HttpResponseBase:
    """To who asked for it, for a day, while they may still issue there."""
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK):
        raise PermissionDenied
    rows = TaskProgress.objects.visible_to(user).filter(kind__in=KINDS, state="DONE")
    progress = get_object_or_404(rows, pk=task_id)
    path, back = _place(user, progress)
    name = str(progress.result.get("file", ""))
    if not name or not default_storage.exists(name):
        messages.error(request, _("This file is no longer kept. Ask for it again."))
        return redirect(back)
    note_pack_fetched(progress=progress, region_path=path, actor=user)
    file = default_storage.open(name, "rb")
    response = FileResponse(file, content_type="application/zip")
    response["Content-Disposition"] = disposition(f"{progress.title}.zip")
    return response


def _place(user: User, progress: TaskProgress) -> tuple[str, str]:
    """Where the pack's certificates were issued, by the grants of this moment, and its page."""
    try:
        if progress.kind == PACK_RUN:
            run, user = tasks.run_in_scope(user, progress.args["run"])
            back = reverse("certificates:run_issue", args=[run.pk])
            return run.host_region.path, back
        region, user = tasks.region_in_scope(user, progress.args["region"])
    except ActionError as error:
        raise PermissionDenied from error
    return region.path, f"{reverse('certificates:region_issue')}?region={region.code}"
