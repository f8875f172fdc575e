"""Who signs where: set up by administrators, before the first certificate of a county."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.queries import signed_in_user
from certificates.actions import create_issuer, rename_issuer
from certificates.forms import IssuerForm, IssuerRenameForm
from certificates.models import Issuer
from certificates.tables import IssuerFilters, IssuerTable
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.lists import list_page


@require_GET
def issuer_list(request: HttpRequest) -> HttpResponse:
    rows = Issuer.objects.visible_to(_administrator(request)).select_related("region")
    return list_page(
        request,
        "certificates/issuer_list.html",
        table=IssuerTable,
        rows=rows.annotate(issued=Count("certificates")),
        filters=IssuerFilters,
        export_name=str(_("Issuers")),
    )


@require_http_methods(["GET", "POST"])
def issuer_create(request: HttpRequest) -> HttpResponse:
    actor = _administrator(request)
    form = IssuerForm(request.POST or None, scope=actor.scope)
    if request.method == "POST" and form.is_valid():
        try:
            letters = form.cleaned_data.pop("letters")
            issuer = create_issuer(**form.cleaned_data, prefix=letters, actor=actor)
        except ActionError as error:
            form.add_error("letters", str(error.message))
        else:
            messages.success(request, _("%(issuer)s signs from now on.") % {"issuer": issuer.name})
            return redirect("certificates:issuer_list")
    return render(request, "certificates/issuer_create.html", {"form": form})


@require_http_methods(["GET", "POST"])
def issuer_rename(request: HttpRequest, issuer_id: UUID) -> HttpResponse:
    actor = _administrator(request)
    issuer = get_object_or_404(Issuer.objects.visible_to(actor), pk=issuer_id)
    form = IssuerRenameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            renamed = rename_issuer(issuer=issuer, actor=actor, **form.cleaned_data)
        except ActionError as error:
            form.add_error("name", str(error.message))
        else:
            words = _("Certificates issued from now on are signed by %(issuer)s.")
            messages.success(request, words % {"issuer": renamed.name})
            return redirect("certificates:issuer_list")
    context = {"form": form, "issuer": issuer, "count": issuer.certificates.count()}
    return render(request, "certificates/issuer_rename.html", context)


def _administrator(request: HttpRequest) -> User:
    actor = signed_in_user(request)
    if not actor.scope.has(Role.ADMINISTRATOR):
        raise PermissionDenied
    return actor
