"""The look, held by rules: what style sheets may say and weigh, what templates use."""

import gzip
import re
from pathlib import Path

import pytest

from lms.templatetags.ui import drawings

ROOT = Path(__file__).resolve().parent.parent.parent
CSS = ROOT / "static" / "css"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
#: Bytes after gzip -9.
BUDGETS = {"core": 6000, "office": 6000, "tablet": 3000, "screen": 3000, "paper": 2000}
PHYSICAL = re.compile(
    r"(?:^|[{;\s])((?:min-|max-)?(?:width|height)|left|right|top|bottom"
    r"|(?:margin|padding|border)-(?:left|right|top|bottom)[\w-]*)\s*:"
)
SIDED = re.compile(r"(?:text-align|float|clear):\s*(?:left|right)")
#: Known to Chromium 88 and Safari 14.1? These are not.
TOO_NEW = re.compile(
    r":has\(|@container|@layer|color-mix|\d[dsl]v[hwib]\b|aspect-ratio|accent-color|overflow:\s*clip"
    r"|border-(?:start|end)-(?:start|end)-radius|(?<![\w-])rotate:|(?<![\w-])scale:|text-wrap|\binert\b"
)


def sheet(name: str) -> str:
    """The rules without comments and without the conditions of @media."""
    text = re.sub(r"/\*.*?\*/", "", (CSS / f"{name}.css").read_text(), flags=re.DOTALL)
    return re.sub(r"@media[^{]*\{", "@media {", text)


@pytest.mark.parametrize("name", BUDGETS)
def test_sheets_stay_within_their_budget(name):
    weight = len(gzip.compress((CSS / f"{name}.css").read_bytes(), 9))
    assert weight <= BUDGETS[name]


def test_every_sheet_has_a_budget():
    assert {path.stem for path in CSS.glob("*.css")} == set(BUDGETS)


@pytest.mark.parametrize("name", [name for name in BUDGETS if name != "paper"])
def test_layout_is_logical(name):
    found = [match[1] for match in PHYSICAL.finditer(sheet(name))]
    assert not found + SIDED.findall(sheet(name))


def test_the_check_for_physical_properties_sees_them():
    assert PHYSICAL.findall(
        ".a { margin-left: 1px; stroke-width: 2; line-height: 1; width: 3px }"
    ) == [
        "margin-left",
        "width",
    ]


def test_the_sheet_of_every_phone_holds_nothing_too_new():
    assert not TOO_NEW.findall(sheet("core"))


@pytest.mark.parametrize("name", BUDGETS)
def test_no_sheet_uses_layers_ids_or_foreign_hosts(name):
    rules = sheet(name)
    selectors = re.findall(r"([^{}]+)\{", rules)
    assert "@layer" not in rules
    assert not re.search(r"url\(\s*[\"']?(?:https?:|//|data:)", rules)
    assert not [text for text in selectors if re.search(r"#[a-zA-Z]", text)]


@pytest.mark.parametrize("name", BUDGETS)
def test_important_stands_only_in_print_and_sr(name):
    rules = re.sub(r"\.sr \{[^}]*\}", "", sheet(name))
    rules = re.sub(r"@media \{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", rules)
    assert "!important" not in rules


FOREIGN = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""")


def test_templates_ask_nothing_of_another_host():
    wrong = [str(path) for path in TEMPLATES if FOREIGN.search(path.read_text())]
    assert not wrong


ICON = re.compile(r"""{% (?:icon "([\w-]+)"|chip "\w+" "([\w-]+)"|empty "([\w-]+)")""")
USES = [
    (path.relative_to(ROOT), next(filter(None, match.groups())))
    for path in TEMPLATES
    for match in ICON.finditer(path.read_text())
]


def test_icons_that_templates_name_are_drawn():
    assert USES
    assert not [use for use in USES if use[1] not in drawings()]


def test_the_sprite_inherits_its_colour():
    text = (ROOT / "static" / "icons.svg").read_text()
    assert not re.search(r'(?:fill|stroke)="#|style=', text)
    assert len(drawings()) == text.count("<symbol")


SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_keep_to_the_policy(path):
    text = path.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b|https?://", text)
