"""What comes after a class in 卓资县: cases, follow-ups done and due, shops, earnings."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import User
from courses.models import Enrolment
from incubation.actions import (
    EarningsFacts,
    ShopFacts,
    SupportFacts,
    VisitFacts,
    open_case,
    open_shop,
    record_baseline,
    record_support,
    record_visit,
    report_earnings,
    void_support,
)
from incubation.models import EarningsReport, IncubationCase, Shop, Visit
from learners.queries import household_on
from lms.lib.periods import today

Grade = EarningsReport.Grade
PLATFORMS = ("TAOBAO", "PINDUODUO", "DOUYIN", "KUAISHOU", "WECHAT")
GOODS = ("土豆", "莜面", "胡麻油", "杂粮", "熏鸡", "牛肉干", "蘑菇", "草原蜂蜜")
#: Days before today on which cases were opened: some stages are over, due now, or ahead.
OPENED_DAYS_AGO = (33, 31, 28, 95, 92, 88, 185, 181, 178, 372, 366, 362, 400)
BASE_MONTHS = 6


def follow_up(
    enrolments: Sequence[Enrolment], worker: User, clerk: User, dice: random.Random
) -> None:
    """A case for each completed enrolment, visited on time, late or not at all."""
    for n, enrolment in enumerate(enrolments):
        wanted = today() - timedelta(days=OPENED_DAYS_AGO[n % len(OPENED_DAYS_AGO)])
        opened_on = max(wanted, enrolment.completed_on or wanted)
        case = open_case(
            learner=enrolment.learner, opened_on=opened_on, assignee=worker, actor=clerk
        )
        _visit(case, worker, dice, n)


def _visit(case: IncubationCase, worker: User, dice: random.Random, n: int) -> None:
    """All stages due so far but the last; the last one, too, for two cases of three."""
    due = [task for task in case.tasks.order_by("due_on") if task.due_on <= today()]
    done = due if n % 3 else due[:-1]
    for task in done:
        day = min(task.due_on + timedelta(days=dice.choice((-3, -1, 0, 2))), today())
        facts = VisitFacts(
            visited_on=max(day, case.opened_on),
            method=dice.choice(Visit.Method.values),
            finding=Visit.Finding.RUNNING if n % 4 else Visit.Finding.NOT_OPENED,
            problem="" if n % 4 else "还没想好卖什么，快递要到镇上取",
            next_step="下次带样品拍照上架" if n % 4 else "约到服务站一起开店",
            task=task,
        )
        record_visit(case=case, facts=facts, actor=worker)


def open_shops(enrolments: Sequence[Enrolment], clerk: User, dice: random.Random) -> list[Shop]:
    shops = []
    for n, enrolment in enumerate(enrolments):
        learner = enrolment.learner
        first = enrolment.completed_on or enrolment.enrolled_on
        opened_on = min(first + timedelta(days=dice.randrange(5, 60)), today())
        facts = ShopFacts(
            platform=PLATFORMS[n % len(PLATFORMS)],
            name=f"{learner.home_region.name[:4]}{GOODS[n % len(GOODS)]}小店{n + 1}",
            opened_on=opened_on,
            url=f"https://shop.example/{n + 1}",
        )
        shops.append(open_shop(owner=learner, facts=facts, actor=clerk))
    return shops


def support(enrolments: Sequence[Enrolment], clerk: User) -> None:
    """The allowance of each training, starting goods for every third, one entry made twice."""
    for n, enrolment in enumerate(enrolments):
        day, learner = enrolment.completed_on or enrolment.enrolled_on, enrolment.learner
        household = household_on(learner, day)
        if household is None:
            continue
        allowance = SupportFacts("SUBSIDY", day, "培训期间生活和交通补贴", "县商务局", Decimal(120))
        record_support(household=household, learner=learner, facts=allowance, actor=clerk)
        if n % 3 == 0:
            goods = SupportFacts("GOODS", day, "开店包装箱 200 个", "县电商服务中心")
            record_support(household=household, learner=learner, facts=goods, actor=clerk)
        if n == 1:
            twice = record_support(
                household=household, learner=learner, facts=allowance, actor=clerk
            )
            void_support(support=twice, reason="同一笔录入两次", actor=clerk)
        if n == 2:
            loan = SupportFacts("LOAN", day, "扶贫小额信贷", "农商行", Decimal(20_000))
            record_support(household=household, learner=learner, facts=loan, actor=clerk)


def earn(shops: Sequence[Shop], worker: User, dice: random.Random) -> None:
    """Baselines of the year before the plan, then this year's income and sales."""
    for n, shop in enumerate(shops):
        household = household_on(shop.owner, shop.opened_on)
        if household is None:
            continue
        members = 2 + n % 4
        for month in _months(date(today().year - 3, 1, 1), BASE_MONTHS):
            amount = Decimal(600 + 40 * (n % 7) + dice.randrange(0, 90))
            record_baseline(
                household=household, month=month, amount=amount, members=members, actor=worker
            )
        for month in _months(date(today().year, 1, 1), BASE_MONTHS):
            if month >= today().replace(day=1):
                continue
            rise = 25 * members + dice.randrange(-20, 70) * members
            income = Decimal(620 + 40 * (n % 7) + rise)
            report_earnings(
                household=household,
                facts=EarningsFacts(month, EarningsReport.Kind.INCOME, income, Grade.SPOKEN),
                actor=worker,
            )
            if month >= shop.opened_on.replace(day=1):
                grade = dice.choice((Grade.SCREENSHOT, Grade.PLATFORM))
                sales = Decimal(dice.randrange(300, 4200))
                facts = EarningsFacts(month, EarningsReport.Kind.SALES, sales, grade)
                report_earnings(shop=shop, facts=facts, actor=worker)


def _months(first: date, count: int) -> list[date]:
    return [
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        for n in range(count)
    ]
