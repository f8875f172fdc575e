"""A list of qualifying villages from a workbook: upload, look, put on the open edition."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.queries import signed_in_user
from learners.actions import EntryFacts, add_entries
from learners.forms import VillageListForm
from learners.models import Register, RegisterEdition
from learners.queries.village_lists import (
    VillageRow,
    read_village_list,
    signed_for,
    villages_by_code,
)
from learners.views.registers import own_edition
from lms.lib.errors import ActionError
from lms.lib.spreadsheets import FileError

#: How long a preview may lie before it is confirmed.
DAY_SECONDS = 24 * 60 * 60


@require_http_methods(["GET", "HEAD", "POST"])
def village_import(request: HttpRequest, pk: UUID) -> HttpResponse:
    edition = _edition(request, pk)
    posted = request.method == "POST"
    form = VillageListForm(request.POST, request.FILES) if posted else VillageListForm()
    rows = _read(form, edition) if form.is_valid() else None
    context: dict[str, Any] = {"form": form, "edition": edition, "register": edition.register}
    if rows is not None:
        ready = [row for row in rows if row.code and not (row.is_present or row.is_left_out)]
        chosen = [[row.code, row.reason] for row in ready]
        context |= {
            "rows": rows,
            "ready": len(ready),
            "present": sum(row.is_present for row in rows),
            "left_out": sum(row.is_left_out for row in rows),
            "wrong": sum(bool(row.problem) for row in rows),
            "signed": signing.dumps(chosen, salt=signed_for(edition.pk), compress=True),
        }
    status = 422 if form.errors else 200
    return render(request, "learners/village_import.html", context, status=status)


def _edition(request: HttpRequest, pk: UUID) -> RegisterEdition:
    edition = own_edition(signed_in_user(request), pk)
    if edition.register.subject != Register.Subject.VILLAGE:
        raise Http404
    return edition


def _read(form: VillageListForm, edition: RegisterEdition) -> list[VillageRow] | None:
    file = form.cleaned_data["file"]
    if file.size > settings.UPLOAD_MAX_BYTES:
        form.add_error("file", _("The file is larger than 20 MB. Remove pictures or split it."))
        return None
    try:
        return read_village_list(file.read(), file.name, edition)
    except FileError as error:
        form.add_error("file", error.message)
        return None


@require_POST
def village_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the preview has shown, unchanged: it comes back signed."""
    edition = _edition(request, pk)
    try:
        chosen = signing.loads(
            request.POST.get("signed", ""), salt=signed_for(edition.pk), max_age=DAY_SECONDS
        )
    except signing.BadSignature:
        messages.error(request, _("The preview is no longer valid. Upload the file again."))
        return redirect("learners:village_import", pk=edition.pk)
    reasons: dict[str, str] = dict(chosen)
    villages = villages_by_code(edition.register.region, list(reasons))
    facts: dict[object, EntryFacts] = {
        row.pk: EntryFacts(reason=reasons[code]) for code, row in villages.items()
    }
    user = signed_in_user(request)
    try:
        count = add_entries(
            edition=edition, subjects=list(villages.values()), facts=facts, actor=user
        )
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("%(count)d put on the register.") % {"count": count})
    return redirect("learners:register_detail", pk=edition.register_id)
