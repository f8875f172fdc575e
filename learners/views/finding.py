"""Finding people: the list, the search, and files of what was found."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from learners.forms import ExportForm, FindForm
from learners.models import Learner
from learners.queries import export_columns, find_by_number, is_whole_number, names_of_types
from learners.tables import LearnerFilters, LearnerTable
from learners.tasks import (
    EXPORT_LEARNERS,
    OFFICE,
    export_rows,
    may_export_unmasked,
)
from lms.actions import ask_export
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lib.searching import hidden_search
from lms.lists import list_page
from regions.models import Region

#: What a row of the list needs: neither the birth date nor the indexes.
SHOWN = (
    *("name", "id_cipher", "phone_cipher", "home_region__name", "home_region__level"),
    "home_region__parent__name",
)
#: What is carried from the search box to the list.
CARRIED = ("region", "sort", "place", "role", "type", "trained", "year")


@require_safe
def learner_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    region = current_region(request, *OFFICE)
    request.learner_region = region  # type: ignore[attr-defined]
    rows = Learner.objects.visible_to(user, at_home=region).live()
    asked = {name: request.GET[name] for name in (*CARRIED, "q") if request.GET.get(name)}
    return list_page(
        request,
        "learners/learner_list.html",
        table=LearnerTable,
        rows=rows.select_related("home_region__parent")
        .only(*SHOWN)
        .order_by("home_region__path", "name"),
        filters=LearnerFilters,
        export_href=f"{reverse('learners:learner_export')}?{urlencode(asked)}",
        context={"region": region, "may_import": user.scope.has(Role.CLERK)},
    )


@require_POST
def learner_find(request: HttpRequest) -> HttpResponse:
    """The search box. A whole number is looked up at once and leads to the person; anything else
    goes on to the list as a token, so that neither stands in an address or a log."""
    user = signed_in_user(request)
    if not user.scope.has(*OFFICE):
        raise PermissionDenied
    form = FindForm(request.POST)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    if not is_whole_number(text):
        carried = {name: request.POST[name] for name in CARRIED if request.POST.get(name)}
        asked = carried | ({"q": hidden_search(text, user)} if text else {})
        return redirect(f"{reverse('learners:learner_list')}?{urlencode(asked)}")
    found = list(find_by_number(user, text).select_related("home_region__parent")[:50])
    if len(found) == 1:
        return redirect("learners:learner_detail", pk=found[0].pk)
    types = names_of_types([row.pk for row in found])
    context = {"form": form, "found": [(row, types.get(row.pk, "—")) for row in found]}
    return render(request, "learners/learner_find.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def learner_export(request: HttpRequest) -> HttpResponse:
    """How many rows, which columns, masked or not and why; then the worker writes the file."""
    user = signed_in_user(request)
    region = current_region(request, *OFFICE)
    rows = export_rows(user, region, request.GET)
    if rows is None:
        messages.error(request, _("The filters are not valid. Set them again, then export."))
        return redirect(f"{reverse('learners:learner_list')}?{urlencode({'region': region.code})}")
    count = rows.order_by().count()
    form = ExportForm(
        request.POST if request.method == "POST" else None,
        may_unmask=may_export_unmasked(user, region),
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _asked(request, user, region, form.cleaned_data, count)
        except ActionError as error:
            form.add_error(None, str(error.message))
    context = {
        "region": region,
        "form": form,
        "count": count,
        "is_too_long": count > settings.EXPORT_FILE_MAX_ROWS,
        "most": settings.EXPORT_FILE_MAX_ROWS,
        "columns": export_columns(),
        "may_unmask": may_export_unmasked(user, region),
        "query": request.GET.urlencode(),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "learners/learner_export.html", context, status=status)


def _asked(
    request: HttpRequest, user: User, region: Region, given: dict[str, Any], count: int
) -> HttpResponse:
    export = ask_export(
        kind=EXPORT_LEARNERS,
        title=f"{region.name}-{_('learners')}-{today():%Y-%m-%d}",
        region_path=region.path,
        columns=export_columns(),
        args={"region": region.code, "query": _without_region(request.GET)},
        total=count,
        **given,
        actor=user,
    )
    assert export.progress is not None  # noqa: S101 - it was made with it
    return redirect("task_detail", pk=export.progress.pk)


def _without_region(asked: QueryDict) -> str:
    rest = asked.copy()
    rest.pop("region", None)
    return rest.urlencode()
