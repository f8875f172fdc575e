"""Handing certificates out: on paper against a signature, on a phone, at the desk."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.queries import signed_in_user
from certificates.actions import look_up, note_copy, note_sheet, store_pdf, store_signed
from certificates.forms import DeskForm
from certificates.models import Certificate, CertificateCopy
from certificates.queries import (
    copy_of,
    drawing_of,
    frozen_facts,
    handing_rows,
    printed_person,
    seal_ring,
    sheet_css,
    signed_name,
)
from certificates.render import render_png
from certificates.views.certificates import visible_certificate
from courses.models import CourseRun
from lms.lib.downloads import disposition
from lms.lib.pdf import pdf_of
from lms.lib.scope import Role
from lms.lib.spreadsheets import write_rows_xlsx
from lms.lib.workbooks import XLSX

FORMATS = ("pdf", "xlsx")


@require_GET
def run_sheet(request: HttpRequest, run_id: UUID) -> HttpResponseBase:
    """The register of handing out (发证登记表), with room for signatures: to print, or Excel."""
    user = signed_in_user(request)
    runs = CourseRun.objects.visible_to(user).select_related("course", "county", "host_region")
    run = get_object_or_404(runs, pk=run_id)
    if not user.scope.covers(run.host_region.path, Role.CLERK):
        raise PermissionDenied
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "pdf"
    rows = handing_rows(user, run)
    note_sheet(run=run, count=len(rows), kind=kind, actor=user)
    name = _("Register of certificates handed out") + f"-{run.year}-{run.number}.{kind}"
    out = BytesIO(_workbook(rows) if kind == "xlsx" else _printed(run, rows))
    content_type = XLSX if kind == "xlsx" else "application/pdf"
    response = FileResponse(out, content_type=content_type)
    response["Content-Disposition"] = disposition(name)
    return response


def _printed(run: CourseRun, rows: list[dict[str, Any]]) -> bytes:
    context = {"run": run, "rows": rows, "issuer": rows[0]["issuer"] if rows else ""}
    return pdf_of(render_to_string("certificates/pdf/handing.html", context), sheet_css())


def _workbook(rows: list[dict[str, Any]]) -> bytes:
    heads = [
        _("No."),
        _("Certificate number"),
        _("Name"),
        _("ID number"),
        _("Village"),
        _("Hours"),
        _("Day of issue"),
        _("Signature"),
        _("Received on"),
    ]
    columns = ("number", "name", "masked_id", "home", "hours", "issued_on")
    lines = [[n, *(row[c] for c in columns), "", ""] for n, row in enumerate(rows, start=1)]
    out = BytesIO()
    write_rows_xlsx(out, [heads, *lines])
    return out.getvalue()


@require_http_methods(["GET", "POST"])
def certificate_find(request: HttpRequest) -> HttpResponse:
    """At the desk, for who has no phone: by the whole ID number, or by name. Posted, so that it
    stands in no address or log; recorded, but not what was typed."""
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK):
        raise PermissionDenied
    form = DeskForm(request.POST or None)
    found = None
    if form.is_bound and form.is_valid():
        found = look_up(text=form.cleaned_data["q"], actor=user)
    cards = None if found is None else [(c, frozen_facts(c) | printed_person(c)) for c in found]
    return render(request, "certificates/certificate_find.html", {"form": form, "cards": cards})


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
    cards = [(c, facts, seal_ring(facts["issuer"])) for c in own for facts in [frozen_facts(c)]]
    return render(request, "certificates/my_certificates.html", {"cards": cards})


@require_GET
def certificate_pdf(request: HttpRequest, certificate_id: UUID) -> HttpResponseBase:
    """The stored file, signed when it is first asked for, byte for byte the same from then on.

    Drawn now if the worker has not come to it yet.
    """
    user = signed_in_user(request)
    certificate = _drawn(user, certificate_id)
    if not certificate.signed_sha256:
        certificate = store_signed(certificate=certificate, actor=user)
    file = default_storage.open(signed_name(certificate), "rb")
    return FileResponse(file, filename=f"{certificate.number}.pdf", as_attachment=True)


@require_GET
def certificate_image(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The page as a picture: what a finger rests on in WeChat to save it."""
    certificate = _drawn(signed_in_user(request), certificate_id)
    with certificate.pdf.open("rb") as file:
        picture = render_png(file.read())
    response = HttpResponse(picture, content_type="image/png")
    response["Content-Disposition"] = f'inline; filename="{certificate.number}.png"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def certificate_copy(request: HttpRequest, certificate_id: UUID, kind: str) -> HttpResponse:
    """PDF/A-3u with the facts attached, or PDF/UA with tags: made anew each time, and known again
    by whoever is asked to check it."""
    user = signed_in_user(request)
    certificate = visible_certificate(user, certificate_id)
    wanted = CertificateCopy.Kind.__members__.get(kind.upper())
    if wanted is None or certificate.is_erased:
        raise Http404
    content = copy_of(certificate, wanted)
    note_copy(certificate=certificate, kind=wanted, content=content, actor=user)
    name = f"{certificate.number}-{kind.lower()}.pdf"
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def certificate_picture(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The picture with a word on how to keep it; a page of its own, so the list stays light."""
    certificate = visible_certificate(signed_in_user(request), certificate_id)
    return render(request, "certificates/certificate_picture.html", {"certificate": certificate})


def _drawn(user: User, certificate_id: UUID) -> Certificate:
    certificate = visible_certificate(user, certificate_id)
    if certificate.is_erased:
        raise Http404
    if certificate.pdf:
        return certificate
    content = drawing_of(certificate)
    return store_pdf(certificate=certificate, content=content, actor=user)
