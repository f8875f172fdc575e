"""Issuing to a class and to a whole region: who gets one, who does not and why."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from certificates import tasks
from certificates.forms import IssueForm
from certificates.models import CertificateTemplate, Issuer
from certificates.queries import (
    Sheet,
    candidates,
    ineligible,
    issuer_for,
    template_for,
    waiting_in,
)
from certificates.tables import IneligibleFilters, IneligibleTable
from courses.models import CourseRun, Enrolment
from lms import tasks as work
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lists import list_page
from regions.models import Region


@require_http_methods(["GET", "POST"])
def run_issue(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Who gets a certificate, who does not and why; POST starts the issue in the background."""
    user = signed_in_user(request)
    runs = CourseRun.objects.visible_to(user).select_related("course", "county", "host_region")
    run = get_object_or_404(runs, pk=run_id)
    if not user.scope.covers(run.host_region.path, Role.CLERK):
        raise PermissionDenied
    issuer = issuer_for(run.host_region)
    form = _form(request, run.host_region, issuer, min(run.ends_on, today()))
    if request.method == "POST" and form.is_valid():
        work.start(
            tasks.ISSUE_RUN,
            title=_("Certificates of run %(number)s") % {"number": run.number},
            key=f"{tasks.ISSUE_RUN}:{run.pk}",
            args={"run": str(run.pk), "only": _ticked(request), **_said(form)},
            requested_by=user,
        )
        return redirect("certificates:run_issue", run_id=run.pk)
    found = candidates(run, user=user, sheet=_sheet(run.host_region, issuer))
    context = {
        "run": run,
        "issuer": issuer,
        "form": form,
        "eligible": [c for c in found if c.is_eligible],
        "certified": [c for c in found if c.certificate],
        "others": [c for c in found if not c.is_eligible and not c.certificate],
        "progress": work.latest(f"{tasks.ISSUE_RUN}:{run.pk}", user=user),
    }
    return render(request, "certificates/run_issue.html", context)


@require_http_methods(["GET", "POST"])
def region_issue(request: HttpRequest) -> HttpResponse:
    """Everyone of a county who completed a class and holds no certificate of it, in one go."""
    user = signed_in_user(request)
    region = current_region(request, Role.CLERK)
    issuer = issuer_for(region)
    key = f"{tasks.ISSUE_REGION}:{region.code}"
    form = _form(request, region, issuer, today())
    if request.method == "POST" and form.is_valid():
        work.start(
            tasks.ISSUE_REGION,
            title=_("Certificates of %(region)s") % {"region": region.name},
            key=key,
            args={"region": region.code, **_said(form)},
            requested_by=user,
        )
        return redirect(f"{reverse('certificates:region_issue')}?region={region.code}")
    context = {"region": region, "form": form, "progress": work.latest(key, user=user)}
    return render(
        request, "certificates/region_issue.html", context | _waiting(user, region, issuer)
    )


@require_GET
def ineligible_list(request: HttpRequest) -> HttpResponse:
    """Everybody who gets none and why: searched, filtered and in Excel like any list."""
    user = signed_in_user(request)
    region = current_region(request, Role.CLERK)
    issuer = issuer_for(region)
    sheet = _sheet(region, issuer)
    rows: QuerySet[Enrolment] = Enrolment.objects.visible_to(user).none()
    if issuer and sheet:
        rows = ineligible(region, issuer, user=user, sheet=sheet)
    return list_page(
        request,
        "certificates/ineligible_list.html",
        table=IneligibleTable,
        rows=rows.select_related("learner", "home_region", "run__course"),
        filters=IneligibleFilters,
        export_name=_("Get no certificate"),
        context={"region": region},
        table_options={"sheet": sheet},
    )


def _waiting(user: User, region: Region, issuer: Issuer | None) -> dict[str, Any]:
    """Classes with how many can be issued, and those who cannot with the reason."""
    sheet = _sheet(region, issuer)
    if issuer is None or sheet is None:
        return {"issuer": issuer, "waiting": None}
    return {"issuer": issuer, "waiting": waiting_in(region, issuer, user=user, sheet=sheet)}


def _sheet(region: Region, issuer: Issuer | None) -> Sheet | None:
    template = template_for(region)
    return Sheet(issuer, template, today()) if issuer and template else None


def _form(request: HttpRequest, region: Region, issuer: Issuer | None, day: date) -> IssueForm:
    templates = CertificateTemplate.objects.visible_to(signed_in_user(request))
    return IssueForm(
        request.POST or None,
        issuers=[issuer] if issuer else [],
        templates=templates.usable_in(region).select_related("region"),
        initial={"issuer": issuer, "issued_on": day, "template": template_for(region)},
    )


def _said(form: IssueForm) -> dict[str, str | int | None]:
    template = form.cleaned_data["template"]
    return {
        "issuer": str(form.cleaned_data["issuer"].pk),
        "issued_on": form.cleaned_data["issued_on"].isoformat(),
        "template": template.pk if template else None,
    }


def _ticked(request: HttpRequest) -> list[str]:
    """Enrolments chosen one by one; none means everyone who is eligible."""
    try:
        return [str(UUID(value)) for value in request.POST.getlist("enrolment")]
    except ValueError as error:
        raise BadRequest("enrolment") from error
