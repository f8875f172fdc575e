"""The list of certificates, one of them, and what becomes of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.queries import signed_in_user
from certificates.actions import reissue_certificate, revoke_certificate
from certificates.forms import ReissueForm, RevokeForm
from certificates.models import Certificate, CertificateTemplate
from certificates.queries import frozen_facts, is_last, printed_person, qr_rows, template_for
from certificates.tables import CertificateFilters, CertificateTable
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


@require_GET
def certificate_detail(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    user = signed_in_user(request)
    certificate = visible_certificate(user, certificate_id)
    may_revoke = user.scope.covers(certificate.enrolment.run.host_region.path, Role.CLERK)
    context = {
        "certificate": certificate,
        "facts": frozen_facts(certificate),
        "printed": printed_person(certificate),
        "may_revoke": may_revoke and certificate.status == Certificate.Status.VALID,
        "may_reissue": may_revoke and is_last(certificate),
        "replacement": getattr(certificate, "replaced_by", None),
        "has_proof": certificate.leaves.exists(),
        "form": RevokeForm(),
        "reissue_form": _reissue_form(certificate, user),
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
        else:
            words = _("Certificate %(number)s is revoked.") % {"number": certificate.number}
            messages.success(request, words)
    return redirect("certificates:certificate_detail", certificate_id=certificate.pk)


@require_GET
def certificate_code(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The QR code, large, to be held out to whoever asks."""
    certificate = visible_certificate(signed_in_user(request), certificate_id)
    context = {"certificate": certificate, "qr": qr_rows(certificate)}
    return render(request, "certificates/certificate_code.html", context)


@require_POST
def certificate_reissue(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """A new number for the same class, with the name as it is written now."""
    user = signed_in_user(request)
    certificate = visible_certificate(user, certificate_id)
    if not user.scope.covers(certificate.enrolment.run.host_region.path, Role.CLERK):
        raise PermissionDenied
    form = _reissue_form(certificate, user, request.POST)
    if not form.is_valid():
        messages.error(request, _unfilled(form))
        return redirect("certificates:certificate_detail", certificate_id=certificate.pk)
    try:
        made = reissue_certificate(certificate=certificate, actor=user, **form.cleaned_data)
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect("certificates:certificate_detail", certificate_id=certificate.pk)
    messages.success(request, _("Certificate %(number)s was issued.") % {"number": made.number})
    return redirect("certificates:certificate_detail", certificate_id=made.pk)


def _reissue_form(
    certificate: Certificate, user: User, data: QueryDict | None = None
) -> ReissueForm:
    """The edition that would be taken by itself is chosen beforehand."""
    region = certificate.enrolment.run.host_region
    return ReissueForm(
        data,
        templates=CertificateTemplate.objects.visible_to(user).usable_in(region),
        initial={"issued_on": today(), "template": template_for(region)},
    )


def _unfilled(form: ReissueForm) -> str:
    if "template" in form.errors:
        return _("This template is not in use here. Choose another one.")
    return _("State the reason and a day that is not in the future.")


def visible_certificate(user: Any, certificate_id: UUID) -> Certificate:
    rows = Certificate.objects.visible_to(user).select_related(
        "issuer",
        "replaces",
        "replaced_by",
        "enrolment__learner",
        "enrolment__run__course",
        "enrolment__run__host_region",
    )
    return get_object_or_404(rows, pk=certificate_id)
