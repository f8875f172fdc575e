"""Erasing a person: found by number or from their page, shown what goes, confirmed, and told."""

from typing import Any
from uuid import UUID

import django_tables2 as tables
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.queries import signed_in_user
from learners.actions.erasing import erase_learner
from learners.forms import EraseForm, FindToEraseForm
from learners.models import Erasure, Learner
from learners.queries.erasing import (
    PLACES,
    Fate,
    Finding,
    erasable_by,
    findings,
    findings_of,
    photos_of,
    records_of,
    subject_of,
    to_erase,
)
from learners.views.reveal import _password_is_fresh
from lms.lib.errors import ActionError
from lms.lib.idnumbers import mask_name
from lms.lib.scope import Role
from lms.lists import DayColumn, FigureColumn, ListTable, list_page


class ErasureTable(ListTable):
    erased_at = DayColumn(
        moment=True,
        verbose_name=pgettext_lazy("erasing", "Erased"),
        linkify=lambda record: reverse("learners:learner_erase", args=[record.learner_id]),
    )
    home = tables.Column(
        verbose_name=pgettext_lazy("erasing", "Home"),
        accessor="learner__home_region__name",
        orderable=False,
    )
    reason = tables.Column(verbose_name=pgettext_lazy("erasing", "Reason"))
    note = tables.Column(verbose_name=pgettext_lazy("erasing", "Note"), orderable=False)
    places = FigureColumn(
        verbose_name=pgettext_lazy("erasing", "Places"), empty_values=(), orderable=False
    )
    erased_by = tables.Column(
        verbose_name=pgettext_lazy("erasing", "By"),
        accessor="erased_by__display_name",
        orderable=False,
    )
    caption = pgettext_lazy("erasing", "Who was erased")
    empty_icon = "users"
    empty_title = pgettext_lazy("erasing", "Nobody was erased")
    empty_text = pgettext_lazy(
        "erasing", "Whoever asks for it is found above by the number on their card."
    )

    class Meta(ListTable.Meta):
        model = Erasure
        fields = ("erased_at", "home", "reason", "note", "places", "erased_by")
        order_by = "-erased_at"

    def value_places(self, record: Erasure) -> int:
        return sum(one.fate is Fate.ERASED for one in findings_of(record))

    def render_places(self, record: Erasure) -> int:
        return self.value_places(record)


def _administrator(request: HttpRequest) -> User:
    user = signed_in_user(request)
    if not user.scope.has(Role.ADMINISTRATOR):
        raise PermissionDenied
    return user


@require_safe
def erasure_list(request: HttpRequest) -> HttpResponse:
    """What was erased in the administrator's regions, and whom to erase next."""
    user = _administrator(request)
    rows = Erasure.objects.visible_to(user).select_related("learner__home_region", "erased_by")
    return list_page(
        request,
        "learners/erasure_list.html",
        table=ErasureTable,
        rows=rows,
        export_name=pgettext("erasing", "erasures"),
        context={"form": FindToEraseForm()},
    )


@require_POST
def erasure_find(request: HttpRequest) -> HttpResponse:
    """By the whole number: an administrator reads no list of people."""
    user = _administrator(request)
    form = FindToEraseForm(request.POST)
    if form.is_valid():
        learner = to_erase(user, form.cleaned_data["number"])
        if learner is not None:
            return redirect("learners:learner_erase", pk=learner.pk)
        form.add_error(
            "number",
            pgettext(
                "erasing",
                "Nobody in your regions has this number. Check it; whoever lives elsewhere is "
                "erased by the administrator there.",
            ),
        )
    return render(request, "learners/erasure_find.html", {"form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def learner_erase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """First what would go and what stays; then, with name and reason, it goes; then what went."""
    user = signed_in_user(request)
    learner = get_object_or_404(erasable_by(user), pk=pk)
    if not user.scope.covers(learner.home_region.path, Role.ADMINISTRATOR):
        raise PermissionDenied
    if learner.merged_into_id:
        return redirect("learners:learner_erase", pk=learner.merged_into_id)
    if learner.erased_at:
        return _result(request, learner)
    try:
        _password_is_fresh(request)
    except ReauthenticationRequired:
        back = urlencode({"next": request.path})
        return redirect(f"{reverse('account_reauthenticate')}?{back}")
    subject = subject_of(records_of(learner))
    given = request.POST if request.method == "POST" else None
    form = EraseForm(learner, photos_of(subject), given)
    if form.is_valid():
        try:
            erase_learner(learner=learner, actor=user, **form.decided())
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect("learners:learner_erase", pk=pk)
    context = {"learner": learner, "masked": mask_name(learner.name), "form": form}
    context |= _told(findings(subject))
    status = 422 if form.errors else 200
    return render(request, "learners/learner_erase.html", context, status=status)


def _result(request: HttpRequest, learner: Learner) -> HttpResponse:
    erasure = getattr(learner, "erasure", None)
    context = {"learner": learner, "erasure": erasure}
    context |= _told(findings_of(erasure) if erasure else [])
    return render(request, "learners/erasure_result.html", context)


def _told(found: list[Finding]) -> dict[str, Any]:
    """What goes, what stays and what goes by itself; what is nowhere is not told."""
    said = [one for one in found if one.count is None or one.count]
    return {
        "going": [one for one in said if one.fate is Fate.ERASED],
        "staying": [one for one in said if one.fate is Fate.KEPT],
        "expiring": [place for place in PLACES if place.fate is Fate.EXPIRES],
    }
