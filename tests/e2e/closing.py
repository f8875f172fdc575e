"""What a trainer does at the end of a class, on the tablet."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import FilePayload, Page

#: Says when the box for the signature is written on, or empty; an answer comes within frames.
SIGNED = """async wanted => {
  const box = document.querySelector(".signature");
  const isSigned = () => {
    const { data } = box.getContext("2d").getImageData(0, 0, box.width, box.height);
    return data.some((value, i) => i % 4 === 3 && value > 0);
  };
  for (let i = 0; i < 600 && isSigned() !== wanted; i++) await new Promise(requestAnimationFrame);
  return isSigned();
}"""
#: How the photo of a close is sealed: another way each time. Waits for another one than is given.
SEALING = """async ([session, before]) => {
  const asked = r => new Promise((ok, no) => {
    r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
  const db = await asked(indexedDB.open("attendance"));
  const now = async () => new Uint8Array((await asked(
    db.transaction("vault").objectStore("vault").get(`close:${session}:photo`))).iv).join();
  for (let i = 0; i < 600 && (await now()) === before; i++)
    await new Promise(requestAnimationFrame);
  try { return await now(); } finally { db.close(); }
}"""
#: Waits until these steps of a close are stored, and no others.
KEPT = """async ([session, wanted]) => {
  const asked = r => new Promise((ok, no) => {
    r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
  const db = await asked(indexedDB.open("attendance"));
  const kept = async () => (await asked(db.transaction("vault").objectStore("vault").getAllKeys()))
    .filter(key => key.startsWith(`close:${session}:`)).map(key => key.split(":")[2]).sort();
  for (let i = 0; i < 600 && (await kept()).join() !== wanted.join(); i++)
    await new Promise(requestAnimationFrame);
  try { return await kept(); } finally { db.close(); }
}"""


def photo() -> FilePayload:
    """As a camera makes it: large, and with the place where it was taken."""
    stream = BytesIO()
    picture = Image.effect_noise((2400, 1800), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "camera of a secret place"
    picture.save(stream, "JPEG", exif=exif)
    return {"name": "a.jpg", "mimeType": "", "buffer": stream.getvalue()}


def sign(page: Page) -> None:
    box = page.locator(".signature").bounding_box()
    assert box
    page.locator(".signature").scroll_into_view_if_needed()
    box = page.locator(".signature").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 90)
    page.mouse.up()


def expect_signed(page: Page, is_signed: bool = True) -> None:
    assert page.evaluate(SIGNED, is_signed) == is_signed


def expect_kept(page: Page, session: str, *steps: str) -> None:
    assert page.evaluate(KEPT, [session, sorted(steps)]) == sorted(steps)


def sealing(page: Page, session: str, before: str = "") -> str:
    return str(page.evaluate(SEALING, [session, before]))
