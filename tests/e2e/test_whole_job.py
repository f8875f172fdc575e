"""The whole job through the pages: a roster comes in, a figure goes up by exactly its people.

Whom each figure counts stands here as lists of names, worked out by hand from the roster
(tests/fixtures/rosters/journey.xlsx) and the marks below:

    row  name    verdict on the row                        morning    afternoon
     4   董春兰  good                                      present    present
     5   程国强  good (township 同上, village 高湾社区)    present    late
     6   尹小红  good (ID with ', telephone with blanks)   late       present
     7   薛建军  good (township 宝城)                      present    absent
     8   邓俊杰  reminder: no telephone                    on leave   on leave
     9   田玉梅  reminder: born in 1949; not invited       -          -
    10   方保国  good                                      not marked present
    11   余俊英  reminder: no village of that name         absent     not marked
    12   秦辉    error: check character of the ID number
    13   许雪梅  error: Excel lost the last digits
    14   董春兰  error: the person of row 4 again
    15   陈德福  error: no such township
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import DESK, PHONE, TABLET, open_page, sign_in
from tests.e2e.site import Site

pytestmark = pytest.mark.e2e

ROSTER = Path(__file__).parents[1] / "fixtures" / "rosters" / "journey.xlsx"
GOOD = ["董春兰", "程国强", "尹小红", "薛建军", "方保国"]
REMINDED = ["邓俊杰", "田玉梅", "余俊英"]
REJECTED = ["秦辉", "许雪梅", "董春兰", "陈德福"]
REGISTER = ["董春兰", "程国强", "尹小红", "薛建军", "邓俊杰", "田玉梅", "方保国", "余俊英"]
INVITED = ["董春兰", "程国强", "尹小红", "薛建军", "邓俊杰", "方保国", "余俊英"]
MORNING = {
    "董春兰": "PRESENT",
    "程国强": "PRESENT",
    "尹小红": "LATE",
    "薛建军": "PRESENT",
    "邓俊杰": "LEAVE",
    "余俊英": "ABSENT",
}
AFTERNOON = {
    "董春兰": "PRESENT",
    "程国强": "LATE",
    "尹小红": "PRESENT",
    "薛建军": "ABSENT",
    "邓俊杰": "LEAVE",
    "方保国": "PRESENT",
}
#: Both sessions attended (late counts): the rule asks for 80 % of two sessions.
COMPLETE = ["董春兰", "程国强", "尹小红"]


@dataclass(frozen=True)
class Figure:
    """A figure, whom it counts, and by reason whom it does not: all as the pages show it."""

    shown: str
    counted: list[str]
    others: dict[str, list[str]] = field(default_factory=dict)


def named(*names: str) -> list[str]:
    return sorted(names)


#: Before the class: the invited wait for it. Without any income there is no figure, and it opens
#: to an explanation that counts nobody.
AT_FIRST = {
    "person_times": Figure("0", [], {"not_closed": named(*INVITED)}),
    "people_trained": Figure("0", [], {"not_closed": named(*INVITED)}),
    "roster_coverage": Figure(
        "0.0", [], {"in_training": named(*INVITED), "never_enrolled": ["田玉梅"]}
    ),
    "shops_opened": Figure("0", []),
    "income_rise_yuan": Figure("", []),
}
#: 7 enrolled − 2 never there = 5; of the register of 8 three completed: 3 ÷ 8 = 37.5 %.
#: 董春兰's household: (1,900 − 1,000) ÷ 2 = 450 yuan a head; 程国强's reported nothing this year.
AFTER_THE_CLASS = {
    "person_times": Figure(
        "5",
        named("董春兰", "程国强", "尹小红", "薛建军", "方保国"),
        {"never_attended": named("邓俊杰", "余俊英")},
    ),
    "people_trained": Figure(
        "5",
        named("董春兰", "程国强", "尹小红", "薛建军", "方保国"),
        {"never_attended": named("邓俊杰", "余俊英")},
    ),
    "roster_coverage": Figure(
        "37.5",
        named("董春兰", "程国强", "尹小红"),
        {
            "not_completed": named("薛建军", "邓俊杰", "方保国", "余俊英"),
            "never_enrolled": ["田玉梅"],
        },
    ),
    "shops_opened": Figure("1", ["董春兰"], {"opened_before": ["程国强"]}),
    "income_rise_yuan": Figure("450.00", ["董春兰"], {"no_report": ["程国强"]}),
}
#: 薛建军 was there in the afternoon after all and completes; 尹小红 was not in the morning and does
#: not any more (one session is still a person-time); 方保国 was never there.
AFTER_THE_CORRECTIONS = AFTER_THE_CLASS | {
    "person_times": Figure(
        "4",
        named("董春兰", "程国强", "尹小红", "薛建军"),
        {"never_attended": named("邓俊杰", "方保国", "余俊英")},
    ),
    "people_trained": Figure(
        "4",
        named("董春兰", "程国强", "尹小红", "薛建军"),
        {"never_attended": named("邓俊杰", "方保国", "余俊英")},
    ),
    "roster_coverage": Figure(
        "37.5",
        named("董春兰", "程国强", "薛建军"),
        {
            "not_completed": named("尹小红", "邓俊杰", "方保国", "余俊英"),
            "never_enrolled": ["田玉梅"],
        },
    ),
}


@dataclass
class Journey:
    """Who signs in where, and the addresses found on the way."""

    site: Site
    browser: Browser
    passwords: dict[str, str]
    today: date
    run: str = ""
    #: "morning" and "afternoon" to the address of the session.
    sessions: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def as_user(self, username: str, size: tuple[int, int] = DESK) -> Iterator[Page]:
        with open_page(self.browser, self.site.address, size) as page:
            sign_in(page, username, self.passwords[username])
            yield page


def names_in(cells: Locator) -> list[str]:
    """The first word of each cell, sorted."""
    return sorted(text.split()[0] for text in cells.all_inner_texts())


def send(page: Page, form: str = "main form[method=post]") -> None:
    """Press the form's main button."""
    page.locator(form).locator("button.btn-main").click()


def test_a_roster_becomes_a_figure_of_exactly_its_people(site: Site, browser: Browser) -> None:
    given = site.cast("lay_down")
    journey = Journey(site, browser, given["passwords"], date.fromisoformat(given["today"]))
    with journey.as_user("jingban") as page:
        open_register(page, journey)
        upload_roster(page, journey)
        seal_register(page)
        plan_class(page, journey)
        enrol(page, journey)
    site.cast("attach_register")
    with journey.as_user("kaohe") as page:
        assert read_board(page) == AT_FIRST
    with journey.as_user("laoshi", TABLET) as page:
        call_roll(page, journey, "morning", MORNING, heads=5)
        call_roll(page, journey, "afternoon", AFTERNOON, heads=4)
    with journey.as_user("jingban") as page:
        complete_run(page, journey)
        code = issue_certificates(page, journey)
    journey.passwords["xueyuan"] = site.cast("give_sign_in", name="董春兰")["password"]
    with journey.as_user("xueyuan", PHONE) as page:
        take_certificate(page)
    with open_page(browser, site.address, PHONE) as page:
        check_certificate(page, code)
    with journey.as_user("jingban") as page:
        open_cases(page)
    with journey.as_user("zhucun", PHONE) as page:
        visit_with_shop(page, journey)
        note_income(page, journey)
        note_older_shop(page, journey)
    with journey.as_user("kaohe") as page:
        assert read_board(page) == AFTER_THE_CLASS
    with journey.as_user("jingban") as page:
        correct(page, journey, "afternoon", "薛建军", "PRESENT")
        correct(page, journey, "morning", "尹小红", "ABSENT")
        correct(page, journey, "afternoon", "方保国", "LEAVE")
    with journey.as_user("kaohe") as page:
        assert read_board(page) == AFTER_THE_CORRECTIONS


# --- the clerk: people ----------------------------------------------------------------------------
def open_register(page: Page, journey: Journey) -> None:
    page.goto("/learners/registers/new/")
    page.select_option("[name=purpose]", "ABLE_WILLING")
    page.fill("[name=year]", str(journey.today.year))
    page.select_option("[name=region]", "411521")
    send(page)
    page.wait_for_url(re.compile(r"/learners/registers/[0-9a-f-]{36}/"))


def upload_roster(page: Page, journey: Journey) -> None:
    page.goto("/learners/imports/new/")
    page.set_input_files("[name=file]", ROSTER)
    page.fill("[name=as_of]", f"{journey.today.year}-01-01")
    page.select_option("[name=edition]", index=1)
    send(page)
    boxes = page.locator(".countbox")
    expect(boxes.locator(".big")).to_have_text(["5", "3", "4", "5"])
    lines = page.locator("#results tbody tr")
    expect(lines.locator("th")).to_have_text([*REJECTED, *REMINDED, *GOOD])
    assert rejected_rows(page) == REJECTED
    page.locator("form[action$='/confirm/'] button").click()
    expect(page.locator("form[action$='/confirm/']")).to_have_count(0)
    expect(page.locator(".note-good, .note.note-good").first).to_contain_text("8")


def rejected_rows(page: Page) -> list[str]:
    """The names in the workbook that the clerk sends back to the township."""
    with page.expect_download() as download:
        page.locator("a[href$='/errors/']").click()
    content = Path(download.value.path()).read_bytes()
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    names = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    return [name for name in names if name in {*REJECTED, *REMINDED, *GOOD}]


def seal_register(page: Page) -> None:
    page.goto("/learners/registers/")
    page.locator("#results tbody tr a").first.click()
    expect(page.locator("#results tbody tr")).to_have_count(8)
    page.locator("a[href$='/seal/']").click()
    expect(page.locator("tfoot .num")).to_have_text("8")  # by township, before anything is sealed
    page.locator(".dock button.btn-main").click()
    expect(page.locator(".hash")).to_contain_text(re.compile("[0-9a-f]{64}"))
    assert names_in(page.locator("#results tbody tr > :first-child")) == sorted(REGISTER)


# --- the clerk: a class ---------------------------------------------------------------------------
def plan_class(page: Page, journey: Journey) -> None:
    page.goto("/courses/runs/new/")
    page.select_option("[name=course]", label="网店开设与直播")
    page.fill("[name=host_region]", "411521")
    for name in ("starts_on", "ends_on"):
        page.fill(f"[name={name}]", journey.today.isoformat())
    page.fill("[name=capacity]", "10")
    send(page)
    page.wait_for_url(re.compile(r"/courses/runs/[0-9a-f-]{36}/"))
    journey.run = page.url.removeprefix(journey.site.address)
    page.locator("form[action$='/open/'] button").click()
    page.goto(f"{journey.run}sessions/new/")
    page.check("[name=dates]")
    for half in ("morning", "afternoon"):
        page.check(f"[name=half_days][value={half}]")
    page.select_option("[name=site]", label="罗山县电商培训基地")
    page.select_option("[name=instructor]", label="李老师")
    send(page)
    expect(page.locator("a[href*='/courses/sessions/'][href$='/edit/']")).to_have_count(2)


def enrol(page: Page, journey: Journey) -> None:
    page.goto(f"{journey.run}enrol/")
    people = page.locator("#results tbody tr")
    expect(people).to_have_count(8)
    for name in INVITED:
        people.filter(has_text=name).locator("input[type=checkbox]").check()
    page.locator("#enrol button:not([name])").click()
    page.wait_for_url(f"**{journey.run}")
    for name in INVITED:
        expect(page.locator("tbody th", has_text=name)).to_have_count(1)
    expect(page.locator("tbody th", has_text="田玉梅")).to_have_count(0)


# --- the trainer ----------------------------------------------------------------------------------
def call_roll(
    page: Page, journey: Journey, half: str, marks: dict[str, str], *, heads: int
) -> None:
    page.goto("/courses/today/")
    page.locator("a[href$='/roll-call/']").first.click()
    page.wait_for_url("**/roll-call/")
    journey.sessions[half] = page.url.removeprefix(journey.site.address).removesuffix("roll-call/")
    for name, status in marks.items():
        mark(page, name, status)
    page.locator("#dock a.btn-main").click()
    # Present 3, late 1, left early 0, on leave 1, absent 2: one marked, one not marked at all.
    expect(page.locator(".sum-box b")).to_have_text(["3", "1", "0", "1", "2", "7"])
    page.fill("[name=head_count]", str(heads))
    page.locator("[name=head_count]").press("Tab")
    note = page.locator(".count-note")
    if heads == 4:
        expect(note.locator(".note-good")).to_be_visible()
    else:
        expect(note.locator(".note-warn")).to_contain_text(
            re.compile("比点名多 1 人。\\s*应在教室 4 人")
        )
    named = re.search(
        "「(.+?)」", page.locator("section", has=page.locator("#signed")).inner_text()
    )
    assert named
    page.fill("#signed", named[1])
    page.locator("#dock button[name=close]").click()
    page.wait_for_url("**/correct/")
    expect(page.locator(".sum-box b")).to_have_text(["3", "1", "0", "1", "2", "7"])


def mark(page: Page, name: str, status: str) -> None:
    """One tap for present; any other mark is chosen."""
    card = page.locator(".mark-card", has_text=name)
    if status == "PRESENT":
        card.locator(".mark-tap button").click()
    else:
        card.locator(".mark-more").click()
        page.locator(f"#choose button[value={status}]").click()
    expect(card).to_have_class(re.compile(rf"\bis-{status.lower()}\b"))


# --- certificates ---------------------------------------------------------------------------------
def complete_run(page: Page, journey: Journey) -> None:
    page.goto(f"{journey.run}complete/")
    completing = page.locator(".halves section").first
    assert names_in(completing.locator("tbody th")) == sorted(COMPLETE)
    page.locator("form.batchbar button").click()
    page.wait_for_url(f"**{journey.run}")


def issue_certificates(page: Page, journey: Journey) -> str:
    """For the three who completed; returns the code on the one of 董春兰."""
    page.locator("a[href$='/issue/']").click()
    page.locator("form.fields button").click()
    issued = page.locator("tbody tr:has(a[href^='/certificates/'])")
    expect(issued).to_have_count(3, timeout=60_000)
    expect(page.locator("#progress")).to_have_count(0, timeout=60_000)
    assert names_in(issued.locator("td:first-child")) == sorted(COMPLETE)
    issued.filter(has_text="董春兰").locator("a[href^='/certificates/']").click()
    page.wait_for_url(re.compile(r"/certificates/[0-9a-f-]{36}/"))
    found = re.search(r"\b[0-9A-Z]{4}-?[0-9A-Z]{4}-?[0-9A-Z]{4}\b", page.inner_text("main"))
    assert found, page.inner_text("main")
    return found.group()


def take_certificate(page: Page) -> None:
    """Signing in leads to one's own certificate; two taps to the file."""
    expect(page).to_have_url(re.compile("/certificates/mine/$"))
    expect(page.locator("article.cert")).to_have_count(1)
    with page.expect_download() as download:
        page.locator("a[href$='/pdf/']").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF-")
    assert download.value.suggested_filename.startswith("LS-")


def check_certificate(page: Page, code: str) -> None:
    """Without signing in: valid, the name masked, nothing else about the person."""
    page.goto(f"/v/{code}")
    expect(page.locator(".band-good")).to_be_visible()
    # The code and the names of files with digests are drawn: four digits stand there by chance.
    text = re.sub(r"\.[0-9a-f]{12}\.", "..", page.content().replace(code, ""))
    assert "网店开设与直播" in text
    for personal in ("董春兰", "411521198506120281", "0281", "15437200014"):
        assert personal not in text
    assert page.locator(".serif").inner_text() == "董*兰"


# --- afterwards -----------------------------------------------------------------------------------
def open_cases(page: Page) -> None:
    for name in ("董春兰", "程国强"):
        page.goto("/incubation/cases/new/")
        page.locator("#results a", has_text=name).click()
        page.select_option("[name=assignee]", label="驻村 王队长")
        send(page)
        page.wait_for_url(re.compile(r"/incubation/cases/[0-9a-f-]{36}/"))


def go_to_case(page: Page, name: str, form: str) -> None:
    page.goto("/incubation/cases/")
    page.locator("#results a", has_text=name).click()
    page.wait_for_url(re.compile(r"/incubation/cases/[0-9a-f-]{36}/"))
    page.goto(f"{page.url}{form}/")


def kept(page: Page, *texts: str) -> None:
    """Send the form of a case; the case's page then shows `texts`."""
    form = page.url
    send(page)
    page.wait_for_url(lambda url: url != form)
    page.goto(form.rsplit("/", 2)[0] + "/")
    for text in texts:
        expect(page.locator("main")).to_contain_text(text)


def visit_with_shop(page: Page, journey: Journey) -> None:
    go_to_case(page, "董春兰", "visit")
    page.check("[name=method][value=DOOR]")
    page.check("[name=finding][value=RUNNING]")
    for part in page.locator("details summary").all():
        part.click()
    page.select_option("[name=shop_platform]", "TAOBAO")
    page.fill("[name=shop_name]", "邻家土货")
    page.fill("[name=shop_opened_on]", journey.today.isoformat())
    page.fill("[name=sales_month]", f"{journey.today:%Y-%m}")
    page.fill("[name=sales_amount]", "1,200")
    page.select_option("[name=sales_grade]", "2")
    kept(page, "邻家土货", "1,200.00")


def note_income(page: Page, journey: Journey) -> None:
    for name, report in (("董春兰", "1900"), ("程国强", "")):
        go_to_case(page, name, "baseline")
        page.fill("[name=month]", f"{journey.today.year - 1}-{journey.today:%m}")
        page.fill("[name=amount]", "1000")
        page.fill("[name=members]", "2")
        kept(page, "1,000.00")
        if report:
            go_to_case(page, name, "earnings")
            page.select_option("[name=shop]", "")
            page.select_option("[name=kind]", "INCOME")
            page.fill("[name=month]", f"{journey.today:%Y-%m}")
            page.fill("[name=amount]", report)
            page.check("[name=grade][value='1']")
            kept(page, "1,900.00")


def note_older_shop(page: Page, journey: Journey) -> None:
    """A shop of before the period, which this year's quota does not count."""
    go_to_case(page, "程国强", "shop")
    page.select_option("[name=platform]", "WECHAT")
    page.fill("[name=name]", "老程杂货")
    page.fill("[name=opened_on]", f"{journey.today.year - 1}-06-01")
    kept(page, "老程杂货")


def correct(page: Page, journey: Journey, half: str, name: str, status: str) -> None:
    page.goto(f"{journey.sessions[half]}correct/")
    page.locator(".mark-card", has_text=name).locator(".mark-more").click()
    page.select_option("#correct [name=status]", status)
    page.fill("#correct [name=reason]", "纸质签到表")
    page.locator("#correct button.btn-main").click()
    expect(page.locator(".mark-card", has_text=name)).to_have_class(
        re.compile(rf"\bis-{status.lower()}\b")
    )


# --- the official ---------------------------------------------------------------------------------
def read_board(page: Page) -> dict[str, Figure]:
    """Every figure of the board, opened down to its people."""
    page.goto("/")
    hrefs = (
        page.locator(".board")
        .get_by_role("link")
        .evaluate_all("links => links.map(link => link.getAttribute('href'))")
    )
    found = {}
    for href in sorted({href for href in hrefs if "/explain/" in href}):
        shown = "".join(page.locator(f".board a[href='{href}']").all_inner_texts())
        measure, figure = explained(page, href)
        assert figure.shown in shown
        found[measure] = figure
        page.goto("/")
    return found


def explained(page: Page, href: str) -> tuple[str, Figure]:
    """What the explanation says; its equation adds up, and each box holds its people."""
    page.goto(href)
    measure = page.locator(".facts dd").first.inner_text()
    number = re.search(r"[\d,]+(\.\d+)?", page.locator("h1").inner_text())
    boxes = page.locator("a.sum-box")
    values = [int(text) for text in boxes.locator("b").all_inner_texts()]
    links = boxes.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert values[0] - sum(values[1:-1]) == values[-1]
    people = [people_at(page, link) for link in links]
    assert [len(names) for names in people] == values
    reasons = [link.split("reason=")[1].split("&")[0].split("#")[0] for link in links[1:-1]]
    others = dict(zip(reasons, people[1:-1], strict=True))
    assert people[0] == sorted(people[-1] + [name for names in others.values() for name in names])
    return measure, Figure(number.group() if number else "", people[-1], others)


def people_at(page: Page, href: str) -> list[str]:
    page.goto(href)
    return names_in(page.locator("#people tbody th"))
