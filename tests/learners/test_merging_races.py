"""Two clerks at once, on PostgreSQL: what the locks of a merge are for."""

from datetime import date

import pytest
from django.conf import settings
from django.db import IntegrityError

from courses.actions import enrol_learners
from courses.models import Enrolment
from learners.actions.merging import MergeError, merge_learners
from learners.models import Learner, Merge
from lms.lib.periods import today
from lms.lib.scope import Role
from tests import factories
from tests.courses.test_concurrency import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite has one writer at a time",
    ),
]
ROUNDS = 5


@pytest.fixture
def clerk(transactional_db):
    factories.make_regions()
    return factories.make_user("clerk", (Role.CLERK, "411521"))


def codes(results):
    return sorted(x.code if isinstance(x, MergeError) else type(x).__name__ for x in results)


def merging(kept, merged, clerk):
    return lambda: merge_learners(kept=kept, merged=merged, reason="同一人", actor=clerk)


def test_two_clerks_merge_the_same_pair(clerk):
    for _ in range(ROUNDS):
        one, other = factories.make_learner("张伟"), factories.make_learner("张伟")
        run = factories.make_run(starts_on=today())
        for learner in (one, other):
            factories.make_enrolment(run, learner)
        # From two sides, each keeping another record.
        results = at_once(merging(one, other, clerk), merging(other, one, clerk))
        assert codes(results) == ["ALREADY_MERGED", "Merge"]
        assert Merge.objects.filter(kept__in=[one, other]).count() == 1


def test_three_records_end_at_one_person(clerk):
    """A into B while B goes into C: whoever comes second sees what the first did."""
    for _ in range(ROUNDS):
        a, b, c = (factories.make_learner("张伟") for _ in range(3))
        at_once(merging(b, a, clerk), merging(c, b, clerk))
        chained = Learner.objects.filter(merged_into__merged_into__isnull=False)
        assert not chained.exists()
        b.refresh_from_db()
        assert b.merged_into == c


def test_nobody_is_enrolled_behind_a_merge(clerk):
    for _ in range(ROUNDS):
        kept, merged = factories.make_learner("张伟"), factories.make_learner("张伟")
        run = factories.make_run(starts_on=today(), status="OPEN")

        def enrol(run=run, merged=merged):
            enrol_learners(run=run, learners=[merged], actor=clerk)

        results = at_once(enrol, merging(kept, merged, clerk))
        assert codes(results) == ["Merge", "NoneType"]
        assert Enrolment.objects.get(run=run).learner == kept


def test_one_number_is_one_live_record_also_in_a_race(clerk):
    home = factories.make_region("411521001003")
    number = factories.make_id_number(born=date(1990, 1, 1))

    def register():
        learner = Learner(name="李四", home_region=home)
        learner.set_id_number(number)
        learner.save(force_insert=True)

    results = at_once(*[register] * 4)
    assert sum(isinstance(x, IntegrityError) for x in results) == 3
    assert Learner.objects.filter(name="李四").count() == 1
