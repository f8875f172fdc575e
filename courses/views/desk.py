"""The sign-in desk on a page: one field for a number, a card reader or a code, one for a name.

Nothing that was typed stands in an address, and nobody sees who came before.
"""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from courses import actions
from courses.actions import CourseError, MarkInput
from courses.forms import DeskForm
from courses.models import AttendanceStatus, ClassSession, MarkEvent
from courses.queries import RosterRow, session_roster
from courses.queries.desk import named_rows, numbered_row
from courses.views.access import marked_session

#: More namesakes than this: type more letters.
MOST_NAMED = 12
Method, Source = MarkEvent.Method, MarkEvent.Source


@require_http_methods(["GET", "POST"])
def session_desk(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask by number or name, say who it is, and sign in when they say yes."""
    user, session = marked_session(request, pk)
    if session.status != ClassSession.Status.PLANNED:
        return redirect("courses:session_correct", pk=pk)
    if request.method != "POST":
        return _page(request, session)
    form = DeskForm(request.POST)
    if not form.is_valid():
        return _page(request, session, problem=form.first_error())
    rows = session_roster(session)
    if form.cleaned_data["learner"]:
        return _sign_in(request, session, rows, form, user)
    if text := form.cleaned_data["number"]:
        return _numbered(request, session, rows, text)
    found = named_rows(rows, form.cleaned_data["name"])
    if not found:
        return _page(request, session, problem=_not_found(), is_unknown=True)
    if len(found) > MOST_NAMED:
        return _page(request, session, problem=_("Too many names begin so. Type more letters."))
    return _page(request, session, named=found)


def _numbered(
    request: HttpRequest, session: ClassSession, rows: list[RosterRow], text: str
) -> HttpResponse:
    found = numbered_row(rows, text)
    if found.problem:
        return _page(request, session, problem=found.problem)
    if found.row is None:
        return _page(request, session, problem=_not_found(), is_unknown=True)
    return _page(request, session, row=found.row, method=found.method)


def _not_found() -> str:
    return _("Not on the list of this class. Check it once more, or add who came.")


def _sign_in(
    request: HttpRequest,
    session: ClassSession,
    rows: list[RosterRow],
    form: DeskForm,
    user: User,
) -> HttpResponse:
    """A second time is no mark: it says when the first was."""
    facts = form.cleaned_data
    row = next((row for row in rows if row.enrolment.learner_id == facts["learner"]), None)
    if row is None:
        return _page(request, session, problem=_not_found(), is_unknown=True)
    if facts["method"] == Method.NAME and not _is_tail(row, facts["tail"]):
        problem = _("The last four do not fit this name. Check both, or use the ID card.")
        return _page(request, session, problem=problem, named=[row])
    name = row.learner.name
    if row.status in {AttendanceStatus.PRESENT, AttendanceStatus.LATE}:
        messages.info(request, _("%(name)s is signed in already.") % {"name": name})
        return redirect("courses:session_desk", pk=session.pk)
    mark = MarkInput(
        learner_id=row.enrolment.learner_id,
        status=_status_now(session),
        source=Source.SELF,
        method=facts["method"],
        event_id=facts["event_id"],
    )
    try:
        actions.record_marks(session=session, marks=[mark], actor=user)
    except CourseError as error:
        messages.error(request, str(error.message))
    else:
        at = f"{timezone.localtime():%H:%M}"
        messages.success(request, _("%(name)s signed in at %(at)s.") % {"name": name, "at": at})
    return redirect("courses:session_desk", pk=session.pk)


def _is_tail(row: RosterRow, text: str) -> bool:
    """Who has no number on record is asked for none."""
    return not row.learner.id_tail or row.learner.id_tail == text.strip().upper()


def _status_now(session: ClassSession) -> str:
    late = session.starts_at + timedelta(minutes=settings.LATE_AFTER_MINUTES)
    return AttendanceStatus.LATE if timezone.now() > late else AttendanceStatus.PRESENT


def _page(request: HttpRequest, session: ClassSession, **more: Any) -> HttpResponse:
    context = {"session": session, "form": DeskForm(), **more}
    status = 422 if more.get("problem") else 200
    return render(request, "courses/session_desk.html", context, status=status)
