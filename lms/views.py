"""Pages that belong to no app: the way in, background work, errors, the design sheet."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from lms import design, navigation
from lms.models import TaskProgress

ELDER_SECONDS = 365 * 24 * 3600


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_safe
def task_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    progress = get_object_or_404(TaskProgress.objects.visible_to(_user(request)), pk=pk)
    return render(request, "lms/task_detail.html", {"progress": progress})


@require_safe
def task_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part that htmx asks for again and again; when the work is done it leads on."""
    progress = get_object_or_404(TaskProgress.objects.visible_to(_user(request)), pk=pk)
    if progress.state == TaskProgress.State.DONE and progress.result_url:
        return HttpResponseClientRedirect(progress.result_url)
    return render(request, "parts/_progress.html", {"progress": progress})


@login_not_required
@require_GET
def elder_mode(request: HttpRequest) -> HttpResponse:
    """Big type on phone pages, on or off, kept in a cookie; then back to the page it came from."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = redirect(target)
    if request.GET.get("on") == "1":
        response.set_cookie(
            navigation.ELDER_COOKIE,
            "1",
            max_age=ELDER_SECONDS,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(navigation.ELDER_COOKIE)
    return response


@require_safe
def design_page(request: HttpRequest) -> HttpResponse:
    """Every part of the design on one page, for those who build and test the system."""
    if not _user(request).is_staff:
        raise PermissionDenied
    return render(request, "lms/design_page.html", design.sample())


# --- Errors -------------------------------------------------------------------------------------
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the database: it may be what failed."""
    request_id = request.META.get("LMS_REQUEST_ID", "")
    return HttpResponse(render_to_string("500.html", {"request_id": request_id}), status=500)
