"""A queue that a tablet exported as a file, taken in by the office."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Device
from accounts.queries import signed_in_user
from courses import actions
from courses.actions.custody import QueueImport
from courses.actions.rows import ACCEPTED, DUPLICATE, PARKED, UNREADABLE, RowResult
from courses.forms import QueueForm
from courses.models import ParkedRow
from courses.queries.queues import read_queue
from courses.views.tablets import RESPONSIBLE, said_by, said_words
from lms.lib.errors import ActionError

LOOKS = {
    ACCEPTED: ("good", "check"),
    DUPLICATE: ("mute", "copy"),
    PARKED: ("warn", "box"),
    UNREADABLE: ("bad", "cross"),
}


def result_words() -> dict[str, str]:
    return {
        ACCEPTED: _("Accepted"),
        DUPLICATE: _("Here already"),
        PARKED: _("In custody"),
        UNREADABLE: _("Unreadable"),
    }


@dataclass(frozen=True)
class Line:
    words: str
    at: datetime | None
    look: tuple[str, str, str]
    why: str


@dataclass(frozen=True)
class Outcome:
    device: Device
    lines: list[Line]
    #: Kind of disc, icon, word, how many.
    boxes: list[tuple[str, str, str, int]]
    parked: int


@require_http_methods(["GET", "POST"])
def queue_import(request: HttpRequest) -> HttpResponse:
    """Harmless to send twice, so the answer is the page itself."""
    user = signed_in_user(request)
    if not user.scope.has(*RESPONSIBLE):
        raise PermissionDenied
    form = QueueForm(request.POST, request.FILES) if request.method == "POST" else QueueForm()
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            queue = read_queue(form.cleaned_data["file"].read(), user)
            found = actions.import_queue(queue=queue, actor=user)
        except ActionError as error:
            form.add_error("file", str(error.message))
        else:
            context["outcome"] = _outcome(found)
            context["form"] = QueueForm()
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "courses/queue_import.html", context, status=status)


def _outcome(found: QueueImport) -> Outcome:
    words = result_words()
    boxes = [(*LOOKS[key], words[key], found.counts.get(key, 0)) for key in words]
    lines = [_line(raw, result, words) for raw, result in found.lines]
    return Outcome(found.device, lines, boxes, found.counts.get(PARKED, 0))


def _line(raw: Any, result: RowResult, words: dict[str, str]) -> Line:
    said = said_by(raw)
    why = ParkedRow.Code(result.code).label if result.code in ParkedRow.Code.values else ""
    if result.result == UNREADABLE:
        why = _("It names no event of its own, so nothing could be kept. Ask the support.")
    look = (*LOOKS[result.result], words[result.result])
    return Line(said_words(said), said["at"], look, str(why))
