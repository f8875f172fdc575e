"""Figures that must agree: row and total, page and workbook, verdict and what is missing."""

from datetime import date
from decimal import Decimal

import pytest

from learners.models import Learner
from quotas import measures, tasks
from quotas.measures import Figure, Spec
from quotas.models import Measure
from quotas.queries import board as boards
from quotas.queries import explained, lines, pace
from quotas.queries.explained import Verified
from quotas.queries.pace import Standing
from regions.models import Region
from tests import factories
from tests.quotas import counted

AS_OF = date(2026, 6, 30)
COVERAGE = Spec(Measure.ROSTER_COVERAGE, *counted.YEAR, "home")


def board_of(user, code="411521", **choice):
    region = factories.make_region(code)
    return boards.board(user, region, boards.Choice(as_of=AS_OF, **choice))


# --- the verdict and what is missing --------------------------------------------------------------
def test_a_rounded_rate_does_not_meet_a_coverage_quota():
    nearly = Figure(Decimal("90.0"), "%", 8996, 10000)
    found = pace.progress(COVERAGE, nearly, Decimal(90), date(2026, 12, 31))
    assert (found.missing, found.standing, found.rate) == (4, Standing.SLOW, Decimal("99.9"))


def test_a_coverage_quota_met_to_the_member_is_done():
    exactly = Figure(Decimal("66.7"), "%", 2, 3)
    found = pace.progress(COVERAGE, exactly, Decimal("66.66"), AS_OF)
    assert (found.missing, found.standing) == (0, Standing.DONE)


def test_a_register_that_grew_forecasts_no_negative_rate():
    now, before = Figure(Decimal("5.0"), "%", 5, 100), Figure(Decimal("50.0"), "%", 5, 10)
    found = pace.progress(COVERAGE, now, Decimal(70), AS_OF, before)
    assert found.forecast == 0


def test_the_interval_has_no_negative_zero():
    lows = {str(Verified(0, n).interval[0]) for n in range(1, 400)}
    assert lows == {"0.0"}


# --- rows and totals ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_facts_of_a_township_that_was_dissolved_keep_their_row(county_official, regions):
    counted.make_quota()
    counted.train(code="411521001")
    counted.train(code="411521100")
    Region.objects.filter(code="411521100").update(ends_on=date(2026, 5, 31))
    found = board_of(county_official).league
    assert {row.region.code: row.progress.figure.value for row in found.rows} == {
        "411521001": 1,
        "411521100": 1,
    }
    assert found.total.progress.figure.value == 2


@pytest.mark.django_db
def test_a_township_renamed_under_its_code_has_one_row(county_official, regions):
    counted.make_quota()
    counted.train(code="411521100")
    Region.objects.filter(code="411521100").update(ends_on=date(2026, 5, 31))
    factories.make_region("411521100", "周党街道")
    found = board_of(county_official).league
    rows = [row for row in found.rows if row.region.code == "411521100"]
    assert [(row.region.name, row.progress.figure.value) for row in rows] == [("周党街道", 1)]


@pytest.mark.django_db
def test_rows_without_a_page_of_their_own_are_no_links(client, signed_in, county_official, regions):
    quota = counted.make_quota()
    counted.train(code="411521100")
    counted.train(code="411521")
    Region.objects.filter(code="411521100").update(ends_on=date(2026, 5, 31))
    url = f"/quotas/?region=411521&as_of={AS_OF}&quota={quota.pk}"
    page = signed_in(county_official).get(url)
    assert page.status_code == 200
    assert "周党镇" in page.text
    assert "region=411521100" not in page.text


@pytest.mark.django_db
def test_a_mean_says_nothing_of_the_month(county_official, regions):
    counted.make_quota(Measure.INCOME_RISE_YUAN, target=300)
    household = factories.make_household()
    for month in (5, 6):
        counted.baseline(household, date(2025, month, 1), 1000)
    counted.report(household, date(2026, 5, 1), 1100)
    counted.report(household, date(2026, 6, 1), 9000)
    found = board_of(county_official)
    assert found.hero.progress.figure.numerator == 1
    assert (found.hero.month, [row.month for row in found.league.rows if row.month]) == (None, [])


@pytest.mark.django_db
def test_a_coverage_quota_above_the_counties_unites_their_registers(province_officer, regions):
    plan = counted.make_plan()
    top = counted.make_quota(Measure.ROSTER_COVERAGE, "4115", 70, plan=plan)
    for code, village in (("411521", "411521001003"), ("411522", "411522001001")):
        learner = factories.make_learner(code=village)
        counted.make_quota(
            Measure.ROSTER_COVERAGE,
            code,
            70,
            plan=plan,
            parent=top,
            register_edition=counted.make_edition([learner], code),
        )
    counted.complete(learner, "411522")
    tile = board_of(province_officer, "4115").hero
    assert tile.line.target == 70
    assert (tile.progress.figure.numerator, tile.progress.figure.denominator) == (1, 2)


@pytest.mark.django_db
def test_the_bridge_counts_who_is_in_two_registers_once(regions):
    plan = counted.make_plan()
    learner = factories.make_learner()
    for code in ("411521", "411522"):
        edition = counted.make_edition([learner], code)
        quota = counted.make_quota(
            Measure.ROSTER_COVERAGE, code, 70, plan=plan, register_edition=edition
        )
    line = lines.line_at(quota, regions["4115"])
    assert measures.figure(line.spec, line.region, AS_OF).denominator == 1
    rows = [list(row.values())[3:] for row in tasks.bridge(line, AS_OF)]
    assert rows == [[1, 0, 0, 1, 0], [1, 0, 0, 1, 0]]


# --- people ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_walk_in_who_was_identified_is_a_person(regions):
    known = factories.make_learner()
    walk_in = factories.make_learner(provisional=True)
    counted.train(walk_in)
    Learner.objects.filter(pk=walk_in.pk).update(merged_into=known)
    quota = counted.make_quota(Measure.PEOPLE_TRAINED)
    assert measures.figure(quota, quota.region, AS_OF).value == 1
    assert measures.explain(quota, quota.region, AS_OF).reasons == {"counted": 1}
    assert measures.persons(quota, quota.region, AS_OF).people == 1


@pytest.mark.django_db
def test_a_merged_member_completes_as_the_person_it_was_merged_into(regions):
    listed, kept = factories.make_learner(), factories.make_learner()
    edition = counted.make_edition([listed, kept])
    Learner.objects.filter(pk=listed.pk).update(merged_into=kept)
    counted.complete(kept)
    quota = counted.make_quota(Measure.ROSTER_COVERAGE, register_edition=edition)
    found = measures.figure(quota, quota.region, AS_OF)
    account = measures.explain(quota, quota.region, AS_OF)
    assert (found.numerator, found.denominator) == (1, 1)
    assert account.reasons == {"counted": 1}


@pytest.mark.django_db
def test_attendance_shown_is_never_more_than_the_sessions_held(regions):
    enrolment = counted.train()
    run = enrolment.run
    before = counted.make_closed_session(run, run.starts_on)
    counted.mark(before, enrolment.learner)
    type(enrolment).objects.filter(pk=enrolment.pk).update(enrolled_on=date(2026, 3, 3))
    last = counted.make_closed_session(run, date(2026, 3, 3))
    counted.mark(last, enrolment.learner)
    rows = type(enrolment).objects.filter(pk=enrolment.pk)
    shown = explained.with_attendance(rows, AS_OF).get()
    assert (shown.attended, shown.held) == (1, 1)


# --- income ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_month_of_the_period_is_no_baseline_for_itself(regions):
    household = factories.make_household()
    counted.baseline(household, date(2025, 3, 1), 1000, 1)
    counted.baseline(household, date(2026, 3, 1), 5000, 1)
    counted.report(household, date(2026, 3, 1), 5000)
    quota = counted.make_quota(
        Measure.INCOME_RISE_YUAN, starts_on=date(2026, 3, 16), ends_on=date(2026, 12, 31)
    )
    assert measures.figure(quota, quota.region, AS_OF).value == Decimal("4000.00")
