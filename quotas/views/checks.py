"""An inspector's drawn items on a phone: who, where, which run, and what was found."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.queries import signed_in_user
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.lists import list_page
from quotas import actions
from quotas.forms import CheckFilters, FindingForm
from quotas.models import CheckItem
from quotas.tables import CheckTable, OwnCheckTable

SHOWN = (
    "plan__region",
    "enrolment__learner",
    "enrolment__home_region__parent",
    "enrolment__run__course",
)


@require_safe
def check_list(request: HttpRequest) -> HttpResponse:
    """One's own items, what is to be done first; clerks and officials see their region."""
    user = signed_in_user(request)
    if not user.scope.has(Role.INSPECTOR, Role.OFFICIAL, Role.CLERK):
        raise PermissionDenied
    items = CheckItem.objects.visible_to(user).select_related(*SHOWN, "inspector")
    items = items.order_by("plan__ends_on", "position")
    if not user.scope.has(Role.INSPECTOR):
        return _table(request, CheckTable, items)
    own = items.filter(inspector=user)
    context = {
        "to_do": own.filter(finding=""),
        "done": own.exclude(finding="").order_by("-checked_at"),
        "records": True,
    }
    return render(request, "quotas/check_list.html", context)


@require_safe
def check_table(request: HttpRequest) -> HttpResponse:
    """An inspector's own items as a table, to be searched and taken along."""
    user = signed_in_user(request)
    if not user.scope.has(Role.INSPECTOR):
        raise PermissionDenied
    own = CheckItem.objects.visible_to(user).filter(inspector=user)
    rows = own.select_related(*SHOWN, "inspector").order_by("plan__ends_on", "position")
    return _table(request, OwnCheckTable, rows)


def _table(request: HttpRequest, table: type[CheckTable], rows: Any) -> HttpResponse:
    return list_page(
        request,
        "quotas/check_table.html",
        table=table,
        rows=rows,
        filters=CheckFilters,
        export_name=_("Checks"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    item = get_object_or_404(CheckItem.objects.visible_to(user).select_related(*SHOWN), pk=pk)
    if item.inspector_id != user.pk or not user.scope.has(Role.INSPECTOR):
        raise PermissionDenied
    form = FindingForm(request.POST or None, initial={"finding": item.finding, "note": item.note})
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_finding(item=item, actor=user, **form.cleaned_data)
        except ActionError as error:
            form.add_error("note" if error.code == "NO_NOTE" else None, str(error.message))
        else:
            messages.success(request, _("Recorded."))
            return redirect("quotas:check_list")
    return render(request, "quotas/check_record.html", {"item": item, "form": form})
