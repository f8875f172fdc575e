"""Progress against the due line, the forecast, ranks, and sums that tie out."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learners.queries.registers import entries_in_force
from quotas import measures
from quotas.measures import Figure, Spec, State
from quotas.models import Measure
from quotas.queries import board as boards
from quotas.queries import lines, pace
from quotas.queries.pace import Standing
from tests import factories
from tests.quotas import counted

AS_OF = date(2026, 6, 30)


def spec(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), measure=Measure.PERSON_TIMES):
    return Spec(measure, starts_on, ends_on, "host")


def made(value, target=100, **fields):
    return pace.progress(spec(**fields), Figure(value, "", value), Decimal(target), AS_OF)


def test_the_figures_of_yuepuhu():
    plan = spec(date(2020, 3, 16), date(2022, 12, 31))
    day = date(2022, 9, 30)
    found = pace.progress(plan, Figure(2286, "", 2286), Decimal(3000), day)
    assert (found.rate, found.due, found.points) == (
        Decimal("76.2"),
        Decimal("91.0"),
        Decimal("-14.8"),
    )
    assert (found.missing, found.due_amount, found.standing) == (714, 2730, Standing.BEHIND)
    assert pace.classes_missing(plan, found) == 18
    ahead = pace.progress(plan, found.figure, found.target, day, before=Figure(1975, "", 1975))
    assert (ahead.forecast, ahead.forecast_rate) == (2604, Decimal("86.8"))
    assert (pace.shortfall(plan, ahead), pace.classes_missing(plan, ahead)) == (396, 10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (100, Standing.DONE),
        (105, Standing.DONE),
        (50, Standing.ON_PACE),
        (49, Standing.SLOW),
        (40, Standing.SLOW),
        (39, Standing.BEHIND),
        (0, Standing.BEHIND),
    ],
)
def test_standing_by_points_under_the_due_line(value, expected):
    # 2026-01-02 .. 2026-12-27 has 360 days, of which 180 are over on 2026-06-30.
    found = made(value, starts_on=date(2026, 1, 2), ends_on=date(2026, 12, 27))
    assert found.due == Decimal("50.0")
    assert found.standing == expected


def test_how_slow_is_slow_is_a_setting(settings):
    settings.SLOW_POINTS = 20.0
    found = made(39, starts_on=date(2026, 1, 2), ends_on=date(2026, 12, 27))
    assert found.standing == Standing.SLOW


@pytest.mark.parametrize(
    ("state", "standing"),
    [(State.NO_DENOMINATOR, Standing.NO_DENOMINATOR), (State.NO_DATA, Standing.NO_DATA)],
)
def test_no_denominator_is_a_state_of_its_own(state, standing):
    found = pace.progress(spec(), Figure(None, "%", state=state), Decimal(70), AS_OF)
    assert (found.rate, found.points, found.missing, found.standing) == (None, None, None, standing)


def test_the_due_line_before_and_after_the_period():
    assert pace.due_share(spec(), date(2025, 12, 31)) == 0
    assert pace.due_share(spec(), date(2026, 1, 1)) == Decimal("0.3")
    assert pace.due_share(spec(), date(2026, 12, 30)) == Decimal("99.7")
    assert pace.due_share(spec(), date(2027, 1, 1)) == 100


def test_the_forecast_holds_the_pace_of_ninety_days():
    found = pace.progress(
        spec(), Figure(200, "", 200), Decimal(400), AS_OF, before=Figure(110, "", 110)
    )
    assert (found.forecast, found.forecast_rate) == (384, Decimal("96.0"))


def test_no_forecast_after_the_end():
    after = date(2027, 1, 5)
    found = pace.progress(spec(), Figure(200, ""), Decimal(400), after, before=Figure(110, ""))
    assert found.forecast is None


def test_a_young_period_is_measured_from_its_first_day():
    young = spec(date(2026, 6, 1))
    assert pace.pace_day(young, AS_OF) == date(2026, 5, 31)


def test_missing_members_of_a_coverage_quota():
    figure = Figure(Decimal("50.0"), "%", 5, 10)
    rule = spec(measure=Measure.ROSTER_COVERAGE)
    assert pace.missing_of(rule, figure, Decimal(70)) == 2
    assert pace.missing_of(rule, figure, Decimal(71)) == 3


# --- the board ------------------------------------------------------------------------------------
def board_of(user, code="411521", **choice):
    region = factories.make_region(code)
    return boards.board(user, region, boards.Choice(as_of=AS_OF, **choice))


@pytest.fixture
def county(regions):
    """A county with quotas for both its townships and people trained in each."""
    plan = counted.make_plan()
    top = counted.make_quota(plan=plan, target=100, reserve=10)
    for code, target in (("411521001", 50), ("411521100", 40)):
        counted.make_quota(plan=plan, code=code, target=target, parent=top)
    run = factories.make_run("411521001", starts_on=date(2026, 6, 10))
    for _n in range(2):
        counted.train(run=run)
    counted.train(code="411521100", day=date(2026, 2, 3))
    counted.train(code="411521", day=date(2026, 6, 1))
    return top


@pytest.mark.django_db
def test_the_league_adds_up_with_the_reserve_and_the_own_row(county_official, county):
    found = board_of(county_official).league
    assert found.adds_up
    assert (found.handed_down, found.reserve) == (90, 10)
    rows = {(row.region.code, row.is_own): row.progress.figure.value for row in found.rows}
    assert rows == {("411521001", False): 2, ("411521100", False): 1, ("411521", True): 1}
    assert sum(rows.values()) == found.total.progress.figure.value == 4
    months = [row.month for row in found.rows]
    assert sum(months) == found.total.month == 3
    assert found.idle == 1


@pytest.mark.django_db
def test_ranks_by_rate_and_how_they_moved(county_official, county):
    found = board_of(county_official).league
    ranked = [(row.region.code, row.rank, row.moved) for row in found.rows]
    assert ranked == [("411521001", 1, 1), ("411521100", 2, -1), ("411521", None, None)]


@pytest.mark.django_db
def test_equal_rates_share_a_rank(county_official, county):
    for _n in range(2):
        counted.train(code="411521100", day=date(2026, 2, 4))
    counted.train(code="411521001", day=date(2026, 6, 11))
    county.children.update(target=50)
    found = board_of(county_official).league
    # Of equal rank the one that did more this month stands first.
    assert [(row.region.code, row.rank) for row in found.rows if row.rank] == [
        ("411521001", 1),
        ("411521100", 1),
    ]


@pytest.mark.django_db
def test_a_region_without_a_quota_shows_counts_only(county_official, county):
    village = board_of(county_official, "411521100200")
    assert village.hero.line.target is None
    assert village.hero.progress.rate is None
    assert village.hero.progress.figure.value == 0
    assert village.finding is None


@pytest.mark.django_db
def test_a_province_sees_the_quotas_of_its_counties(province_officer, county):
    above = board_of(province_officer, "41")
    assert above.hero.progress.figure.value == 4
    assert above.hero.line.target is None
    rows = {row.region.code: row.progress.figure.value for row in above.league.rows}
    assert rows == {"4115": 4}


@pytest.mark.django_db
def test_coverage_above_the_counties_is_over_their_registers_together(province_officer, regions):
    plan = counted.make_plan()
    for code, village in (("411521", "411521001003"), ("411522", "411522001001")):
        learner = factories.make_learner(code=village)
        edition = counted.make_edition([learner], code)
        counted.make_quota(Measure.ROSTER_COVERAGE, code, 70, plan=plan, register_edition=edition)
    counted.complete(learner, "411522")
    figure = board_of(province_officer, "4115").hero.progress.figure
    assert (figure.numerator, figure.denominator) == (1, 2)


@pytest.mark.django_db
def test_who_was_never_enrolled_is_named_in_the_finding(county_official, regions):
    people = [factories.make_learner() for _n in range(3)]
    counted.complete(people[0])
    edition = counted.make_edition(people)
    counted.make_quota(Measure.ROSTER_COVERAGE, target=70, register_edition=edition)
    finding = board_of(county_official).finding
    assert finding.never_enrolled == 2
    assert finding.tile.progress.missing == 2


@pytest.mark.django_db
def test_the_trend_ends_at_the_figure(county_official, county):
    found = board_of(county_official)
    assert found.trend.actual[0] == (date(2026, 1, 1), 0.0)
    assert found.trend.actual[-1] == (AS_OF, 4.0)
    assert [amount for _day, amount in found.trend.actual[1:]] == [0, 1, 1, 1, 1, 4]


@pytest.mark.django_db
def test_an_audience_narrows_the_figure_and_takes_the_target_away(county_official, county):
    found = board_of(county_official, audience="HOUSEHOLD_MEMBER")
    assert (found.hero.progress.figure.value, found.hero.line.target) == (4, None)
    assert board_of(county_official, audience="TOWNSHIP_CADRE").hero.progress.figure.value == 0


@pytest.mark.django_db
def test_what_is_not_to_be_had_is_refused(county_official, county):
    other = counted.make_quota(code="411522")
    for choice in ({"audience": "X"}, {"plan": other.plan_id}, {"quota": other.pk}):
        with pytest.raises(LookupError):
            board_of(county_official, **choice)


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_children(county_official, county):
    assert county_official.scope.has("OFFICIAL")  # read before counting, as in a request
    with CaptureQueriesContext(connection) as few:
        board_of(county_official)
    for n in range(30):
        code = f"4115212{n:02d}"
        counted.make_quota(plan=county.plan, code=code, target=10, parent=county)
        counted.train(code=code, day=date(2026, 6, 2))
    with CaptureQueriesContext(connection) as many:
        assert len(board_of(county_official).league.rows) == 33
    assert len(many) == len(few)
    assert len(few) <= 20


# --- properties -----------------------------------------------------------------------------------
PLACES = ["411521", "411521001", "411521001003", "411521001004", "411521100", "411521100200"]


@pytest.mark.postgres
@pytest.mark.django_db
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    facts=st.lists(
        st.tuples(st.sampled_from(PLACES), st.integers(0, 3), st.booleans()), max_size=12
    )
)
def test_every_level_is_the_sum_of_the_rows_below_and_its_own(regions, facts):
    with transaction.atomic():
        people = [factories.make_learner(code=PLACES[2]) for _n in range(4)]
        for place, who, attended in facts:
            counted.train(people[who], place, status="PRESENT" if attended else "ABSENT")
        times = counted.make_quota()
        heads = counted.make_quota(Measure.PEOPLE_TRAINED, attribution="host")
        for code in ("41", "4115", "411521", "411521001", "411521100"):
            region = regions[code]
            rows = measures.by_child(times, region, AS_OF)
            total = measures.figure(times, region, AS_OF).value
            assert sum(row.value for row in rows.values()) == total
            expected = {who for place, who, ok in facts if ok and place.startswith(code)}
            assert total == sum(ok and place.startswith(code) for place, _who, ok in facts)
            assert measures.figure(heads, region, AS_OF).value == len(expected)
            account = measures.explain(times, region, AS_OF)
            assert account.of("yes") + account.of("no") + account.of("pending") == sum(
                place.startswith(code) for place, _who, _ok in facts
            )
        transaction.set_rollback(True)


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_members_are_those_that_the_register_says_are_in_force(regions):
    people = [factories.make_learner() for _n in range(4)]
    edition = counted.make_edition(people[:3])
    first = edition.entries.get(learner=people[0])
    counted.adjust(first, "REMOVE", date(2026, 2, 1))
    counted.adjust(first, "ADD", date(2026, 4, 1))
    counted.adjust(edition.entries.get(learner=people[1]), "REMOVE", date(2026, 3, 1))
    added = counted.add_entry(edition, people[3], in_seal=False)
    counted.adjust(added, "ADD", date(2026, 3, 15))
    quota = counted.make_quota(Measure.ROSTER_COVERAGE, register_edition=edition)
    for month in range(1, 7):
        day = date(2026, month, 20)
        figure = measures.figure(quota, quota.region, day)
        assert figure.denominator == entries_in_force(edition, day).count()
    assert lines.line_at(quota, quota.region).spec.editions == (edition.pk,)
