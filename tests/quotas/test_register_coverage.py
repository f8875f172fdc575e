"""Coverage of composed editions, and the rates that stand beside a register's bridge."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from learners.actions import adjust_entry, compose_edition, seal_edition
from quotas import measures
from quotas.models import Measure
from quotas.queries.registers import coverage_of
from tests import factories
from tests.learners.registers import make_edition, make_register
from tests.quotas import counted

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
HERE, NEXT = "411521001003", "411522001001"


@pytest.fixture
def united(regions):
    """甲 and 两 in one county, 乙 and 两 in the next, where 两 lives now; 甲 and 两 completed."""
    one, two, shared = (
        factories.make_learner("甲", HERE),
        factories.make_learner("乙", NEXT),
        factories.make_learner("两", HERE),
    )
    now = timezone.now()
    first = make_edition([one, shared])
    first = seal_edition(edition=first, sealed_at=now - timedelta(days=3), actor=None)
    shared.home_region = regions[NEXT]
    shared.save()
    second = make_edition([two, shared], code="411522")
    second = seal_edition(edition=second, sealed_at=now - timedelta(days=2), actor=None)
    counted.complete(one)
    counted.complete(shared)
    whole = compose_edition(register=make_register("4115"), parts=[first, second], actor=None)
    return whole, first, second, shared


def quota_of(edition, code="4115"):
    return counted.make_quota(Measure.ROSTER_COVERAGE, code, register_edition=edition)


def test_the_union_counts_each_person_once(united):
    whole, *_rest = united
    today = timezone.localdate()
    quota = quota_of(whole)
    found = measures.figure(quota, quota.region, today)
    assert (found.numerator, found.denominator) == (2, 3)
    assert (found.beside["sealed_done"], found.beside["sealed"]) == (2, 3)
    assert measures.explain(quota, quota.region, today).reasons == {
        "counted": 2,
        "never_enrolled": 1,
    }


def test_by_county_who_is_on_two_lists_stands_where_they_came_last(united):
    whole, first, second, shared = united
    today = timezone.localdate()
    quota = quota_of(whole)
    rows = measures.by_child(quota, quota.region, today)
    parts = {path: (row.numerator, row.denominator) for path, row in rows.items()}
    assert parts == {"411521": (1, 1), "411522": (1, 2)}
    adjust_entry(
        edition=second,
        subject=shared,
        kind="REMOVE",
        happened_on=today,
        reason="迁回",
        actor=None,
    )
    rows = measures.by_child(quota, quota.region, today)
    parts = {path: (row.numerator, row.denominator) for path, row in rows.items()}
    assert parts == {"411521": (2, 2), "411522": (0, 1)}
    assert measures.figure(quota, quota.region, today).denominator == 3
    before = measures.figure(quota, quota.region, today - timedelta(days=1))
    assert before.denominator == 3
    assert first.entries.count() == 2


def test_a_county_s_own_edition_is_counted_as_before(united):
    _whole, first, *_rest = united
    quota = quota_of(first, "411521")
    found = measures.figure(quota, quota.region, timezone.localdate())
    assert (found.numerator, found.denominator) == (2, 2)


def test_the_rates_beside_a_bridge(united, county_clerk, province_officer):
    whole, first, _second, shared = united
    quota_of(first, "411521")
    today = timezone.localdate()
    adjust_entry(
        edition=first,
        subject=shared,
        kind="REMOVE",
        happened_on=today,
        reason="迁出",
        actor=None,
    )
    year, quota = coverage_of(first, county_clerk, today)
    assert (quota.sealed_done, quota.sealed, quota.done, quota.members) == (2, 2, 1, 1)
    assert quota.href.startswith("/")
    assert (year.sealed, year.members) == (2, 1)
    (line,) = coverage_of(whole, province_officer, today)
    assert (line.sealed, line.members) == (3, 3)
    villages = make_edition(purpose="QUALIFYING_VILLAGES")
    assert coverage_of(villages, county_clerk, today) == []
    assert date(today.year, 1, 1)
