"""A workbook of 1.4 KB that aborts the parser's process leaves server and worker answering."""

import io
import json
import urllib.request
import zipfile

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import DESK, open_page, sign_in
from tests.e2e.pages import passwords_in

pytestmark = pytest.mark.e2e

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
    f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>'
    '<sheet name="s" sheetId="1" r:id="r"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship '
    f'Id="r" Type="{LINKS}/worksheet" Target="worksheets/s.xml"/></Relationships>',
    "xl/worksheets/s.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c>'
    '</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
}


def make_bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
    return stream.getvalue()


def test_the_smallest_bomb_is_refused_and_everything_goes_on(browser: Browser, demo_site) -> None:
    bomb = make_bomb()
    assert len(bomb) < 2000
    passwords = passwords_in(demo_site.data_dir / "demo-sign-ins.json")
    with open_page(browser, demo_site.address, DESK) as page:
        sign_in(page, "luoshan", passwords["luoshan"])
        page.goto("/learners/imports/new/")
        page.set_input_files("[name=file]", {"name": "名单.xlsx", "mimeType": "", "buffer": bomb})
        page.locator("form[enctype] button.btn-main").click()
        expect(page.locator(".note-bad")).to_contain_text("行/列超限", timeout=20_000)
        page.goto("/learners/")
        expect(page.locator("#results tbody tr").first).to_be_visible()
    with urllib.request.urlopen(f"{demo_site.address}/readyz") as answer:
        assert set(json.load(answer).values()) == {True}
    assert all(part.poll() is None for part in demo_site.parts)
