"""Pictures of the main pages in three widths, small enough to be kept beside the documents.

    python -m tests.e2e.screens --server URL --sign-ins FILE --to DIRECTORY [--only NAME ...]

script/screens starts a demonstration of its own and calls this.
"""

import argparse
import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, sync_playwright

from tests.e2e.browser import ARGUMENTS, find_chromium
from tests.e2e.browser import sign_in as fill_in
from tests.e2e.pages import PAGES, ROLES, Shown, code_of, find, pages_of, passwords_in

WIDTHS = {360: 740, 768: 1024, 1280: 800}
#: A picture is cut lower while it is too large as a file; what a long list goes on with is lost.
HEIGHTS = (2400, 1600, 1200)
MOST_BYTES = 60_000
#: Tried in turn until the file is small enough.
PALETTES = (96, 48)


@dataclass
class Camera:
    browser: Browser
    server: str
    target: Path
    only: Sequence[str]

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only

    @contextmanager
    def visit(self, username: str, passwords: dict[str, str]) -> Iterator[Page]:
        context: BrowserContext = self.browser.new_context(base_url=self.server, locale="zh-CN")
        page = context.new_page()
        if username:
            fill_in(page, username, passwords[username])
        yield page
        context.close()

    def shoot(self, page: Page, name: str, address: str) -> None:
        self._shoot(page, name, lambda: page.goto(address))

    def shoot_sent(self, page: Page, name: str, address: str, answers: dict[str, str]) -> None:
        """What answers a form."""
        self._shoot(page, name, lambda: _send(page, address, answers))

    def _shoot(self, page: Page, name: str, come: Callable[[], object]) -> None:
        if not self.wants(name):
            return
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            come()
            page.wait_for_load_state("load")
            tall = int(page.evaluate("document.documentElement.scrollHeight"))
            # The window is as tall as the picture, so that what sticks to its edge stays there.
            shown = max(height, min(tall, HEIGHTS[0]))
            page.set_viewport_size({"width": width, "height": shown})
            save(page.screenshot(), self.target / f"{name}-{width}.png")


def save(png: bytes, path: Path) -> None:
    """As a palette picture: fewer colours, then less of it, until the file is small."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for tall, colours in product(HEIGHTS, PALETTES):
        part = picture.crop((0, 0, picture.width, min(picture.height, tall)))
        found = io.BytesIO()
        small = part.quantize(palette=usual_colours(part, colours), dither=Image.Dither.NONE)
        small.save(found, "PNG", optimize=True)
        if found.tell() <= MOST_BYTES:
            break
    path.write_bytes(found.getvalue())


def usual_colours(picture: Image.Image, count: int) -> Image.Image:
    """A palette of its commonest colours: grounds, bars and chips stay what they are.

    Pillow looks colours up by their upper five bits: of those alike the commonest stands alone.
    """
    found = picture.getcolors(picture.width * picture.height) or []
    commonest: dict[tuple[int, ...], tuple[int, ...]] = {}
    for _n, colour in sorted(found, reverse=True):
        assert isinstance(colour, tuple)
        commonest.setdefault(tuple(part >> 3 for part in colour), colour)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in list(commonest.values())[:count] for part in colour])
    return palette


def certificate_of(page: Page) -> bytes:
    """The PDF of a trainee's first certificate."""
    page.goto("/certificates/mine/")
    href = page.locator("a[href$='/pdf/']").first.get_attribute("href")
    return page.request.get(str(href)).body()


def replaced_and_revoked(page: Page) -> dict[str, str]:
    """A clerk issues one certificate anew and revokes another; where each is checked from then
    on, by the name of its picture."""
    found = {}
    for name, path in (("verify-revoked", "/revoke/"), ("verify-replaced", "/reissue/")):
        page.goto("/certificates/?status=VALID")
        page.goto(str(page.locator("#results tbody a").first.get_attribute("href")))
        code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", page.inner_text("main"))
        assert code, page.url
        form = page.locator(f"form[action$='{path}']")
        form.locator("input[name=reason]").fill("姓名更正")
        form.locator("button").click()
        page.wait_for_load_state("load")
        found[name] = f"/v/{code.group()}"
    return found


def shoot_files(camera: Camera, page: Page, pdf: bytes) -> None:
    """What somebody is told who brings the file, as it was issued and with something added."""
    for name, content in (("verify-file", pdf), ("verify-file-changed", pdf + b"\n% added")):
        if not camera.wants(name):
            continue
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.goto("/verify/")
            file: FilePayload = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": content}
            page.set_input_files("input[name=file]", file)
            page.locator("form[enctype] button").click()
            page.wait_for_load_state("load")
            save(page.screenshot(full_page=True), camera.target / f"{name}-{width}.png")


ERASING = ("erasures", "erasure-find", "erase", "erase-refused", "erased", "learner-erased")


def shoot_erasing(camera: Camera, passwords: dict[str, str], say: Callable[[str], object]) -> None:
    """Somebody is looked for, shown, refused and erased; in the end, as other pages show them."""
    if not any(map(camera.wants, ERASING)):
        return
    with camera.visit("luoshan", passwords) as page:
        person = find(page, next(one for one in PAGES if one.name == "learner"))
        name = page.locator("h1").inner_text().split("\n")[0].strip()
    say("erasures")
    with camera.visit("admin", passwords) as page:
        erase = f"{person}erase/"
        camera.shoot_sent(page, "erasure-find", "/learners/erasures/", {"number": "411521"})
        _send(page, erase, {"password": passwords["admin"]})
        camera.shoot(page, "erase", erase)
        answers = {"reason": "WRONG", "note": "罗山县人社函〔2026〕12 号", "name": "别人"}
        camera.shoot_sent(page, "erase-refused", erase, answers)
        _send(page, erase, answers | {"reason": "ASKED", "name": name})
        camera.shoot(page, "erased", erase)
        camera.shoot(page, "erasures", "/learners/erasures/")
    with camera.visit("luoshan", passwords) as page:
        camera.shoot(page, "learner-erased", person)


def _send(page: Page, address: str, answers: dict[str, str]) -> None:
    """The form of a page, answered."""
    page.goto(address)
    for name, value in answers.items():
        field = page.locator(f"main [name={name}]")
        is_choice = field.evaluate("e => e.tagName") == "SELECT"
        _done = field.select_option(value) if is_choice else field.fill(value)
    page.locator("main form:has([name=csrfmiddlewaretoken]) .btn-main, main .btn-bad").first.click()
    page.wait_for_load_state("load")


def save_certificate(content: bytes, target: Path) -> None:
    """The first sheet of a certificate."""
    with tempfile.TemporaryDirectory() as directory:
        pdf = Path(directory) / "certificate.pdf"
        pdf.write_bytes(content)
        command = ["pdftoppm", "-png", "-r", "72", "-f", "1", "-l", "1", "-singlefile"]
        subprocess.run([*command, str(pdf), str(pdf.with_suffix(""))], check=True)
        save(pdf.with_suffix(".png").read_bytes(), target / "certificate.png")


def take_all(camera: Camera, passwords: dict[str, str], say: Callable[[str], object]) -> None:
    for user in ROLES:
        with camera.visit(user, passwords) as page:
            for shown in (one for one in pages_of(user) if one.pictured):
                _take(camera, page, shown, say)
    with camera.visit("xueyuan", passwords) as page:
        code = code_of(page)
        pdf = certificate_of(page)
        if camera.wants("certificate"):
            save_certificate(pdf, camera.target)
        page.goto("/elder-mode/?on=1&next=/certificates/mine/")
        camera.shoot(page, "my-certificates-elder", "/certificates/mine/")
    with camera.visit("", passwords) as page:
        camera.shoot(page, "verify", f"/v/{code}")
        shoot_files(camera, page, pdf)
    with camera.visit("luoshan", passwords) as page:
        checked = replaced_and_revoked(page)
    with camera.visit("", passwords) as page:
        for name, address in checked.items():
            camera.shoot(page, name, address)
    shoot_erasing(camera, passwords, say)


def _take(camera: Camera, page: Page, shown: Shown, say: Callable[[str], object]) -> None:
    if camera.wants(shown.name):
        say(shown.name)
        camera.shoot(page, shown.name, find(page, shown))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--sign-ins", required=True, type=Path)
    parser.add_argument("--to", required=True, type=Path)
    parser.add_argument("--only", nargs="*", default=())
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        camera = Camera(browser, given.server, given.to, given.only)
        take_all(camera, passwords_in(given.sign_ins), _say)
        browser.close()


if __name__ == "__main__":
    main()
