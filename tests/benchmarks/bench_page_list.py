"""The list of learners with a million people and 50 visitors at once, served as script/server does.

An officer of the province sees all of them, a clerk 60,000. The peer is a signed-in page that shows
one's own name, on the same server a moment before: whatever the machine is worth, both feel it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Grant, User
from lms.lib.scope import Role
from lms.lib.searching import hidden_search
from lms.management.commands.serve import web_server
from regions.models import Region
from tests.benchmarks import Figure
from tests.benchmarks.archive import COUNTY, PROVINCE, load_people
from tests.benchmarks.processes import ROOT, environment
from tests.e2e.site import free_port

PEOPLE = int(os.environ.get("LMS_BENCH_PEOPLE", "1000000"))
VISITORS, ROUNDS, SECONDS = 50, 3, 5
MOST_QUERIES = 12
#: A minimal page that takes longer than this for 50 visitors had no machine to itself.
MOST_MS = 3000
LIST = reverse("learners:learner_list")
#: Names that nobody bears: the worst case, every name in reach is read.
NOBODY = "蒋余蒋"


def run() -> Iterator[Figure]:
    load_people(PEOPLE, in_county=min(60_000, PEOPLE // 2))
    officer, clerk = (
        sign_up("officer", Role.OFFICIAL, PROVINCE),
        sign_up("clerk", Role.CLERK, COUNTY),
    )
    call_command("collectstatic", verbosity=0, interactive=False)
    queries = max(queries_of(user) for user in (officer, clerk))
    assert queries <= MOST_QUERIES, f"{queries} queries"
    cookies = {user: signed_in(user) for user in (officer, clerk)}
    connections.close_all()
    with serving() as port:
        minimal, whole, part = in_turns(port, cookies[officer], cookies[clerk])
        search = one_by_one(port, cookies[officer], f"?q={hidden_search(NOBODY, officer)}")
        by_name = one_by_one(port, cookies[officer], "?sort=name")
        last = one_by_one(port, cookies[officer], "?page=200")
    words = "a minimal signed-in page"
    void = f"the minimal page took {minimal} ms: the machine was not free" * (minimal > MOST_MS)
    yield Figure("page_list.p95_ms", whole, "ms (province, 50 users)", words, minimal, void)
    yield Figure("page_list.county_p95_ms", part, "ms (county, 50 users)", words, minimal, void)
    yield Figure("page_list.queries", queries, "queries")
    yield Figure("page_list.search_ms", search, "ms (a name that nobody bears, province, alone)")
    yield Figure("page_list.sort_ms", by_name, "ms (by name, province, alone)")
    yield Figure("page_list.last_page_ms", last, "ms (page 200, province, alone)")


def sign_up(name: str, role: str, code: str) -> User:
    user = User.objects.create(username=f"bench-{name}", display_name=name)
    region = Region.objects.get(code=code)
    Grant.objects.create(user=user, role=role, region=region, starts_on=date(2000, 1, 1))
    return user


def queries_of(user: User) -> int:
    client = Client()
    client.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST).status_code == 200
    return len(queries)


def signed_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


@contextmanager
def serving() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, *web_server(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment())
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            with urlopen(f"http://127.0.0.1:{port}/livez", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the web server did not start")


def in_turns(port: int, officer: str, clerk: str) -> list[float]:
    """p95 of the minimal page, of the province's list and of the county's; round by round, so that
    whatever else the machine does meanwhile is shared by all three."""
    pages = [(reverse("accounts:my_account"), officer), (LIST, officer), (LIST, clerk)]
    taken: list[list[float]] = [[], [], []]
    for _ in range(ROUNDS):
        for page, (path, cookie) in zip(taken, pages, strict=True):
            page += visits(port, path, cookie)
    return [round(sorted(page)[int(len(page) * 0.95)], 1) for page in taken]


def visits(port: int, path: str, cookie: str) -> list[float]:
    script = str(Path(__file__).parent / "visitors.py")
    arguments = [str(port), path, cookie, str(VISITORS), str(SECONDS)]
    done = subprocess.run(
        [sys.executable, script, *arguments], check=True, capture_output=True, text=True
    )
    assert not done.stderr, done.stderr
    found: list[float] = json.loads(done.stdout)
    return found


def one_by_one(port: int, cookie: str, query: str) -> float:
    """The median of three, with nobody else there."""
    from urllib.request import Request

    taken = []
    for _ in range(3):
        started = time.perf_counter()
        request = Request(f"http://127.0.0.1:{port}{LIST}{query}", headers={"Cookie": cookie})
        with urlopen(request, timeout=60) as answer:
            assert answer.status == 200
            answer.read()
        taken.append((time.perf_counter() - started) * 1000)
    return round(sorted(taken)[1], 1)
