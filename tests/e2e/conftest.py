"""Copies of prepared installations for the tests, and a browser."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.browser import ARGUMENTS, PATIENCE_MS, find_chromium, find_headless_shell
from tests.e2e.site import Site, copy_of
from tests.e2e.tablet import Classroom
from tests.prepared import demonstration

#: What a context waits for its pages does not hold for what is expected of them: five seconds are
#: little where three lanes of tests share two cores.
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def launched() -> Iterator[Callable[[str], Browser]]:
    """`launched(path)` is the browser of that name, started once."""
    found: dict[str, Browser] = {}
    with sync_playwright() as playwright:

        def launch(path: str) -> Browser:
            if path not in found:
                chromium = playwright.chromium
                found[path] = chromium.launch(executable_path=path, args=ARGUMENTS)
            return found[path]

        yield launch
        for each in found.values():
            each.close()


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest, launched: Callable[[str], Browser]) -> Browser:
    """The whole browser for tablets, whose app is installed in one; its engine for pages."""
    path = find_chromium()
    if path is None:
        pytest.fail("no Chromium found: script/bootstrap --tests installs one")
    is_tablet = request.path.stem.startswith("test_tablet")
    return launched(path if is_tablet else find_headless_shell() or path)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Site:
    """Migrated, with all regions and the collected static files; never started itself."""
    site = Site(tmp_path_factory.mktemp("prepared") / "data")
    site.prepare()
    return site


@pytest.fixture(scope="module")
def site(prepared, tmp_path_factory) -> Iterator[Site]:
    """An empty installation that runs."""
    found = copy_of(prepared.data_dir, tmp_path_factory.mktemp("site") / "data")
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory) -> Iterator[Site]:
    """The demonstration, running."""
    found = copy_of(demonstration(), tmp_path_factory.mktemp("demo") / "data", LMS_DEMO="1")
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def classes(prepared, tmp_path_factory) -> Classroom:
    """Classes of today for tablets, on a site that is never started itself."""
    return Classroom.begin(copy_of(prepared.data_dir, tmp_path_factory.mktemp("classes") / "data"))


@pytest.fixture(scope="module")
def room(classes, tmp_path_factory) -> Iterator[Classroom]:
    """A running copy of the classes, with codes of its own to use up."""
    site = copy_of(classes.site.data_dir, tmp_path_factory.mktemp("room") / "data")
    try:
        site.start()
        yield replace(classes, site=site, codes=[*classes.codes])
    finally:
        site.stop()


#: The longest first, or one core would end the run alone with it.
FIRST = ("test_whole_job", "test_pages_fit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        name = item.path.stem
        return FIRST.index(name) if name in FIRST else len(FIRST)

    items.sort(key=place)
