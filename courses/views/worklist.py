"""The supervisor's list of work about attendance, and the answers given on it."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_tables2 import Column

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from courses import actions
from courses.actions import CourseError
from courses.forms import WorkFilters
from courses.models import AttendanceStatus, ClassSession
from courses.queries import late_marks
from courses.queries.worklist import Narrowing, Work, work_counts, work_rows
from courses.views.access import marked_session, planned_session
from courses.views.work_items import Item, count_again, work_items
from learners.models import Learner
from lms.lib.scope import Role
from lms.lists import ListTable, exported

#: Entries on a page of one kind, and of each kind on the page of all.
PAGE, SAMPLE = 20, 3


@require_GET
def work_list(request: HttpRequest) -> HttpResponse:
    """Of each kind the newest few, or one kind in pages."""
    user = signed_in_user(request)
    if not user.scope.has(Role.CLERK, Role.TRAINER):
        raise PermissionDenied
    region = current_region(request, Role.CLERK) if user.scope.has(Role.CLERK) else None
    form = WorkFilters(request.GET, user=user, region=region)
    if not form.is_valid():
        raise Http404
    narrowing: Narrowing = form.narrowing()
    kind = form.cleaned_data["kind"]
    if asked := request.GET.get("export"):
        items = _to_export(user, narrowing, [Work(kind)] if kind else list(Work))
        return exported(request, WorkTable(items), asked, _("Attendance to check"))
    counts = work_counts(user, narrowing)
    page = _page(request, user, Work(kind), narrowing) if kind else None
    if page is not None:
        groups = [(Work(kind), work_items(user, Work(kind), list(page)))]
    else:
        groups = _samples(user, narrowing, [one for one in Work if counts[one]])
    context = {
        "form": form,
        "region": region,
        "kind": kind,
        "tabs": [(one.value, one.label, counts[one]) for one in Work],
        "total": sum(counts.values()),
        "groups": [(one.value, one.label, counts[one], items) for one, items in groups],
        "page": page,
        "may_import": user.scope.has(Role.CLERK, Role.ADMINISTRATOR),
    }
    return render(request, "courses/work_list.html", context)


def _page(request: HttpRequest, user: User, kind: Work, narrowing: Narrowing) -> Any:
    return Paginator(work_rows(user, kind, narrowing), PAGE).get_page(request.GET.get("page"))


def _samples(user: User, narrowing: Narrowing, kinds: list[Work]) -> list[tuple[Work, list[Item]]]:
    return [
        (kind, work_items(user, kind, list(work_rows(user, kind, narrowing)[:SAMPLE])))
        for kind in kinds
    ]


class WorkTable(ListTable):
    """The entries in a file: what happened and what to do, without the decision."""

    kind = Column(verbose_name=gettext_lazy("Kind"), accessor="chip__2")
    title = Column(verbose_name=gettext_lazy("About"))
    line = Column(verbose_name=gettext_lazy("Where and when"))
    what = Column(verbose_name=gettext_lazy("What happened"))
    said = Column(verbose_name=gettext_lazy("What was said"), empty_values=())
    advice = Column(verbose_name=gettext_lazy("What to do"))

    def value_said(self, value: Sequence[str]) -> str:
        return "\n".join(value)


def _to_export(user: User, narrowing: Narrowing, kinds: Sequence[Work]) -> list[Item]:
    """One more than a file holds, at most: then the person is told to narrow the list."""
    most = settings.EXPORT_MAX_ROWS + 1
    found: list[Item] = []
    for kind in kinds:
        rows = list(work_rows(user, kind, narrowing)[: most - len(found)])
        found += work_items(user, kind, rows)
    return found


# --- answers --------------------------------------------------------------------------------------
@require_POST
def session_answer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """`answer` is accept or keep for the people named, or the mark that holds of the one named."""
    user, session = marked_session(request, pk)
    answer, people = request.POST.get("answer", ""), _people(request)
    reason = request.POST.get("reason", "")[:200]
    if answer == "accept":
        return _answered(request, lambda: _accept(session, people, reason, user))
    if answer == "keep":
        return _answered(
            request,
            lambda: actions.confirm_marks(
                session=session, learners=people, reason=reason, actor=user
            ),
        )
    if answer not in AttendanceStatus.values or len(people) != 1:
        raise BadRequest("no such answer")
    learner = _learner(user, people[0])
    return _answered(
        request,
        lambda: actions.correct_mark(
            session=session, learner=learner, status=answer, reason=reason, actor=user
        ),
    )


def _accept(session: ClassSession, people: list[uuid.UUID], reason: str, user: User) -> object:
    """The late marks of those whom the list named; who came later is another question."""
    late = [row for row in late_marks(session) if row.learner and row.learner.pk in set(people)]
    return actions.accept_late_marks(
        session=session,
        event_ids=[row.event.event_id for row in late],
        reason=reason,
        actor=user,
    )


@require_POST
def session_check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, session = planned_session(request, pk)
    kind, reason = request.POST.get("answer", ""), request.POST.get("reason", "")[:200]
    return _answered(
        request,
        lambda: actions.check_session(session=session, kind=kind, reason=reason, actor=user),
    )


@require_POST
def session_heads(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """`answer` is the close whose head count holds."""
    user, session = planned_session(request, pk)
    try:
        close = uuid.UUID(request.POST.get("answer", ""))
    except ValueError:
        raise BadRequest("not a UUID") from None
    reason = request.POST.get("reason", "")[:200]
    return _answered(
        request,
        lambda: actions.decide_head_count(session=session, close=close, reason=reason, actor=user),
    )


def _people(request: HttpRequest) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in request.POST.getlist("learner")]
    except ValueError:
        raise BadRequest("not a UUID") from None


def _learner(user: User, pk: uuid.UUID) -> Learner:
    found = Learner.objects.visible_to(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _answered(request: HttpRequest, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except CourseError as error:
        messages.error(request, str(error.message))
    else:
        count_again(request)
        messages.success(request, _("Decided; the reason is kept."))
    return redirect(back_to(request, reverse("courses:work_list")))


def back_to(request: HttpRequest, otherwise: str) -> str:
    """The page that the form came from, if it is one of ours."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return otherwise
