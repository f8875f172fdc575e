"""What goes wrong between a tablet and its server, and that no mark is lost by it."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from tests.e2e.browser import PATIENCE_MS
from tests.e2e.release import NEWER, released
from tests.e2e.tablet import PIN, Classroom, tablet

pytestmark = pytest.mark.e2e

PUSH, EVIDENCE = "**/api/attendance/v1/push", "**/api/attendance/v1/evidence/**"


def _photo() -> bytes:
    stream = BytesIO()
    Image.new("RGB", (320, 240), "red").save(stream, "PNG")
    return stream.getvalue()


PHOTO = _photo()


def test_a_page_of_somebodys_wifi_changes_nothing(browser: Browser, room: Classroom) -> None:
    """Captive portal, server in trouble, too large, busy: the queue stays, then goes up once."""
    session = room.sessions[1]
    with tablet(browser, room) as found:
        found.enrol()
        found.open(session)
        found.context.set_offline(True)
        for n in range(4):
            found.tap(n)
        answers = [
            ("网络要求先登录", {"status": 200, "content_type": "text/html", "body": "<p>登录"}),
            ("服务器暂时有问题", {"status": 502, "content_type": "text/html", "body": "oops"}),
            ("服务器忙", {"status": 503, "json": {"error": "busy"}, "headers": {}}),
            ("网络要求先登录", {"status": 200, "json": {"hello": "there"}}),
        ]
        answered: dict[str, Any] = answers[0][1]
        found.context.route(PUSH, lambda route: route.fulfill(**answered))
        found.context.set_offline(False)
        for words, answer in answers:
            answered = answer
            found.upload()
            expect(found.page.locator(".toast")).to_contain_text(words)
            found.expect_counts(4, 0, 4)
        sizes: list[int] = []

        def too_large(route: Route) -> None:
            sizes.append(len(route.request.post_data_json["events"]))
            if sizes[-1] > 1:
                route.fulfill(status=413, json={"error": "too_large", "message": ""})
            else:
                route.continue_()

        found.context.unroute(PUSH)
        found.context.route(PUSH, too_large)
        found.upload()
        found.expect_counts(4, 4, 0)
        assert sizes == [4, 2, 1, 1, 1, 1]
        assert len(room.events(session)) == 4


def test_a_lost_tablet_uploads_into_quarantine_and_is_empty(
    browser: Browser, room: Classroom
) -> None:
    """Marks, the close and its photo; it empties itself only when the photo was taken too."""
    with tablet(browser, room) as found:
        found.enrol("丢了的")
        page = found.page
        found.open(room.sessions[2])
        found.context.set_offline(True)
        for n in range(3):
            found.tap(n)
        page.locator("#dock .btn-main").click()
        page.set_input_files("#photo input", {"name": "a.png", "mimeType": "", "buffer": PHOTO})
        expect(page.locator(".photo-box")).to_contain_text("已拍 1 张")
        page.fill("#heads", "3")
        page.locator("#close").click()
        found.expect_counts(4, 0, 4)
        device = found.stored("get('meta', 'device')")["device_id"]
        room.site.cast("tablet_lost", device=device)
        busy = {"status": 503, "json": {"error": "busy", "message": ""}}
        found.context.route(EVIDENCE, lambda route: route.fulfill(**busy))
        found.context.set_offline(False)  # which begins an upload by itself
        end = page.locator(".empty")
        expect(end).to_contain_text("还有 1 条记录待上传", timeout=PATIENCE_MS)
        assert len(found.stored("all('evidence')")) == 1
        assert found.stored("all('vault')") == []
        found.context.unroute(EVIDENCE)
        found.upload()
        expect(end.locator("h2")).to_have_text("本机已清空", timeout=PATIENCE_MS)
        for store in ("events", "evidence", "vault"):
            assert found.stored(f"all('{store}')") == []
        assert found.stored("get('meta', 'device')") is None
        own = device.replace("-", "")
        parked = room.rows("SELECT code FROM courses_parkedrow WHERE device_id = ?", own)
        assert parked == [("quarantine",)] * 4
        query = "SELECT kind, code FROM courses_parkedpicture WHERE device_id = ?"
        assert room.rows(query, own) == [("photo", "quarantine")]
        assert room.rows("SELECT id FROM courses_sessionevidence WHERE device_id = ?", own) == []
        query = "SELECT reported_pending, wiped_at FROM accounts_device WHERE id = ?"
        [(pending, wiped)] = room.rows(query, own)
        assert (pending, wiped is not None) == (0, True)
        assert room.events(room.sessions[2]) == []
        page.reload()
        expect(page.locator(".empty h2")).to_have_text("本机已清空")


def test_an_evicted_tablet_begins_anew(browser: Browser, room: Classroom) -> None:
    """The browser threw everything away: what was uploaded stays, numbers are never used twice."""
    session = room.sessions[3]
    with tablet(browser, room) as found:
        found.enrol("清空过")
        found.open(session)
        for n in range(5):
            found.tap(n)
        found.upload()
        found.expect_counts(5, 5, 0)
        old = found.stored("get('meta', 'device')")["device_id"]
        cdp = found.context.new_cdp_session(found.page)
        what = {"origin": room.site.address, "storageTypes": "all"}
        cdp.send("Storage.clearDataForOrigin", what)
        found.enrol("清空过")
        new = found.stored("get('meta', 'device')")["device_id"]
        assert new != old
        found.open(session)
        # What the server knows is shown again, and taken back by nobody's accident.
        expect(found.page.locator(".mark-card.is-present")).to_have_count(5)
        found.tap(5)
        found.upload()
        found.expect_all_up()
        events = room.events(session)
        assert len(events) == 6
        assert [seq for _, device, seq in events if device == new.replace("-", "")] == [1]
        labels = room.rows("SELECT id FROM accounts_device WHERE label = '清空过'")
        assert len(labels) == 2


def test_ten_wrong_pins_cost_the_list_and_no_mark(browser: Browser, room: Classroom) -> None:
    session = room.sessions[4]
    with tablet(browser, room) as found:
        found.enrol()
        found.open(session)
        found.context.set_offline(True)
        for n in range(3):
            found.tap(n)
        found.page.reload()
        expect(found.page.locator(".pin h2")).to_have_text("输入密码")
        for left in range(9, -1, -1):
            found.press("000000")
            if left:
                expect(found.page.locator(".note-bad")).to_contain_text(f"还可以试 {left} 次")
        expect(found.page.locator("main h2")).to_have_text("名单已清除")
        assert found.stored("all('vault')") == []
        assert found.stored("get('meta', 'lock')") is None
        found.page.reload()
        expect(found.page.locator("main h2")).to_have_text("名单已清除")
        # Locked for good, and yet it uploads.
        found.expect_counts(3, 0, 3)
        found.context.set_offline(False)
        found.upload()
        found.expect_counts(3, 3, 0)
        assert len(room.events(session)) == 3
        found.page.locator("main .btn-main").click()
        found.fill_in()
        found.press(PIN)
        expect(found.page.locator(".pin h2")).to_have_text("再输一遍")
        found.press(PIN)
        found.open(session)
        expect(found.page.locator(".mark-card.is-present")).to_have_count(3)


def test_five_minutes_without_a_hand_lock_and_marks_go_up(
    browser: Browser, room: Classroom
) -> None:
    with tablet(browser, room) as found:
        found.page.clock.install()
        found.enrol()
        found.open(room.sessions[5])
        found.tap(0)
        found.page.clock.fast_forward(timedelta(minutes=6).total_seconds() * 1000)
        expect(found.page.locator(".pin h2")).to_have_text("输入密码")
        content = found.page.content()
        assert not [person for person in room.people if person["name"] in content]
        found.upload()
        found.expect_counts(1, 1, 0)
        found.unlock()
        # Back where one was.
        expect(found.card(0)).to_have_class("mark-card is-present")


def test_a_clock_two_years_back_makes_no_mark_vanish(browser: Browser, room: Classroom) -> None:
    """Its time is known to be unknown; it counts as present, and the server is told so."""
    session = room.sessions[0]
    with tablet(browser, room) as found:
        found.enrol()
        found.open(session)
        found.context.set_offline(True)
        found.page.clock.set_system_time(datetime(2024, 1, 1, tzinfo=UTC))
        found.tap(0)
        row = next(r for r in found.stored("all('events')") if r["session_id"] == session)
        assert row["body"]["skew_ms"] is None
        found.page.clock.set_system_time(datetime.now(UTC))
        found.context.set_offline(False)
        found.upload()
        found.expect_all_up()
        assert [status for _, status, _ in room.marks(session)] == ["PRESENT"]
        query = "SELECT clock_suspect FROM courses_attendancestate WHERE session_id = ?"
        assert room.rows(query, session.replace("-", "")) == [(1,)]


def test_an_update_waits_for_the_close_and_keeps_the_marks(
    browser: Browser, room: Classroom
) -> None:
    session = room.sessions[5]
    with released(room) as (release, seen), tablet(browser, seen) as found:
        found.enrol()
        page = found.page
        found.open(session)
        found.tap(1)
        found.context.route(PUSH, lambda route: route.abort())
        release.is_newer = True
        page.evaluate("navigator.serviceWorker.getRegistration().then(r => r.update())")
        page.locator(".bar-icon").click()
        expect(page.locator("#update")).to_contain_text("下课核对后再更新", timeout=PATIENCE_MS)
        expect(page.locator("#update .btn")).to_have_count(0)
        assert page.evaluate("navigator.serviceWorker.getRegistration().then(r => !!r.waiting)")
        found.open(session)
        page.locator("#dock .btn-main").click()
        page.fill("#heads", "1")
        page.locator("#close").click()
        expect(page.locator(f"[data-session='{session}']")).to_contain_text("已结束")
        with page.expect_navigation():
            page.locator("#update .btn").click()
        found.unlock()
        found.expect_counts(2, 0, 2)
        assert page.evaluate("caches.keys()") == [f"attendance-{NEWER}"]
        found.context.unroute(PUSH)
        found.upload()
        found.expect_counts(2, 2, 0)
