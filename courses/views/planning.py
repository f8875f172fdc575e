"""Sessions and enrolments of a run."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_tables2 import Column

from accounts.models import User
from courses import actions
from courses.actions import CourseError
from courses.forms import CandidateFilters, PlaceForm, ReasonForm, SessionForm, SessionsForm
from courses.models import ClassSession, CourseRun, Enrolment, Instructor, TrainingSite
from courses.queries import editions_of_people, enrolled_count, run_candidates
from courses.views.access import planned_run, planned_session
from learners.models import Learner, Register, RegisterEdition
from lms.lists import ListTable, list_page
from lms.templatetags.ui import chip

#: More than this at once is more than any run has places and waiting list for.
MOST_AT_ONCE = 500


# --- sessions -------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def session_create(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Sessions for the days and half days ticked."""
    user, run = planned_run(request, pk)
    form = SessionsForm(request.POST or None, run=run)
    if request.method == "POST" and form.is_valid():
        try:
            sessions = actions.plan_sessions(
                run=run,
                dates=form.chosen_dates(),
                half_days=form.chosen_half_days(),
                site=_site(form, run, user),
                instructor=_instructor(form, run, user),
                actor=user,
            )
        except CourseError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("%(count)d sessions planned.") % {"count": len(sessions)})
            return redirect("courses:run_detail", pk=pk)
    return render(request, "courses/session_create.html", {"form": form, "run": run})


@require_http_methods(["GET", "POST"])
def session_update(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, session = planned_session(request, pk)
    form = SessionForm(
        request.POST or None, county=session.run.county, initial=_session_facts(session)
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            actions.reschedule_session(
                session=session,
                starts_at=timezone.make_aware(datetime.combine(facts["day"], facts["starts"])),
                ends_at=timezone.make_aware(datetime.combine(facts["day"], facts["ends"])),
                site=_site(form, session.run, user),
                instructor=_instructor(form, session.run, user),
                actor=user,
            )
        except CourseError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The session is moved."))
            return redirect("courses:run_detail", pk=session.run_id)
    return render(request, "courses/session_update.html", {"form": form, "session": session})


def _session_facts(session: ClassSession) -> dict[str, object]:
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    return {
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
        "site": session.site_id,
        "instructor": str(session.instructor_id),
    }


@require_http_methods(["GET", "POST"])
def session_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, session = planned_session(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_session(session=session, reason=form.cleaned_data["reason"], actor=user)
        except CourseError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The session is cancelled."))
            return redirect("courses:run_detail", pk=session.run_id)
    return render(request, "courses/session_cancel.html", {"form": form, "session": session})


def _site(form: PlaceForm, run: CourseRun, user: User) -> TrainingSite:
    if name := form.cleaned_data["new_site"]:
        return actions.add_site(name=name, region=run.host_region, actor=user)
    site: TrainingSite = form.cleaned_data["site"]
    return site


def _instructor(form: PlaceForm, run: CourseRun, user: User) -> Instructor:
    if name := form.cleaned_data["new_instructor"]:
        return actions.add_instructor(name=name, region=run.county, actor=user)
    chosen = form.chosen_instructor()
    if isinstance(chosen, User):
        return actions.add_instructor(
            name=chosen.display_name, region=run.county, user=chosen, actor=user
        )
    if chosen is None:
        raise Http404
    return chosen


# --- enrolments -----------------------------------------------------------------------------------
class CandidateTable(ListTable):
    caption = gettext_lazy("People of the register")
    empty_icon = "users"
    empty_title = gettext_lazy("Nobody left to enrol")
    empty_text = gettext_lazy("Everybody of this edition is in the run, or it holds no people.")

    name = Column(verbose_name=gettext_lazy("Name"), order_by=("initials", "name"))
    id_tail = Column(verbose_name=gettext_lazy("Last four"), orderable=False)
    home_region = Column(
        verbose_name=gettext_lazy("Home"),
        accessor="home_region__name",
        order_by="home_region__path",
    )
    is_trained = Column(verbose_name=gettext_lazy("Training so far"))
    is_busy = Column(verbose_name=gettext_lazy("Same days"), empty_values=())

    def render_name(self, record: Learner) -> SafeString:
        return format_html(
            '<label class="check"><input type="checkbox" name="learner" value="{}" form="enrol">'
            "<span>{}</span></label>",
            record.pk,
            record.name,
        )

    def render_is_trained(self, value: bool) -> SafeString:
        if value:
            return chip("mute", "check", _("Trained"))
        return chip("info", "star", _("Never trained"))

    def render_is_busy(self, value: bool) -> SafeString | str:
        return chip("warn", "alert", _("In another run")) if value else "—"


@require_http_methods(["GET", "POST"])
def run_enrol(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose from a sealed edition of a register; who was never trained stands first."""
    user, run = planned_run(request, pk)
    editions = _editions(user)
    edition = _edition(request, editions)
    if request.method == "POST":
        return _enrol(request, user, run, edition)
    if edition is None:
        return render(request, "courses/run_enrol.html", {"run": run, "edition": None})
    rows = run_candidates(run, edition).filter(pk__in=Learner.objects.visible_to(user))
    free = max(run.capacity - enrolled_count(run), 0)
    context = {
        "run": run,
        "edition": edition,
        "editions": editions,
        "free": free,
        "untrained": rows.filter(Q(("is_trained", False))).count(),
        "first_count": min(free, rows.count()),
    }
    return list_page(
        request,
        "courses/run_enrol.html",
        table=CandidateTable,
        rows=rows.select_related("home_region"),
        filters=_filters_for(run),
        export_name=_("People to enrol"),
        context=context,
    )


def _filters_for(run: CourseRun) -> type[CandidateFilters]:
    class RunCandidateFilters(CandidateFilters):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, county=run.county, **options)

    return RunCandidateFilters


def _editions(user: User) -> list[RegisterEdition]:
    """Sealed editions of registers of people, newest first."""
    return list(editions_of_people(Register.objects.visible_to(user)))


def _edition(request: HttpRequest, editions: list[RegisterEdition]) -> RegisterEdition | None:
    asked = request.GET.get("edition", "")
    if not asked:
        return editions[0] if editions else None
    found = [edition for edition in editions if str(edition.pk) == asked]
    if not found:
        raise Http404
    return found[0]


def _enrol(
    request: HttpRequest, user: User, run: CourseRun, edition: RegisterEdition | None
) -> HttpResponse:
    """Those ticked, or the first ones of the list as far as places go."""
    if edition is None:
        raise Http404
    rows = run_candidates(run, edition).filter(pk__in=Learner.objects.visible_to(user))
    if "all" in request.POST:
        learners = list(rows[: max(run.capacity - enrolled_count(run), 0)])
    else:
        learners = _chosen(request, user)
    if not learners:
        messages.warning(request, _("Nobody was chosen. Tick the people to enrol."))
        return redirect(request.get_full_path())
    try:
        result = actions.enrol_learners(run=run, learners=learners, actor=user)
    except CourseError as error:
        messages.error(request, str(error.message))
        return redirect("courses:run_detail", pk=run.pk)
    words = _(
        "%(enrolled)d enrolled, %(waiting)d on the waiting list, %(already)d were in already."
    )
    messages.success(request, words % vars(result))
    return redirect("courses:run_detail", pk=run.pk)


def _chosen(request: HttpRequest, user: User) -> list[Learner]:
    """The people ticked; one who is out of sight refuses the whole request."""
    asked = request.POST.getlist("learner")[:MOST_AT_ONCE]
    try:
        wanted = {uuid.UUID(text) for text in asked}
    except ValueError:
        raise Http404 from None
    rows = Learner.objects.visible_to(user).live().filter(pk__in=wanted)
    found = {row.pk: row for row in rows.select_related("home_region")}
    if set(found) != wanted:
        raise Http404
    return [found[uuid.UUID(text)] for text in asked]


@require_POST
def enrolment_withdraw(request: HttpRequest, pk: uuid.UUID, enrolment: uuid.UUID) -> HttpResponse:
    user, run = planned_run(request, pk)
    row = get_object_or_404(Enrolment.objects.visible_to(user).filter(run=run), pk=enrolment)
    try:
        actions.withdraw_enrolment(enrolment=row, actor=user)
    except CourseError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Withdrawn: %(name)s") % {"name": row.learner})
    return redirect("courses:run_detail", pk=pk)


@require_POST
def run_promote(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, run = planned_run(request, pk)
    try:
        moved = actions.promote_waiting(run=run, actor=user)
    except CourseError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("%(count)d people moved up.") % {"count": len(moved)})
    return redirect("courses:run_detail", pk=pk)
