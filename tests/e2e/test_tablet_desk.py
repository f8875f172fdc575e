"""A class on the tablet: the roll, the sign-in desk, walk-ins, the close; and how it fits."""

import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.closing import expect_signed, photo, sign
from tests.e2e.tablet import Classroom, Tablet, tablet
from tests.e2e.test_pages_fit import TOO_WIDE

pytestmark = pytest.mark.e2e

#: What a finger must hit and is smaller than 48 px.
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input, label.btn')]
  .filter(e => e.checkVisibility() && !e.matches('.sr'))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.width > 0 && (r.height < 47.5 || r.width < 47.5))
  .map(([e, r]) => `${e.className} "${e.innerText.slice(0, 9)}" ${r.width}x${r.height}`)"""
#: No other transaction writes events until `held` is false.
HOLD = """() => {
  window.held = true;
  indexedDB.open("attendance").onsuccess = ({ target: { result: db } }) => {
    const events = db.transaction("events", "readwrite").objectStore("events");
    const wait = () => {
      if (window.held) events.count().onsuccess = wait;
      else db.close();
    };
    wait();
  };
}"""
#: The next picture is drawn when `letGo` is called.
HOLD_PICTURE = """() => {
  const own = createImageBitmap;
  window.createImageBitmap = async (...given) => {
    await new Promise(done => { window.letGo = done; });
    return own(...given);
  };
}"""
#: How far what is chosen from reaches under the dock.
UNDER_DOCK = """() => document.querySelector("#choose").getBoundingClientRect().bottom
  - document.querySelector("#dock").getBoundingClientRect().top"""
CASES = Path(__file__).parents[1] / "courses" / "merge_cases.json"


@pytest.fixture(scope="module")
def shared(browser: Browser, room: Classroom):
    """One enrolled tablet for what needs no other."""
    with tablet(browser, room) as found:
        found.enrol()
        yield found


def open_class(shared: Tablet, session: str) -> Page:
    shared.go()
    shared.unlock()
    shared.open(session)
    return shared.page


def fits(page: Page) -> list[str]:
    faults = []
    for width, height in ((768, 1024), (360, 740)):
        page.set_viewport_size({"width": width, "height": height})
        faults += [f"{width}: {what}" for what in page.evaluate(TOO_SMALL)]
        faults += filter(None, [page.evaluate(TOO_WIDE)])
    page.set_viewport_size({"width": 768, "height": 1024})
    return faults


def test_both_merge_rules_agree(shared: Tablet) -> None:
    """The built app's own rule on the cases that the server is held to."""
    cases = json.loads(CASES.read_text())["cases"]
    shared.go()
    for case in cases:
        said = shared.page.evaluate("events => attendance.said(events)", case["events"])
        assert said == case["expected"], case["name"]


def test_the_roll(shared: Tablet, room: Classroom) -> None:
    """All present, then the exceptions; a second tap takes back."""
    session = room.sessions[1]
    page = open_class(shared, session)
    assert fits(page) == []
    shared.choose(0, "LATE")
    shared.choose(1, "LEAVE")
    # The choices come into sight and take the focus; Escape gives it back.
    page.evaluate("scrollTo(0, 0)")
    more = shared.card(11).locator(".mark-more")
    more.click()
    expect(page.locator("#choose .btn-main")).to_be_focused()
    assert page.evaluate(UNDER_DOCK) <= 0
    page.keyboard.press("Escape")
    expect(page.locator("#choose")).to_have_count(0)
    expect(more).to_be_focused()
    shared.tap(2)
    shared.card(2).locator(".mark-tap button").click()
    expect(shared.card(2)).to_have_class("mark-card ")
    page.locator("#rest").click()
    expect(page.locator(".toast")).to_contain_text("已将 58 人记「到」")
    shared.choose(3, "ABSENT")
    shared.choose(4, "LEFT_EARLY")
    tallies = page.locator(".tallies b")
    expect(tallies).to_have_text(["60", "0", "56", "1", "1", "1", "1"])
    # What was changed since is not undone.
    page.locator(".toast button").click()
    expect(tallies).to_have_text(["60", "56", "0", "1", "1", "1", "1"])
    # Nor is who is still being marked one of the rest.
    page.evaluate(HOLD)
    shared.card(5).locator(".mark-more").click()
    page.locator("#choose [data-status=LEAVE]").click()
    page.locator("#rest").click()
    page.evaluate("held = false")
    expect(page.locator(".toast")).to_contain_text("已将 55 人记「到」")
    expect(tallies).to_have_text(["60", "0", "55", "1", "1", "2", "1"])
    page.locator(".toast button").click()
    expect(tallies).to_have_text(["60", "55", "0", "1", "1", "2", "1"])
    page.locator(".letters button", has_text="W").click()
    listed = page.locator(".mark-main b")
    expect(listed.filter(has_not_text=re.compile("^[王吾]"))).to_have_count(0)
    expect(listed).not_to_have_count(0)
    shared.upload()
    shared.expect_all_up()
    statuses = sorted(status for _, status, _ in room.marks(session))
    assert statuses == ["ABSENT", "LATE", "LEAVE", "LEAVE", "LEFT_EARLY"]


def test_the_desk_hides_the_number_and_who_came_before(shared: Tablet, room: Classroom) -> None:
    session = room.sessions[-1]
    page = open_class(shared, session)
    page.locator(".bar .bar-btn").click()
    ahmad, li, ma = room.people[20], room.people[0], room.people[1]
    result = page.locator("#result")
    expect(result).to_contain_text("请签到")
    assert fits(page) == []
    for digit in li["number"][:-1]:
        page.locator(".doors .keys .btn", has_text=digit).click()
    assert li["number"][:6] not in page.content()
    expect(page.locator(".typed-dots")).to_have_text(re.compile("^[^●]*(●[^●]*){17}$"))
    page.locator(".doors .keys .btn", has_text=li["number"][-1]).click()
    page.locator(".doors .keys .btn-main").click()
    expect(result).to_contain_text("签到成功")
    expect(result).to_contain_text(li["name"])
    assert li["number"] not in page.content()
    # A reader of cards types fast and ends with Enter; who came before is gone from the band.
    page.keyboard.type(f"{ma['number']}")
    page.keyboard.press("Enter")
    expect(result).to_contain_text(ma["name"])
    assert li["name"] not in result.inner_text()
    # A second time nothing is written.
    before = shared.stored("all('events')")
    page.keyboard.type(ma["number"])
    page.keyboard.press("Enter")
    expect(result).to_contain_text("已签到")
    assert shared.stored("all('events')") == before
    # A reader of codes, and a number that cannot be.
    page.keyboard.type(ahmad["qr"])
    page.keyboard.press("Enter")
    expect(result).to_contain_text(ahmad["name"])
    page.keyboard.type(li["number"][:-1] + ("1" if li["number"][-1] != "1" else "2"))
    page.keyboard.press("Enter")
    expect(result).to_contain_text("号码不对")
    # After three seconds the band is about nobody.
    expect(result).to_contain_text("请签到", timeout=4500)
    ours = [r for r in shared.stored("all('events')") if r["session_id"] == session]
    assert sorted(r["body"]["method"] for r in ours) == ["id_card", "id_card", "qr"]
    assert {r["body"]["source"] for r in ours} == {"self"}
    assert {r["body"]["status"] for r in ours} == {"PRESENT"}


def test_signing_in_by_name_and_not_me(shared: Tablet, room: Classroom) -> None:
    session = room.sessions[2]
    page = open_class(shared, session)
    page.locator(".bar .bar-btn").click()
    page.set_viewport_size({"width": 360, "height": 740})
    zhao = next(person for person in room.people if person["name"] == "赵国强")
    page.locator("#names .letters button", has_text="Z").click()
    page.locator("#names .names .btn", has_text="赵国强").click()
    wrong = "0000" if zhao["number"][-4:] != "0000" else "1111"
    for digit in wrong:
        page.locator("#last-four .keys .btn", has_text=digit).click()
    expect(page.locator("#last-four")).to_contain_text("后 4 位不对")
    page.keyboard.press("Escape")
    expect(page.locator("#last-four")).to_have_count(0)
    # By the keyboard alone: an Enter that ends no line presses what has the focus.
    zhaos = page.locator("#names .names .btn", has_text="赵国强")
    zhaos.focus()
    page.keyboard.press("Enter")
    for digit in zhao["number"][-4:]:
        page.locator("#last-four .keys .btn", has_text=digit).click()
    expect(page.locator("#result")).to_contain_text("赵国强")
    # The third door is far down; what is said of somebody is not.
    expect(page.locator("#result")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 768, "height": 1024})
    page.locator("#result .bar-btn").click()
    expect(page.locator("#result")).to_contain_text("已取消")
    # Leaving the desk takes the PIN: whoever stands there sees no list.
    page.locator(".bar-icon").click()
    assert "赵国强" not in page.content()
    shared.unlock()
    expect(page.locator(".tallies b").first).to_have_text("60")
    expect(page.locator(".tallies b").nth(2)).to_have_text("0")


def test_who_comes_after_the_quarter_is_late(shared: Tablet, room: Classroom) -> None:
    page = open_class(shared, room.sessions[0])
    page.locator(".bar .bar-btn").click()
    expect(page.locator("#result")).to_be_visible()
    page.keyboard.type(room.people[3]["number"])
    page.keyboard.press("Enter")
    at = datetime.now(ZoneInfo("Asia/Shanghai"))
    is_late = (at.hour, at.minute) > (0, 15)
    expect(page.locator("#result")).to_contain_text("迟到" if is_late else "签到成功")


def test_closing_with_a_walk_in_a_photo_and_a_signature(shared: Tablet, room: Classroom) -> None:
    session = room.sessions[3]
    page = open_class(shared, session)
    page.locator(".dock .btn", has_text="补录来人").click()
    assert fits(page) == []
    page.fill("[name=name]", "新来的")
    page.fill("[name=id_number]", "12345")
    page.locator("form .btn-main").click()
    expect(page.locator(".note-bad")).to_contain_text("身份证号不对")
    page.fill("[name=id_number]", room.people[5]["number"])
    page.locator("form .btn-main").click()
    expect(page.locator(".note-bad")).to_contain_text(room.people[5]["name"])
    page.fill("[name=id_number]", "11010519491231002X")
    page.locator("form .btn-main").click()
    expect(page.locator(".mark-card")).to_have_count(61)
    expect(page.locator(".mark-card", has_text="新来的")).to_have_class("mark-card is-present")
    page.locator("#rest").click()
    page.locator("#dock .btn-main").click()
    expect(page.locator(".sum-box b")).to_have_text(["61", "0", "0", "0", "0", "61"])
    # What was said of the roll does not lie over the number.
    expect(page.locator(".toast")).to_have_count(0)
    # What the marks say is no count: nothing is filled in, and nothing "agrees" or closes before.
    expect(page.locator("#heads")).to_have_value("")
    expect(page.locator(".count-note")).to_contain_text("填好人数才能结束本节")
    expect(page.locator("[aria-label=少一人]")).to_be_disabled()
    expect(page.locator("#close")).to_have_text("结束本节")
    page.locator("#close").click()
    expect(page.locator(".count-note")).to_contain_text("还没有填人数")
    expect(page.locator("#heads")).to_be_focused()
    page.keyboard.type("61")
    expect(page.locator(".count-note")).to_contain_text("人头和点名一致")
    page.fill("#heads", "")
    expect(page.locator(".count-note")).to_contain_text("填好人数才能结束本节")
    page.fill("#heads", "61")
    page.locator("[aria-label=少一人]").click()
    expect(page.locator(".count-note")).to_contain_text("比点名少 1 人")
    expect(page.locator("#close")).to_have_text("结束本节，差 1 人已知")
    page.set_input_files("#photo input", photo())
    expect(page.locator(".photo-box")).to_contain_text("已拍 1 张")
    sign(page)
    assert fits(page) == []
    page.locator("#close").click()
    expect(page.locator(f"[data-session='{session}']")).to_contain_text("已结束 · 清点 60 人")
    shared.expect_all_up()
    found = room.rows(
        "SELECT status, head_count FROM courses_classsession WHERE id = ?", session.replace("-", "")
    )
    assert found == [("CLOSED", 60)]
    assert shared.stored("all('evidence')") == []
    kinds = room.rows("SELECT kind FROM courses_sessionevidence")
    assert sorted(kinds) == [("photo",), ("signature",)]
    # The number of who walked in stands nowhere on the tablet.
    assert "11010519491231002X" not in json.dumps(shared.stored("all('events')"))
    # Closed is closed.
    shared.open(session)
    expect(page.locator(".note-info")).to_contain_text("本节已结束")
    expect(page.locator(".mark-tap button").first).to_be_disabled()


def test_what_was_begun_at_the_close_is_kept(shared: Tablet, room: Classroom) -> None:
    """Looking at a card again costs neither the count nor the signature, and a close waits for a
    photo that is still being drawn."""
    session = room.sessions[2]
    page = open_class(shared, session)
    page.locator("#rest").click()
    page.locator("#dock .btn-main").click()
    heads = str(int(page.locator(".sum-box b").first.inner_text()) - 1)
    page.fill("#heads", heads)
    sign(page)
    # Whoever is doubted is put right in place.
    more = page.locator("#count .mark-more").first
    more.click()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    more.click()
    page.locator("#choose [data-status=ABSENT]").click()
    expect(page.locator(".count-note")).to_contain_text("人头和点名一致")
    # The signature was given under other sums of the roll.
    again = page.locator("#signature .note")
    expect(again).to_contain_text(f"「到」由 {int(heads) + 1} 改为 {heads}、「缺席」由 0 改为 1")
    expect_signed(page, False)
    page.locator("#close").click()
    expect(again).to_have_class("note note-bad")
    expect(page.locator("#unsigned")).to_be_focused()
    sign(page)
    expect(again).to_have_count(0)
    page.locator(".bar-icon").click()
    page.locator("#dock .btn-main").click()
    expect(page.locator("#heads")).to_have_value(heads)
    expect_signed(page)
    page.evaluate(HOLD_PICTURE)
    page.set_input_files("#photo input", photo())
    expect(page.locator(".photo-box")).to_contain_text("正在处理照片")
    page.locator("#close").click()
    expect(page.locator("#close")).to_have_attribute("aria-busy", "true")
    page.evaluate("letGo()")
    expect(page.locator(f"[data-session='{session}']")).to_contain_text(f"已结束 · 清点 {heads} 人")
    expect(page.locator(f"[data-session='{session}'] .btn")).to_have_text("查看")
    shared.expect_all_up()
    query = "SELECT kind FROM courses_sessionevidence WHERE session_id = ?"
    assert sorted(room.rows(query, session.replace("-", ""))) == [("photo",), ("signature",)]


def test_an_exported_queue_is_taken_by_the_office(shared: Tablet, room: Classroom) -> None:
    session = room.sessions[4]
    page = open_class(shared, session)
    shared.context.set_offline(True)
    for n in range(3):
        shared.tap(n)
    with page.expect_download() as download:
        page.locator("#export").click()
    content = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename.endswith(".attq")
    assert room.people[0]["id"].encode() not in content
    said = room.site.cast("tablet_queue", path=str(download.value.path()))
    assert said["counts"] == {"accepted": 3}
    shared.context.set_offline(False)
    shared.upload()
    shared.expect_all_up()
    assert len(room.events(session)) == 3


def test_the_check_before_leaving(browser: Browser, room: Classroom, shared: Tablet) -> None:
    shared.go()
    shared.unlock()
    shared.page.locator(".ready-line").click()
    expect(shared.page.locator("#ready")).to_contain_text("可以离线使用")
    assert fits(shared.page) == []
    with tablet(browser, room, persisted=False) as bare:
        bare.enrol("没装好")
        bare.page.locator(".ready-line").click()
        expect(bare.page.locator("[data-check=persisted]")).to_contain_text("添加到主屏幕")
        expect(bare.page.locator("#ready")).to_contain_text("还不能离线使用")
        others = bare.page.locator("[data-ok=false]:not([data-check=persisted])")
        expect(others).to_have_count(0)
