"""The archive: one learner, one household."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.queries import signed_in_user
from learners.models import (
    AgeBand,
    Audience,
    Household,
    Learner,
    Register,
)
from learners.queries import PANELS, learner_timeline
from lms.lib.periods import today, valid_on
from lms.lib.scope import Role

OFFICE = (Role.CLERK, Role.OFFICIAL)


@require_safe
def learner_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    rows = Learner.objects.visible_to(user).select_related("home_region__parent")
    learner = get_object_or_404(rows, pk=pk)
    if not user.scope.grants:
        raise PermissionDenied
    memberships = learner.memberships.select_related("household__head", "household__region")
    membership = memberships.filter(valid_on(today())).first()
    household = membership.household if membership else None
    context: dict[str, Any] = {
        "learner": learner,
        "today": today(),
        "age_band": dict(AgeBand.choices).get(learner.age_band_on(today()), ""),
        "roles": learner.roles.filter(valid_on(today())).exclude(role=Audience.HOUSEHOLD_MEMBER),
        "membership": membership,
        "timeline": learner_timeline(learner, user, today=today()),
        "panels": [found for panel in PANELS if (found := panel(learner, user))],
        "is_office": user.scope.has(*OFFICE),
    }
    if household:
        context |= {
            "statuses": household.statuses.select_related("type").order_by("-starts_on"),
            "member_count": household.memberships.filter(valid_on(today())).count(),
            "may_open": Household.objects.visible_to(user).filter(pk=household.pk).exists(),
        }
    return render(request, "learners/learner_detail.html", context)


@require_safe
def household_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    rows = Household.objects.visible_to(user).select_related("region__parent", "head")
    household = get_object_or_404(rows, pk=pk)
    visible = Learner.objects.visible_to(user)
    memberships = household.memberships.filter(learner__in=visible).select_related("learner")
    registers = household.entries.filter(
        edition__register__in=Register.objects.visible_to(user)
    ).select_related("edition__register__region")
    context = {
        "household": household,
        "memberships": memberships.order_by("relation", "starts_on"),
        "statuses": household.statuses.select_related("type").order_by("-starts_on"),
        "entries": registers,
    }
    return render(request, "learners/household_detail.html", context)
