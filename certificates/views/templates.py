"""Editions of the certificate: a list, a form to make one, and its proof with hard names."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from certificates.actions import make_template, use_template, withdraw_template
from certificates.forms import TemplateForm
from certificates.models import CertificateTemplate
from certificates.queries import design_pages, settled_design, template_pages, thumbnail
from certificates.render import RenderError
from certificates.tables import TemplateFilters, TemplateTable
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.lists import list_page
from regions.models import Region


@require_GET
def template_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK, Role.OFFICIAL):
        raise PermissionDenied
    return list_page(
        request,
        "certificates/template_list.html",
        table=TemplateTable,
        rows=CertificateTemplate.objects.visible_to(user)
        .select_related("region")
        .order_by("-edition"),
        filters=TemplateFilters,
        export_name=_("Templates"),
    )


@require_http_methods(["GET", "POST"])
def template_create(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    region = current_region(request, Role.CLERK)
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                return _preview(form, region)
            template = make_template(
                region=region,
                name=form.cleaned_data["name"],
                design=form.design(),
                seal_image=form.picture(),
                actor=user,
            )
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            words = _("Edition %(edition)s was made. Look at its proof before it is put in use.")
            messages.success(request, words % {"edition": template.edition})
            return redirect("certificates:template_list")
    return render(request, "certificates/template_create.html", {"form": form, "region": region})


def _preview(form: TemplateForm, region: Region) -> HttpResponse:
    """The proof of what is typed, before an edition of it is made."""
    design, seal = settled_design(form.design(), form.picture())
    title = form.cleaned_data["name"]
    return _shown(design_pages(design, seal, title=title, region=region), "preview.pdf")


def _shown(pdf: bytes, name: str) -> HttpResponse:
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_POST
def template_move(request: HttpRequest, edition: int) -> HttpResponse:
    """A draft is put in use; what is in use is withdrawn."""
    user = signed_in_user(request)
    template = _visible(user, edition)
    if not _may(user, template):
        raise PermissionDenied
    action = use_template if template.state == "DRAFT" else withdraw_template
    try:
        action(template=template, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("certificates:template_list")


@require_GET
def template_proof(request: HttpRequest, edition: int) -> HttpResponse:
    """A page for each hard name, as the press would get it."""
    template = _visible(signed_in_user(request), edition)
    try:
        pdf = template_pages(template)
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect("certificates:template_list")
    return _shown(pdf, f"edition-{template.edition}.pdf")


@require_GET
def template_picture(request: HttpRequest, edition: int) -> HttpResponse:
    """A small picture of an edition, to choose by."""
    template = _visible(signed_in_user(request), edition)
    try:
        picture = thumbnail(template)
    except RenderError as error:
        raise Http404 from error
    response = HttpResponse(picture, content_type="image/png")
    # An edition's design is never changed, so what was seen once stays right.
    response["Cache-Control"] = "private, max-age=86400"
    return response


def _visible(user: User, edition: int) -> CertificateTemplate:
    rows: Any = CertificateTemplate.objects.visible_to(user).select_related("region")
    found: CertificateTemplate = get_object_or_404(rows, pk=edition)
    return found


def _may(user: User, template: CertificateTemplate) -> bool:
    region = template.region
    return region is not None and user.scope.covers(region.path, Role.CLERK)
