"""A ZIP of a class and a book of a region: asked for, made in the background, fetched."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import current_region, signed_in_user
from certificates import tasks
from courses.models import CourseRun
from lms import tasks as work
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
        tasks.PACK_RUN,
        title=_("Certificates of run %(number)s as ZIP") % {"number": run.number},
        key=f"{tasks.PACK_RUN}:{run.pk}:{user.pk}",
        args={"run": str(run.pk)},
        requested_by=user,
    )
    return redirect("task_detail", progress.pk)


@require_POST
def region_book(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    region = current_region(request, Role.CLERK)
    progress = work.start(
        tasks.BOOK_REGION,
        title=_("Book of certificates of %(region)s") % {"region": region.name},
        key=f"{tasks.BOOK_REGION}:{region.code}:{user.pk}",
        args={"region": region.code},
        requested_by=user,
    )
    return redirect("task_detail", progress.pk)


@require_GET
def pack_download(request: HttpRequest, task_id: UUID) -> HttpResponseBase:
    """To who asked for it, while they may still issue there."""
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK):
        raise PermissionDenied
    kinds = [tasks.PACK_RUN, tasks.BOOK_REGION]
    rows = TaskProgress.objects.visible_to(user).filter(kind__in=kinds, state="DONE")
    progress = get_object_or_404(rows, pk=task_id)
    name = str(progress.result["file"])
    if not default_storage.exists(name):
        raise Http404
    file = default_storage.open(name, "rb")
    return FileResponse(file, filename=f"{progress.title}.zip", as_attachment=True)
