"""What incubation adds to a learner's page: follow-ups, contacts, shops, earnings, and a card."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from incubation.models import (
    STAFF,
    EarningsReport,
    FollowUpTask,
    IncubationCase,
    Shop,
    SupportGiven,
    Visit,
)
from incubation.queries.cases import may_record
from incubation.queries.earnings import best_grade_reports, sales_chart
from learners.models import Household, Learner
from learners.queries import SHEET_LINES, Panel, SheetTable, TimelineRow
from lms.lib.periods import local_date, today
from lms.templatetags.ui import plain_number

ICONS = {Visit.Method.PHONE: "phone", Visit.Method.ONLINE: "message", Visit.Method.DOOR: "pin"}


def timeline_rows(learner: Learner, user: User) -> list[TimelineRow]:
    """Of the cases and shops that `user` may see; follow-ups not done yet lie in the future."""
    rows: list[TimelineRow] = []
    cases = IncubationCase.objects.visible_to(user).filter(learner=learner)
    visits = Visit.objects.select_related("task")
    for case in cases.select_related("assignee").prefetch_related(
        "tasks", Prefetch("visits", visits)
    ):
        rows += _case_rows(case)
    shops = Shop.objects.visible_to(user).filter(owner=learner).select_related("operator")
    for shop in shops:
        rows += _shop_rows(shop)
    rows += _sales_rows(shops)
    return rows + _support_rows(learner, user)


def _support_rows(learner: Learner, user: User) -> list[TimelineRow]:
    """What was given to the person, for those who may see the household it was given to."""
    return [_support_row(support) for support in _given_to(learner, user)]


def _given_to(learner: Learner, user: User) -> QuerySet[SupportGiven]:
    households = Household.objects.visible_to(user)
    given = SupportGiven.objects.filter(learner=learner, household__in=households)
    return given.select_related("void")


def _support_row(support: SupportGiven) -> TimelineRow:
    title = str(support.get_kind_display())
    if support.amount_yuan is not None:
        words = {"kind": title, "amount": f"{support.amount_yuan:,.2f}"}
        title = _("%(kind)s of %(amount)s yuan") % words
    detail = f"{support.what} · {support.giver}"
    void = support.voided
    if void is None:
        return TimelineRow(support.given_on, "wallet", title, detail)
    chip = ("mute", "minus", _("Voided"))
    return TimelineRow(support.given_on, "wallet", title, f"{detail} · {void.reason}", chip)


def _shop_rows(shop: Shop) -> list[TimelineRow]:
    name = {"name": shop.name}
    detail = [str(shop.get_platform_display())]
    if shop.operator is not None and shop.operator_id != shop.owner_id:
        detail.append(_("run by %(name)s") % {"name": shop.operator.name})
    title = _("Opened the shop “%(name)s”") % name
    rows = [TimelineRow(shop.opened_on, "shop", title, " · ".join(detail))]
    if shop.closed_on:
        title = _("Closed the shop “%(name)s”") % name
        rows.append(TimelineRow(shop.closed_on, "shop", title, detail[0]))
    return rows


def _case_rows(case: IncubationCase) -> list[TimelineRow]:
    href = reverse("incubation:case_detail", args=[case.pk])
    who = case.assignee.display_name if case.assignee else ""
    rows = [TimelineRow(case.opened_on, "flag", _("Follow-up case opened"), who, href=href)]
    if case.closed_on:
        rows.append(TimelineRow(case.closed_on, "flag", _("Follow-up case closed"), href=href))
    else:
        rows += [_task_row(task, href) for task in case.tasks.all() if task.done_at is None]
    rows += [_visit_row(visit, href) for visit in case.visits.all()]
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


def _sales_rows(shops: QuerySet[Shop]) -> list[TimelineRow]:
    """One row for each half year that has reports, on its last reported month."""
    reports = EarningsReport.objects.filter(shop__in=shops, kind=EarningsReport.Kind.SALES)
    halves: dict[tuple[int, bool], list[EarningsReport]] = {}
    for report in best_grade_reports(reports).order_by("month"):
        halves.setdefault((report.month.year, report.month.month > 6), []).append(report)
    return [_half_row(year, late, found) for (year, late), found in halves.items()]


def _half_row(year: int, late: bool, reports: list[EarningsReport]) -> TimelineRow:
    words = {
        "year": year,
        "amount": f"{sum(report.amount_yuan for report in reports):,.2f}",
    }
    title = _("Sales of the first half of %(year)d: %(amount)s yuan")
    if late:
        title = _("Sales of the second half of %(year)d: %(amount)s yuan")
    months = len({report.month for report in reports})
    weakest = EarningsReport.Grade(min(report.grade for report in reports))
    detail = ngettext("%(n)d month reported", "%(n)d months reported", months) % {"n": months}
    evidence = _("evidence: %(grade)s") % {"grade": weakest.label}
    return TimelineRow(reports[-1].month, "chart", title % words, f"{detail} · {evidence}")


@dataclass(frozen=True)
class StageMark:
    """A stage of the follow-up plan: `kind` is a colour, `words` say the same."""

    name: str
    kind: str
    words: str


def _stage_mark(task: FollowUpTask) -> StageMark:
    name = str(task.get_stage_display())
    if task.done_at is None:
        if task.due_on < today():
            return StageMark(name, "bad", _("Overdue"))
        return StageMark(name, "mute", _("Not due yet"))
    if local_date(task.done_at) > task.due_on:
        return StageMark(name, "warn", _("Done late"))
    return StageMark(name, "good", _("In time"))


def learner_panel(learner: Learner, user: User) -> Panel | None:
    """The card of the learner's latest case, for those who may see it."""
    cases = IncubationCase.objects.visible_to(user).filter(learner=learner)
    case = cases.select_related("assignee", "home_region").order_by("-opened_on").first()
    if case is None:
        return None
    tasks = list(case.tasks.order_by("due_on"))
    is_open = case.closed_on is None
    waiting = next((task for task in tasks if is_open and task.done_at is None), None)
    context: dict[str, object] = {
        "case": case,
        "stages": [_stage_mark(task) for task in tasks],
        "next_task": waiting,
        "is_late": waiting is not None and waiting.due_on < today(),
        "may_write": may_record(user, case),
    }
    return Panel("incubation/_panel.html", context)


def sales_panel(learner: Learner, user: User) -> Panel | None:
    """Twelve months of sales, for those who may see the shops; None without a shop."""
    if not Shop.objects.visible_to(user).filter(owner=learner).exists():
        return None
    return Panel("incubation/_sales_panel.html", {"chart": sales_chart(learner, today())})


# --- On paper -----------------------------------------------------------------------------------
def visit_table(learner: Learner, user: User) -> SheetTable | None:
    if not user.scope.has(*STAFF):
        return None
    cases = IncubationCase.objects.visible_to(user).filter(learner=learner)
    visits = Visit.objects.filter(case__in=cases)
    newest = list(visits.select_related("task", "by")[:SHEET_LINES])
    return SheetTable(
        title=_("Follow-up log"),
        heads=[
            _("Day"), _("Stage"), _("How"), _("Finding"), _("Problem"), _("Next step"), _("By"),
        ],
        rows=[
            (
                visit.visited_on.isoformat(),
                str(visit.task.get_stage_display()) if visit.task else "—",
                str(visit.get_method_display()),
                str(visit.get_finding_display()),
                visit.problem or "—",
                visit.next_step or "—",
                visit.by.display_name,
            )
            for visit in newest
        ],
        none=_("No follow-up is recorded."),
        widths=(13, 12, 8, 14, 20, 20, 12),
        left_out=visits.count() - SHEET_LINES if len(newest) == SHEET_LINES else 0,
    )  # fmt: skip


def shop_table(learner: Learner, user: User) -> SheetTable | None:
    """Shops, and what each sold in all by the best evidence of each month."""
    if not user.scope.has(*STAFF):
        return None
    shops = Shop.objects.visible_to(user).filter(owner=learner).select_related("operator")
    sales = EarningsReport.objects.filter(shop__in=shops, kind=EarningsReport.Kind.SALES)
    sold: dict[object, list[Decimal]] = {}
    for shop_id, amount in best_grade_reports(sales).values_list("shop_id", "amount_yuan"):
        sold.setdefault(shop_id, []).append(amount)
    return SheetTable(
        title=_("Shops"),
        heads=[
            _("Platform"), _("Shop name"), _("Opened on"), _("Closed on"), _("Run by"),
            _("Months reported"), _("Sales (yuan)"),
        ],
        rows=[
            (
                str(shop.get_platform_display()),
                shop.name,
                shop.opened_on.isoformat(),
                shop.closed_on.isoformat() if shop.closed_on else "—",
                shop.operator.name if shop.operator else _("the owner"),
                str(len(sold.get(shop.pk, []))),
                plain_number(sum(sold.get(shop.pk, []), Decimal(0)), 2),
            )
            for shop in shops
        ],
        none=_("No shop is recorded."),
        widths=(10, 26, 13, 13, 12, 11, 15),
        figures=(5, 6),
    )  # fmt: skip


def subsidy_table(learner: Learner, user: User) -> SheetTable | None:
    """Money and things given to the person, for those who may see the household."""
    if not user.scope.has(*STAFF):
        return None
    given = list(_given_to(learner, user).order_by("-given_on", "-pk"))
    paid = [
        row.amount_yuan or Decimal(0)
        for row in given
        if row.kind == SupportGiven.Kind.SUBSIDY and not row.voided
    ]
    rows = [
        (
            row.given_on.isoformat(),
            str(row.get_kind_display()),
            f"{row.what} ({_('Voided')}: {row.voided.reason})" if row.voided else row.what,
            row.giver,
            plain_number(row.amount_yuan, 2) if row.amount_yuan is not None else "—",
        )
        for row in given[:SHEET_LINES]
    ]
    if paid:
        total = _("Subsidies in all")
        rows.append((total, "", "", "", plain_number(sum(paid, Decimal(0)), 2)))
    return SheetTable(
        title=_("Subsidies and support"),
        heads=[_("Day"), _("Kind"), _("What"), _("Given by"), _("Amount (yuan)")],
        rows=rows,
        none=_("No subsidy and no support is recorded for this person."),
        widths=(14, 14, 36, 21, 15),
        figures=(4,),
        left_out=max(len(given) - SHEET_LINES, 0),
    )
