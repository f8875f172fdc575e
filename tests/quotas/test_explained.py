"""What a page says of the facts behind a figure, and to whom."""

from datetime import date

import pytest

from quotas import measures
from quotas.models import Measure
from quotas.queries import explained, lines
from tests import factories
from tests.quotas import counted

pytestmark = pytest.mark.django_db
AS_OF = date(2026, 6, 30)


def rows_of(user, quota, verdict="", region=None):
    line = lines.line_at(quota, region or quota.region)
    found = explained.facts(line, AS_OF, verdict)
    return explained.people(user, line, list(found), AS_OF)


def test_a_row_says_who_where_which_run_and_how_often(county_clerk):
    learner = factories.make_learner("阿依古丽·买买提", "411521100200")
    enrolment = counted.train(learner, number=41)
    counted.make_closed_session(enrolment.run, date(2026, 3, 3))
    (row,) = rows_of(county_clerk, counted.make_quota())
    assert (row.name, row.mark) == ("阿依古丽·买买提", learner.masked_id)
    assert (row.place, row.place_above) == ("曹村村民委员会", "周党镇")
    assert (row.what, row.proof) == (enrolment.run.course.title, "1/2")
    assert "*" in row.mark
    assert "41" in row.what_more


def test_only_sessions_held_while_enrolled_are_in_the_denominator(county_clerk):
    run = factories.make_run()
    first = counted.make_closed_session(run, date(2026, 3, 2))
    counted.make_closed_session(run, date(2026, 3, 3))
    counted.make_closed_session(run, date(2026, 3, 4))
    late = factories.make_enrolment(run, enrolled_on=date(2026, 3, 3))
    gone = factories.make_enrolment(run, status="WITHDRAWN", withdrawn_on=date(2026, 3, 3))
    counted.mark(first, gone.learner)
    rows = {row.learner: row.proof for row in rows_of(county_clerk, counted.make_quota())}
    assert rows == {late.learner_id: "0/2", gone.learner_id: "1/1"}


def test_a_learner_of_another_county_is_seen_by_host_and_by_home(county_clerk, neighbour_clerk):
    stranger = factories.make_learner("李秀兰", "411522001001")
    counted.train(stranger, "411521")
    by_host = counted.make_quota()
    by_home = counted.make_quota(code="411522", attribution="home")
    assert [row.name for row in rows_of(county_clerk, by_host)] == ["李秀兰"]
    assert [row.name for row in rows_of(neighbour_clerk, by_home)] == ["李秀兰"]


def test_a_household_without_a_head_goes_by_its_member(county_clerk):
    learner = factories.make_learner("王秀兰")
    household = learner.memberships.get().household
    counted.baseline(household, date(2025, 3, 1), 1000)
    (row,) = rows_of(county_clerk, counted.make_quota(Measure.INCOME_RISE_YUAN))
    assert (row.name, row.learner, row.mark) == ("王秀兰", learner.pk, household.number)


def test_who_may_not_see_a_person_sees_the_row_without_the_name(inspector):
    counted.train(factories.make_learner("王秀兰"))
    (row,) = rows_of(inspector, counted.make_quota())
    assert (row.name, row.mark, row.learner, row.place) == ("", "", None, "")
    assert row.reason.code == "counted"


@pytest.mark.parametrize("measure", Measure.values)
def test_verdicts_of_the_list_are_those_of_the_account(county_official, measure):
    learner = counted.complete(factories.make_learner()).learner
    counted.train(learner, status="ABSENT")
    counted.train(status="ABSENT")
    counted.make_shop(learner)
    counted.make_shop(learner, date(2025, 1, 1))
    household = learner.memberships.get().household
    counted.report(household, date(2026, 1, 1), 3000)
    counted.baseline(household, date(2019, 1, 1), 1000)
    counted.baseline(factories.make_household(), date(2019, 1, 1), 1000)
    edition = counted.make_edition([learner, factories.make_learner()])
    quota = counted.make_quota(measure, register_edition=edition)
    account = measures.explain(quota, quota.region, AS_OF)
    for verdict in measures.Verdict.values:
        assert len(rows_of(county_official, quota, verdict)) == account.of(verdict)
    assert len(rows_of(county_official, quota)) == account.candidates
    figure = measures.figure(quota, quota.region, AS_OF)
    if measure == Measure.INCOME_RISE_YUAN:
        assert account.counted == figure.denominator
    else:
        assert account.counted == figure.numerator


def test_person_times_become_persons():
    twice = counted.train().learner
    counted.train(twice)
    counted.train()
    counted.train(factories.make_learner(provisional=True))
    quota = counted.make_quota()
    found = measures.persons(quota, quota.region, AS_OF)
    assert (found.by_times, found.unverified) == ({1: 1, 2: 1}, 1)
    times = measures.figure(quota, quota.region, AS_OF).value
    assert found.times + found.unverified == times == 4
    people = counted.make_quota(Measure.PEOPLE_TRAINED, attribution="host")
    assert measures.figure(people, people.region, AS_OF).value == found.people


def test_audiences_tie_out_with_the_total():
    officials = factories.make_course(audience="TOWNSHIP_CADRE")
    youth = factories.make_course(audience="RETURNEE")
    run = factories.make_run(course=officials)
    for _n in range(3):
        counted.train(run=run)
    for _n in range(2):
        counted.train(course=youth)
    quota = counted.make_quota()
    parts = measures.audiences(quota, quota.region, AS_OF)
    assert parts == {"TOWNSHIP_CADRE": 3, "RETURNEE": 2}
    assert sum(parts.values()) == measures.figure(quota, quota.region, AS_OF).value
    for audience, n in parts.items():
        spec = measures.Spec.of(quota, audience=audience)
        assert measures.figure(spec, quota.region, AS_OF).value == n


def test_the_interval_beside_a_verified_rate():
    found = explained.Verified(116, 120)
    assert (str(found.rate), [str(end) for end in found.interval]) == ("96.7", ["91.7", "98.7"])
