"""A clerk's day with a roster: upload, name the columns, look, import, repair, import again, seal.

The file's headings say nothing that is known, and two columns hold names; nothing may be guessed.

    row  甲      乙 (the person)   verdict
     3   董大山  董春兰            good, with a reminder: no household type is given
     4   程文    程国强            the same
     5   尹河    尹小红            the same
     6   薛山    薛建军            error: check character of the ID number
     7   邓友    邓俊杰            error: no such township
"""

import re
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import open_page, sign_in
from tests.e2e.site import Site

pytestmark = pytest.mark.e2e

TITLE = ("罗山县参训人员情况", None, None, None, None, None)
HEADINGS = ("甲", "乙", "丙", "丁", "戊", "己")
PEOPLE = (
    ("董大山", "董春兰", "411521198506120281", "丽水街道", "邵洼社区居民委员会", "15437200014"),
    ("程文", "程国强", "411521197803050158", "丽水街道", "高湾社区", "15449617516"),
    ("尹河", "尹小红", "411521199009212243", "宝城街道", "宝城社区", "15497403033"),
    ("薛山", "薛建军", "411521198201170131", "宝城街道", "天园社区", "15458254852"),
    ("邓友", "邓俊杰", "41152119881230031X", "光明镇", "团结村", "15427004911"),
)
FIELDS = {"s0-c0": "head_name", "s0-c1": "name"}
MISTAKEN = (
    ("贺平", "贺春梅", "411521197904180277", "丽水街道", "邵洼社区居民委员会", "15437200021"),
    ("段志", "段小玲", "411521198709230464", "丽水街道", "高湾社区", "15449617522"),
    ("阎明", "阎大勇", "411521199307070132", "宝城街道", "宝城社区", "15497403023"),
)
GOOD, WRONG = ["董春兰", "程国强", "尹小红"], ["薛建军", "邓俊杰"]
REPAIRS = {"411521198201170131": "411521198201170130", "光明镇": "丽水街道", "团结村": "高湾社区"}


def make_workbook(rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def given(site: Site) -> dict[str, Any]:
    return site.cast("lay_down")


def test_a_clerk_repairs_a_roster_and_seals_the_register(
    site: Site, given: dict[str, Any], browser: Browser
) -> None:
    today = date.fromisoformat(given["today"])
    with open_page(browser, site.address) as page:
        sign_in(page, "jingban", given["passwords"]["jingban"])
        open_register(page, today)
        upload(page, "村里报来.xlsx", make_workbook([TITLE, HEADINGS, *PEOPLE]), today, edition=1)
        name_columns(page)
        expect(page.locator(".countbox .big")).to_have_text(["0", "3", "2", "2"])
        assert shown_people(page) == [*WRONG, *GOOD]
        confirm(page, "3")
        repaired = repair(download_errors(page))
        # The headings are remembered for the county: nobody is asked again.
        upload(page, "改好的.xlsx", repaired, today, edition=1)
        expect(page.locator(".countbox .big").nth(1)).to_have_text("2")
        assert shown_people(page) == WRONG
        confirm(page, "2")
        seal(page)


def open_register(page: Page, today: date) -> None:
    page.goto("/learners/registers/new/")
    page.select_option("[name=purpose]", "ABLE_WILLING")
    page.fill("[name=year]", str(today.year))
    page.select_option("[name=region]", "411521")
    page.locator("main form[method=post] button.btn-main").click()
    page.wait_for_url(re.compile(r"/learners/registers/[0-9a-f-]{36}/"))


def upload(page: Page, name: str, content: bytes, today: date, edition: int = 0) -> None:
    page.goto("/learners/imports/new/")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files("[name=file]", {"name": name, "mimeType": kind, "buffer": content})
    page.fill("[name=as_of]", f"{today.year}-01-01")
    if edition:
        page.select_option("[name=edition]", index=edition)
    page.locator("main form[method=post] button.btn-main").click()


def name_columns(page: Page) -> None:
    """Two columns hold names: the page asks which is whose, and what it knows stands there."""
    page.wait_for_url("**/columns/")
    expect(page.locator(".note-warn").first).to_be_visible()
    for column, field in FIELDS.items():
        page.select_option(f"[name={column}]", field)
    page.locator(".dock button.btn-main").click()


def shown_people(page: Page) -> list[str]:
    return [text.split()[0] for text in page.locator("#results tbody tr th").all_inner_texts()]


def confirm(page: Page, count: str) -> None:
    page.locator("form[action$='/confirm/'] button").click()
    expect(page.locator("form[action$='/confirm/']")).to_have_count(0)
    expect(page.locator(".note-good").first).to_contain_text(count)


def download_errors(page: Page) -> bytes:
    with page.expect_download() as download:
        page.locator("a[href$='/errors/']").click()
    return Path(download.value.path()).read_bytes()


def repair(content: bytes) -> bytes:
    """As the township does it: type over the red cells and save."""
    book = openpyxl.load_workbook(BytesIO(content))
    repaired = 0
    for row in book.active.iter_rows():
        for cell in row:
            if cell.value in REPAIRS:
                cell.value = REPAIRS[cell.value]
                repaired += 1
    assert repaired == len(REPAIRS)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def seal(page: Page) -> None:
    page.goto("/learners/registers/")
    page.locator("#results tbody tr a").first.click()
    expect(page.locator("#results tbody tr")).to_have_count(len(PEOPLE))
    page.locator("a[href$='/seal/']").click()
    expect(page.locator("tfoot .num")).to_have_text(str(len(PEOPLE)))
    page.locator(".dock button.btn-main").click()
    expect(page.locator(".hash")).to_contain_text(re.compile("[0-9a-f]{64}"))


def test_a_clerk_takes_an_import_back(site: Site, given: dict[str, Any], browser: Browser) -> None:
    today = date.fromisoformat(given["today"])
    with open_page(browser, site.address) as page:
        sign_in(page, "jingban", given["passwords"]["jingban"])
        headings = ("户主", "姓名", "身份证号", "乡镇", "村", "联系电话")
        upload(page, "传错的.xlsx", make_workbook([TITLE, headings, *MISTAKEN]), today)
        confirm(page, "3")
        page.goto("/learners/")
        for _head, name, *_rest in MISTAKEN:
            expect(page.locator("#results")).to_contain_text(name)
        page.go_back()
        page.locator("a[data-dialog=undo]").click()
        dialog = page.locator("dialog[open]")
        expect(dialog).to_contain_text("3")
        dialog.locator("[name=reason]").fill("传错了文件")
        dialog.locator("form[action$='/undo/'] button:not([data-close])").click()
        expect(page.locator("main .note")).to_contain_text("传错了文件")
        page.goto("/learners/")
        for _head, name, *_rest in MISTAKEN:
            expect(page.locator("#results")).not_to_contain_text(name)
