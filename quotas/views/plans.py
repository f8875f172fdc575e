"""Plans, their quotas as a tree, and handing a quota down."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.queries import signed_in_user
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.lists import list_page
from quotas import actions, measures
from quotas.forms import CascadeForm, PlanFilters
from quotas.models import Plan, Quota
from quotas.queries import words
from quotas.queries.plans import is_sum, tree
from quotas.tables import PlanTable
from quotas.views.links import READERS
from regions.models import Region


def _reader(request: HttpRequest) -> User:
    user = signed_in_user(request)
    if not user.scope.has(*READERS):
        raise PermissionDenied
    return user


@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    user = _reader(request)
    plans = Plan.objects.visible_to(user).select_related("superseded_by")
    return list_page(
        request,
        "quotas/plan_list.html",
        table=PlanTable,
        rows=plans,
        filters=PlanFilters,
        export_name=_("Plans"),
    )


@require_safe
def plan_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = _reader(request)
    plan = get_object_or_404(Plan.objects.visible_to(user).select_related("supersedes"), pk=pk)
    rows = [
        {
            "branch": branch,
            "title": words.quota_title(branch.quota),
            "target": words.number(branch.quota.target, branch.quota.measure),
            "unit": measures.unit_of(branch.quota.measure),
            "is_sum": is_sum(branch.quota),
            "may_cascade": _may_cascade(user, branch.quota),
        }
        for branch in tree(user, plan)
    ]
    return render(request, "quotas/plan_detail.html", {"plan": plan, "rows": rows})


def _may_cascade(user: User, quota: Quota) -> bool:
    return user.scope.covers(quota.region.path, Role.CLERK) and quota.region.level < 5


@require_http_methods(["GET", "HEAD", "POST"])
def quota_cascade(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The clerk of the quota's region hands it down; everybody else may only read the plan."""
    user = _reader(request)
    quotas = Quota.objects.visible_to(user).select_related("region", "plan")
    quota = get_object_or_404(quotas, pk=pk)
    if not _may_cascade(user, quota):
        raise PermissionDenied
    below = Region.objects.visible_to(user).current().filter(parent=quota.region)
    form = CascadeForm(request.POST or None, quota=quota, children=below)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cascade_quota(
                quota=quota,
                targets=form.targets(),
                reserve=form.cleaned_data["reserve"],
                actor=user,
            )
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The quota was handed down."))
            return redirect("quotas:plan_detail", pk=quota.plan_id)
    context = {
        "quota": quota,
        "form": form,
        "title": words.quota_title(quota),
        "target": words.number(quota.target, quota.measure),
        "unit": measures.unit_of(quota.measure),
        "is_sum": is_sum(quota),
    }
    return render(request, "quotas/quota_cascade.html", context)
