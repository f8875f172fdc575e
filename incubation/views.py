"""My follow-ups, cases, visits, shops and earnings."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage, Paginator
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.queries import current_region, signed_in_user
from incubation import actions
from incubation.forms import (
    AssignForm,
    BaselineForm,
    CandidateFilters,
    CaseFilters,
    CaseForm,
    EarningsForm,
    FollowUpFilters,
    OfCaseForm,
    ShopFilters,
    ShopForm,
    SupportForm,
    SupportVoidForm,
    VisitForm,
)
from incubation.models import FollowUpTask, IncubationCase, SupportGiven
from incubation.queries import (
    GROUPS,
    READERS,
    WRITERS,
    candidates,
    case_rows,
    earnings_of,
    household_of,
    in_group,
    may_record,
    sales_chart,
    shop_rows,
    work_of,
)
from incubation.tables import (
    LITTLE_LATE,
    CandidateTable,
    CaseTable,
    FollowUpTable,
    ShopTable,
    place,
    task_chip,
)
from learners.models import Household, Learner
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role, under
from lms.lists import list_page

PAGE = 50
Form = TypeVar("Form", bound=OfCaseForm)


# --- The worklist -------------------------------------------------------------------------------
@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    """The field worker's worklist; clerks and officials get the table of cases."""
    user = signed_in_user(request)
    if not user.scope.has(Role.FIELD_WORKER):
        if user.scope.has(*READERS):
            return redirect("incubation:case_list")
        raise PermissionDenied
    group = request.GET.get("group", "")
    whole_region = request.GET.get("who") == "all"
    tasks, day = work_of(user, whole_region=whole_region), today()
    counts = {name: in_group(tasks, name, day).count() for name in GROUPS}
    if not group:
        group = next((name for name in GROUPS[:3] if counts[name]), GROUPS[0])
    if group not in GROUPS:
        raise Http404
    try:
        page = Paginator(in_group(tasks, group, day), PAGE).page(request.GET.get("page", 1))
    except InvalidPage:
        raise Http404 from None
    context = {
        "group": group,
        "groups": [(name, GROUP_WORDS[name], counts[name]) for name in GROUPS],
        "whole_region": whole_region,
        "page": page,
        "items": [_item(task) for task in page],
        "none": NONE_WORDS[group],
    }
    return render(request, "incubation/task_list.html", context)


GROUP_WORDS = {
    "overdue": gettext_lazy("Overdue"),
    "week": gettext_lazy("This week"),
    "later": gettext_lazy("Later"),
    "done": gettext_lazy("Already done"),
}
NONE_WORDS = {
    "overdue": gettext_lazy("Nothing is overdue. Well done."),
    "week": gettext_lazy("Nothing more is due this week."),
    "later": gettext_lazy("Nothing is planned after this week."),
    "done": gettext_lazy("Nothing is done yet. Your recorded visits will stand here."),
}


def _item(task: FollowUpTask) -> dict[str, Any]:
    return {
        "task": task,
        "case": task.case,
        "place": place(task.case.home_region),
        "chip": task_chip(task),
        "is_late": task.done_at is None and (today() - task.due_on).days > LITTLE_LATE,
    }


# --- Lists --------------------------------------------------------------------------------------
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    user, region = signed_in_user(request), current_region(request, *READERS)
    inside = under("home_region__path", [region.path]) | _own(user)
    return list_page(
        request,
        "incubation/case_list.html",
        table=CaseTable,
        rows=case_rows(user).filter(inside),
        filters=CaseFilters,
        export_name=_("Incubation cases"),
        context={"region": region, "may_write": user.scope.has(*WRITERS)},
    )


@require_GET
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """Every follow-up of the region, done or not: the field worker's worklist as a table."""
    user, region = signed_in_user(request), current_region(request, *READERS)
    inside = under("case__home_region__path", [region.path])
    if user.scope.has(Role.FIELD_WORKER):
        inside |= Q(case__assignee=user)
    return list_page(
        request,
        "incubation/follow_up_list.html",
        table=FollowUpTable,
        # What is still to be done first; then what was done last.
        rows=work_of(user, whole_region=True)
        .filter(inside)
        .order_by(F("done_at").desc(nulls_first=True), "due_on"),
        filters=FollowUpFilters,
        export_name=_("Follow-ups"),
        context={"region": region},
    )


def _own(user: User) -> Q:
    """Cases assigned to a field worker stand in the list wherever they are."""
    return Q(assignee=user) if user.scope.has(Role.FIELD_WORKER) else Q(pk__in=[])


@require_GET
def shop_list(request: HttpRequest) -> HttpResponse:
    user, region = signed_in_user(request), current_region(request, *READERS)
    rows = shop_rows(user).filter(under("home_region__path", [region.path]))
    return list_page(
        request,
        "incubation/shop_list.html",
        table=ShopTable,
        rows=rows,
        filters=ShopFilters,
        export_name=_("Shops"),
        context={"region": region},
    )


@require_GET
def candidate_list(request: HttpRequest) -> HttpResponse:
    user, region = signed_in_user(request), current_region(request, *WRITERS)
    rows: QuerySet[Learner] = candidates(user).filter(under("home_region__path", [region.path]))
    return list_page(
        request,
        "incubation/candidate_list.html",
        table=CandidateTable,
        rows=rows,
        filters=CandidateFilters,
        export_name=_("People without a case"),
        context={"region": region},
    )


# --- One case -----------------------------------------------------------------------------------
def _visible_case(request: HttpRequest, pk: uuid.UUID) -> tuple[User, IncubationCase]:
    user = signed_in_user(request)
    cases = IncubationCase.objects.visible_to(user)
    related = ("learner", "home_region__parent", "assignee", "plan")
    return user, get_object_or_404(cases.select_related(*related), pk=pk)


def _writable_case(request: HttpRequest, pk: uuid.UUID) -> tuple[User, IncubationCase]:
    user, case = _visible_case(request, pk)
    if not may_record(user, case):
        raise PermissionDenied
    return user, case


@require_http_methods(["GET", "POST"])
def case_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open a case for the learner `pk`."""
    user = signed_in_user(request)
    learner = get_object_or_404(
        Learner.objects.visible_to(user).select_related("home_region__parent"), pk=pk
    )
    if not user.scope.covers(learner.home_region.path, *WRITERS):
        raise PermissionDenied
    form = CaseForm(request.POST or None, learner=learner, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            case = actions.open_case(learner=learner, **form.cleaned_data, actor=user)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The case is open; its follow-ups are planned."))
            return redirect("incubation:case_detail", pk=case.pk)
    context = {"form": form, "learner": learner, "place": place(learner.home_region)}
    return render(request, "incubation/case_open.html", context)


@require_GET
def case_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, case = _visible_case(request, pk)
    household = household_of(case.learner, today())
    context = {
        "case": case,
        "place": place(case.home_region),
        "tasks": [(task, task_chip(task)) for task in case.tasks.select_related("visit")],
        "visits": case.visits.select_related("by", "task"),
        "shops": case.learner.shops.all(),
        "reports": earnings_of(case, household)[:12],
        "baselines": household.baselines.order_by("-month")[:12] if household else [],
        "chart": sales_chart(case.learner, today()),
        "may_write": may_record(user, case),
        "may_archive": Learner.objects.visible_to(user).filter(pk=case.learner_id).exists()
        and user.scope.has(Role.CLERK, Role.OFFICIAL),
        "assign_form": AssignForm(case=case) if _may_assign(user, case) else None,
    }
    return render(request, "incubation/case_detail.html", context)


def _may_assign(user: User, case: IncubationCase) -> bool:
    return case.closed_on is None and user.scope.covers(case.home_region.path, Role.CLERK)


@require_POST
def case_assign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Clerks hand cases out; a field worker does not pass them on."""
    user, case = _writable_case(request, pk)
    if not _may_assign(user, case):
        raise PermissionDenied
    form = AssignForm(request.POST, case=case)
    try:
        if not form.is_valid():
            message = _("Choose a field worker for the home of the learner.")
            raise actions.IncubationError("assignee_elsewhere", message)
        actions.assign_case(case=case, **form.cleaned_data, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The case is handed over."))
    return redirect("incubation:case_detail", pk=case.pk)


@require_http_methods(["GET", "POST"])
def visit_record(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """`?task=` chooses the follow-up that the visit does; else the earliest that is open."""

    def record(form: VisitForm, case: IncubationCase, user: User) -> None:
        actions.record_visit(case=case, facts=form.facts(), actor=user)

    words = _("The visit is recorded.")
    initial = {"task": request.GET["task"]} if request.GET.get("task") else {}
    return _recorded(
        request, pk, "incubation/visit_record.html", VisitForm, record, words, initial=initial
    )


@require_http_methods(["GET", "POST"])
def shop_create(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    def record(form: ShopForm, case: IncubationCase, user: User) -> None:
        actions.open_shop(owner=case.learner, facts=form.facts(), actor=user)

    words = _("The shop is recorded.")
    return _recorded(request, pk, "incubation/shop_create.html", ShopForm, record, words)


@require_http_methods(["GET", "POST"])
def earnings_report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    def record(form: EarningsForm, case: IncubationCase, user: User) -> None:
        shop = form.cleaned_data["shop"]
        household = None if shop else _household(case)
        actions.report_earnings(shop=shop, household=household, facts=form.facts(), actor=user)

    words = _("The report is recorded.")
    return _recorded(request, pk, "incubation/earnings_report.html", EarningsForm, record, words)


@require_http_methods(["GET", "POST"])
def baseline_record(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    def record(form: BaselineForm, case: IncubationCase, user: User) -> None:
        actions.record_baseline(household=_household(case), **form.cleaned_data, actor=user)

    words = _("The baseline is recorded.")
    return _recorded(request, pk, "incubation/baseline_record.html", BaselineForm, record, words)


@require_http_methods(["GET", "POST"])
def support_record(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What a household was given; the page of the household leads here."""
    user = signed_in_user(request)
    rows = Household.objects.visible_to(user).select_related("region")
    household = get_object_or_404(rows, pk=pk)
    if not user.scope.covers(household.region.path, *WRITERS):
        raise PermissionDenied
    lived = household.memberships.values("learner_id")
    members = Learner.objects.visible_to(user).filter(pk__in=lived).order_by("name")
    form = SupportForm(members, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_support(
                household=household,
                learner=form.cleaned_data["learner"],
                facts=form.facts(),
                actor=user,
            )
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The support is recorded."))
            return redirect("learners:household_detail", pk=household.pk)
    context = {"form": form, "household": household}
    status = 422 if form.errors else 200
    return render(request, "incubation/support_record.html", context, status=status)


@require_http_methods(["GET", "POST"])
def support_void(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Strike an entry out that was a mistake, with the reason; it stays to be seen."""
    user = signed_in_user(request)
    rows = SupportGiven.objects.visible_to(user).select_related("household__region", "learner")
    support = get_object_or_404(rows, pk=pk)
    if not user.scope.covers(support.household.region.path, *WRITERS):
        raise PermissionDenied
    form = SupportVoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.void_support(support=support, **form.cleaned_data, actor=user)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The entry is voided. Record the right one if there is."))
            return redirect("learners:household_detail", pk=support.household_id)
    context = {"form": form, "support": support, "household": support.household}
    status = 422 if form.errors else 200
    return render(request, "incubation/support_void.html", context, status=status)


def _household(case: IncubationCase) -> Household:
    household = household_of(case.learner, today())
    if household is None:
        message = _("This person belongs to no household today. Ask the county clerk to add one.")
        raise actions.IncubationError("no_household", message)
    return household


def _recorded(
    request: HttpRequest,
    pk: uuid.UUID,
    template: str,
    form_class: type[Form],
    record: Callable[[Form, IncubationCase, User], None],
    words: str,
    *,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    """A form on a case: what is refused is said on the form, what is recorded leads back."""
    user, case = _writable_case(request, pk)
    form = form_class(request.POST or None, case=case, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            record(form, case, user)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, words)
            if form_class is VisitForm and user.scope.has(Role.FIELD_WORKER):
                return redirect("incubation:task_list")
            return redirect("incubation:case_detail", pk=case.pk)
    context = {"form": form, "case": case, "place": place(case.home_region)}
    return render(request, template, context)
