"""Editions: seal, open the next, unite several, the bridge to today, the list for signature."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries import signed_in_user
from learners.actions import compose_edition, open_next_edition, print_edition, seal_edition
from learners.forms import ComposeForm, offer_several
from learners.queries import (
    adjustments_of,
    composable,
    coverage_lines,
    edition_bridge,
    is_composed,
    seal_preview,
    verify_edition,
)
from learners.views.register_tables import BridgeFilters, BridgeTable
from learners.views.registers import (
    bridge_sum,
    edition_for,
    own_edition,
    register_for,
    require_clerk,
)
from lms.lib.errors import ActionError
from lms.lib.periods import local_date, today
from lms.lists import list_page

#: What a doubt of the preview means to whoever seals: what it is, and what to do about it.
DOUBTS = {
    "NO_VILLAGE": gettext_lazy(
        "%(count)s have no known village, only a township. Complete their homes first if you can."
    ),
    "LOOK_ALIKE": gettext_lazy(
        "%(count)s share a name with another in the same village or with the same telephone. "
        "Make sure they are different people."
    ),
    "MERGED": gettext_lazy(
        "%(count)s were merged with another record. Remove them; the other record counts."
    ),
    "MOVED_AWAY": gettext_lazy(
        "%(count)s no longer live in this region. Remove them, or check their homes."
    ),
    "NOT_ABLE": gettext_lazy(
        "%(count)s are not able. They count in the denominator unless you remove them."
    ),
    "NOT_WILLING": gettext_lazy(
        "%(count)s are not willing. They count in the denominator unless you remove them."
    ),
    "NOT_SAID": gettext_lazy(
        "Of %(count)s the list does not say whether they are able or willing. They count in the "
        "denominator, but are invited to no class. Ask, then complete their entries."
    ),
    "NO_KIND": gettext_lazy(
        "%(count)s have no kind of cadre, so no rotation by kind will count them."
    ),
    "NO_CATEGORY": gettext_lazy("%(count)s have no category. Complete it first if you can."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def edition_seal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What will be sealed, by township, and what is doubtful; the button below seals it."""
    user = signed_in_user(request)
    edition = own_edition(user, pk)
    if request.method == "POST":
        shown = request.POST.get("count", "")
        expected = int(shown) if shown.isascii() and shown.isdigit() else -1
        try:
            seal_edition(edition=edition, expected=expected, actor=user)
        except ActionError as error:
            messages.error(request, str(error.message))
            return redirect("learners:edition_seal", pk=edition.pk)
        messages.success(request, _("Edition %(no)d is sealed.") % {"no": edition.no})
    elif not edition.is_sealed:
        preview = seal_preview(edition)
        doubts = [str(DOUBTS[row.code]) % {"count": row.count} for row in preview.doubts]
        context = {
            "edition": edition,
            "register": edition.register,
            "preview": preview,
            "doubts": doubts,
            "may_compose": edition.register.region.level < edition.register.region.Level.COUNTY,
        }
        return render(request, "learners/edition_seal.html", context)
    return redirect("learners:register_detail", pk=edition.register_id)


@require_POST
def edition_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    register = register_for(user, pk)
    require_clerk(user, register)
    try:
        open_next_edition(register=register, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("learners:register_detail", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edition_compose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Seal an edition of a higher region as the union of sealed editions below it."""
    user = signed_in_user(request)
    register = register_for(user, pk)
    require_clerk(user, register)
    found = composable(register)
    form = ComposeForm(request.POST if request.method == "POST" else None)
    offer_several(form, "parts", found)
    if form.is_valid():
        try:
            compose_edition(register=register, parts=list(form.cleaned_data["parts"]), actor=user)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The editions are united and sealed."))
            return redirect("learners:register_detail", pk=pk)
    context = {"form": form, "register": register, "count": found.count()}
    return render(
        request, "learners/edition_compose.html", context, status=422 if form.errors else 200
    )


# --- after the seal ---
@require_safe
def edition_bridge_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Of the sealed edition, of the register of a day, and every line between the two."""
    user = signed_in_user(request)
    edition = edition_for(user, pk)
    if edition.sealed_at is None:
        return redirect("learners:register_detail", pk=edition.register_id)
    as_of = _as_of(request)
    bridge = edition_bridge(edition, as_of)
    rows = adjustments_of(edition).filter(happened_on__lte=as_of)
    rows = rows.select_related(
        "recorded_by", "entry__learner", "entry__household__head", "entry__village",
        "entry__region_at_seal__parent",
    )  # fmt: skip
    return list_page(
        request,
        "learners/edition_bridge.html",
        table=BridgeTable,
        table_options={"changes": {line.adjustment.pk: line.change for line in bridge.lines}},
        rows=rows.order_by("happened_on", "pk"),
        filters=BridgeFilters,
        export_name=_("register changes"),
        context={
            "edition": edition,
            "register": edition.register,
            "sum": bridge_sum(bridge.counts),
            "bridge": bridge,
            "as_of": as_of,
            "is_before_seal": as_of < local_date(edition.sealed_at),
            "coverage": coverage_lines(edition, user, as_of),
        },
    )


def _as_of(request: HttpRequest) -> date:
    """The day of the page; the form says so when it was not understood."""
    try:
        return parse_date(request.GET.get("as_of", "")) or today()
    except ValueError:
        return today()


@require_safe
def edition_verify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Recompute the hash from the stored bytes and from the rows, now."""
    edition = edition_for(signed_in_user(request), pk)
    if not edition.is_sealed:
        return redirect("learners:register_detail", pk=edition.register_id)
    parts = [
        (part, verify_edition(part)) for part in edition.parts.select_related("register__region")
    ]
    context = {
        "edition": edition,
        "register": edition.register,
        "found": verify_edition(edition),
        "parts": parts,
    }
    return render(request, "learners/edition_verify.html", context)


@require_safe
def edition_print(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The sealed list with its hash, masked, for signature and stamp."""
    user = signed_in_user(request)
    edition = edition_for(user, pk)
    if not edition.is_sealed:
        raise Http404
    context: dict[str, Any] = {
        "edition": edition,
        "register": edition.register,
        "back": reverse("learners:register_detail", args=[edition.register_id]),
        "is_composed": is_composed(edition),
        "parts": edition.parts.select_related("register__region"),
        "entries": print_edition(edition=edition, actor=user),
        "preview": seal_preview(edition),
    }
    return render(request, "learners/edition_print.html", context)
