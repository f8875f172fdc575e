"""No mark is lost or doubled: no network, the browser killed, the server gone, two tabs."""

from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.e2e.tablet import Classroom, Tablet, check, kill, launch, tablet

pytestmark = pytest.mark.e2e


def film_of(text: str, path: Path) -> Path:
    """What a camera sees that looks at a QR code."""
    code = segno.make(text, error="m")
    picture = Image.new("RGB", (640, 480), "white")
    with (path / "code.png").open("wb") as stream:
        code.save(stream, kind="png", scale=8, border=4)
    shown = Image.open(path / "code.png").convert("RGB")
    picture.paste(shown, ((640 - shown.width) // 2, (480 - shown.height) // 2))
    film = path / "code.mjpeg"
    picture.save(path / "code.jpg", quality=90)
    film.write_bytes((path / "code.jpg").read_bytes() * 3)
    return film


def test_sixty_marks_outlive_everything(browser: Browser, room: Classroom, tmp_path: Path) -> None:
    session = room.sessions[1]
    film = film_of(first_of(room)["qr"], tmp_path)
    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    first, watch = launch(browser, tmp_path / "profile", room, *camera)
    first.enrol()
    first.context.set_offline(True)
    first.page.reload()
    first.unlock()
    first.open(session)
    for n in range(1, 60):
        first.tap(n)
    scan(first, room)
    first.expect_counts(60, 0, 60)
    check(watch)
    kill(first.page)

    second, watch = launch(browser, tmp_path / "profile", room)
    second.context.set_offline(True)
    second.go()
    second.unlock()
    second.expect_counts(60, 0, 60)
    room.site.stop_web()
    second.context.set_offline(False)
    second.upload()
    expect(second.page.locator(".toast")).to_contain_text("连不上服务器")
    second.expect_counts(60, 0, 60)
    assert room.events(session) == []
    room.site.start_web()
    room.site.wait_until_ready()
    second.upload()
    second.expect_counts(60, 60, 0)
    events = room.events(session)
    assert len(events) == len({event for event, _, _ in events}) == 60
    assert sorted(seq for _, _, seq in events) == list(range(1, 61))
    marks = room.marks(session)
    assert len({learner for learner, _, _ in marks}) == 60
    assert {status for _, status, _ in marks} == {"PRESENT"}
    assert sorted(source for _, _, source in marks) == ["self"] + ["trainer"] * 59
    second.context.close()
    check(watch)


def first_of(room: Classroom) -> dict[str, str]:
    """Whose card stands first."""
    return next(person for person in room.people if person["name"] == "阿卜杜热合曼·阿吉")


def scan(found: Tablet, room: Classroom) -> None:
    """The sixtieth shows a code to the desk's camera: the bundled decoder works offline."""
    page = found.page
    page.locator(".bar .bar-btn").click()
    expect(page.locator("#result")).to_contain_text(first_of(room)["name"])
    expect(page.locator("#result")).to_contain_text("签到成功")
    page.locator(".bar-icon").click()
    found.unlock()
    expect(page.locator(".mark-card").first).to_be_visible()


def test_two_tabs_share_numbers_and_one_uploader(browser: Browser, room: Classroom) -> None:
    session = room.sessions[2]
    with tablet(browser, room) as first:
        first.enrol()
        second = Tablet(first.context.new_page(), room)
        second.go()
        second.unlock()
        first.context.set_offline(True)
        for each in (first, second):
            each.open(session)
        for n in range(5):
            first.tap(n)
            second.tap(59 - n)
        # What one tab stores the other shows.
        expect(first.card(59)).to_have_class("mark-card is-present")
        first.expect_counts(10, 0, 10)
        first.context.set_offline(False)
        first.upload()
        second.upload()
        for each in (first, second):
            each.expect_counts(10, 10, 0)
        events = room.events(session)
        assert len({event for event, _, _ in events}) == len(events) == 10
        assert sorted(seq for _, _, seq in events) == list(range(1, 11))
        # Locked by hand in one it is locked in the other, which comes back to where it was.
        first.go()
        first.unlock()
        first.page.locator("button.bar-btn").click()
        second.unlock()
        expect(second.page.locator(".mark-card").first).to_be_visible()


def test_a_second_tab_leaves_while_the_first_uploads(browser: Browser, room: Classroom) -> None:
    with tablet(browser, room) as found:
        found.enrol()
        held = found.page.evaluate(
            """() => new Promise(there => navigator.locks.request("attendance-upload", () => {
                 there(true); return new Promise(done => { window.letGo = done; }); }))"""
        )
        assert held
        second = Tablet(found.context.new_page(), room)
        second.go()
        second.unlock()
        second.upload()
        expect(second.page.locator(".toast")).to_have_text("另一个页面正在上传。")
        found.page.evaluate("letGo()")
        second.upload()
        expect(second.page.locator(".toast")).to_have_text("已全部上传。")
