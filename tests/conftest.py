"""The cast: who is who in the tests. Everybody works for 罗山县 unless the name says otherwise."""

import gc
import os
import re
import signal
from functools import cache
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.core.management.commands import migrate
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings

from accounts.models import User
from certificates.signing import authority, signer
from learners.models import Learner
from lms.lib.scope import Role
from tests import factories, prepared

# Speed is a benchmark, never a test: on a busy machine drawing examples is slow as well. On CI
# hypothesis takes its own profile, which leaves both out too and draws the same examples each time.
if "CI" not in os.environ:
    slow = [HealthCheck.too_slow]
    settings.register_profile("local", deadline=None, suppress_health_check=slow)
    settings.load_profile("local")


def pytest_configure() -> None:
    """Asked to end, end in order: servers and browsers that a test has started end with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_finish(session: pytest.Session) -> None:
    """The collector would look through all code and all tests again and again, for a sixth of the
    computing; what stays for good is put out of its sight, and it comes more rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """On SQLite the database of the tests is a copy of one made once, not migrated."""
    if connection.vendor != "sqlite":
        yield
        return
    with pytest.MonkeyPatch.context() as patch:

        def handle(command, **options):
            patch.undo()  # whoever migrates later means it
            connection.ensure_connection()
            prepared.pour_into(connection.connection)

        patch.setattr(migrate.Command, "handle", handle)
        yield


@pytest.fixture(autouse=True)
def numbers_begin_anew() -> None:
    """What a test makes has the same numbers whatever ran before it in this process: the last four
    signs of somebody's number must not meet a length or a digest in one run of a hundred."""
    factories.count_anew()


generate = rsa.generate_private_key


@cache
def nth_key(n: int, exponent: int, bits: int) -> rsa.RSAPrivateKey:
    return generate(exponent, bits)


read_key = cache(load_der_private_key)


@pytest.fixture(autouse=True)
def keys_made_before(monkeypatch) -> None:
    """The nth key of a test is the nth of every test: to find its primes takes as long as most
    tests do, and so does it to test them again when it is read."""
    numbers = count()

    def nth(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        return nth_key(next(numbers), public_exponent, key_size)

    monkeypatch.setattr(rsa, "generate_private_key", nth)
    monkeypatch.setattr(authority, "generate_private_key", nth)
    for module in (authority, signer):
        monkeypatch.setattr(module, "load_der_private_key", read_key)


@pytest.fixture
def regions(db: None) -> dict[str, factories.Region]:
    return factories.make_regions()


@pytest.fixture
def province_officer(regions: object) -> User:
    return factories.make_user("province_officer", (Role.OFFICIAL, "41"))


@pytest.fixture
def county_official(regions: object) -> User:
    return factories.make_user("county_official", (Role.OFFICIAL, "411521"))


@pytest.fixture
def county_clerk(regions: object) -> User:
    return factories.make_user("county_clerk", (Role.CLERK, "411521"))


@pytest.fixture
def neighbour_clerk(regions: object) -> User:
    return factories.make_user("neighbour_clerk", (Role.CLERK, "411522"))


@pytest.fixture
def trainer(regions: object) -> User:
    return factories.make_user("trainer", (Role.TRAINER, "411521"))


@pytest.fixture
def field_worker(regions: object) -> User:
    return factories.make_user("field_worker", (Role.FIELD_WORKER, "411521"))


@pytest.fixture
def inspector(regions: object) -> User:
    return factories.make_user("inspector", (Role.INSPECTOR, "41"))


@pytest.fixture
def administrator(regions: object) -> User:
    return factories.make_user("administrator", (Role.ADMINISTRATOR, "411521"))


@pytest.fixture
def trainee(regions: object) -> User:
    user = factories.make_user("trainee")
    learner: Learner = factories.make_learner("李建军")
    learner.user = user
    learner.save(update_fields=["user"])
    return user


@pytest.fixture
def signed_in(client: Client):
    """`signed_in(user)` is the client with that user signed in."""

    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")


@pytest.fixture(autouse=True)
def no_identity_number_is_logged(caplog):
    """Whatever a test does: no log line may bring an identity number, not even struck out later."""
    yield
    records = caplog.get_records("setup") + caplog.get_records("call")
    assert not [r for r in records if ID_NUMBER.search(r.getMessage())]
