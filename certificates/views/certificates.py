"""Certificates for clerks and officials, and a trainee's own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.queries import signed_in_user
from certificates import tasks
from certificates.actions import revoke_certificate
from certificates.forms import IssueForm, RevokeForm, VerifyForm
from certificates.models import Certificate
from certificates.queries import (
    candidates,
    frozen_facts,
    issuer_for,
    public_view,
    qr_rows,
    seal_ring,
)
from certificates.tables import CertificateFilters, CertificateTable
from courses.models import CourseRun
from lms import tasks as work
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lib.throttle import allow, client_address
from lms.lib.verifycodes import normalise_code
from lms.lists import list_page

VERIFY_PER_MINUTE = 30


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
    certificate = _visible(user, certificate_id)
    may_revoke = user.scope.covers(certificate.enrolment.run.host_region.path, Role.CLERK)
    context = {
        "certificate": certificate,
        "facts": frozen_facts(certificate),
        "may_revoke": may_revoke and certificate.status == Certificate.Status.VALID,
        "form": RevokeForm(),
    }
    return render(request, "certificates/certificate_detail.html", context)


@require_POST
def certificate_revoke(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    user = signed_in_user(request)
    certificate = _visible(user, certificate_id)
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
    """The stored file, byte for byte; a certificate not drawn yet answers 404 until it is."""
    certificate = _visible(signed_in_user(request), certificate_id)
    if not certificate.pdf:
        return render(request, "certificates/not_drawn_yet.html", status=404)
    name = f"{certificate.number}.pdf"
    return FileResponse(certificate.pdf.open("rb"), filename=name, as_attachment=True)


@require_GET
def certificate_code(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The QR code, large, to be held out to whoever asks."""
    certificate = _visible(signed_in_user(request), certificate_id)
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


def _visible(user: Any, certificate_id: UUID) -> Certificate:
    rows = Certificate.objects.visible_to(user).select_related(
        "issuer", "enrolment__learner", "enrolment__run__course", "enrolment__run__host_region"
    )
    return get_object_or_404(rows, pk=certificate_id)


# --- public: no sign-in, nothing personal -----------------------------------------------------


@login_not_required
@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """Type a code; it is looked up by its own short address, like a scanned one."""
    form = VerifyForm(request.GET or None)
    if form.is_bound and form.is_valid():
        code = normalise_code(form.cleaned_data["code"]) or "0"
        return redirect("verify_code", code=code)
    return _public(render(request, "certificates/verify.html", {"form": form}))


@login_not_required
@require_GET
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Valid, replaced, revoked or unknown; malformed codes get the page of unknown ones."""
    address = client_address(request)
    if not allow(f"verify:{address}", limit=VERIFY_PER_MINUTE, seconds=60):
        return _public(render(request, "certificates/verify_slow_down.html", status=429))
    found = public_view(normalise_code(code))
    context = {"found": found, "form": VerifyForm(), "checked_at": timezone.now()}
    status = 200 if found else 404
    return _public(render(request, "certificates/verify_code.html", context, status=status))


def _public(response: HttpResponse) -> HttpResponse:
    """Out of search engines and caches, and without a trace in other sites' logs."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
