"""Paper for a class: the list to sign in on and cards with a code, made by the worker."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import signed_in_user
from courses import tasks
from courses.queries import enrolled_count
from courses.queries.sheets import card_of_learner
from courses.views.access import seen_run
from learners.models import Learner
from lms.actions import ask_export
from lms.lib.errors import ActionError


@require_POST
def run_print(request: HttpRequest, pk: uuid.UUID, what: str) -> HttpResponse:
    """`what` is sheet or cards: asked for here, fetched from the page of the file."""
    user, run = seen_run(request, pk)
    if not tasks.may_print(user, run):
        raise PermissionDenied
    columns = [_("Name"), _("Village"), _("Last four")]
    kinds = {
        "sheet": (tasks.SIGN_IN_SHEET, _("Sign-in sheet"), columns),
        "cards": (tasks.SIGN_IN_CARDS, _("Sign-in cards"), [*columns, _("QR code")]),
    }
    if what not in kinds:
        raise Http404
    kind, title, named = kinds[what]
    try:
        export = ask_export(
            kind=kind,
            title=f"{title} {run.dated_title}",
            region_path=run.host_region.path,
            columns=named,
            args={"run": str(run.pk)},
            total=enrolled_count(run),
            actor=user,
        )
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect("courses:run_detail", pk=pk)
    return redirect("export_detail", pk=export.pk)


@require_GET
def learner_card(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A learner's own code: on their phone, or on the desk's screen for a photo of it."""
    user = signed_in_user(request)
    rows = Learner.objects.visible_to(user).live().select_related("home_region")
    learner = get_object_or_404(rows, pk=pk)
    context = {"card": card_of_learner(learner), "is_own": learner.user_id == user.pk}
    return render(request, "courses/learner_card.html", context)
