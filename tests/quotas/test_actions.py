from datetime import date
from decimal import Decimal

import pytest

from lms.lib.scope import Role
from lms.models import AuditEvent
from quotas import actions
from quotas.actions import QuotaError, QuotaTerms
from quotas.models import CheckItem, CheckPlan, Measure, Quota
from quotas.queries import checks
from tests import factories
from tests.quotas import counted

pytestmark = pytest.mark.django_db
ONE, TWO = "411521001", "411521100"


def terms(**fields):
    fields = {
        "measure": Measure.PERSON_TIMES,
        "target": Decimal(100),
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "attribution": "host",
    } | fields
    return QuotaTerms(**fields)


def coverage(**fields):
    fields = {
        "measure": Measure.ROSTER_COVERAGE,
        "kind": "COVERAGE",
        "target": Decimal(70),
    } | fields
    return terms(**fields)


def refused(code, action, **arguments):
    lines = AuditEvent.objects.count()
    with pytest.raises(QuotaError) as caught:
        action(**arguments)
    assert caught.value.code == code
    assert str(caught.value.message)
    assert AuditEvent.objects.count() == lines
    return caught.value


@pytest.fixture
def quota(county_official):
    return counted.make_quota(target=100)


def cascade(quota, one, two, reserve=0, actor=None):
    regions = {ONE: Decimal(one), TWO: Decimal(two)}
    targets = {factories.make_region(code): target for code, target in regions.items()}
    return actions.cascade_quota(
        quota=quota, targets=targets, reserve=Decimal(reserve), actor=actor
    )


# --- plans and quotas -----------------------------------------------------------------------------
def test_a_plan_and_its_quota_are_laid_down(county_clerk):
    plan = actions.create_plan(
        title="实施方案",
        doc_no="罗政办〔2026〕3号",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        actor=county_clerk,
    )
    region = factories.make_region("411521")
    made = actions.add_quota(plan=plan, region=region, terms=terms(), actor=county_clerk)
    assert (made.plan, made.region, made.target, made.reserve) == (plan, region, 100, 0)
    assert list(AuditEvent.objects.values_list("action", flat=True)) == [
        "quotas.quota_added",
        "quotas.plan_created",
    ]


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("ENDS_FIRST", terms(ends_on=date(2025, 1, 1))),
        ("NOTHING_ASKED", terms(target=Decimal(0))),
        ("KIND", terms(measure=Measure.ROSTER_COVERAGE)),
        ("KIND", terms(kind="COVERAGE")),
        ("OVER_100", coverage(target=Decimal(101))),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused(county_clerk, code, wrong):
    plan, region = counted.make_plan(), factories.make_region("411521")
    refused(code, actions.add_quota, plan=plan, region=region, terms=wrong, actor=county_clerk)
    assert not Quota.objects.exists()


def test_a_plan_that_ends_first_is_refused(county_clerk):
    days = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}
    refused("ENDS_FIRST", actions.create_plan, title="x", actor=county_clerk, **days)


def test_coverage_needs_a_sealed_edition(county_clerk):
    plan, region = counted.make_plan(), factories.make_region("411521")
    made = actions.add_quota(plan=plan, region=region, terms=coverage(), actor=county_clerk)
    draft = counted.make_edition([], sealed=False)
    refused("NOT_SEALED", actions.attach_edition, quota=made, edition=draft, actor=county_clerk)
    sealed = counted.make_edition([])
    actions.attach_edition(quota=made, edition=sealed, actor=county_clerk)
    made.refresh_from_db()
    assert made.register_edition == sealed


def test_a_register_of_elsewhere_or_of_no_use_is_refused(county_clerk, quota):
    sealed = counted.make_edition([], "411522")
    refused("NO_COVERAGE", actions.attach_edition, quota=quota, edition=sealed, actor=county_clerk)
    mine = counted.make_quota(Measure.ROSTER_COVERAGE, target=70)
    refused("ELSEWHERE", actions.attach_edition, quota=mine, edition=sealed, actor=county_clerk)
    given = {"plan": mine.plan, "region": mine.region, "actor": county_clerk}
    refused("ELSEWHERE", actions.add_quota, terms=coverage(register_edition=sealed), **given)


def test_a_revised_plan_is_a_new_edition_with_the_same_tree(county_clerk, quota):
    cascade(quota, 60, 40)
    revised = actions.revise_plan(
        plan=quota.plan, title="修订", doc_no="〔2026〕9号", issued_on=None, actor=county_clerk
    )
    assert (revised.edition, revised.supersedes) == (2, quota.plan)
    top = revised.quotas.get(parent=None)
    assert sorted(top.children.values_list("target", flat=True)) == [40, 60]
    assert quota.plan.quotas.count() == 3
    again = {"title": "x", "doc_no": "", "issued_on": None, "actor": county_clerk}
    refused("SUPERSEDED", actions.revise_plan, plan=quota.plan, **again)


# --- cascades -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("one", "two", "reserve"), [(60, 40, 0), (60, 30, 10), (0, 0, 100)])
def test_children_and_reserve_are_the_parents(quota, one, two, reserve):
    cascade(quota, one, two, reserve)
    quota.refresh_from_db()
    children = {child.region.code: child.target for child in quota.children.all()}
    assert children == {code: n for code, n in ((ONE, one), (TWO, two)) if n}
    assert sum(children.values()) + quota.reserve == quota.target


@pytest.mark.parametrize(("one", "two", "reserve", "named"), [(60, 30, 0, "10"), (60, 50, 5, "15")])
def test_what_does_not_add_up_is_refused_and_the_difference_named(quota, one, two, reserve, named):
    with pytest.raises(QuotaError) as caught:
        cascade(quota, one, two, reserve)
    assert caught.value.code == "DOES_NOT_ADD_UP"
    assert named in str(caught.value.message)
    assert not quota.children.exists()


def test_a_second_cascade_replaces_the_first(quota):
    first = cascade(quota, 60, 40)
    cascade(quota, 90, 0, 10)
    assert list(quota.children.values_list("pk", "target")) == [(first[0].pk, 90)]


@pytest.mark.parametrize(
    ("code", "one", "reserve"), [("NEGATIVE", -5, 105), ("NEGATIVE", 110, -10)]
)
def test_nothing_negative_is_handed_down(quota, code, one, reserve):
    with pytest.raises(QuotaError, match=code):
        cascade(quota, one, 0, reserve)


def test_only_to_the_regions_right_below(quota):
    village = {factories.make_region("411521100200"): Decimal(100)}
    refused(
        "NOT_A_CHILD",
        actions.cascade_quota,
        quota=quota,
        targets=village,
        reserve=Decimal(0),
        actor=None,
    )


def test_a_part_that_was_handed_on_keeps_its_sum(quota):
    one, _two = cascade(quota, 60, 40)
    village = {factories.make_region("411521001003"): Decimal(60)}
    actions.cascade_quota(quota=one, targets=village, reserve=Decimal(0), actor=None)
    for first, second in ((50, 50), (0, 100)):
        with pytest.raises(QuotaError, match="HANDED_ON"):
            cascade(quota, first, second)
    assert quota.children.get(region__code=ONE).target == 60


def test_rates_are_handed_down_without_a_sum(county_official):
    rate = counted.make_quota(Measure.ROSTER_COVERAGE, target=70)
    cascade(rate, 70, 80)
    assert {child.kind for child in rate.children.all()} == {"COVERAGE"}


# --- checks ---------------------------------------------------------------------------------------
@pytest.fixture
def population(inspector):
    run = factories.make_run()
    return [counted.train(run=run) for _n in range(8)]


def announce(n=3, **fields):
    return actions.commit_check(
        region=factories.make_region("411521"),
        level=CheckPlan.Level.SPOT,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        n=n,
        actor=None,
        **fields,
    )


def test_a_sample_replays_from_its_seed(population, inspector):
    plan, seed = announce()
    assert plan.seed == ""
    assert plan.seed_commitment == checks.commitment(seed)
    items = actions.draw_check(plan=plan, seed=seed, inspectors=[inspector], actor=None)
    plan.refresh_from_db()
    assert (plan.seed, plan.population, len(items)) == (seed, 8, 3)
    again = checks.sample(checks.population_of(plan), seed, 3)
    assert [str(item.enrolment_id) for item in items] == again
    assert len(set(again)) == 3


def test_only_what_counted_is_drawn(population, inspector):
    counted.train(status="ABSENT")
    plan, seed = announce(n=50)
    items = actions.draw_check(plan=plan, seed=seed, inspectors=[inspector], actor=None)
    assert {item.enrolment_id for item in items} == {row.pk for row in population}


def test_a_draw_needs_the_published_seed_and_happens_once(population, inspector):
    plan, seed = announce()
    people = {"inspectors": [inspector], "actor": None}
    refused("OTHER_SEED", actions.draw_check, plan=plan, seed="another", **people)
    actions.draw_check(plan=plan, seed=seed, **people)
    refused("DRAWN", actions.draw_check, plan=plan, seed=seed, **people)


def test_nobody_checks_their_own_work(population, inspector):
    marker = factories.make_user("marker", (Role.INSPECTOR, "411521"))
    enrolment = counted.train()
    teacher = enrolment.run.sessions.get().instructor
    teacher.user = marker
    teacher.save()
    for people in ([marker], [inspector, marker]):
        plan, seed = announce(n=50)
        draw = {"plan": plan, "seed": seed, "inspectors": people, "actor": None}
        if inspector not in people:
            refused("OWN_WORK", actions.draw_check, **draw)
        else:
            actions.draw_check(**draw)
            assert CheckItem.objects.get(enrolment=enrolment).inspector == inspector


def test_items_go_to_inspectors_of_the_region(population, county_clerk):
    plan, seed = announce()
    for people, code in (([], "NO_INSPECTOR"), ([county_clerk], "NOT_AN_INSPECTOR")):
        refused(code, actions.draw_check, plan=plan, seed=seed, inspectors=people, actor=None)


def test_a_check_of_nothing_is_refused(regions):
    with pytest.raises(QuotaError, match="NO_ITEMS"):
        announce(n=0)


def test_an_inspector_records_own_items_only(population, inspector, county_clerk):
    plan, seed = announce()
    item, *_rest = actions.draw_check(plan=plan, seed=seed, inspectors=[inspector], actor=None)
    confirmed = CheckItem.Finding.CONFIRMED
    refused("NOT_YOURS", actions.record_finding, item=item, finding=confirmed, actor=county_clerk)
    refused("NO_FINDING", actions.record_finding, item=item, finding="X", actor=inspector)
    denied = CheckItem.Finding.DENIED
    refused("NO_NOTE", actions.record_finding, item=item, finding=denied, actor=inspector)
    actions.record_finding(item=item, finding=confirmed, actor=inspector)
    item.refresh_from_db()
    assert (item.finding, item.checked_at is not None) == (confirmed, True)


@pytest.mark.postgres
def test_a_plan_asks_the_same_of_a_region_once(county_clerk, quota):
    again = terms(starts_on=quota.starts_on, ends_on=quota.ends_on, measure=quota.measure)
    refused(
        "ASKED_ALREADY",
        actions.add_quota,
        plan=quota.plan,
        region=quota.region,
        terms=again,
        actor=county_clerk,
    )
    assert Quota.objects.filter(region=quota.region).count() == 1
