"""A class of today, somebody in it, and the trainer's tablet."""

import pytest

from lms.lib.periods import today
from tests import factories
from tests.courses.tablets import Tablet


@pytest.fixture
def session(trainer):
    return factories.make_session(factories.make_run(starts_on=today()), user=trainer)


@pytest.fixture
def learner(session):
    return factories.make_enrolment(session.run).learner


@pytest.fixture
def tablet(trainer, session):
    return Tablet(trainer)


@pytest.fixture
def tablets(trainer):
    """Two, without a protocol of their own."""
    return [factories.make_device(trainer, f"平板{n}", f"{n}" * 64) for n in (1, 2)]


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)
