"""Numbers in clear, for one answer and a stated reason; and the archive sheet on paper."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.queries import signed_in_user
from learners.actions.privacy import Identity, note_learner_printed, reveal_identity
from learners.forms import RevealForm
from learners.models import AgeBand, Audience, Learner, Reveal
from learners.queries import learner_tables, recent_reveals, sheet_style
from learners.views.person import REVEALERS, learner_for, visible_learner
from lms.lib.errors import ActionError
from lms.lib.pdf import pdf_of
from lms.lib.periods import today, valid_on


@reauthentication_required  # type: ignore[untyped-decorator]
def _password_is_fresh(request: HttpRequest) -> bool:
    """Raises unless the password was entered in the last ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    return True


@require_http_methods(["GET", "POST"])
def learner_reveal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks for the reason; the answer to the POST is the only one that holds the numbers."""
    user, learner = learner_for(request, pk, *REVEALERS)
    try:
        _password_is_fresh(request)
    except ReauthenticationRequired:
        # allauth's own answer would keep what was posted in the session; here it is asked again.
        back = urlencode({"next": request.path})
        return redirect(f"{reverse('account_reauthenticate')}?{back}")
    form = RevealForm(request.POST or None)
    on_paper = "sheet" in request.POST
    identity = None
    if request.method == "POST" and form.is_valid():
        try:
            identity = reveal_identity(
                learner=learner,
                **form.cleaned_data,
                form=Reveal.Form.SHEET if on_paper else Reveal.Form.SCREEN,
                actor=user,
            )
        except ActionError as error:
            form.add_error(None, str(error.message))
    if identity and on_paper:
        return _sheet(user, learner, identity, form.cleaned_data["reason"])
    context = {
        "learner": learner,
        "form": form,
        "identity": identity,
        "recent": recent_reveals(learner),
        "limit": settings.REVEALS_A_DAY,
    }
    status = 422 if form.errors else 200
    return render(request, "learners/learner_reveal.html", context, status=status)


@require_safe
def learner_sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The archive of one person as PDF, with masked numbers."""
    user = signed_in_user(request)
    learner = visible_learner(user, pk)
    if learner.erased_at:
        return redirect("learners:learner_detail", pk=pk)  # there is nothing to print
    return _sheet(user, learner)


def _sheet(
    user: User, learner: Learner, identity: Identity | None = None, reason: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "learner": learner,
        "identity": identity,
        "purpose": Reveal.Reason(reason).label if reason else "",
        "age_band": dict(AgeBand.choices).get(learner.age_band_on(today()), ""),
        "roles": learner.roles.exclude(role=Audience.HOUSEHOLD_MEMBER).select_related("region"),
        "tables": learner_tables(learner, user),
        "consents": learner.consents.all(),
        "number": note_learner_printed(learner=learner, actor=user),
    }
    rows = learner.memberships.filter(valid_on(today())).select_related("household__head")
    if membership := rows.first():
        context["membership"] = membership
        context["statuses"] = membership.household.statuses.select_related("type")
        context["member_count"] = membership.household.memberships.filter(valid_on(today())).count()
    return sheet_response("learners/pdf/learner_sheet.html", context, user)


def sheet_response(template: str, context: dict[str, Any], user: User) -> HttpResponse:
    """Shown by the browser's own reader; its name says nothing about the person."""
    context |= {"printed_by": user, "printed_at": timezone.now()}
    pdf = pdf_of(render_to_string(template, context), sheet_style())
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="archive-{context["number"]}.pdf"'
    return response
