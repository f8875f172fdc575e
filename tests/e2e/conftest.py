"""Copies of prepared installations for the tests, and a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser import ARGUMENTS, find_chromium
from tests.e2e.site import Site, copy_of
from tests.e2e.tablet import Classroom
from tests.prepared import demonstration


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail("no Chromium found: script/bootstrap --tests installs one")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


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


@pytest.fixture(scope="module")
def room(prepared, tmp_path_factory) -> Iterator[Classroom]:
    """A running site with classes of today for tablets."""
    site = copy_of(prepared.data_dir, tmp_path_factory.mktemp("room") / "data")
    try:
        found = Classroom.begin(site)
        site.start()
        yield found
    finally:
        site.stop()


#: The longest first, or one core would end the run alone with it.
FIRST = ("test_whole_job", "test_pages_fit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        name = item.path.stem
        return FIRST.index(name) if name in FIRST else len(FIRST)

    items.sort(key=place)
