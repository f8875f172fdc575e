"""What an enrolment keeps of its learners costs a fixed number of queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.queries import frozen_facts
from learners.models import Learner
from tests.learners.people import make_facts, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


def count_queries(numbers) -> int:
    """Everybody has moved since: their home of then is their household's, not today's."""
    take_in(*(make_facts(n) for n in numbers), as_of=date(2024, 1, 1))
    moved = [make_facts(n, home="411521100200") for n in numbers]
    taken = take_in(*moved, as_of=date(2025, 1, 1))
    learners = list(Learner.objects.filter(pk__in=[row.learner_id for row in taken]))
    with CaptureQueriesContext(connection) as queries:
        facts = frozen_facts(learners, date(2024, 6, 1))
        assert {fact.home_region.code for fact in facts.values()} == {"411521001003"}
    return len(queries)


def test_thirty_learners_cost_no_more_than_three():
    assert count_queries(range(1, 4)) == count_queries(range(10, 40))
