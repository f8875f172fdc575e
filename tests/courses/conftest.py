"""A class of today, somebody in it, and the trainer's tablet."""

from functools import cache
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from lms.lib.periods import today
from tests import factories
from tests.courses.tablets import Tablet

generate = rsa.generate_private_key


@cache
def nth_key(n: int, **asked: int) -> rsa.RSAPrivateKey:
    return generate(**asked)


@pytest.fixture(autouse=True)
def keys_made_before(monkeypatch):
    """The nth key of a test is the nth of every test: to find its primes takes as long as most
    tests do."""
    numbers = count()
    monkeypatch.setattr(
        rsa, "generate_private_key", lambda **asked: nth_key(next(numbers), **asked)
    )


@pytest.fixture
def session(trainer):
    return factories.make_session(factories.make_run(starts_on=today()), user=trainer)


@pytest.fixture
def learner(session):
    return factories.make_enrolment(session.run).learner


@pytest.fixture
def tablet(trainer, session):
    return Tablet(trainer)
