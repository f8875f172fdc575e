"""Rules of the house that hold for the code of every app."""

import ast
import io
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
OURS = ["lms", "regions", "accounts", "learners", "courses", "certificates", "incubation", "quotas"]


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


def is_decorated_atomic(function: ast.FunctionDef) -> bool:
    return "atomic" in {name_of(decorator) for decorator in function.decorator_list}


@cache
def nodes_on_actions() -> dict[Path, list[ast.ImportFrom | ast.Attribute]]:
    """Where each module imports names or takes attributes (of actions, if at all)."""
    kept = (ast.ImportFrom, ast.Attribute)
    paths = [path for app in OURS for path in (ROOT / app).rglob("*.py")]
    texts = {path: path.read_text() for path in paths if "migrations" not in path.parts}
    return {
        path: [node for node in ast.walk(ast.parse(text)) if isinstance(node, kept)]
        for path, text in texts.items()
        if "actions" in text
    }


def called_from_outside(app: str) -> set[str]:
    """Names that modules other than the app's actions take from its actions."""
    names = set()
    for path, nodes in nodes_on_actions().items():
        if path.relative_to(ROOT).parts[:2] in {(app, "actions"), (app, "actions.py")}:
            continue
        for node in nodes:
            match node:
                case ast.ImportFrom(module, aliases) if (module or "").startswith(f"{app}.actions"):
                    names |= {alias.name for alias in aliases}
                case ast.Attribute(ast.Name("actions"), name) if path.parts[-2] == app:
                    names.add(name)
    return names


# A function that only other actions call is a step of theirs, in their transaction.
ACTIONS = {
    f"{path.relative_to(ROOT)}::{function.name}": function
    for app in OURS
    for outside in [called_from_outside(app)]
    for path in sources("actions")
    if path.relative_to(ROOT).parts[0] == app
    for function in functions(path)
    if function.name in outside
    or (not function.name.startswith("_") and is_decorated_atomic(function))
}


@cache
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
    assert is_decorated_atomic(function), "not atomic (a function that only reads is a query)"
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


def test_browsers_are_driven_in_their_own_directory_only():
    """`script/test` looks for them there, and nowhere else for time's sake."""
    marked = {path for path in (ROOT / "tests").rglob("*.py") if "mark.e2e" in path.read_text()}
    assert marked - {Path(__file__)} == set((ROOT / "tests" / "e2e").glob("test_*.py"))


@pytest.mark.django_db
def test_no_migration_is_missing():
    out = io.StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)


def test_every_app_has_a_label_of_its_own():
    assert {config.label for config in apps.get_app_configs()} >= set(OURS)
