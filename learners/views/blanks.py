"""Blank forms to fill in and upload."""

from io import BytesIO

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.queries import current_region, signed_in_user
from learners.queries.places import township_names
from learners.roster.blanks import BLANKS, write_blank
from lms.lib.downloads import disposition
from lms.lib.scope import Role
from lms.lib.workbooks import XLSX


@require_safe
def import_blank(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind of form for the region in hand, with its townships to choose from."""
    if not signed_in_user(request).scope.has(Role.CLERK):
        raise PermissionDenied
    blank = BLANKS.get(kind)
    if blank is None:
        raise Http404
    region = current_region(request, Role.CLERK)
    target = BytesIO()
    write_blank(blank, target, county=region.name, townships=township_names(region))
    response = HttpResponse(target.getvalue(), content_type=XLSX)
    name = f"{region.name}{blank.title}.xlsx"
    response["Content-Disposition"] = disposition(name)
    return response
