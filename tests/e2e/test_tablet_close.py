"""A close that was begun on the tablet: what it outlives, when it has to be signed again."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.closing import expect_kept, expect_signed, photo, sealing, sign
from tests.e2e.tablet import Classroom, Tablet, check, kill, launch, tablet

pytestmark = pytest.mark.e2e

STEPS = ("count", "looked", "photo", "signature")
SIX_MINUTES = 6 * 60 * 1000


@pytest.fixture(scope="module")
def shared(browser: Browser, room: Classroom):
    """One enrolled tablet for what needs no other."""
    with tablet(browser, room) as found:
        found.page.clock.install()
        found.enrol()
        yield found


def open_close(found: Tablet, session: str) -> Page:
    found.open(session)
    found.page.locator("#dock .btn-main").click()
    expect(found.page.locator("#heads")).to_be_visible()
    return found.page


def begin(found: Tablet, session: str) -> Page:
    """All are present; one fewer is counted, one looked at again, all photographed, and signed."""
    found.go()
    found.unlock()
    found.open(session)
    page = found.page
    page.locator("#rest").click()
    expect(page.locator(".tallies b").nth(2)).to_have_text("60")
    page.locator("#dock .btn-main").click()
    page.fill("#heads", "59")
    page.locator("#count .mark-more").first.click()
    page.locator("#choose [data-status=PRESENT]").click()
    expect(page.locator("#count .mark-card").first).to_contain_text("再看过了")
    expect(page.locator(".count-note")).to_contain_text("请再看一遍这 2 位")
    page.set_input_files("#photo input", photo())
    expect(page.locator(".photo-box")).to_contain_text("已拍 1 张")
    sign(page)
    expect_kept(page, session, *STEPS)
    return page


def expect_begun(page: Page) -> None:
    """All of it is there again, on the page of the close."""
    expect(page.locator("#kept")).to_contain_text("人数 59、再看过 1 位、照片、签名")
    expect(page.locator("#heads")).to_have_value("59")
    expect(page.locator(".count-note")).to_contain_text("比点名少 1 人")
    expect(page.locator("#count .mark-card").first).to_contain_text("再看过了")
    expect(page.locator(".photo-box")).to_contain_text("已拍 1 张")
    expect_signed(page)


def closed(room: Classroom, session: str) -> tuple[list[tuple[Any, ...]], list[str]]:
    """(kind, head count) of its closes, and the kinds of its pictures."""
    own = session.replace("-", "")
    query = "SELECT status, head_count FROM courses_classsession WHERE id = ?"
    pictures = room.rows("SELECT kind FROM courses_sessionevidence WHERE session_id = ?", own)
    closes = "SELECT kind FROM courses_markevent WHERE kind = 'close' AND session_id = ?"
    assert len(room.rows(closes, own)) == 1
    return room.rows(query, own), sorted(kind for (kind,) in pictures)


def test_a_begun_close_outlives_the_browser_and_goes_up_once(
    browser: Browser, room: Classroom, tmp_path: Path
) -> None:
    session = room.sessions[1]
    first, watch = launch(browser, tmp_path / "profile", room)
    first.enrol()
    first.context.set_offline(True)
    page = begin(first, session)
    before = first.counts()
    # While its camera is open, as it happens where there is little memory.
    with page.expect_file_chooser():
        page.locator("#photo label").click()
    expect_kept(page, session, "camera", *STEPS)
    check(watch)
    kill(page)

    second, watch = launch(browser, tmp_path / "profile", room)
    second.context.set_offline(True)
    second.go()
    page = second.page
    # Locked, nothing of it is shown; nor does it count as saved or waiting.
    expect(page.locator(".pin h2")).to_have_text("输入密码")
    assert second.counts() == before == (60, 0, 60)
    expect(page.locator("#syncbar")).not_to_contain_text("照片和签名待上传")
    second.unlock()
    expect(page.locator(f"[data-session='{session}']")).to_contain_text("下课核对做了一半")
    second.open(session)
    expect(page.locator("#kept")).to_contain_text("已存：人数 59、再看过 1 位、照片、签名")
    page.locator("#dock .btn-main").click()
    expect_begun(page)
    page.reload()
    second.unlock()
    open_close(second, session)
    expect_begun(page)
    expect(page.locator("#photo .note")).to_contain_text("那张照片没有传回来")
    page.set_input_files("#photo input", photo())
    expect(page.locator("#photo .note")).to_have_count(0)
    expect_kept(page, session, *STEPS)
    page.locator("#close").click()
    expect(page.locator(f"[data-session='{session}']")).to_contain_text("已结束 · 清点 59 人")
    expect(page.locator("#syncbar")).to_contain_text("照片和签名待上传 2 份")
    expect_kept(page, session)
    second.context.set_offline(False)
    second.upload()
    second.expect_all_up()
    assert closed(room, session) == ([("CLOSED", 59)], ["photo", "signature"])
    second.context.close()
    check(watch)


def test_a_photo_outlives_the_lock_and_a_changed_mark_wants_another_signature(
    shared: Tablet, room: Classroom
) -> None:
    """The camera was open for so long that the tablet locked itself meanwhile."""
    session = room.sessions[2]
    page = begin(shared, session)
    first = sealing(page, session)
    with page.expect_file_chooser() as camera:
        page.locator("#photo label").click()
    page.clock.fast_forward(SIX_MINUTES)
    expect(page.locator(".pin h2")).to_have_text("输入密码")
    camera.value.set_files(photo())
    assert sealing(page, session, first) != first
    shared.unlock()
    expect_begun(page)
    expect(page.locator("#photo .note")).to_have_count(0)
    # A mark of now: the heads are compared anew, the signature was given under another number.
    page.locator("#count .mark-more").nth(1).click()
    page.locator("#choose [data-status=ABSENT]").click()
    expect(page.locator(".count-note")).to_contain_text("人头和点名一致")
    again = page.locator("#signature .note")
    expect(again).to_contain_text("签名以后数字变了：「到」由 60 改为 59、「缺席」由 0 改为 1")
    expect_signed(page, False)
    page.reload()
    shared.unlock()
    open_close(shared, session)
    expect(page.locator("#kept")).to_contain_text("人数 59、再看过 1 位、照片。")
    page.locator("#close").click()
    expect(again).to_have_class("note note-bad")
    expect(page.locator("#unsigned")).to_be_focused()
    page.keyboard.press("Enter")
    expect(again).to_have_count(0)
    page.locator("#close").click()
    expect(page.locator(f"[data-session='{session}']")).to_contain_text("已结束 · 清点 59 人")
    shared.expect_all_up()
    assert closed(room, session) == ([("CLOSED", 59)], ["photo"])


def test_begun_anew_nothing_is_left_but_the_way_back(shared: Tablet, room: Classroom) -> None:
    session = room.sessions[3]
    page = begin(shared, session)
    page.locator(".bar-icon").click()
    page.locator("#dock .btn-main").click()
    expect_begun(page)
    page.locator("[aria-label=少一人]").click()
    page.locator("#kept .btn").click()
    expect(page.locator("#kept")).to_have_count(0)
    expect(page.locator("#heads")).to_have_value("")
    expect(page.locator(".photo-box")).to_contain_text("还没有拍")
    expect_signed(page, False)
    expect_kept(page, session)
    page.locator(".toast button").click()
    expect(page.locator("#heads")).to_have_value("58")
    page.locator("[aria-label=多一人]").click()
    expect_signed(page)
    expect_kept(page, session, *STEPS)


def test_two_tabs_are_at_one_close(shared: Tablet, room: Classroom) -> None:
    session = room.sessions[4]
    begin(shared, session)
    second = Tablet(shared.context.new_page(), room)
    second.go()
    second.unlock()
    open_close(second, session)
    expect_begun(second.page)
    # What one does the other shows; of one step the later holds.
    second.page.locator("[aria-label=多一人]").click()
    expect(shared.page.locator("#heads")).to_have_value("60")
    expect(shared.page.locator("#signature .note")).to_contain_text("「人数」由 59 改为 60")
    sign(shared.page)
    expect(second.page.locator("#signature .note")).to_have_count(0)
    expect_signed(second.page)
    second.page.locator("#close").click()
    expect(second.page.locator(f"[data-session='{session}']")).to_contain_text("清点 60 人")
    expect(shared.page.locator("#close")).to_be_disabled()
    second.expect_all_up()
    second.page.close()
    assert closed(room, session) == ([("CLOSED", 60)], ["photo", "signature"])
