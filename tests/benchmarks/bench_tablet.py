"""The tablet app in Chromium: from tap to tick, sixty marks over 2G, its weight, whom it asks.

No peer: the limits are absolute (100 ms, 20 s, 150 kB, 0). Offline is the browser's own; 2G is the
browser's network at 4 kB/s each way and 1.5 s there and back.
"""

import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks import Figure
from tests.benchmarks.bench_page_list import serving
from tests.e2e.browser import ARGUMENTS, find_chromium
from tests.e2e.tablet import Classroom, tablet
from tests.e2e.tablet_cast import tablet_class

MARKS = 60
SLOW = {"latency": 1500, "downloadThroughput": 4096, "uploadThroughput": 4096, "offline": False}
#: Taps a card and waits for its tick, as often as there are cards; milliseconds.
TAPS = """async () => {
  const taken = [];
  for (const card of document.querySelectorAll('.mark-card')) {
    const began = performance.now();
    const ticked = new Promise(done => new MutationObserver((_, all) => {
      if (card.classList.contains('is-present')) { all.disconnect(); done(); }
    }).observe(card, {attributes: true}));
    card.querySelector('.mark-tap button').click();
    await ticked;
    taken.push(performance.now() - began);
  }
  return taken;
}"""


@dataclass
class Served:
    address: str


def run() -> Iterator[Figure]:
    given = tablet_class(sessions="2", codes="1")
    call_command("collectstatic", verbosity=0, interactive=False)
    connections.close_all()
    with serving() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        room = Classroom(Served(f"http://127.0.0.1:{port}"), **given)  # type: ignore[arg-type]
        taps, seconds, others = measured(browser, room)
        browser.close()
    yield Figure("tablet.tap_ms", taps, "ms (p95 of 60, offline; at most 100)")
    yield Figure("tablet.upload_2g_s", seconds, "s (60 marks, 4 kB/s and 1.5 s; at most 20)")
    yield Figure("tablet.shell_kb", shell_kb(), "kB gzipped besides the decoder (at most 150)")
    yield Figure("tablet.other_hosts", others, "requests to another host (0)")


def measured(browser, room: Classroom) -> tuple[float, float, int]:
    asked: list[str] = []
    with tablet(browser, room) as found:
        found.context.on("request", lambda request: asked.append(request.url))
        found.enrol()
        found.open(room.sessions[1])
        network = network_of(found.page)
        network({**SLOW, "offline": True})
        taken = sorted(found.page.evaluate(TAPS))
        assert len(taken) == MARKS
        found.expect_counts(MARKS, 0, MARKS)
        began = time.perf_counter()
        network(SLOW)  # a network again: the upload begins by itself
        found.upload()
        found.page.get_by_text("待上传 0").first.wait_for(timeout=120_000)
        seconds = time.perf_counter() - began
        found.expect_counts(MARKS, MARKS, 0)
    others = [url for url in asked if not url.startswith((room.site.address, "blob:", "data:"))]
    return round(taken[int(MARKS * 0.95)], 1), round(seconds, 1), len(others)


def network_of(page: Page) -> Callable[[dict[str, object]], object]:
    """Sets what the page has of a network; one session does both, lest one undo the other."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    return lambda conditions: cdp.send("Network.emulateNetworkConditions", conditions)


def shell_kb() -> float:
    built = Path(settings.BASE_DIR) / "static" / "attendance"
    files = [path for path in built.iterdir() if path.suffix != ".wasm"]
    return round(sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) / 1000, 1)
