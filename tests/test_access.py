"""Every address, asked by every role: what the tables in tests/access say, and no surprises."""

import importlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lms.lib.ids import uuid7
from lms.lib.scope import Role
from tests import factories
from tests.access import FOREIGN, FOREIGN_OPEN, REFUSED, ROLES, Page, Place, is_served
from tests.test_architecture import OURS

TABLE_FILES = Path(__file__).resolve().parent / "access"
SIGN_IN = "/accounts/login/"
pytestmark = pytest.mark.django_db


def patterns(
    resolver: URLResolver | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from patterns(entry, inner)
        else:
            yield f"{prefix}{entry.name or entry.pattern}", entry


ADDRESSES = dict(patterns())


def load_tables() -> dict[str, tuple[str, list[Page]]]:
    found = {}
    for app in OURS:
        if not (TABLE_FILES / f"{app}.py").exists():
            continue
        module = importlib.import_module(f"tests.access.{app}")
        for name, rows in module.EXPECTED.items():
            found[name] = (app, rows if isinstance(rows, list) else [rows])
    return found


TABLES = load_tables()
CASES = [
    pytest.param(app, name, row, id=f"{name}-{row.method}-{number}")
    for name, (app, rows) in TABLES.items()
    for number, row in enumerate(rows)
]


def is_foreign(name: str) -> bool:
    return name.startswith(FOREIGN)


def test_every_address_is_in_a_table():
    ours = {name for name in ADDRESSES if not is_foreign(name)}
    assert ours == set(TABLES), "addresses and tests/access/*.py differ"


def make_people(county: str, name: str) -> dict[str, object]:
    roles = [
        Role.CLERK,
        Role.TRAINER,
        Role.FIELD_WORKER,
        Role.OFFICIAL,
        Role.ADMINISTRATOR,
    ]
    return {
        role.value.lower(): factories.make_user(f"{name}-{role.value.lower()}", (role, county))
        for role in roles
    }


def make_place(county: str, village: str, name: str) -> Place:
    learner = factories.make_learner(f"{name}学员", village)
    learner.user = factories.make_user(f"{name}-trainee")
    learner.save(update_fields=["user"])
    people = make_people(county, name)
    return Place(county=county, village=village, trainee=learner.user, **people)


@dataclass
class World:
    home: Place
    next_door: Place
    #: A signed-in client for each role, and one for nobody.
    cast: dict[str, Client]
    #: What each app's table asks for, by app, of the home county and of the next.
    own: dict[str, dict[str, dict]]
    others: dict[str, dict[str, dict]]


def make_world() -> World:
    factories.make_regions()
    home = make_place("411521", "411521001003", "home")
    next_door = make_place("411522", "411522001001", "next")
    users = {role: getattr(home, role, None) for role in ROLES} | {
        "neighbour": next_door.clerk,
        "inspector": factories.make_user("inspector", (Role.INSPECTOR, "41")),
        "province": factories.make_user("province", (Role.OFFICIAL, "41")),
    }
    cast = {role: Client(raise_request_exception=False) for role in ["anonymous", *users]}
    for role, user in users.items():
        cast[role].force_login(user)
    own = {app: records(app, home) for app in OURS}
    others = {app: records(app, next_door) for app in OURS}
    return World(home, next_door, cast, own, others)


@pytest.fixture(scope="module")
def shared_world(django_db_setup, django_db_blocker):
    """Made once, for hundreds of tests that leave no trace."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world, db):
    cache.clear()
    return shared_world


def ask(client, name, row, target, data, method=""):
    """One request in a transaction of its own that leaves nothing behind."""
    address = reverse(name, kwargs=target) + (f"?{row.query}" if row.query else "")
    with transaction.atomic():
        response = getattr(client, method or row.method)(address, data)
        if response.streaming:
            list(response.streaming_content)
        transaction.set_rollback(True)
    return response


def assert_headers(response) -> None:
    assert "default-src 'self'" in response["Content-Security-Policy"]
    # WebAssembly alone is let in, where the tablet reads QR codes.
    policy = response["Content-Security-Policy"].replace("'wasm-unsafe-eval'", "")
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] in {"same-origin", "no-referrer"}


def missing(target: dict) -> dict:
    """Keyword arguments of the same shape that belong to no record."""
    return {key: absent(value) for key, value in target.items()}


def absent(value: object) -> object:
    match value:
        case uuid.UUID():
            return uuid7()
        case int():
            return 987_654_321
        case _:
            return re.sub(r"[0-9A-Za-z]", "9", str(value))


def records(app: str, place: Place) -> dict[str, dict]:
    if not (TABLE_FILES / f"{app}.py").exists():
        return {}
    module = importlib.import_module(f"tests.access.{app}")
    return module.make(place) if hasattr(module, "make") else {}


@pytest.mark.parametrize(("app", "name", "row"), CASES)
def test_everybody_gets_what_the_table_says(app, name, row, world):
    made = world.own[app]
    target = made[row.target] if row.target else {}
    data = made[row.data] if isinstance(row.data, str) else row.data
    surprises = []
    for role, client in world.cast.items():
        response = ask(client, name, row, target, data)
        assert_headers(response)
        if response.status_code not in row.statuses[role]:
            surprises.append((role, response.status_code, sorted(row.statuses[role])))
        if role == "anonymous" and response.status_code == 302:
            assert response.url.startswith(SIGN_IN) or row.statuses["clerk"] == {302}
    assert not surprises, f"{name}: (role, got, expected) {surprises}"


@pytest.mark.parametrize(("app", "name", "row"), [case for case in CASES if case.values[2].target])
def test_other_counties_and_missing_records_are_not_found(app, name, row, world):
    own = world.own[app]
    other = world.others[app]
    surprises = []
    for role, client in world.cast.items():
        if role == "anonymous":
            continue
        expected = row.statuses[role]
        asks = {"missing": (missing(own[row.target]), own, not_found(expected))}
        if row.scoped:
            asks["next door"] = (other[row.target], other, expected_next_door(row, role))
        for what, (target, made, statuses) in asks.items():
            data = made[row.data] if isinstance(row.data, str) else row.data
            got = ask(client, name, row, target, data).status_code
            if got not in statuses:
                surprises.append((role, what, got, sorted(statuses)))
    assert not surprises, f"{name}: (role, record, got, expected) {surprises}"


def not_found(own: frozenset[int]) -> frozenset[int]:
    """401: who is asked for a token learns nothing of records."""
    return frozenset({404}) if is_served(own) else REFUSED | (own & {401})


def expected_next_door(row: Page, role: str) -> frozenset[int]:
    if role in {"province", "inspector"}:
        return row.statuses[role]
    if role == "neighbour":
        return row.statuses["clerk"]
    return not_found(row.statuses[role])


POSTED = {name for name, (_, rows) in TABLES.items() if all(row.method == "post" for row in rows)}


@pytest.mark.parametrize(
    ("app", "name", "row"), [case for case in CASES if case.values[1] in POSTED]
)
def test_what_is_posted_cannot_be_got(app, name, row, world):
    target = world.own[app][row.target] if row.target else {}
    served = [role for role, statuses in row.statuses.items() if statuses <= {200, 302}]
    for role in served:
        if role != "anonymous":
            assert ask(world.cast[role], name, row, target, {}, "get").status_code == 405, role


def reachable(name: str) -> bool:
    """Named, and not one of admin's catch-all and old-style patterns."""
    return is_foreign(name) and not set(name) & set("(<") and name not in FOREIGN_OPEN


@pytest.mark.parametrize("name", sorted(filter(reachable, ADDRESSES)))
def test_foreign_pages_want_a_sign_in_unless_listed(name, world):
    keys = [*ADDRESSES[name].pattern.converters, *ADDRESSES[name].pattern.regex.groupindex]
    arguments = {key: "auth" if key == "app_label" else "1" for key in keys}
    assert world.cast["anonymous"].get(reverse(name, kwargs=arguments)).status_code in {
        302,
        404,
        405,
    }
