"""How much waits, as the navigation says it: what it costs a county of 60,000 people."""

import re
from threading import Thread
from time import time as clock

import pytest
from django.db import connection

from courses.queries import waiting
from courses.queries.worklist import EVERYTHING, Work, work_rows
from tests import factories

pytestmark = pytest.mark.django_db
#: A table read from end to end, as SQLite and PostgreSQL say it.
READ_WHOLE = re.compile(r"\bSCAN (learners_learner|regions_region|U\d)|Seq Scan on (learn|region)")


@pytest.fixture(autouse=True)
def _no_counts_kept():
    waiting._kept.clear()


def test_pages_that_come_at_once_are_counted_for_once(county_clerk, monkeypatch):
    """Eight threads that each counted for themselves held everybody's pages up for seconds."""
    assert county_clerk.scope
    asked = []

    def counting(user):
        asked.append(waiting._counting.locked())
        return {Work.LATE: 7}

    monkeypatch.setattr(waiting, "work_counts", counting)
    assert waiting.waiting_work(county_clerk) == 7
    assert asked == [True]
    answers = []
    with waiting._counting:  # somebody counts
        waiting._kept.clear()
        page = Thread(target=lambda: answers.append(waiting.waiting_work(county_clerk)))
        page.start()
        waiting._kept[county_clerk.pk] = 9, clock()
    page.join()
    assert (answers, len(asked)) == ([9], 1)


@pytest.mark.postgres
@pytest.mark.parametrize("kind", [Work.WALK_IN, Work.TABLET, Work.PARKED, Work.PICTURE])
def test_counting_reads_neither_everybody_of_the_county_nor_all_regions(kind, county_clerk):
    """60,000 people of a county were read for a handful of walk-ins, on every clerk's page."""
    county_clerk.scope  # noqa: B018 - read before, as on every page
    factories.make_learner("未知", provisional=True)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        else:
            cursor.execute("ANALYZE")
    plan = work_rows(county_clerk, kind, EVERYTHING).explain()
    whole = [
        step for step in plan.splitlines() if "scan" in step.lower() and "walk_ins" not in step
    ]
    assert not [step for step in whole if READ_WHOLE.search(step)]
    assert ("learner_walk_ins_of_home" in plan) is (kind == Work.WALK_IN)
