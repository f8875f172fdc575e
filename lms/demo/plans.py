"""The figures of three real plans, moved to this year; the document numbers stay as they are."""

from datetime import date
from decimal import Decimal

from accounts.models import User
from learners.models import RegisterEdition
from lms.demo.cast import region
from lms.lib.periods import shift_years, today
from quotas.actions import (
    QuotaTerms,
    add_quota,
    cascade_quota,
    commit_check,
    create_plan,
    draw_check,
)
from quotas.models import CheckPlan, Measure, Plan, Quota
from regions.models import Region

HENAN_LAST, YUEPUHU_LAST, ZHUOZI_LAST = 2019, 2022, 2020


def shift(last_year: int) -> int:
    """Years by which a plan that ended in `last_year` is moved to end this year."""
    return today().year - last_year


def moved(day: date, last_year: int) -> date:
    return shift_years(day, shift(last_year))


def henan(edition: RegisterEdition, actor: User) -> Plan:
    """70 % of the able and willing in the first year, all of them over both years."""
    plan = create_plan(
        title="河南省电子商务脱贫培训三年行动方案",
        doc_no="豫脱贫办〔2018〕94号",
        starts_on=moved(date(2018, 1, 1), HENAN_LAST),
        ends_on=moved(date(2019, 12, 31), HENAN_LAST),
        demo_shift_years=shift(HENAN_LAST),
        actor=actor,
    )
    for last, share in ((date(2018, 12, 31), 70), (date(2019, 12, 31), 100)):
        terms = QuotaTerms(
            measure=Measure.ROSTER_COVERAGE,
            kind=Quota.Kind.COVERAGE,
            target=Decimal(share),
            starts_on=plan.starts_on,
            ends_on=moved(last, HENAN_LAST),
            attribution=Quota.Attribution.HOME,
            register_edition=edition,
        )
        add_quota(plan=plan, region=region("411521"), terms=terms, actor=actor)
    people = QuotaTerms(
        measure=Measure.PEOPLE_TRAINED,
        target=Decimal(150),
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        attribution=Quota.Attribution.HOME,
    )
    add_quota(plan=plan, region=region("411521"), terms=people, actor=actor)
    return plan


def yuepuhu(actor: User) -> Plan:
    """3,000 person-times by the end, handed down to nine townships with a reserve of 100."""
    plan = create_plan(
        title="岳普湖县电子商务进农村综合示范工作实施方案（2019年修订）",
        doc_no="岳电商办〔2021〕11号",
        issued_on=moved(date(2020, 3, 16), YUEPUHU_LAST),
        starts_on=moved(date(2020, 3, 16), YUEPUHU_LAST),
        ends_on=moved(date(2022, 12, 31), YUEPUHU_LAST),
        demo_shift_years=shift(YUEPUHU_LAST),
        actor=actor,
    )
    terms = QuotaTerms(
        measure=Measure.PERSON_TIMES,
        kind=Quota.Kind.CUMULATIVE,
        target=Decimal(3000),
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        attribution=Quota.Attribution.HOST,
    )
    quota = add_quota(plan=plan, region=region("653128"), terms=terms, actor=actor)
    cascade_quota(quota=quota, targets=_shares(), reserve=Decimal(100), actor=actor)
    return plan


def _shares() -> dict[Region, Decimal]:
    """2,900 person-times over the nine townships: the first ones take a little more."""
    townships = list(region("653128").children.filter(ends_on__isnull=True).order_by("path"))
    equal, rest = divmod(2900, len(townships) * 10)
    shares = {township: Decimal(equal * 10) for township in townships}
    for n in range(rest // 10):
        shares[townships[n]] += 10
    shares[townships[0]] += 2900 - sum(shares.values())
    return shares


def zhuozi(actor: User) -> Plan:
    """Results that were reported, taken as a demonstration target: no document number."""
    plan = create_plan(
        title="卓资县电商扶贫五维模式（演示目标）",
        starts_on=moved(date(2018, 1, 1), ZHUOZI_LAST),
        ends_on=moved(date(2020, 12, 31), ZHUOZI_LAST),
        demo_shift_years=shift(ZHUOZI_LAST),
        actor=actor,
    )
    for measure, target, kind in (
        (Measure.SHOPS_OPENED, 1024, Quota.Kind.CUMULATIVE),
        (Measure.INCOME_RISE_YUAN, 300, Quota.Kind.ABSOLUTE),
    ):
        terms = QuotaTerms(
            measure=measure,
            kind=kind,
            target=Decimal(target),
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            attribution=Quota.Attribution.HOME,
        )
        add_quota(plan=plan, region=region("150921"), terms=terms, actor=actor)
    return plan


def spot_check(inspector: User, actor: User) -> None:
    """Twelve people of 罗山县's classes to be called or visited, drawn from a published seed."""
    plan, seed = commit_check(
        region=region("411521"),
        level=CheckPlan.Level.SPOT,
        starts_on=date(today().year, 1, 1),
        ends_on=today(),
        n=12,
        actor=actor,
    )
    draw_check(plan=plan, seed=seed, inspectors=[inspector], actor=actor)
