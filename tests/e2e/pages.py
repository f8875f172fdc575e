"""The main pages of each role in the demonstration, and how to come to them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Page

#: Everybody's own page first; "" is somebody who has not signed in.
ROLES = ("", "xueyuan", "luoshan", "laoshi", "zhuozi", "kaohe", "shengban", "ducha", "admin")


@dataclass(frozen=True)
class Shown:
    """A page: who opens it, where they begin, and which links they follow from there."""

    name: str
    user: str
    address: str
    links: Sequence[str] = ()
    #: A page for a phone or a tablet: everything on it must be wide enough for a finger.
    by_hand: bool = False
    #: Whether its pictures are kept beside the documents.
    pictured: bool = True


ROW = "#results tbody a"
#: Somebody of a household; the first may be walk-ins, or twins of whom little is known.
PERSON = "#results tbody tr:nth-child(5) a"
PLANNED_RUNS = "/courses/?status=OPEN"
PAGES = [
    Shown("sign-in", "", "/accounts/login/"),
    Shown("verify-unknown", "", "/v/000000000000", by_hand=True),
    Shown("my-certificates", "xueyuan", "/certificates/mine/", by_hand=True),
    Shown("verify-form", "", "/verify/", by_hand=True),
    Shown("certificate-picture", "xueyuan", "/certificates/mine/", ["a[href$='/picture/']"], True),
    Shown(
        "certificate-code",
        "xueyuan",
        "/certificates/mine/",
        ["article.cert a[href$='/code/']"],
        True,
    ),
    Shown("sign-in-code", "xueyuan", "/certificates/mine/", ["main p > a[href$='/code/']"], True),
    Shown("learner-list", "luoshan", "/learners/"),
    Shown("learner", "luoshan", "/learners/", [PERSON]),
    Shown("learner-edit", "luoshan", "/learners/", [PERSON, "a[href$='/edit/']"]),
    Shown("household", "luoshan", "/learners/", [PERSON, "main a[href*='/households/']"]),
    Shown(
        "household-join",
        "luoshan",
        "/learners/",
        [PERSON, "main a[href*='/households/']", "main a[href$='/join/']"],
    ),
    Shown(
        "support-new",
        "luoshan",
        "/learners/",
        [PERSON, "main a[href*='/households/']", "main a[href$='/support/']"],
    ),
    Shown("duplicates", "luoshan", "/learners/duplicates/"),
    Shown("duplicate", "luoshan", "/learners/duplicates/", [ROW]),
    Shown("export", "luoshan", "/learners/export/"),
    Shown("import-new", "luoshan", "/learners/imports/new/"),
    Shown("import-list", "luoshan", "/learners/imports/"),
    Shown("import-preview", "luoshan", "/learners/imports/", [ROW]),
    Shown("import-columns", "luoshan", "/learners/imports/", [ROW, "main a[href$='/columns/']"]),
    Shown("register-list", "luoshan", "/learners/registers/"),
    Shown("register-new", "luoshan", "/learners/registers/new/"),
    Shown("register", "luoshan", "/learners/registers/", [ROW]),
    Shown("bridge", "luoshan", "/learners/registers/", [ROW, "main a[href*='/bridge/']"]),
    Shown("certificates-issue", "luoshan", "/certificates/issue/"),
    Shown("certificate-templates", "luoshan", "/certificates/templates/"),
    Shown("certificate-template-new", "luoshan", "/certificates/templates/new/"),
    Shown("issuers", "admin", "/certificates/issuers/", pictured=False),
    Shown("issuer-new", "admin", "/certificates/issuers/new/", pictured=False),
    Shown("certificate-find", "luoshan", "/certificates/find/"),
    Shown("certificate", "luoshan", "/certificates/", [ROW]),
    Shown("run-list", "luoshan", "/courses/"),
    Shown("run", "luoshan", "/courses/?status=CLOSED", [ROW]),
    Shown("run-issue", "luoshan", "/courses/?status=CLOSED", [ROW, "a[href$='/issue/']"]),
    Shown("worklist", "luoshan", "/courses/worklist/"),
    Shown("tablets", "luoshan", "/courses/worklist/tablets/"),
    Shown("tablet", "luoshan", "/courses/worklist/tablets/", [ROW]),
    Shown(
        "tablet-lost",
        "luoshan",
        "/courses/worklist/tablets/",
        [ROW, "main a[href$='/lost/']"],
    ),
    Shown("rows-in-custody", "luoshan", "/courses/worklist/?kind=parked", ["main article a.btn"]),
    Shown(
        "pictures-in-custody",
        "luoshan",
        "/courses/worklist/?kind=picture",
        ["main article a.btn"],
    ),
    Shown("worklist-closes", "luoshan", "/courses/worklist/?kind=close"),
    Shown("queue-file", "luoshan", "/courses/worklist/tablets/queue/"),
    Shown(
        "session",
        "luoshan",
        "/courses/worklist/?kind=late",
        ["main article a[href$='/correct/']"],
        True,
    ),
    Shown("certificate-list", "luoshan", "/certificates/"),
    Shown("today", "laoshi", "/courses/today/", by_hand=True),
    Shown("roll-call", "laoshi", "/courses/today/", ["a[href$='/roll-call/']"], True),
    Shown(
        "close-out",
        "laoshi",
        "/courses/today/",
        ["a[href$='/roll-call/']", "#dock a.btn-main"],
        True,
    ),
    Shown(
        "desk",
        "laoshi",
        "/courses/today/",
        ["a[href$='/roll-call/']", "a[href$='/desk/']"],
        True,
    ),
    Shown("tablet-code", "laoshi", "/courses/worklist/tablets/enrol/"),
    Shown("worklist-trainer", "laoshi", "/courses/worklist/"),
    Shown("follow-ups", "zhuozi", "/incubation/", by_hand=True),
    Shown("visit", "zhuozi", "/incubation/", ["a[href*='/visit/']"], True),
    Shown("case", "zhuozi", "/incubation/cases/", [ROW]),
    Shown("shop-list", "zhuozi", "/incubation/shops/"),
    Shown("board", "kaohe", "/quotas/?region=653128"),
    Shown("board-township", "kaohe", "/quotas/?region=653128", ["#league tbody th a"]),
    Shown("explain", "kaohe", "/quotas/?region=653128", [".board a.hero-link"]),
    Shown("board-province", "shengban", "/quotas/?region=41"),
    Shown("explain-coverage", "luoshan", "/quotas/?region=411521", [".board a.hero-link"]),
    Shown("plan", "kaohe", "/quotas/plans/", [ROW]),
    Shown("check-list", "ducha", "/quotas/checks/", by_hand=True),
    Shown(
        "check", "ducha", "/quotas/checks/", ["main a[href*='/checks/']:not([href$='/all/'])"], True
    ),
    Shown("check-table", "luoshan", "/quotas/checks/"),
    Shown("check-table-inspector", "ducha", "/quotas/checks/all/"),
    Shown("plan-list", "kaohe", "/quotas/plans/"),
    Shown("users", "admin", "/staff/"),
    Shown("user", "admin", "/staff/", [ROW]),
    Shown("audit", "admin", "/staff/audit/"),
    Shown("erasures", "admin", "/learners/erasures/", pictured=False),
    # Forms and smaller lists: they must fit, their pictures are not kept.
    Shown("cascade", "luoshan", "/quotas/plans/", [ROW, "a[href$='/cascade/']"], pictured=False),
    Shown("course-list", "luoshan", "/courses/catalogue/", pictured=False),
    Shown("run-new", "luoshan", "/courses/runs/new/", pictured=False),
    Shown("run-enrol", "luoshan", PLANNED_RUNS, [ROW, "a[href$='/enrol/']"], pictured=False),
    Shown("run-complete", "luoshan", PLANNED_RUNS, [ROW, "a[href$='/complete/']"], pictured=False),
    Shown(
        "sessions-new", "luoshan", PLANNED_RUNS, [ROW, "a[href$='/sessions/new/']"], pictured=False
    ),
    Shown("case-list", "zhuozi", "/incubation/cases/", pictured=False),
    Shown("candidate-list", "luoshan", "/incubation/cases/new/", pictured=False),
    Shown(
        "earnings",
        "zhuozi",
        "/incubation/cases/",
        [ROW, "a[href$='/earnings/']"],
        by_hand=True,
        pictured=False,
    ),
    Shown("export-list", "luoshan", "/exports/", pictured=False),
    Shown("my-account", "xueyuan", "/staff/me/", by_hand=True, pictured=False),
    Shown("user-new", "admin", "/staff/new/", pictured=False),
    Shown("password", "admin", "/accounts/password/change/", pictured=False),
]


def passwords_in(path: Path) -> dict[str, str]:
    return {row["username"]: row["password"] for row in json.loads(path.read_text())}


def pages_of(user: str) -> list[Shown]:
    return [shown for shown in PAGES if shown.user == user]


def find(page: Page, shown: Shown, known: dict[tuple[str, ...], str] | None = None) -> str:
    """The page's address, found as a person finds it, who stands on it then if links led there.

    `known` keeps where links of the same person led, by the address and the links in turn: the
    page from which several go on is found once and not opened anew while one stands on it."""
    known = {} if known is None else known
    way: tuple[str, ...] = (shown.address,)
    known[way] = shown.address
    for link in shown.links:
        before, way = way, (*way, link)
        if way not in known or link == shown.links[-1]:
            known[way] = _follow(page, known[before], link, shown.name)
    return known[way]


def _follow(page: Page, start: str, link: str, name: str) -> str:
    if urljoin(page.url, start) != page.url:
        page.goto(start)
    href = page.locator(link).first.get_attribute("href")
    answer = page.goto(str(href))
    assert answer, f"{name}: {link} leads nowhere"
    assert answer.ok, f"{name}: {answer.status} for {href}"
    return page.url


def code_of(page: Page) -> str:
    """The code on a trainee's first certificate, as anybody may type it."""
    page.goto(find(page, next(shown for shown in PAGES if shown.name == "certificate-code")))
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.locator("main").inner_text())
    assert found, page.locator("main").inner_text()
    return found.group()
