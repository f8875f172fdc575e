"""One person: the page, and what a clerk changes on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.queries import signed_in_user
from learners.actions.facts import change_household, correct_person, end_role, hold_role
from learners.actions.privacy import give_consent, withdraw_consent
from learners.forms import (
    ConsentForm,
    EndRoleForm,
    MoveForm,
    PersonForm,
    RoleForm,
    WithdrawForm,
)
from learners.models import AgeBand, Audience, Household, Learner
from learners.queries import PANELS, TOPICS, learner_timeline, recent_reveals
from lms.lib.errors import ActionError
from lms.lib.periods import today, valid_on
from lms.lib.scope import Role

OFFICE = (Role.CLERK, Role.OFFICIAL)
#: Who may see numbers in clear: those who check, call or pay people of their region.
REVEALERS = (Role.CLERK, Role.OFFICIAL, Role.FIELD_WORKER, Role.INSPECTOR)
#: Field workers carry the paper home from the village.
CONSENT_KEEPERS = (Role.CLERK, Role.FIELD_WORKER)


def visible_learner(user: User, pk: UUID) -> Learner:
    """404 for who does not reach the person, 403 for a trainee: this is an office page."""
    rows = Learner.objects.visible_to(user).select_related("home_region__parent__parent")
    learner = get_object_or_404(rows, pk=pk)
    if not user.scope.grants:
        raise PermissionDenied
    return learner


def may(user: User, learner: Learner, *roles: str) -> bool:
    return user.scope.covers(learner.home_region.path, *roles)


def learner_for(request: HttpRequest, pk: UUID, *roles: str) -> tuple[User, Learner]:
    """A person whom the user reaches and may change as one of `roles`."""
    user = signed_in_user(request)
    learner = visible_learner(user, pk)
    # A merged record is kept as it was until its merge is undone, an erased one for ever.
    if learner.merged_into_id or learner.erased_at or not may(user, learner, *roles):
        raise PermissionDenied
    return user, learner


# --- the page ---
@require_safe
def learner_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    learner = visible_learner(user, pk)
    if learner.merged_into_id:
        return _of_merged(request, user, learner)
    topic = request.GET.get("topic", "")
    if topic and topic not in TOPICS:
        raise BadRequest("no such topic")
    if learner.erased_at:
        return _of_erased(request, user, learner, topic)
    context: dict[str, Any] = {
        "learner": learner,
        "today": today(),
        "topic": topic,
        "age_band": dict(AgeBand.choices).get(learner.age_band_on(today()), ""),
        "timeline": learner_timeline(learner, user, today=today(), topic=topic),
        "panels": [found for panel in PANELS if (found := panel(learner, user))],
        "consents": learner.consents.all(),
        "reveals": recent_reveals(learner),
        "is_office": user.scope.has(*OFFICE),
        "may_write": may(user, learner, Role.CLERK),
        "may_reveal": may(user, learner, *REVEALERS),
        "may_erase": may(user, learner, Role.ADMINISTRATOR),
        "may_consent": may(user, learner, *CONSENT_KEEPERS),
    }
    context |= _roles(learner) | _household(user, learner)
    return render(request, "learners/learner_detail.html", context)


def _of_merged(request: HttpRequest, user: User, record: Learner) -> HttpResponse:
    """The person's own page; who is registered elsewhere has none here."""
    kept = Learner.objects.visible_to(user).filter(merged_from=record.pk).first()
    if kept is None:
        return render(request, "learners/learner_merged.html", {"learner": record})
    words = _("The record %(name)s was merged into this one, which is the same person.")
    messages.info(request, words % {"name": record.name})
    return redirect("learners:learner_detail", pk=kept.pk)


def _of_erased(request: HttpRequest, user: User, record: Learner, topic: str) -> HttpResponse:
    """That somebody was erased, when, and what the figures stand on."""
    context = {
        "learner": record,
        "erasure": getattr(record, "erasure", None),
        "today": today(),
        "topic": topic,
        "timeline": learner_timeline(record, user, today=today(), topic=topic),
        "is_office": user.scope.has(*OFFICE),
    }
    return render(request, "learners/learner_erased.html", context)


def _roles(learner: Learner) -> dict[str, Any]:
    """All roles with their dates; everybody is a household member, which says nothing."""
    rows = learner.roles.exclude(role=Audience.HOUSEHOLD_MEMBER).select_related("region")
    roles = list(rows.order_by("-starts_on"))
    return {"roles": roles, "roles_now": [row for row in roles if row.holds_on(today())]}


def _household(user: User, learner: Learner) -> dict[str, Any]:
    memberships = learner.memberships.select_related("household__head", "household__region")
    membership = memberships.filter(valid_on(today())).first()
    if membership is None:
        return {"membership": None}
    household = membership.household
    return {
        "membership": membership,
        "statuses": household.statuses.select_related("type").order_by("-starts_on"),
        "member_count": household.memberships.filter(valid_on(today())).count(),
        "may_open": Household.objects.visible_to(user).filter(pk=household.pk).exists(),
    }


# --- what a clerk changes ---
def _changed(
    request: HttpRequest,
    learner: Learner,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    template: str,
    done: str,
    **context: Any,
) -> HttpResponse:
    """Form → action → back to the person; what the action refuses is said on the form."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, done)
            return redirect("learners:learner_detail", pk=learner.pk)
    status = 422 if form.errors else 200
    context |= {"learner": learner, "form": form}
    return render(request, template, context, status=status)


@require_http_methods(["GET", "POST"])
def learner_update(request: HttpRequest, pk: UUID) -> HttpResponse:
    user, learner = learner_for(request, pk, Role.CLERK)
    form = PersonForm(request.POST or None, learner=learner)

    def act(data: dict[str, Any]) -> None:
        correct_person(learner=learner, facts=form.facts(), reason=data["reason"], actor=user)

    done = _("The record is corrected.")
    return _changed(request, learner, form, act, template="learners/learner_update.html", done=done)


@require_http_methods(["GET", "POST"])
def role_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    user, learner = learner_for(request, pk, Role.CLERK)
    form = RoleForm(request.POST or None, learner=learner)

    def act(data: dict[str, Any]) -> None:
        hold_role(learner=learner, **data, actor=user)

    done = _("The role is recorded.")
    return _changed(request, learner, form, act, template="learners/role_add.html", done=done)


@require_http_methods(["GET", "POST"])
def role_end(request: HttpRequest, pk: UUID, held: int) -> HttpResponse:
    user, learner = learner_for(request, pk, Role.CLERK)
    rows = learner.roles.exclude(role=Audience.HOUSEHOLD_MEMBER).select_related("region", "learner")
    role = get_object_or_404(rows, pk=held)
    form = EndRoleForm(request.POST or None)

    def act(data: dict[str, Any]) -> None:
        end_role(held=role, ends_on=data["ends_on"], actor=user)

    done = _("The role ends on that day.")
    return _changed(
        request, learner, form, act, template="learners/role_end.html", done=done, held=role
    )


@require_http_methods(["GET", "POST"])
def household_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    user, learner = learner_for(request, pk, Role.CLERK)
    form = MoveForm(user, request.POST or None)
    membership = learner.memberships.filter(valid_on(today())).select_related("household").first()

    def act(data: dict[str, Any]) -> None:
        change_household(
            learner=learner,
            household=data["number"],
            relation=data["relation"],
            starts_on=data["starts_on"],
            reason=data["reason"],
            actor=user,
        )

    done = _("The person lives in the other household from that day on.")
    return _changed(
        request,
        learner,
        form,
        act,
        template="learners/household_change.html",
        done=done,
        membership=membership,
    )


# --- consent ---
@require_http_methods(["GET", "POST"])
def consent_give(request: HttpRequest, pk: UUID) -> HttpResponse:
    user, learner = learner_for(request, pk, *CONSENT_KEEPERS)
    form = ConsentForm(request.POST or None)

    def act(data: dict[str, Any]) -> None:
        give_consent(learner=learner, **data, actor=user)

    done = _("The consent is recorded.")
    return _changed(request, learner, form, act, template="learners/consent_give.html", done=done)


@require_http_methods(["GET", "POST"])
def consent_withdraw(request: HttpRequest, pk: UUID, consent: UUID) -> HttpResponse:
    user, learner = learner_for(request, pk, *CONSENT_KEEPERS)
    given = get_object_or_404(learner.consents.all(), pk=consent)
    form = WithdrawForm(request.POST or None)

    def act(data: dict[str, Any]) -> None:
        withdraw_consent(consent=given, withdrawn_on=data["withdrawn_on"], actor=user)

    done = _("The consent is withdrawn.")
    return _changed(
        request, learner, form, act, template="learners/consent_withdraw.html", done=done,
        consent=given,
    )  # fmt: skip
