"""A trainer's day: today's sessions, roll call, close-out, corrections, people who walk in.

Every page works by plain forms; htmx swaps the card that was tapped and the sums above it.
"""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.queries import signed_in_user
from courses import actions
from courses.actions import CourseError, MarkInput
from courses.forms import CorrectionForm, WalkInForm
from courses.models import AttendanceStatus, ClassSession, Enrolment
from courses.queries import (
    RosterRow,
    Tally,
    late_marks,
    session_roster,
    session_tallies,
    tally,
    trainer_day,
)
from courses.queries.evidence import closing_events, pictures_of
from courses.queries.waiting import ANSWERED_KEY, waiting_work
from courses.views.access import marked_session, may_mark, may_plan, seen_session
from lms.lib.ids import uuid7
from lms.lib.periods import today as local_today
from lms.lib.scope import Role

UNMARKED = "unmarked"
#: Word, icon and style of each state on a card.
LOOKS = {
    AttendanceStatus.PRESENT: ("check", "is-present"),
    AttendanceStatus.LATE: ("clock", "is-late"),
    AttendanceStatus.LEFT_EARLY: ("leave", "is-left-early"),
    AttendanceStatus.LEAVE: ("file", "is-leave"),
    AttendanceStatus.ABSENT: ("cross", "is-absent"),
}
Page = dict[str, Any]


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.has(Role.TRAINER):
        raise PermissionDenied
    day = trainer_day(user, local_today())
    tallies = session_tallies([*day.today, *day.open_past, *day.ahead])
    groups = [
        (key, title, [(session, tallies[session.pk]) for session in sessions])
        for key, title, sessions in (
            ("open", _("Past, not yet closed"), day.open_past),
            ("today", _("Today"), day.today),
            ("ahead", _("Coming"), day.ahead),
        )
    ]
    page = {
        "groups": groups,
        "date": local_today(),
        "work_count": waiting_work(user, request.session.get(ANSWERED_KEY, 0.0)),
    }
    return render(request, "courses/today.html", page)


# --- roll call ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Card:
    """How a roster row is drawn, and what a tap on it does."""

    row: RosterRow
    icon: str
    style: str
    word: str
    event_id: uuid.UUID
    #: Why to look at this person again, when heads and marks differ.
    why: str = ""

    @property
    def takes_back(self) -> bool:
        return self.row.status == AttendanceStatus.PRESENT


def card_of(row: RosterRow, why: str = "") -> Card:
    icon, style = LOOKS[AttendanceStatus(row.status)] if row.status else ("", "")
    word = AttendanceStatus(row.status).label if row.status else _("Not marked")
    return Card(row, icon, style, str(word), uuid7(), why)


@require_GET
def session_roll_call(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, session = marked_session(request, pk)
    if session.status != ClassSession.Status.PLANNED:
        return redirect("courses:session_correct", pk=pk)
    page = _roll_page(request, session, user)
    return render(request, "courses/session_roll_call.html", page)


@require_POST
def session_mark(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One tap: `status` sets it, `target` takes that mark back."""
    user, session = marked_session(request, pk)
    learner = _learner_of(request, session)
    try:
        _say(request, session, learner, user)
    except CourseError as error:
        return _refused(request, session, error)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{_back(request, session)}#card-{learner}")
    page = _roll_page(request, session, user)
    # A choice closes the choices, so all cards are drawn; a tap draws its own card.
    page["only"] = [] if "chosen" in request.POST else [_card_in(page, learner)]
    return render(request, "courses/_marked.html", page)


@require_POST
def session_mark_rest(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, session = marked_session(request, pk)
    try:
        result = actions.mark_rest_present(session=session, actor=user)
    except CourseError as error:
        return _refused(request, session, error)
    count = len(result.accepted)
    messages.success(request, _("%(count)d people marked present.") % {"count": count})
    return redirect(_back(request, session))


def _say(request: HttpRequest, session: ClassSession, learner: uuid.UUID, user: User) -> None:
    event_id = _uuid(request.POST.get("event_id", "")) or uuid7()
    target = _uuid(request.POST.get("target", ""))
    if target is not None:
        actions.void_mark(session=session, target=target, event_id=event_id, actor=user)
        return
    status = request.POST.get("status", "")
    if status not in AttendanceStatus.values:
        raise BadRequest("no such status")
    mark = MarkInput(learner_id=learner, status=status, event_id=event_id)
    actions.record_marks(session=session, marks=[mark], actor=user)


def _learner_of(request: HttpRequest, session: ClassSession) -> uuid.UUID:
    """The learner that the form names: on this session's roster, or 404."""
    learner = _uuid(request.POST.get("learner", ""))
    known = {row.enrolment.learner_id for row in session_roster(session)}
    if learner is None or learner not in known:
        raise Http404
    return learner


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise BadRequest("not a UUID") from None


def _refused(request: HttpRequest, session: ClassSession, error: CourseError) -> HttpResponse:
    """Say why. htmx is told to load the page anew: what it shows is out of date."""
    messages.error(request, str(error.message))
    return go(request, reverse("courses:session_roll_call", args=[session.pk]))


def go(request: HttpRequest, address: str) -> HttpResponse:
    """To another page: htmx must be told, or it would draw that page inside this one."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(address)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = address
    return response


def _back(request: HttpRequest, session: ClassSession) -> str:
    """The roll call with the filters it had."""
    kept = {key: request.POST.get(key, "") for key in ("show", "letter")}
    query = urlencode({key: value for key, value in kept.items() if value})
    address = reverse("courses:session_roll_call", args=[session.pk])
    return f"{address}?{query}" if query else address


def _roll_page(request: HttpRequest, session: ClassSession, user: User) -> Page:
    given = request.POST if request.method == "POST" else request.GET
    show, letter = given.get("show", ""), given.get("letter", "")
    choose = _uuid(request.GET.get("choose", ""))
    rows = session_roster(session)
    if show not in {"", UNMARKED, *AttendanceStatus.values}:
        raise BadRequest("no such filter")
    counted = tally(session, (row.status for row in rows))
    shown = [row for row in rows if _fits(row, show, letter)]
    return {
        "session": session,
        "tally": counted,
        "boxes": _boxes(counted),
        "letters": sorted({row.initial for row in rows}),
        "cards": [card_of(row) for row in shown],
        "all_cards": [card_of(row) for row in rows],
        "show": show,
        "letter": letter,
        "choose": choose,
        "choices": [
            (status, label, LOOKS[AttendanceStatus(status)][0])
            for status, label in AttendanceStatus.choices
        ],
        "only": [],
        "back": _way_back(user, session),
        "swap": "",
    }


def _way_back(user: User, session: ClassSession) -> str:
    if user.scope.has(Role.TRAINER):
        return reverse("courses:today")
    return reverse("courses:run_detail", args=[session.run_id])


def _fits(row: RosterRow, show: str, letter: str) -> bool:
    wanted = "" if show == UNMARKED else show
    return (not show or row.status == wanted) and (not letter or row.initial == letter)


def _card_in(page: Page, learner: uuid.UUID) -> Card:
    cards: list[Card] = page["all_cards"]
    return next(card for card in cards if card.row.enrolment.learner_id == learner)


def _boxes(counted: Tally) -> list[tuple[str, int, str]]:
    """The sums that are filters: everybody first, then parts that add up to it."""
    return [
        ("", counted.active, _("All")),
        (UNMARKED, counted.unmarked, _("Not marked")),
        *parts_of(counted),
    ]


def parts_of(counted: Tally) -> list[tuple[str, int, str]]:
    counts = {
        AttendanceStatus.PRESENT: counted.present,
        AttendanceStatus.LATE: counted.late,
        AttendanceStatus.LEFT_EARLY: counted.left_early,
        AttendanceStatus.LEAVE: counted.leave,
        AttendanceStatus.ABSENT: counted.absent,
    }
    return [(status.value, count, str(status.label)) for status, count in counts.items()]


def close_terms(counted: Tally) -> list[Page]:
    """Nobody stays unmarked at a close: they are the absent ones, and said to be."""
    *others, (_status, absent, word) = parts_of(counted)
    terms: list[Page] = [{"value": count, "label": word} for _status, count, word in others]
    return [*terms, {"value": absent + counted.unmarked, "label": word}]


# --- after the close ------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def session_correct(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What holds of a closed session; a change needs a reason and carries its consequences."""
    user, session = seen_session(request, pk)
    if request.method == "POST" and not may_mark(user, session):
        raise PermissionDenied
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        learner = _enrolled_learner(user, session, form.cleaned_data["learner"])
        try:
            actions.correct_mark(
                session=session,
                learner=learner,
                status=form.cleaned_data["status"],
                reason=form.cleaned_data["reason"],
                actor=user,
            )
        except CourseError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The mark is corrected; the reason is kept."))
            return redirect("courses:session_correct", pk=pk)
    page = _correct_page(request, session, form, user)
    return render(request, "courses/session_correct.html", page)


def _enrolled_learner(user: User, session: ClassSession, learner: uuid.UUID) -> Any:
    rows = Enrolment.objects.visible_to(user).filter(run_id=session.run_id)
    return get_object_or_404(rows.select_related("learner"), learner_id=learner).learner


def _as_counted(row: RosterRow, is_closed: bool) -> RosterRow:
    """In a closed session nobody is unmarked, but absent."""
    return row if row.status or not is_closed else replace(row, status=AttendanceStatus.ABSENT)


def _correct_page(
    request: HttpRequest, session: ClassSession, form: CorrectionForm, user: User
) -> Page:
    rows = session_roster(session)
    counted = tally(session, (row.status for row in rows))
    is_closed = session.status == ClassSession.Status.CLOSED
    chosen = _uuid(request.POST.get("learner", "") or request.GET.get("learner", ""))
    row = next((row for row in rows if row.enrolment.learner_id == chosen), None)
    if chosen is not None and row is None:
        raise Http404
    if row is not None and not form.is_bound:
        form = CorrectionForm(initial={"learner": chosen, "status": row.status or "ABSENT"})
    closed_by, decided_by = closing_events(session) if is_closed else (None, None)
    return {
        "session": session,
        "form": form,
        "chosen": row,
        "cards": [card_of(_as_counted(row, is_closed)) for row in rows],
        "tally": counted,
        "terms": close_terms(counted),
        "total": {"value": counted.active, "label": _("Expected")},
        "is_closed": is_closed,
        "difference": (session.head_count or 0) - counted.in_room if is_closed else 0,
        "late": late_marks(session) if is_closed else [],
        "pictures": pictures_of(session),
        "closed_by": closed_by,
        "decided_by": decided_by,
        "may_remove": may_plan(user, session.run),
        "may_mark": may_mark(user, session),
    }


@require_POST
def session_accept_late(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, session = marked_session(request, pk)
    chosen = [_uuid(text) for text in request.POST.getlist("event")]
    try:
        actions.accept_late_marks(
            session=session,
            event_ids=[event_id for event_id in chosen if event_id is not None],
            reason=request.POST.get("reason", "")[:200],
            actor=user,
        )
    except CourseError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The late marks hold now; the reason is kept."))
    return redirect("courses:session_correct", pk=pk)


@require_http_methods(["GET", "POST"])
def walk_in_create(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, session = marked_session(request, pk)
    form = WalkInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            enrolment = actions.add_walk_in(session=session, **form.cleaned_data, actor=user)
        except CourseError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Added and marked: %(name)s") % {"name": enrolment.learner})
            return redirect("courses:session_roll_call", pk=pk)
    return render(request, "courses/walk_in_create.html", {"session": session, "form": form})
