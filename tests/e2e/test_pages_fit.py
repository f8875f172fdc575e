"""Every main page of every role fits a phone, a tablet and a desk, and works by hand."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import DESK, PHONE, TABLET, open_page, sign_in
from tests.e2e.pages import PAGES, ROLES, Shown, code_of, find, pages_of, passwords_in
from tests.e2e.site import Site

pytestmark = pytest.mark.e2e

SIZES = {360: PHONE, 768: TABLET, 1280: DESK}
#: How far the page goes sideways beyond the window, and what sticks out.
TOO_WIDE = """() => {
  const over = document.scrollingElement.scrollWidth - window.innerWidth;
  if (over <= 0) return null;
  const out = [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > window.innerWidth + 0.5)
    .map(e => e.tagName.toLowerCase() + '.' + e.className).slice(0, 6);
  return over + ' px: ' + out.join(' ');
}"""
#: What a finger must hit and is smaller than 44 px. A link inside a sentence may be.
TOO_SMALL = """() => [
  ...document.querySelectorAll('a, button, select, summary, input, textarea, label.check')]
  .filter(e => e.checkVisibility() && !e.closest('.sr, .skip') && !e.matches('.sr, .skip'))
  .filter(e => !e.matches('[type=hidden], [type=checkbox], [type=radio]'))
  .filter(e => !(e.tagName === 'A' && getComputedStyle(e).display === 'inline'))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.width > 0 && (r.height < 43.5 || r.width < 43.5))
  .map(([e, r]) => `${e.tagName.toLowerCase()}.${e.className} "${e.innerText.slice(0, 12)}" ` +
    `${Math.round(r.width)}x${Math.round(r.height)}`)"""


@pytest.fixture(scope="module")
def passwords(demo_site) -> dict[str, str]:
    return passwords_in(demo_site.data_dir / "demo-sign-ins.json")


@pytest.mark.parametrize("user", ROLES)
def test_the_pages_of_a_role_fit(
    demo_site: Site, browser: Browser, passwords: dict[str, str], user: str
) -> None:
    faults: list[str] = []
    known: dict[tuple[str, ...], str] = {}
    with open_page(browser, demo_site.address) as page:
        if user:
            sign_in(page, user, passwords[user])
        for shown in pages_of(user):
            faults += _faults_of(page, shown, known)
    assert not faults, "\n".join(faults)


def _faults_of(page: Page, shown: Shown, known: dict[tuple[str, ...], str]) -> list[str]:
    """Loaded anew at each width, a page of links by following them at the first."""
    faults, address = [], ""
    for width, (_, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        is_there = shown.links and not address
        address = address or find(page, shown, known)
        if not is_there:
            page.goto(address)
        faults += _faults(page, f"{shown.name} at {width}", shown.by_hand and width < 1280)
    return faults


def test_the_page_before_somebody_is_erased_fits(
    demo_site: Site, browser: Browser, passwords: dict[str, str]
) -> None:
    """An administrator reads no list of people: the address is the clerk's."""
    with open_page(browser, demo_site.address) as page:
        sign_in(page, "luoshan", passwords["luoshan"])
        person = find(page, next(one for one in PAGES if one.name == "learner"))
    faults = []
    with open_page(browser, demo_site.address) as page:
        sign_in(page, "admin", passwords["admin"])
        page.goto(f"{person}erase/")
        page.fill("main [name=password]", passwords["admin"])
        page.locator("main .btn-main").click()
        page.fill("main [name=name]", "别人")
        page.locator("main .btn-bad").click()
        expect(page.locator("main .summary")).to_be_in_viewport()
        for width, (_, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            faults += _faults(page, f"erase at {width}", by_hand=False)
    assert not faults, "\n".join(faults)


def _faults(page: Page, where: str, by_hand: bool) -> list[str]:
    too_wide = page.evaluate(TOO_WIDE)
    found = [f"{where}: {too_wide}"] if too_wide else []
    if by_hand:
        found += [f"{where}: too small: {what}" for what in page.evaluate(TOO_SMALL)]
    return found


def test_anybody_checks_a_certificate_without_script(
    demo_site: Site, browser: Browser, passwords: dict[str, str]
) -> None:
    with open_page(browser, demo_site.address, PHONE, javascript=False) as page:
        sign_in(page, "xueyuan", passwords["xueyuan"])
        expect(page.locator("article.cert")).not_to_have_count(0)
        code = code_of(page)
    with open_page(browser, demo_site.address, PHONE, javascript=False) as page:
        page.goto("/verify/")
        page.fill("[name=code]", code.lower())
        page.locator("form:has([name=code]) button").click()
        expect(page.locator(".band-good")).to_be_visible()


def test_the_roll_is_called_without_script(
    demo_site: Site, browser: Browser, passwords: dict[str, str]
) -> None:
    with open_page(browser, demo_site.address, TABLET, javascript=False) as page:
        sign_in(page, "laoshi", passwords["laoshi"])
        page.locator("a[href$='/roll-call/']").first.click()
        cards = page.locator(".mark-card")
        first = cards.nth(0)
        first.locator(".mark-tap button").click()
        expect(first).to_have_class("mark-card is-present")
        first.locator(".mark-more").click()
        page.locator("#choose button[value=LATE]").click()
        expect(first).to_have_class("mark-card is-late")
        page.locator("#dock a.btn-main").click()
        page.fill("[name=head_count]", "9")
        page.locator("#count button[value=plus]").click()
        expect(page.locator("[name=head_count]")).to_have_value("10")
        expect(page.locator(".count-note .note-warn")).to_be_visible()
