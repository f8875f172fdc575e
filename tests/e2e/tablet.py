"""A tablet in a browser: enrol it, open it, mark people, and look at what the server has of it."""

import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browser import ARGUMENTS, PATIENCE_MS, TABLET, Watch, find_chromium
from tests.e2e.site import Site

PIN = "135790"
#: What Chromium grants to installed apps only, and never without a screen.
PERSISTED = """if (navigator.storage)
  navigator.storage.persisted = navigator.storage.persist = async () => true"""
COUNTS = re.compile(r"已保存\s(\d+) · 已上传\s(\d+) · 待上传\s(\d+)")

#: Kept by the service worker from now on. The page's policy forbids waiting by polled text.
CONTROLLED = """new Promise((done, failed) => {
  const worker = navigator.serviceWorker;
  setTimeout(() => failed(new Error("no service worker took over")), 15000);
  if (worker.controller) done();
  worker.addEventListener("controllerchange", () => done());
})"""
READING = """async () => {
  const asked = r => new Promise((ok, no) => {
    r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
  const db = await asked(indexedDB.open("attendance"));
  const all = name => asked(db.transaction(name).objectStore(name).getAll());
  const get = (name, key) => asked(db.transaction(name).objectStore(name).get(key));
  try { return await (%s); } finally { db.close(); }
}"""


@dataclass
class Classroom:
    """A running site with a trainer's classes; codes to enrol tablets with, each good once."""

    site: Site
    sessions: list[str]
    people: list[dict[str, str]]
    codes: list[str]

    @classmethod
    def begin(cls, site: Site, **given: str) -> "Classroom":
        return cls(site, **site.cast("tablet_class", **given))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.site.data_dir / "lms.sqlite3", timeout=10)) as db:
            return db.execute(query, values).fetchall()

    def marks(self, session: str) -> list[tuple[Any, ...]]:
        """(learner, status, source) of the projection."""
        query = (
            "SELECT s.learner_id, s.status, e.source FROM courses_attendancestate s"
            " JOIN courses_markevent e ON e.server_seq = s.event_id WHERE s.session_id = ?"
        )
        return self.rows(query, session.replace("-", ""))

    def events(self, session: str) -> list[tuple[Any, ...]]:
        """(event_id, device, seq) of everything stored."""
        query = "SELECT event_id, device_id, seq FROM courses_markevent WHERE session_id = ?"
        return self.rows(query, session.replace("-", ""))


@dataclass
class Tablet:
    page: Page
    room: Classroom

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def go(self) -> None:
        self.page.goto(f"{self.room.site.address}/attendance/")

    def enrol(self, label: str = "罗山-01") -> None:
        """With the next code, as far as the classes of today."""
        self.go()
        self.fill_in(label)
        self.press(PIN)
        expect(self.page.locator(".pin h2")).to_have_text("再输一遍")
        self.press(PIN)
        expect(self.page.locator("#today .class-card").first).to_be_visible()
        self.page.evaluate(CONTROLLED)

    def fill_in(self, label: str = "罗山-01") -> None:
        self.page.fill("[name=label]", label)
        self.page.fill("[name=code]", self.room.codes.pop().lower())
        self.page.locator("form button.btn-main").click()
        expect(self.page.locator(".pin h2")).to_contain_text("设一个")

    def press(self, pin: str) -> None:
        for digit in pin:
            self.page.locator(".pin .keys .btn", has_text=digit).click()

    def unlock(self) -> None:
        expect(self.page.locator(".pin h2")).to_have_text("输入密码")
        self.press(PIN)
        expect(self.page.locator(".pin")).to_have_count(0)

    def open(self, session: str) -> None:
        self.page.locator(f"[data-session='{session}'] .btn").click()
        expect(self.page.locator(".mark-card").first).to_be_visible()

    def card(self, n: int) -> Any:
        return self.page.locator(".mark-card").nth(n)

    def tap(self, n: int) -> None:
        """Returns when the tick is there, which says that the mark is stored."""
        self.card(n).locator(".mark-tap button").click()
        expect(self.card(n)).to_have_class("mark-card is-present")

    def choose(self, n: int, status: str) -> None:
        self.card(n).locator(".mark-more").click()
        self.page.locator(f"#choose [data-status={status}]").click()
        style = status.lower().replace("_", "-")
        expect(self.card(n)).to_have_class(f"mark-card is-{style}")

    def counts(self) -> tuple[int, int, int]:
        """Saved, uploaded, waiting."""
        found = COUNTS.search(self.page.locator("#counts").inner_text())
        assert found, self.page.locator("#counts").inner_text()
        return int(found[1]), int(found[2]), int(found[3])

    def expect_counts(self, saved: int, uploaded: int, waiting: int) -> None:
        text = f"已保存 {saved} · 已上传 {uploaded} · 待上传 {waiting}"
        expect(self.page.locator("#counts")).to_have_text(text, timeout=PATIENCE_MS)

    def upload(self) -> None:
        self.page.locator("#upload").click()

    def expect_still(self) -> None:
        """No upload is under way: unlocking begins one, and it writes, too."""
        upload = self.page.locator("#upload")
        expect(upload).to_have_attribute("aria-busy", "false", timeout=PATIENCE_MS)

    def expect_all_up(self) -> None:
        """Nothing waits any more, pictures neither."""
        expect(self.page.locator("#syncbar")).to_have_class("syncbar", timeout=PATIENCE_MS)

    def stored(self, expression: str) -> Any:
        """Something of the tablet's own database, by `all(store)` or `get(store, key)`."""
        return self.page.evaluate(READING % expression)


def follow(context: BrowserContext, room: Classroom, *, persisted: bool = True) -> Watch:
    context.set_default_timeout(PATIENCE_MS)
    if persisted:
        context.add_init_script(PERSISTED)
    watch = Watch(room.site.address)
    watch.follow(context)
    return watch


def check(watch: Watch) -> None:
    """Answers of the API are the subject of the tests; anything else must be in order."""
    watch.faults = [fault for fault in watch.faults if "/api/attendance/" not in fault]
    watch.check()


@contextmanager
def tablet(browser: Browser, room: Classroom, *, persisted: bool = True) -> Iterator[Tablet]:
    context = browser.new_context(
        viewport={"width": TABLET[0], "height": TABLET[1]},
        locale="zh-CN",
        has_touch=True,
        accept_downloads=True,
    )
    watch = follow(context, room, persisted=persisted)
    found = Tablet(context.new_page(), room)
    try:
        yield found
    except Exception as error:
        error.add_note(found.page.locator("body").inner_text()[:2000])
        error.add_note("\n".join(watch.faults))
        raise
    finally:
        context.close()
    check(watch)


def kill(page: Page) -> None:
    """The whole browser, as when a battery is pulled out."""
    assert page.context.browser
    session = page.context.browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    with page.context.expect_event("close"):
        os.kill(next(one["id"] for one in found if one["type"] == "browser"), signal.SIGKILL)


def launch(
    browser: Browser, profile: Path, room: Classroom, *arguments: str
) -> tuple[Tablet, Watch]:
    """A browser of its own with a profile that outlives it."""
    context = browser.browser_type.launch_persistent_context(
        str(profile),
        executable_path=find_chromium(),
        args=[*ARGUMENTS, *arguments],
        viewport={"width": TABLET[0], "height": TABLET[1]},
        locale="zh-CN",
        has_touch=True,
        service_workers="allow",
    )
    watch = follow(context, room)
    return Tablet(context.pages[0], room), watch
