"""Pages that belong to no app: the way in, background work, errors, the design sheet."""

from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from lms import actions, design, navigation
from lms.lib.downloads import disposition
from lms.lib.errors import ActionError
from lms.lib.searching import found_address
from lms.lib.workbooks import XLSX
from lms.lists import (
    DayColumn,
    FigureColumn,
    Filters,
    ListTable,
    SaveForm,
    list_page,
    listed_address,
)
from lms.models import ExportFile, SavedFilter, TaskProgress
from lms.templatetags.ui import chip

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
    is_done = progress.state == TaskProgress.State.DONE
    if is_done and progress.result_url and not progress.leads_to_file:
        return HttpResponseClientRedirect(progress.result_url)
    return render(request, "parts/_progress.html", {"progress": progress})


# --- Filters that somebody keeps ----------------------------------------------------------------
@require_POST
def list_find(request: HttpRequest) -> HttpResponse:
    """The search box of a list of people: what was typed is in the next address only as a token
    that nobody else can have read."""
    address = found_address(request.POST, _user(request))
    if address is None:
        raise Http404
    return redirect(address)


@require_POST
def saved_filter_create(request: HttpRequest) -> HttpResponse:
    """From a list, which says in a signed field what may be kept of its address."""
    form = SaveForm(request.POST)
    asked = form.asked()
    if asked is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["name"]))
    else:
        try:
            actions.save_filter(
                page=asked["page"],
                name=form.cleaned_data["name"],
                query=asked["query"],
                actor=_user(request),
            )
        except ActionError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("The filter is kept. It stands above the list."))
    return redirect(f"{asked['path']}?{asked['query']}")


@require_POST
def saved_filter_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    saved = get_object_or_404(SavedFilter.objects.visible_to(_user(request)), pk=pk)
    actions.delete_filter(saved=saved, actor=_user(request))
    messages.success(request, _("The kept filter is deleted."))
    return redirect(listed_address(saved.page, request.POST.get("next", "")))


# --- Files of people's data ---------------------------------------------------------------------
class ExportTable(ListTable):
    caption = gettext_lazy("Files you asked for")
    empty_icon = "download"
    empty_title = gettext_lazy("You have asked for no file yet")
    empty_text = gettext_lazy("Exports of people stand here for a day.")

    title = tables.Column(
        verbose_name=gettext_lazy("File"), linkify=("export_detail", [tables.A("pk")])
    )
    created_at = DayColumn(verbose_name=gettext_lazy("Asked for at"), moment=True)
    row_count = FigureColumn(verbose_name=gettext_lazy("Rows"))
    is_unmasked = tables.Column(verbose_name=gettext_lazy("Numbers"))
    download_count = FigureColumn(verbose_name=gettext_lazy("Downloads"))
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=(), orderable=False)

    def render_is_unmasked(self, value: bool) -> str:
        return _("in full") if value else _("masked")

    def render_state(self, record: ExportFile) -> Any:
        if record.is_ready:
            return chip("good", "check", _("Ready"))
        if record.progress and record.progress.is_open:
            return chip("info", "clock", _("Being made"))
        return chip("mute", "minus", _("Erased") if record.sha256 else _("Not made"))


class ExportFilters(Filters):
    search_fields = ("title",)
    search_label = gettext_lazy("File")

    numbers = django_filters.ChoiceFilter(
        label=gettext_lazy("Numbers"),
        field_name="is_unmasked",
        choices=[("False", gettext_lazy("masked")), ("True", gettext_lazy("in full"))],
        empty_label=gettext_lazy("All"),
    )


@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    rows = ExportFile.objects.visible_to(_user(request)).select_related("progress")
    return list_page(
        request,
        "lms/export_list.html",
        table=ExportTable,
        rows=rows,
        filters=ExportFilters,
        export_name=_("Files you asked for"),
    )


@require_safe
def export_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    export = get_object_or_404(
        ExportFile.objects.visible_to(_user(request)).select_related("progress"), pk=pk
    )
    return render(request, "lms/export_detail.html", {"export": export})


@require_POST
def export_download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Gives a link that opens the file once, and follows it."""
    user = _user(request)
    export = get_object_or_404(ExportFile.objects.visible_to(user), pk=pk)
    try:
        link = actions.give_export_link(export=export, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect("export_detail", pk=pk)
    return redirect("export_file", pk=pk, link=link)


@require_GET
def export_file(request: HttpRequest, pk: UUID, link: str) -> HttpResponseBase:
    user = _user(request)
    export = get_object_or_404(ExportFile.objects.visible_to(user), pk=pk)
    try:
        if not (export.is_ready and default_storage.exists(export.file)):
            raise actions.ExportError(
                "OVER", _("This file is no longer kept. Ask for it again from the list.")
            )
        actions.use_export_link(export=export, link=link, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect("export_detail", pk=pk)
    suffix = PurePosixPath(export.file).suffix
    kind = "application/pdf" if suffix == ".pdf" else XLSX
    response = FileResponse(default_storage.open(export.file), content_type=kind)
    response["Content-Disposition"] = disposition(f"{export.title}{suffix}")
    return response


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
