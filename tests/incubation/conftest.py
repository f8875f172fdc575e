"""People who completed a run, and their cases."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from courses.models import Enrolment
from incubation import actions
from incubation.models import IncubationCase
from learners.models import Learner
from lms.lib.periods import today
from lms.lib.scope import Role
from tests import factories


def make_graduate(name: str = "", code: str = "411521001003", *, days_ago: int = 100) -> Learner:
    """A learner of the village who completed a run of the county that many days ago."""
    learner = factories.make_learner(name, code)
    completed_on = today() - timedelta(days=days_ago)
    run = factories.make_run(code[:6], starts_on=completed_on, days=1)
    factories.make_enrolment(
        run, learner, status=Enrolment.Status.COMPLETED, completed_on=completed_on
    )
    return learner


def make_case(
    learner: Learner | None = None,
    *,
    days_ago: int = 95,
    assignee: User | None = None,
    code: str = "411521001003",
) -> IncubationCase:
    """With 95 days: the task of day 30 and that of day 90 are overdue, that of day 180 is not."""
    learner = learner or make_graduate(code=code, days_ago=days_ago + 5)
    actor = assignee or factories.make_user("", (Role.CLERK, code[:6]))
    opened_on: date = today() - timedelta(days=days_ago)
    return actions.open_case(learner=learner, opened_on=opened_on, assignee=assignee, actor=actor)


@pytest.fixture
def graduate(regions) -> Learner:
    return make_graduate("李建军")


@pytest.fixture
def case(graduate, field_worker) -> IncubationCase:
    opened_on = today() - timedelta(days=95)
    return actions.open_case(
        learner=graduate, opened_on=opened_on, assignee=field_worker, actor=field_worker
    )
