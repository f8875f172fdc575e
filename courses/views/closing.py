"""Close-out: heads against marks, the class photo, the trainer's name; and what a close shows.

Every step works by plain forms; htmx only redraws the count while it is typed.
"""

import uuid

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Device, User
from courses import actions
from courses.actions import CourseError
from courses.forms import CloseForm, PhotoForm, ReasonForm
from courses.models import ClassSession, MarkEvent, SessionEvidence
from courses.queries import RosterRow, doubtful_rows, session_roster, tally
from courses.queries.drawing import drawn_anew
from courses.queries.evidence import pictures_of
from courses.queries.worklist import MARKS_WAITING
from courses.views.access import marked_session, planned_session, seen_session
from courses.views.roll_call import Page, card_of, close_terms, go
from lms.lib.bodies import body_at_most

#: A picture of at most 2 MB and the fields beside it.
MOST_BODY = 3 * 1024 * 1024


@body_at_most(MOST_BODY)
@require_http_methods(["GET", "POST"])
def session_close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Count heads, look at the difference, close. `count` redraws; `close` closes."""
    user, session = marked_session(request, pk)
    if session.status != ClassSession.Status.PLANNED:
        return redirect("courses:session_correct", pk=pk)
    form = CloseForm(request.POST or None, signer=user.display_name)
    page = _close_page(request, session, form)
    wants_photo = "add_photo" in request.POST
    sends_photo = wants_photo or "photo" in request.FILES
    if sends_photo and (not _add_photo(request, session, user) or wants_photo):
        return redirect(_with_heads(session, page["heads"]))
    if request.method == "POST" and form.is_valid() and _is_agreed(request, page):
        if form.is_signed:
            return _close(request, session, page["heads"], user)
        form.add_error("signed", form.signature_missing)
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    page["swap"] = "1" if is_part else ""
    template = "courses/_close_count.html" if is_part else "courses/session_close.html"
    return render(request, template, page)


def _is_agreed(request: HttpRequest, page: Page) -> bool:
    """The button was pressed that named this very difference."""
    return "close" in request.POST and request.POST.get("known", "0") == str(page["difference"])


def _close(request: HttpRequest, session: ClassSession, heads: int, user: User) -> HttpResponse:
    address = reverse("courses:session_correct", args=[session.pk])
    try:
        actions.close_session(session=session, head_count=heads, is_signed=True, actor=user)
    except CourseError as error:
        messages.error(request, str(error.message))
        address = reverse("courses:session_close", args=[session.pk])
    else:
        messages.success(request, _("The session is closed."))
    return go(request, address)


def _close_page(request: HttpRequest, session: ClassSession, form: CloseForm) -> Page:
    rows = session_roster(session)
    counted = tally(session, (row.status for row in rows))
    heads = _heads(request, form)
    difference = None if heads is None else heads - counted.in_room
    return {
        "session": session,
        "form": form,
        "tally": counted,
        "terms": close_terms(counted),
        "total": {"value": counted.active, "label": _("Expected")},
        "heads": heads,
        "typed": request.POST.get("head_count", "") if heads is None else heads,
        "difference": difference,
        "missing": abs(difference or 0),
        "doubtful": [card_of(row, _doubt(row)) for row in doubtful_rows(rows)]
        if difference
        else [],
        "conflicts": sum(row.conflict for row in rows),
        "clocks": sum(row.clock_suspect for row in rows),
        "photos": _photos(session),
        "waiting": _waiting_tablets(request, session),
        "swap": "",
    }


def _waiting_tablets(request: HttpRequest, session: ClassSession) -> list[Device]:
    """Tablets of this class's trainer that said they still hold marks."""
    trainer = session.instructor.user_id
    if trainer is None:
        return []
    rows = Device.objects.visible_to(request.user).filter(MARKS_WAITING, enrolled_by=trainer)  # type: ignore[arg-type]
    return list(rows.filter(status=Device.Status.ACTIVE).order_by("label"))


def _photos(session: ClassSession) -> list[SessionEvidence]:
    return [row for row in pictures_of(session) if row.kind == SessionEvidence.Kind.PHOTO]


def _with_heads(session: ClassSession, heads: int | None) -> str:
    """Back to the count with the number that stood there."""
    address = reverse("courses:session_close", args=[session.pk])
    if heads is None:
        return address
    return f"{address}?{urlencode({'heads': heads})}"


def _doubt(row: RosterRow) -> str:
    if row.conflict:
        return _("two answers")
    if row.method == MarkEvent.Method.BULK:
        return _("marked with all the others, not one by one")
    return _("the tablet's clock was wrong") if row.clock_suspect else _("came late")


def _heads(request: HttpRequest, form: CloseForm) -> int | None:
    """What was counted, one more or one less by the buttons; None until somebody typed a number:
    what the marks say is no count."""
    if request.method != "POST":
        kept = request.GET.get("heads", "")
        return int(kept) if kept.isdecimal() and len(kept) <= 3 else None
    if not form.is_valid():
        return None
    step = {"minus": -1, "plus": 1}.get(request.POST.get("step", ""), 0)
    return max(int(form.cleaned_data["head_count"]) + step, 0)


# --- pictures -------------------------------------------------------------------------------------
def _add_photo(request: HttpRequest, session: ClassSession, user: User) -> bool:
    """Keep the photo that was sent along; why not, as a message."""
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form.first_error())
        return False
    try:
        _evidence, is_new = actions.store_evidence(
            session=session,
            picture=drawn_anew(form.cleaned_data["photo"].read(), SessionEvidence.Kind.PHOTO),
            actor=user,
        )
    except CourseError as error:
        messages.error(request, str(error.message))
        return False
    if is_new:
        messages.success(request, _("The photo is kept, without its place and camera."))
    else:
        messages.info(request, _("This very photo is here already."))
    return True


@body_at_most(MOST_BODY)
@require_http_methods(["GET", "POST"])
def evidence_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A photo that comes after the close."""
    user, session = marked_session(request, pk)
    if request.method == "POST" and _add_photo(request, session, user):
        return redirect("courses:session_correct", pk=pk)
    context = {"session": session, "form": PhotoForm(), "photos": _photos(session)}
    return render(request, "courses/evidence_add.html", context)


@require_GET
def evidence_file(request: HttpRequest, pk: uuid.UUID, evidence: uuid.UUID) -> HttpResponseBase:
    """The picture itself, to those who see the session; faces are on it, so looking is written
    down, except when whoever added it looks."""
    user, session = seen_session(request, pk)
    rows = SessionEvidence.objects.visible_to(user).filter(session=session)
    found = get_object_or_404(rows.select_related("session__run__host_region"), pk=evidence)
    if found.added_by_id != user.pk:
        actions.show_evidence(evidence=found, actor=user)
    name = str(found.file.name)
    if not found.file.storage.exists(name):
        return render(request, "courses/evidence_gone.html", {"session": session}, status=410)
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return FileResponse(found.file.open("rb"), content_type=kind)


@require_http_methods(["GET", "POST"])
def evidence_remove(request: HttpRequest, pk: uuid.UUID, evidence: uuid.UUID) -> HttpResponse:
    """On request of somebody on it, or because it shows what it should not."""
    user, session = planned_session(request, pk)
    rows = SessionEvidence.objects.visible_to(user).filter(session=session)
    found = get_object_or_404(rows.select_related("session__run__host_region"), pk=evidence)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.remove_evidence(evidence=found, reason=reason, actor=user)
        messages.success(request, _("The picture is removed for good; the reason is kept."))
        return redirect("courses:session_correct", pk=pk)
    context = {"session": session, "evidence": found, "form": form}
    return render(request, "courses/evidence_remove.html", context)
