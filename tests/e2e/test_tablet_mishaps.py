"""What befalls a tablet itself: its storage, its clock, its name. No mark is lost or made up."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.browser import PATIENCE_MS
from tests.e2e.tablet import PIN, Classroom, Tablet, tablet

pytestmark = pytest.mark.e2e

PUSH = "**/api/attendance/v1/push"
SNAPSHOT = "**/api/attendance/v1/snapshot*"
#: The next time the app writes an event it finds its database closed, as iPads do it.
CLOSE_ONCE = """() => {
  const whole = IDBDatabase.prototype.transaction;
  window.closings = 0;
  IDBDatabase.prototype.transaction = function (names, mode, options) {
    if (mode === "readwrite" && names.includes("events") && window.closings === 0) {
      window.closings += 1;
      this.close();
    }
    return whole.call(this, names, mode, options);
  };
}"""
#: The next event is larger than all that is left.
TOO_LARGE = """() => {
  const whole = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (row) {
    IDBObjectStore.prototype.add = whole;
    return whole.call(this, { ...row, padding: "x".repeat(40e6) });
  };
}"""
#: Even for a moment: more ticks than the one that is stored, or words that say so.
WATCH = """() => {
  window.claimed = 0;
  new MutationObserver(() => {
    const ticks = document.querySelectorAll(".mark-card.is-present").length;
    if (ticks > 1 || document.querySelector(".toast")) window.claimed += 1;
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
NEVER_AGAIN = """() => {
  IDBFactory.prototype.open = () => {
    throw new DOMException("Internal error opening backing store", "UnknownError");
  };
}"""


@pytest.fixture(scope="module")
def shared(browser: Browser, room: Classroom) -> Iterator[Tablet]:
    """One enrolled tablet for what needs no other."""
    with tablet(browser, room) as found:
        found.enrol()
        yield found


def open_class(found: Tablet, session: str) -> Page:
    found.go()
    found.unlock()
    found.open(session)
    found.expect_still()
    return found.page


def of(found: Tablet, session: str) -> list[dict[str, Any]]:
    """The stored rows of one class, by number."""
    rows = [row for row in found.stored("all('events')") if row["session_id"] == session]
    return sorted(rows, key=lambda row: row["seq"])


def set_clock(found: Tablet, days: int) -> None:
    """And a hand on it: untouched for days it locks."""
    found.page.clock.set_system_time(datetime.now(UTC) + timedelta(days=days))
    found.page.keyboard.press("Shift")


@contextmanager
def on_day(found: Tablet, days: int) -> Iterator[None]:
    """The tablet's clock that many days from now."""
    try:
        set_clock(found, days)
        yield
    finally:
        set_clock(found, 0)


# --- storage --------------------------------------------------------------------------------------
def test_a_database_closed_by_force_is_opened_again(shared: Tablet, room: Classroom) -> None:
    session = room.sessions[1]
    page = open_class(shared, session)
    page.evaluate(CLOSE_ONCE)
    shared.tap(0)
    assert page.evaluate("closings") == 1
    assert [row["body"]["status"] for row in of(shared, session)] == ["PRESENT"]


def test_a_database_that_stays_closed_says_reload(shared: Tablet, room: Classroom) -> None:
    session = room.sessions[1]
    page = open_class(shared, session)
    before = of(shared, session)
    page.evaluate(CLOSE_ONCE)
    page.evaluate(NEVER_AGAIN)
    shared.card(5).locator(".mark-tap button").click()
    expect(page.locator(".empty h2")).to_have_text("存储断开了")
    assert page.locator(".is-present").count() == 0
    with page.expect_navigation():
        page.locator(".empty .btn-main").click()
    shared.unlock()
    shared.open(session)
    expect(shared.card(5)).to_have_class("mark-card ")
    assert [row["event_id"] for row in of(shared, session)] == [row["event_id"] for row in before]
    shared.tap(5)


def test_with_a_full_storage_nothing_looks_saved(browser: Browser, room: Classroom) -> None:
    """One mark, or all at once: what could not be written has no tick and no count."""
    session = room.sessions[2]
    with tablet(browser, room) as found:
        page = found.page
        cdp = found.context.new_cdp_session(page)
        quota = {"origin": room.site.address, "quotaSize": 30_000_000}
        cdp.send("Storage.overrideQuotaForOrigin", quota)
        found.enrol("快满了的")
        found.open(session)
        found.context.set_offline(True)
        found.tap(0)
        for button in (found.card(1).locator(".mark-tap button"), page.locator("#rest")):
            page.evaluate(TOO_LARGE)
            page.evaluate(WATCH)
            button.click()
            expect(page.locator(".empty p")).to_contain_text("存储空间满了")
            assert page.evaluate("claimed") == 0
            with page.expect_navigation():
                page.locator(".empty .btn-main").click()
            found.unlock()
            found.open(session)
            expect(page.locator(".mark-card.is-present")).to_have_count(1)
            found.expect_counts(1, 0, 1)
            assert len(of(found, session)) == 1
        found.tap(1)
        found.context.set_offline(False)
        found.upload()
        found.expect_counts(2, 2, 0)
        assert sorted(seq for _, _, seq in room.events(session)) == [1, 2]


# --- an old app, old lists, a wrong clock ---------------------------------------------------------
def test_an_old_app_is_asked_to_update_and_its_marks_are_taken(
    shared: Tablet, room: Classroom
) -> None:
    session = room.sessions[3]

    def older(route: Route) -> None:
        said = route.request.post_data_json | {"app_version": "0.9.0"}
        route.continue_(post_data=json.dumps(said).encode())

    page = open_class(shared, session)
    shared.context.route(PUSH, older)
    shared.tap(0)
    shared.upload()
    shared.expect_all_up()
    page.locator(".bar-icon").click()
    expect(page.locator(".note", has_text="服务器请本机更新版本")).to_be_visible()
    assert len(room.events(session)) == 1
    shared.context.unroute(PUSH)
    shared.upload()
    expect(page.locator(".note", has_text="服务器请本机更新版本")).to_have_count(0)


def test_a_mark_made_while_lists_are_fetched_goes_up_when_asked(
    shared: Tablet, room: Classroom
) -> None:
    """The upload under way is past the marks by then; "uploaded" would have been wrong."""
    session = room.sessions[3]
    page = open_class(shared, session)
    shared.expect_all_up()
    before = len(room.events(session))
    held: list[Route] = []
    shared.context.route(SNAPSHOT, lambda route: held.append(route), times=1)
    with page.expect_request(SNAPSHOT):
        shared.upload()
    shared.tap(1)
    shared.upload()
    held[0].continue_()
    shared.expect_all_up()
    assert len(room.events(session)) == before + 1


@pytest.mark.parametrize("days", [15, 730])
def test_lists_older_than_a_fortnight_are_withheld_and_marks_go_up(
    shared: Tablet, room: Classroom, days: int
) -> None:
    """A clock set two years ahead looks like that, too, until a server says what time it is."""
    session = room.sessions[4]
    page = open_class(shared, session)
    before = len(of(shared, session))
    shared.context.set_offline(True)
    shared.tap(2 * before)
    with on_day(shared, days):
        page.locator(".bar-icon").click()
        expect(page.locator(".note-bad")).to_contain_text("名单已过期")
        expect(page.locator(".class-card")).to_have_count(0)
        content = page.content()
        assert not [person for person in room.people if person["name"] in content]
        shared.context.set_offline(False)
        shared.upload()
        shared.expect_all_up()
        assert len(room.events(session)) == before + 1
        # The server told its time: the lists are back, and so are marks with a sound time.
        shared.open(session)
        shared.tap(2 * before + 1)
        skew = of(shared, session)[-1]["body"]["skew_ms"]
        assert abs(skew + days * 86_400_000) < 60_000
        shared.upload()
        shared.expect_all_up()
    query = "SELECT clock_suspect FROM courses_attendancestate WHERE session_id = ?"
    assert set(room.rows(query, session.replace("-", ""))) == {(0,)}
    # Set right again, and told so by the server.
    shared.upload()
    shared.expect_all_up()


# --- another name ---------------------------------------------------------------------------------
def enrol_again(found: Tablet) -> None:
    found.page.locator(".note-bad .btn", has_text="重新登记本机").click()
    found.fill_in("新登记的")
    found.press(PIN)
    expect(found.page.locator(".pin h2")).to_have_text("再输一遍")
    found.press(PIN)
    expect(found.page.locator("#today .class-card").first).to_be_visible()


def test_nine_days_without_signal_and_a_token_that_is_known_no_more(
    browser: Browser, room: Classroom
) -> None:
    """Everything stays, marking goes on, and under the new name each mark goes up once."""
    session = room.sessions[0]
    with tablet(browser, room) as found:
        found.enrol("走了九天的")
        page = found.page
        found.open(session)
        found.context.set_offline(True)
        found.tap(0)
        with on_day(found, 9):
            found.tap(1)
            old = found.stored("get('meta', 'device')")
            rolled = {"authorization": "Bearer att_live_rolled"}

            def forget(route: Route) -> None:
                token = route.request.headers.get("authorization", "")
                is_old = token.endswith(old["token"])
                route.continue_(headers=route.request.headers | rolled if is_old else None)

            found.context.route("**/api/attendance/v1/**", forget)
            found.context.set_offline(False)
            found.upload()
            expect(page.locator(".toast")).to_contain_text("服务器不认识本机了")
            assert found.counts()[2] == 2
            found.tap(2)
            before = {row["event_id"]: row["body"] for row in of(found, session)}
            page.locator(".bar-icon").click()
            enrol_again(found)
            found.expect_all_up()
        new = found.stored("get('meta', 'device')")
        assert new["device_id"] != old["device_id"]
        check_moved(found, room, session, before, new["device_id"])
        assert len(room.marks(session)) == 3


def check_moved(
    found: Tablet, room: Classroom, session: str, before: dict[str, Any], device: str
) -> None:
    """Identifiers and what was said are as before; numbers are the new name's, from one."""
    rows = of(found, session)
    assert [row["seq"] for row in rows] == list(range(1, len(before) + 1))
    for row in rows:
        assert row["body"] == before[row["event_id"]] | {"seq": row["seq"]}
    theirs = [one for one in room.events(session) if one[1] == device.replace("-", "")]
    assert {event for event, _, _ in theirs} == {one.replace("-", "") for one in before}
    assert sorted(seq for _, _, seq in theirs) == list(range(1, len(before) + 1))


def twin_pushes(room: Classroom, device: dict[str, Any], session: str, learner: str) -> None:
    """A tablet that was restored from the other's backup was quicker with number one."""
    at = int(datetime.now(UTC).timestamp() * 1000)
    row = {
        "event_id": str(uuid4()), "seq": 1, "kind": "mark", "session_id": session,
        "learner_id": learner, "status": "LEAVE", "source": "trainer", "base": None,
        "wall_ms": at, "skew_ms": 0, "t_ms": at, "snapshot_version": None,
    }  # fmt: skip
    said = {"batch_id": str(uuid4()), "device": device["device_id"], "last_seq": 1, "events": [row]}
    headers = {"Authorization": f"Bearer {device['token']}", "Content-Type": "application/json"}
    address = f"{room.site.address}/api/attendance/v1/push"
    request = urllib.request.Request(address, json.dumps(said).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_MS / 1000) as answer:
        assert json.load(answer)["results"][0]["result"] == "accepted"


def test_a_cloned_tablet_takes_a_name_of_its_own(browser: Browser, room: Classroom) -> None:
    session = room.sessions[5]
    with tablet(browser, room) as found:
        found.enrol("克隆出来的")
        page = found.page
        found.open(session)
        found.context.set_offline(True)
        for n in range(3):
            found.tap(n)
        device = found.stored("get('meta', 'device')")
        twin_pushes(room, device, session, room.people[0]["id"])
        before = {row["event_id"]: row["body"] for row in of(found, session)}
        found.context.set_offline(False)
        found.upload()
        page.locator(".bar-icon").click()
        expect(page.locator(".note-bad")).to_contain_text("和另一台平板重了")
        enrol_again(found)
        found.expect_all_up()
        rows = {row["event_id"]: row for row in of(found, session)}
        assert set(rows) == set(before)
        new = found.stored("get('meta', 'device')")["device_id"]
        assert new != device["device_id"]
        # The row that was parked for its number is in, and nothing waits for anybody.
        events = room.events(session)
        assert {one.replace("-", "") for one in before} <= {event for event, _, _ in events}
        assert len(events) == 4
        moved = [seq for _, owner, seq in events if owner == new.replace("-", "")]
        assert moved == [1]
        waiting = room.rows("SELECT code FROM courses_parkedrow WHERE resolved_at IS NULL")
        assert waiting == []
