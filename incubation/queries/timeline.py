"""What incubation adds to a learner's page: follow-ups, contacts, shops, earnings, and a card."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from incubation.models import EarningsReport, FollowUpTask, IncubationCase, Shop, Visit
from incubation.queries.cases import may_record
from incubation.queries.earnings import best_grade_reports
from learners.models import Learner
from learners.queries import Panel, TimelineRow
from lms.lib.periods import local_date, today

ICONS = {Visit.Method.PHONE: "phone", Visit.Method.ONLINE: "message", Visit.Method.DOOR: "pin"}


def timeline_rows(learner: Learner, user: User) -> list[TimelineRow]:
    """Of the cases and shops that `user` may see; follow-ups not done yet lie in the future."""
    rows: list[TimelineRow] = []
    cases = IncubationCase.objects.visible_to(user).filter(learner=learner)
    for case in cases.select_related("assignee"):
        rows += _case_rows(case)
    shops = Shop.objects.visible_to(user).filter(owner=learner)
    for shop in shops:
        name = {"name": shop.name}
        title = _("Opened the shop “%(name)s”") % name
        rows.append(TimelineRow(shop.opened_on, "shop", title, shop.get_platform_display()))
    rows += [_sales_row(report) for report in _sales(shops)]
    return rows


def _case_rows(case: IncubationCase) -> list[TimelineRow]:
    href = reverse("incubation:case_detail", args=[case.pk])
    who = case.assignee.display_name if case.assignee else ""
    rows = [TimelineRow(case.opened_on, "flag", _("Follow-up case opened"), who, href=href)]
    if case.closed_on:
        rows.append(TimelineRow(case.closed_on, "flag", _("Follow-up case closed"), href=href))
    else:
        waiting = case.tasks.filter(done_at__isnull=True)
        rows += [_task_row(task, href) for task in waiting]
    rows += [_visit_row(visit, href) for visit in case.visits.select_related("task", "by")]
    return rows


def _task_row(task: FollowUpTask, href: str) -> TimelineRow:
    late = (today() - task.due_on).days
    chip = ("mute", "clock", _("Not due yet"))
    if late > 0:
        chip = ("bad", "alert", _("Overdue %(days)s days") % {"days": late})
    title = _("Follow-up: %(stage)s") % {"stage": task.get_stage_display()}
    return TimelineRow(task.due_on, "pin", title, chip=chip, href=href, done=False)


def _visit_row(visit: Visit, href: str) -> TimelineRow:
    title, chip = _("Contact"), None
    if visit.task is not None and visit.task.done_at is not None:
        title = _("Follow-up: %(stage)s") % {"stage": visit.task.get_stage_display()}
        late = (local_date(visit.task.done_at) - visit.task.due_on).days
        chip = ("good", "check", _("In time"))
        if late > 0:
            chip = ("warn", "clock", _("Overdue %(days)s days") % {"days": late})
    parts = [
        visit.get_method_display(),
        visit.get_finding_display(),
        visit.problem,
        visit.next_step,
    ]
    detail = " · ".join(part for part in parts if part)
    kind = ICONS[Visit.Method(visit.method)]
    return TimelineRow(visit.visited_on, kind, title, detail, chip, href)


def _sales(shops: QuerySet[Shop]) -> QuerySet[EarningsReport]:
    reports = EarningsReport.objects.filter(shop__in=shops, kind=EarningsReport.Kind.SALES)
    return best_grade_reports(reports).select_related("shop")


def _sales_row(report: EarningsReport) -> TimelineRow:
    shop = report.shop.name if report.shop else ""
    title = _("Sales of %(month)s: %(amount)s yuan") % {
        "month": f"{report.month:%Y-%m}",
        "amount": f"{report.amount_yuan:,.2f}",
    }
    detail = f"{shop} · {report.get_grade_display()}"
    return TimelineRow(report.month, "chart", title, detail)


def learner_panel(learner: Learner, user: User) -> Panel | None:
    """The card of the learner's latest case, for those who may see it."""
    cases = IncubationCase.objects.visible_to(user).filter(learner=learner)
    case = cases.select_related("assignee", "home_region").order_by("-opened_on").first()
    if case is None:
        return None
    waiting = FollowUpTask.objects.open().filter(case=case).order_by("due_on").first()
    context: dict[str, object] = {
        "case": case,
        "next_task": waiting,
        "is_late": waiting is not None and waiting.due_on < today(),
        "may_write": may_record(user, case),
    }
    return Panel("incubation/_panel.html", context)
