"""Certificates for clerks and officials, and a trainee's own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.queries import signed_in_user
from certificates import tasks
from certificates.actions import revoke_certificate, store_signed
from certificates.forms import IssueForm, RevokeForm
from certificates.models import Certificate
from certificates.queries import (
    candidates,
    frozen_facts,
    issuer_for,
    qr_rows,
    seal_ring,
    signed_name,
)
from certificates.tables import CertificateFilters, CertificateTable
from courses.models import CourseRun
from lms import tasks as work
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lists import list_page


@require_GET
def certificate_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK, Role.OFFICIAL):
        raise PermissionDenied
    rows = Certificate.objects.visible_to(user).select_related(
        "enrolment__learner", "enrolment__run__course", "enrolment__home_region", "issuer"
    )
    return list_page(
        request,
        "certificates/certificate_list.html",
        table=CertificateTable,
        rows=rows,
        filters=CertificateFilters,
        export_name=_("Certificates"),
    )


@require_http_methods(["GET", "POST"])
def run_issue(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Who gets a certificate, who does not and why; POST starts the issue in the background."""
    user = signed_in_user(request)
    runs = CourseRun.objects.visible_to(user).select_related("course", "county", "host_region")
    run = get_object_or_404(runs, pk=run_id)
    if not user.scope.covers(run.host_region.path, Role.CLERK):
        raise PermissionDenied
    issuer = issuer_for(run.host_region)
    form = IssueForm(
        request.POST or None,
        issuers=[issuer] if issuer else [],
        initial={"issuer": issuer, "issued_on": min(run.ends_on, today())},
    )
    if request.method == "POST" and form.is_valid():
        work.start(
            tasks.ISSUE_RUN,
            title=_("Certificates of run %(number)s") % {"number": run.number},
            key=f"{tasks.ISSUE_RUN}:{run.pk}",
            args={
                "run": str(run.pk),
                "issuer": str(form.cleaned_data["issuer"].pk),
                "issued_on": form.cleaned_data["issued_on"].isoformat(),
            },
            requested_by=user,
        )
        return redirect("certificates:run_issue", run_id=run.pk)
    return render(request, "certificates/run_issue.html", _issue_context(user, run, form))


def _issue_context(user: Any, run: CourseRun, form: IssueForm) -> dict[str, Any]:
    found = candidates(run, user=user)
    key = f"{tasks.ISSUE_RUN}:{run.pk}"
    progress = work.latest(key, user=user)
    return {
        "run": run,
        "form": form,
        "eligible": [c for c in found if c.is_eligible],
        "certified": [c for c in found if c.certificate],
        "others": [c for c in found if not c.is_eligible and not c.certificate],
        "progress": progress,
    }


@require_GET
def certificate_detail(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    user = signed_in_user(request)
    certificate = visible_certificate(user, certificate_id)
    may_revoke = user.scope.covers(certificate.enrolment.run.host_region.path, Role.CLERK)
    context = {
        "certificate": certificate,
        "facts": frozen_facts(certificate),
        "may_revoke": may_revoke and certificate.status == Certificate.Status.VALID,
        "has_proof": certificate.leaves.exists(),
        "form": RevokeForm(),
    }
    return render(request, "certificates/certificate_detail.html", context)


@require_POST
def certificate_revoke(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    user = signed_in_user(request)
    certificate = visible_certificate(user, certificate_id)
    if not user.scope.covers(certificate.enrolment.run.host_region.path, Role.CLERK):
        raise PermissionDenied
    form = RevokeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("State the reason: it is kept with the certificate."))
    else:
        try:
            revoke_certificate(
                certificate=certificate, reason=form.cleaned_data["reason"], actor=user
            )
        except ActionError as error:
            messages.error(request, str(error.message))
    return redirect("certificates:certificate_detail", certificate_id=certificate.pk)


@require_GET
def certificate_pdf(request: HttpRequest, certificate_id: UUID) -> HttpResponseBase:
    """The stored file, signed when it is first asked for, byte for byte the same from then on.

    A certificate not drawn yet answers 404 until it is.
    """
    user = signed_in_user(request)
    certificate = visible_certificate(user, certificate_id)
    if not certificate.pdf:
        return render(request, "certificates/not_drawn_yet.html", status=404)
    if not certificate.signed_sha256:
        certificate = store_signed(certificate=certificate, actor=user)
    name = f"{certificate.number}.pdf"
    file = default_storage.open(signed_name(certificate), "rb")
    return FileResponse(file, filename=name, as_attachment=True)


@require_GET
def certificate_code(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The QR code, large, to be held out to whoever asks."""
    certificate = visible_certificate(signed_in_user(request), certificate_id)
    context = {"certificate": certificate, "qr": qr_rows(certificate)}
    return render(request, "certificates/certificate_code.html", context)


@require_GET
def my_certificates(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.is_trainee:
        raise PermissionDenied
    own = (
        Certificate.objects.visible_to(user)
        .filter(enrolment__learner__user=user)
        .exclude(status=Certificate.Status.REPLACED)
        .select_related("issuer", "enrolment__run__course")
    )
    cards = [(c, frozen_facts(c), seal_ring(frozen_facts(c)["issuer"])) for c in own]
    return render(request, "certificates/my_certificates.html", {"cards": cards})


def visible_certificate(user: Any, certificate_id: UUID) -> Certificate:
    rows = Certificate.objects.visible_to(user).select_related(
        "issuer", "enrolment__learner", "enrolment__run__course", "enrolment__run__host_region"
    )
    return get_object_or_404(rows, pk=certificate_id)
