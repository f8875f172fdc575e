"""One household: who lives there, what it had and earned; joining one made for one person."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.queries import signed_in_user
from learners.actions.households import join_households, undo_join
from learners.actions.privacy import note_household_printed
from learners.forms import JoinForm
from learners.models import Household, Learner, Register
from learners.queries import (
    household_panels,
    household_tables,
    join_candidates,
    standing_join,
)
from learners.views.reveal import sheet_response
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.lib.searching import searched

#: A village has more households than a form can show.
MOST_CANDIDATES = 30


def _visible(user: User, pk: UUID) -> Household:
    rows = Household.objects.visible_to(user).select_related("region__parent__parent", "head")
    return get_object_or_404(rows, pk=pk)


def _writable(request: HttpRequest, pk: UUID) -> tuple[User, Household]:
    user = signed_in_user(request)
    household = _visible(user, pk)
    if not user.scope.covers(household.region.path, Role.CLERK):
        raise PermissionDenied
    return user, household


def _facts(user: User, household: Household) -> dict[str, Any]:
    """What page and paper both show; members only as far as the user reaches them."""
    visible = Learner.objects.visible_to(user)
    memberships = household.memberships.filter(learner__in=visible).select_related("learner")
    members = list(memberships.order_by("relation", "starts_on"))
    return {
        "household": household,
        "memberships": members,
        "living": sum(row.holds_on(today()) for row in members),
        "statuses": household.statuses.select_related("type").order_by("-starts_on"),
        "status_now": household.statuses.select_related("type")
        .filter(ends_on__isnull=True)
        .first(),
    }


@require_safe
def household_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    household = _visible(user, pk)
    registers = household.entries.filter(
        edition__register__in=Register.objects.visible_to(user)
    ).select_related("edition__register__region")
    join = standing_join(household)
    may_write = user.scope.covers(household.region.path, Role.CLERK)
    joined = household.joined.filter(undone_at__isnull=True).select_related("source", "actor")
    context = _facts(user, household) | {
        "entries": registers,
        "panels": household_panels(household, user),
        "join": join,
        "joined": joined,
        "may_write": may_write,
        "may_join": may_write and household.inferred and join is None,
    }
    return render(request, "learners/household_detail.html", context)


@require_safe
def household_sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The archive of a household as PDF; its members' numbers are always masked."""
    user = signed_in_user(request)
    household = _visible(user, pk)
    context = _facts(user, household) | {
        "tables": household_tables(household, user),
        "number": note_household_printed(household=household, actor=user),
    }
    return sheet_response("learners/pdf/household_sheet.html", context, user)


@require_http_methods(["GET", "POST"])
def household_join(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is searched narrows the households of the village to a number or the name of a head."""
    user, household = _writable(request, pk)
    text = searched(request)
    rows = join_candidates(user, household, today(), text=text)
    form = JoinForm(rows, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            join_households(source=household, **form.cleaned_data, actor=user)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The households are joined. It can be undone."))
            return redirect("learners:household_detail", pk=form.cleaned_data["into"].pk)
    context = {
        "household": household,
        "form": form,
        "text": text,
        "candidates": rows[:MOST_CANDIDATES],
        "more": rows[MOST_CANDIDATES:].exists(),
    }
    status = 422 if form.errors else 200
    return render(request, "learners/household_join.html", context, status=status)


@require_POST
def household_join_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """`pk` is the household that was joined into another one."""
    user, household = _writable(request, pk)
    join = standing_join(household)
    if join is None:
        messages.warning(request, _("This household stands for itself already."))
        return redirect("learners:household_detail", pk=household.pk)
    try:
        undo_join(join=join, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The household stands for itself again."))
    return redirect("learners:household_detail", pk=household.pk)
