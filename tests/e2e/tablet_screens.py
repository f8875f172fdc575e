"""Pictures of the tablet app, 768 and 360 wide, kept beside the documents.

    python -m tests.e2e.tablet_screens --to DIRECTORY

Prepares an installation of its own.
"""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.browser import ARGUMENTS, PATIENCE_MS, find_chromium
from tests.e2e.closing import expect_kept, photo, sign
from tests.e2e.screens import save
from tests.e2e.site import Site
from tests.e2e.tablet import Classroom, Tablet, tablet

SIZES = ((768, 1024), (360, 740))
#: A camera that shows a picture of nobody.
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


class Shoot(Protocol):
    def __call__(self, name: str, at: str = "") -> None:
        """`at` is the part that the page is scrolled to, in each size anew."""


def camera_of(page: Page, target: Path) -> Shoot:
    def shoot(name: str, at: str = "") -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if at:
                page.evaluate("at => document.querySelector(at).scrollIntoView()", at)
            save(page.screenshot(), target / f"tablet-{name}-{width}.png")
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})

    return shoot


def take_all(found: Tablet, room: Classroom, shoot: Shoot) -> None:
    page = found.page
    page.clock.install()
    found.go()
    shoot("enrol")
    found.enrol("罗山-01")
    page.locator(".ready-line").click()
    expect(page.locator("#ready")).to_contain_text("可以离线使用")
    shoot("ready")
    page.locator(".bar-icon").click()
    expect(page.locator(".ready-line")).to_contain_text("可以离线使用")
    shoot("home")
    page.locator(".bar .bar-btn").click()
    shoot("pin")
    found.unlock()
    found.open(room.sessions[1])
    call_roll(found, shoot)
    walk_in(page, shoot)
    close_out(found, room, shoot)
    export(found, shoot)
    desk(found, room, shoot)
    lost(found, room, shoot)


def call_roll(found: Tablet, shoot: Shoot) -> None:
    page = found.page
    for n in range(0, 40, 2):
        found.tap(n)
    found.upload()
    found.expect_all_up()
    page.locator(".toast").wait_for(state="detached")
    found.context.set_offline(True)
    found.choose(3, "LATE")
    found.choose(5, "LEAVE")
    found.choose(9, "ABSENT")
    found.card(7).locator(".mark-more").click()
    page.evaluate("scrollTo(0, 0)")
    shoot("roll-call")
    page.locator("#choose .btn-text").last.click()


def walk_in(page: Page, shoot: Shoot) -> None:
    page.locator("#dock .btn", has_text="补录来人").click()
    page.fill("[name=name]", "新来的")
    page.fill("[name=id_number]", "12345")
    page.locator("form .btn-main").click()
    shoot("walk-in")
    page.locator(".bar-icon").click()


def export(found: Tablet, shoot: Shoot) -> None:
    with found.page.expect_download():
        found.page.locator("#export").click()
    expect(found.page.locator(".toast")).to_contain_text("已导出")
    shoot("export")


def close_out(found: Tablet, room: Classroom, shoot: Shoot) -> None:
    page, session = found.page, room.sessions[1]
    page.locator("#rest").click()
    page.locator("#dock .btn-main").click()
    shoot("close-out-empty")
    page.fill("#heads", page.locator(".sum-box b").first.inner_text())
    page.locator("[aria-label=少一人]").click()
    shoot("close-out")
    page.set_input_files("#photo input", photo())
    expect(page.locator(".photo-box")).to_contain_text("已拍 1 张")
    sign(page)
    with page.expect_file_chooser():
        page.locator("#photo label").click()
    expect_kept(page, session, "camera", "count", "photo", "signature")
    page.reload()
    found.unlock()
    found.open(session)
    page.locator("#dock .btn-main").click()
    page.locator("#kept").wait_for()
    shoot("close-out-kept")
    page.locator("[aria-label=少一人]").click()
    page.locator("#signature .note").wait_for()
    shoot("close-out-sign-again", at="#photo")
    page.locator(".bar-icon").click()


def desk(found: Tablet, room: Classroom, shoot: Shoot) -> None:
    page = found.page
    page.locator(".bar-icon").click()
    found.open(room.sessions[-1])
    page.locator(".bar .bar-btn").click()
    page.locator("#names .names .btn").first.click()
    shoot("sign-in-name", at="#names")
    page.locator("#last-four .btn", has_text="取消").click()
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.type(room.people[20]["number"])
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_contain_text(room.people[20]["name"])
    page.keyboard.type("4115211985")
    # The band holds while the clock stands.
    page.clock.pause_at(datetime.fromtimestamp(page.evaluate("Date.now()") / 1000 + 1, UTC))
    shoot("sign-in-desk")
    page.clock.resume()


def lost(found: Tablet, room: Classroom, shoot: Shoot) -> None:
    """Reported lost: it brings what it holds, and is empty."""
    room.site.cast("tablet_lost", device=found.stored("get('meta', 'device')")["device_id"])
    found.context.set_offline(False)
    found.go()
    expect(found.page.locator("h2")).to_have_text("本机已清空", timeout=PATIENCE_MS)
    shoot("wiped")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", required=True, type=Path)
    target = parser.parse_args().to
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        site = Site(Path(directory) / "data")
        site.prepare()
        room = Classroom.begin(site)
        site.start()
        launched = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*ARGUMENTS, *CAMERA]
        )
        try:
            with tablet(launched, room) as found:
                take_all(found, room, camera_of(found.page, target))
        finally:
            launched.close()
            site.stop()


if __name__ == "__main__":
    main()
