"""Rules of the house that hold for every app, checked on the code and on every address."""

import ast
import importlib
import io
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lms.lib.ids import uuid7
from lms.lib.scope import Role
from tests import factories
from tests.access import FOREIGN, FOREIGN_OPEN, REFUSED, ROLES, Page, Place, is_served

ROOT = Path(__file__).resolve().parent.parent
OURS = ["lms", "regions", "accounts", "learners", "courses", "certificates", "incubation", "quotas"]
SIGN_IN = "/accounts/login/"


# --- Addresses ------------------------------------------------------------------------------------


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
        if not (ROOT / "tests" / "access" / f"{app}.py").exists():
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


@pytest.fixture
def home(regions):
    return make_place("411521", "411521001003", "home")


@pytest.fixture
def next_door(regions):
    return make_place("411522", "411522001001", "next")


@pytest.fixture
def cast(home, next_door):
    """A signed-in client for each role; None is nobody."""
    users = {role: getattr(home, role, None) for role in ROLES} | {
        "neighbour": next_door.clerk,
        "inspector": factories.make_user("inspector", (Role.INSPECTOR, "41")),
        "province": factories.make_user("province", (Role.OFFICIAL, "41")),
    }
    clients = {"anonymous": Client(raise_request_exception=False)}
    for role, user in users.items():
        clients[role] = Client(raise_request_exception=False)
        clients[role].force_login(user)
    return clients


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
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"


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
    module = importlib.import_module(f"tests.access.{app}")
    return module.make(place) if hasattr(module, "make") else {}


@pytest.mark.parametrize(("app", "name", "row"), CASES)
def test_everybody_gets_what_the_table_says(app, name, row, home, next_door, cast):
    made = records(app, home)
    target = made[row.target] if row.target else {}
    data = made[row.data] if isinstance(row.data, str) else row.data
    surprises = []
    for role, client in cast.items():
        response = ask(client, name, row, target, data)
        assert_headers(response)
        if response.status_code not in row.statuses[role]:
            surprises.append((role, response.status_code, sorted(row.statuses[role])))
        if role == "anonymous" and response.status_code == 302:
            assert response.url.startswith(SIGN_IN) or row.statuses["clerk"] == {302}
    assert not surprises, f"{name}: (role, got, expected) {surprises}"


@pytest.mark.parametrize(("app", "name", "row"), [case for case in CASES if case.values[2].target])
def test_other_counties_and_missing_records_are_not_found(app, name, row, home, next_door, cast):
    own, other = records(app, home), records(app, next_door) if row.scoped else {}
    surprises = []
    for role, client in cast.items():
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
    return frozenset({404}) if is_served(own) else REFUSED


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
def test_what_is_posted_cannot_be_got(app, name, row, home, next_door, cast):
    target = records(app, home)[row.target] if row.target else {}
    served = [role for role, statuses in row.statuses.items() if statuses <= {200, 302}]
    for role in served:
        if role != "anonymous":
            assert ask(cast[role], name, row, target, {}, "get").status_code == 405, role


def reachable(name: str) -> bool:
    """Named, and not one of admin's catch-all and old-style patterns."""
    return is_foreign(name) and not set(name) & set("(<") and name not in FOREIGN_OPEN


@pytest.mark.parametrize("name", sorted(filter(reachable, ADDRESSES)))
def test_foreign_pages_want_a_sign_in_unless_listed(name, db, client):
    keys = [*ADDRESSES[name].pattern.converters, *ADDRESSES[name].pattern.regex.groupindex]
    arguments = {key: "auth" if key == "app_label" else "1" for key in keys}
    assert client.get(reverse(name, kwargs=arguments)).status_code in {302, 404, 405}


# --- Code -----------------------------------------------------------------------------------------


def sources(*names: str) -> list[Path]:
    """Files called views.py, or in a package called views/, of all our apps."""
    found = []
    for app in OURS:
        for name in names:
            found += [*(ROOT / app).glob(f"{name}.py"), *(ROOT / app).glob(f"{name}/**/*.py")]
    return sorted(found)


def test_views_read_through_visible_to():
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("views", "api")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\.(_default_manager|objects)\.(?!visible_to\()", line)
    ]
    assert not wrong, "read records with .objects.visible_to(user)"


def name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
        case ast.Call(function):
            return name_of(function)
    return ""


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]


def calls(function: ast.FunctionDef) -> set[str]:
    return {name_of(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}


ACTIONS = {
    f"{path.relative_to(ROOT)}::{function.name}": function
    for path in sources("actions")
    for function in functions(path)
    if not function.name.startswith("_")
}


def auditing() -> set[str]:
    """Names of functions in actions that write an audit line, themselves or through another."""
    bodies = [function for path in sources("actions") for function in functions(path)]
    known = {"record_audit"}
    while True:
        more = {function.name for function in bodies if calls(function) & known} - known
        if not more:
            return known
        known |= more


@pytest.mark.parametrize("name", sorted(ACTIONS) or [pytest.param("", marks=pytest.mark.skip)])
def test_actions_are_atomic_audited_and_keyword_only(name):
    function = ACTIONS[name]
    assert "atomic" in {name_of(decorator) for decorator in function.decorator_list}, "not atomic"
    assert not function.args.args, "positional arguments"
    assert not function.args.posonlyargs, "positional arguments"
    last = function.args.kwonlyargs[-1].arg if function.args.kwonlyargs else ""
    assert last in {"actor", "requested_by"}, "actor must come last"
    assert function.name in auditing(), "writes no audit line"


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
INLINE = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE
)


def test_templates_hold_no_inline_style_or_script():
    # Paper is rendered by WeasyPrint, where no policy applies; see certificates/pdf.
    wrong = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in TEMPLATES
        if "pdf" not in path.parts and (found := INLINE.search(path.read_text()))
    ]
    assert not wrong


def test_no_module_has_a_name_that_says_nothing():
    names = {"utils", "helpers", "common", "base", "misc"}
    wrong = [
        path
        for app in OURS
        for path in (ROOT / app).rglob("*.py")
        if path.stem in names or path.stem.startswith("base_") or path.parent.name in names
    ]
    assert not wrong


def test_files_stay_under_500_lines():
    wrong = {
        str(path.relative_to(ROOT)): lines
        for app in [*OURS, "tests"]
        for path in (ROOT / app).rglob("*.py")
        if path.parent.name != "migrations"
        if (lines := len(path.read_text().splitlines())) > 500
    }
    assert not wrong


@pytest.mark.django_db
def test_no_migration_is_missing():
    out = io.StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)


def test_every_app_has_a_label_of_its_own():
    assert {config.label for config in apps.get_app_configs()} >= set(OURS)
