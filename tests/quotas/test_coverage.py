"""roster_coverage, shops_opened and income_rise_yuan: each sentence of the rules is a case."""

from datetime import date
from decimal import Decimal

import pytest

from courses.models import CourseRun
from incubation.models import EarningsReport
from learners.models import HouseholdStatus, Membership
from quotas import measures
from quotas.measures import State, income
from quotas.models import Measure
from tests import factories
from tests.quotas import counted

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
AS_OF = date(2026, 6, 30)


def figure(measure=Measure.ROSTER_COVERAGE, code="411521", as_of=AS_OF, **fields):
    quota = counted.make_quota(measure, code, **fields)
    return measures.figure(quota, quota.region, as_of)


def reasons(measure=Measure.ROSTER_COVERAGE, code="411521", as_of=AS_OF, **fields):
    quota = counted.make_quota(measure, code, **fields)
    return measures.explain(quota, quota.region, as_of).reasons


# --- roster coverage ------------------------------------------------------------------------------
def test_members_that_completed_over_members():
    people = [factories.make_learner() for _ in range(3)]
    counted.complete(people[0])
    counted.train(people[1])
    found = figure(register_edition=counted.make_edition(people))
    assert (found.value, found.numerator, found.denominator) == (Decimal("33.3"), 1, 3)


def test_who_is_not_in_the_register_does_not_count():
    inside, outside = factories.make_learner(), factories.make_learner()
    counted.complete(outside)
    found = figure(register_edition=counted.make_edition([inside]))
    assert (found.value, found.numerator, found.denominator) == (Decimal("0.0"), 0, 1)


@pytest.mark.parametrize("sealed", [False, None])
def test_without_a_sealed_edition_there_is_no_denominator(sealed):
    learner = factories.make_learner()
    counted.complete(learner)
    edition = None if sealed is None else counted.make_edition([learner], sealed=False)
    found = figure(register_edition=edition)
    assert (found.value, found.state) == (None, State.NO_DENOMINATOR)


def test_additions_and_removals_up_to_the_as_of_day():
    done, gone, came, later = (factories.make_learner() for _ in range(4))
    counted.complete(done)
    counted.complete(came)
    edition = counted.make_edition([done, gone])
    counted.adjust(edition.entries.get(learner=gone), "REMOVE", date(2026, 6, 30))
    for learner, day in ((came, date(2026, 6, 30)), (later, date(2026, 7, 1))):
        counted.adjust(counted.add_entry(edition, learner, in_seal=False), "ADD", day)
    found = figure(register_edition=edition)
    assert (found.numerator, found.denominator) == (2, 2)
    assert found.beside == {"sealed_done": 1, "sealed": 2, "sealed_rate": Decimal("50.0")}
    before = figure(register_edition=edition, as_of=date(2026, 6, 29))
    assert (before.numerator, before.denominator) == (1, 2)
    assert reasons(register_edition=edition) == {"counted": 2, "removed": 1}


def test_whoever_came_back_is_in_force_again():
    learner = factories.make_learner()
    edition = counted.make_edition([learner])
    entry = edition.entries.get()
    counted.adjust(entry, "REMOVE", date(2026, 2, 1))
    counted.adjust(entry, "ADD", date(2026, 3, 1))
    assert figure(register_edition=edition).denominator == 1


def test_completions_count_by_their_day():
    learner = factories.make_learner()
    edition = counted.make_edition([learner])
    counted.complete(learner, day=date(2026, 7, 1))
    assert figure(register_edition=edition).numerator == 0
    assert figure(register_edition=edition, as_of=date(2026, 7, 1)).numerator == 1
    ended = figure(register_edition=edition, ends_on=date(2026, 6, 30), as_of=date(2026, 7, 1))
    assert ended.numerator == 0


def test_of_a_household_register_any_member_counts():
    household = factories.make_household()
    member = factories.make_learner(household=household)
    factories.make_learner(household=household)
    other = factories.make_household()
    counted.complete(member)
    found = figure(register_edition=counted.make_edition([household, other]))
    assert (found.numerator, found.denominator) == (1, 2)


def test_a_completion_in_a_cancelled_run_does_not_count():
    learner = factories.make_learner()
    counted.complete(learner)
    CourseRun.objects.update(status="CANCELLED")
    assert reasons(register_edition=counted.make_edition([learner])) == {"never_enrolled": 1}


def test_why_members_do_not_count_yet():
    never, enrolled, going = (factories.make_learner() for _ in range(3))
    counted.train(enrolled)
    factories.make_enrolment(factories.make_run(starts_on=date(2026, 6, 29)), going)
    edition = counted.make_edition([never, enrolled, going])
    assert reasons(register_edition=edition) == {
        "never_enrolled": 1,
        "not_completed": 1,
        "in_training": 1,
    }


def test_a_completed_run_is_over_on_its_last_day():
    learner = factories.make_learner()
    run = factories.make_run(starts_on=AS_OF, days=1, status=CourseRun.Status.CLOSED)
    factories.make_enrolment(run, learner)
    assert reasons(register_edition=counted.make_edition([learner])) == {"not_completed": 1}


def test_coverage_by_child_is_a_rate_of_its_own():
    here = factories.make_learner(code="411521001003")
    there = [factories.make_learner(code="411521100200") for _ in range(2)]
    counted.complete(here)
    edition = counted.make_edition([here, *there])
    quota = counted.make_quota(Measure.ROSTER_COVERAGE, register_edition=edition)
    rows = measures.by_child(quota, quota.region, AS_OF)
    assert {path: row.value for path, row in rows.items()} == {
        "411521001": Decimal("100.0"),
        "411521100": Decimal("0.0"),
    }
    assert measures.figure(quota, quota.region, AS_OF).value == Decimal("33.3")


def test_somebody_in_two_editions_is_one_member():
    learner = factories.make_learner()
    editions = tuple(counted.make_edition([learner], code).pk for code in ("411521", "4115"))
    quota = counted.make_quota(Measure.ROSTER_COVERAGE)
    spec = measures.Spec.of(quota).with_editions(editions)
    assert measures.figure(spec, quota.region, AS_OF).denominator == 1
    assert measures.explain(spec, quota.region, AS_OF).candidates == 1


def test_almost_all_is_not_all():
    assert measures.percent(9999, 10000) == Decimal("99.9")
    assert measures.percent(371, 400) == Decimal("92.8")
    assert measures.percent(436, 420) == Decimal("103.8")


# --- shops ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2025, 12, 31), 0), (date(2026, 1, 1), 1), (AS_OF, 1), (date(2026, 7, 1), 0)],
)
def test_shops_by_their_opening_day(day, expected):
    counted.make_shop(factories.make_learner(), day)
    assert figure(Measure.SHOPS_OPENED).value == expected


def test_a_shop_that_closed_stays_counted():
    counted.make_shop(factories.make_learner(), closed_on=date(2026, 4, 1))
    counted.make_shop(factories.make_learner(), date(2025, 5, 1))
    assert reasons(Measure.SHOPS_OPENED) == {"counted": 1, "opened_before": 1}


def test_the_household_group_is_that_of_the_opening_day():
    household = factories.make_household(type_code="GENERAL_POOR")
    household.statuses.update(ends_on=date(2026, 2, 28))
    HouseholdStatus.objects.create(
        household=household, type_id="LIFTED_OUT", starts_on=date(2026, 3, 1)
    )
    owner = factories.make_learner(household=household)
    counted.make_shop(owner, date(2026, 2, 28))
    counted.make_shop(owner, date(2026, 3, 1))
    counted.make_shop(owner, date(2026, 3, 2))
    assert figure(Measure.SHOPS_OPENED, household_group="POOR").value == 1
    assert figure(Measure.SHOPS_OPENED, household_group="LIFTED_OUT").value == 2
    assert figure(Measure.SHOPS_OPENED, audience="RETURNEE").value == 0


# --- income ---------------------------------------------------------------------------------------
JAN, FEB, BASE = date(2026, 1, 1), date(2026, 2, 1), date(2019, 1, 1)


def make_books(*, now: int = 3000, before: int = 1000, members: int = 4, code="411521001003"):
    household = factories.make_household(code)
    counted.report(household, JAN, now)
    counted.baseline(household, BASE, before, members)
    return household


def test_the_rise_is_per_head_against_the_same_month():
    household = make_books()
    counted.baseline(household, date(2019, 2, 1), 500)
    found = figure(Measure.INCOME_RISE_YUAN)
    assert found.value == Decimal("500.00")
    assert found.beside == {
        "enough": 1,
        "enough_rate": Decimal("100.0"),
        "total_yuan": Decimal(2000),
        "part_year": 1,
    }


def test_the_mean_is_over_households_that_have_both():
    make_books(now=3000)
    make_books(now=1400)
    counted.report(factories.make_household(), JAN, 9000)
    counted.baseline(factories.make_household(), BASE, 100)
    found = figure(Measure.INCOME_RISE_YUAN)
    assert (found.value, found.denominator, found.numerator) == (Decimal("300.00"), 2, 1)
    assert reasons(Measure.INCOME_RISE_YUAN) == {"counted": 2, "no_baseline": 1, "no_report": 1}


def test_the_best_evidence_of_a_month_counts():
    household = make_books(now=3000)
    counted.report(household, JAN, 9000, grade=1)
    assert figure(Measure.INCOME_RISE_YUAN).value == Decimal("500.00")
    counted.report(household, JAN, 5000, grade=4)
    assert figure(Measure.INCOME_RISE_YUAN).value == Decimal("1000.00")


def test_a_replaced_report_and_other_kinds_do_not_count():
    household = make_books(now=3000)
    old = EarningsReport.objects.get()
    counted.report(household, JAN, 1400, replaces=old)
    counted.report(household, FEB, 100)
    EarningsReport.objects.filter(month=FEB).update(kind="SALES")
    assert figure(Measure.INCOME_RISE_YUAN).value == Decimal("100.00")


def test_all_months_there_is_not_part_year():
    make_books()
    found = figure(Measure.INCOME_RISE_YUAN, ends_on=date(2026, 1, 31))
    assert found.beside["part_year"] == 0


def test_months_after_the_as_of_day_do_not_count():
    household = make_books()
    counted.report(household, FEB, 5000)
    counted.baseline(household, date(2019, 2, 1), 1000)
    assert figure(Measure.INCOME_RISE_YUAN, as_of=date(2026, 1, 31)).value == Decimal("500.00")
    assert figure(Measure.INCOME_RISE_YUAN).value == Decimal("1500.00")


def test_no_household_with_both_is_not_zero():
    counted.report(factories.make_household(), JAN, 9000)
    found = figure(Measure.INCOME_RISE_YUAN)
    assert (found.value, found.state) == (None, State.NO_DATA)


def test_no_month_in_common_is_a_reason_of_its_own():
    household = factories.make_household()
    counted.report(household, FEB, 9000)
    counted.baseline(household, BASE, 100)
    assert reasons(Measure.INCOME_RISE_YUAN) == {"no_same_month": 1}


def test_income_by_child_is_a_mean_of_its_own():
    make_books(now=3000)
    make_books(now=1000, code="411521100200")
    quota = counted.make_quota(Measure.INCOME_RISE_YUAN)
    rows = measures.by_child(quota, quota.region, AS_OF)
    assert {path: row.value for path, row in rows.items()} == {
        "411521001": Decimal("500.00"),
        "411521100": Decimal("0.00"),
    }
    assert figure(Measure.INCOME_RISE_YUAN).value == Decimal("250.00")


def test_the_base_year_may_be_named_and_groups_filter():
    household = make_books(now=3000)
    counted.baseline(household, date(2018, 1, 1), 2000)
    named = {"base_starts_on": date(2018, 1, 1), "base_ends_on": date(2018, 12, 31)}
    assert figure(Measure.INCOME_RISE_YUAN, **named).value == Decimal("250.00")
    assert figure(Measure.INCOME_RISE_YUAN, household_group="POOR").denominator == 1
    assert figure(Measure.INCOME_RISE_YUAN, household_group="MONITORED").value is None


def test_months_of_a_period_over_new_year():
    quota = counted.make_quota(starts_on=date(2025, 11, 20), ends_on=date(2026, 12, 31))
    found = income.months_of(measures.Spec.of(quota), date(2026, 1, 5))
    assert found == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]


def test_membership_decides_the_group_of_a_person_in_the_register():
    learner = factories.make_learner(household=factories.make_household(type_code="LIFTED_OUT"))
    edition = counted.make_edition([learner])
    assert Membership.objects.count() == 1
    assert figure(register_edition=edition, household_group="LIFTED_OUT").denominator == 1
    assert figure(register_edition=edition, household_group="POOR").state == State.NO_DENOMINATOR
