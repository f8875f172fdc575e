"""Chromium, watched: what a page must never do fails the test that made it do so."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
    # Nothing but the machine itself has an address: a page that asks elsewhere gets nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE, TABLET, DESK = (360, 740), (768, 1024), (1280, 900)
#: Pages wait for what they show, never for time.
PATIENCE_MS = 15_000


def find_chromium() -> str | None:
    given = os.environ.get("LMS_CHROMIUM", "")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


def find_headless_shell() -> str | None:
    """The same engine in the same version, without the window that nobody sees: a page costs it
    less than half. None where it is not installed."""
    return os.environ.get("LMS_HEADLESS_SHELL") or shutil.which("chromium-headless-shell")


@dataclass
class Watch:
    """Collects faults of every page of a context."""

    address: str
    faults: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # The status of an answer is judged where the answer is seen.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text} ({message.page and message.page.url})")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).scheme in {"data", "blob", "about"}:
            return
        if not request.url.startswith(f"{self.address}/"):
            self.faults.append(f"asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        """A page may be refused (404 of an unknown code, 422 of a form); its parts may not."""
        limit = 500 if response.request.is_navigation_request() else 400
        if response.status >= limit:
            self.faults.append(f"{response.status} for {response.url}")

    def check(self) -> None:
        assert not self.faults, "\n".join(self.faults)


@contextmanager
def open_page(
    browser: Browser, address: str, size: tuple[int, int] = DESK, *, javascript: bool = True
) -> Iterator[Page]:
    """A page of a person's own browser, in Chinese, watched to the end."""
    watch = Watch(address)
    context = browser.new_context(
        base_url=address,
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        java_script_enabled=javascript,
        has_touch=size != DESK,
        accept_downloads=True,
    )
    context.set_default_timeout(PATIENCE_MS)
    watch.follow(context)
    page = context.new_page()
    try:
        yield page
    except Exception as error:
        error.add_note(f"on {page.url}\n{page.locator('body').inner_text()[:2000]}")
        error.add_note("\n".join(watch.faults))
        raise
    finally:
        context.close()
    watch.check()


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button.btn-main").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
