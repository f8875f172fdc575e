"""Pictures, archive and accessible copies, the ZIP; and the fast way against the whole one."""

import json
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops
from pypdfium2 import PdfDocument

from certificates.render import (
    DEFAULT,
    Border,
    CertificateFacts,
    Design,
    Layout,
    RenderError,
    RenderErrorCode,
    Variant,
    render_archive,
    render_book,
    render_pdf,
    render_png,
    zipped,
)
from certificates.render.archive import archive, whole
from certificates.render.pages import page_for
from tests.benchmarks.peers import plain_weasyprint, quoted_page
from tests.certificates.render_facts import RARE, TIBETAN, URL, UYGHUR, make_facts
from tests.certificates.test_render_design import UYGHUR_DESIGN
from tests.certificates.test_render_pdf import text_of

LINES = Design(border=Border.LINES)  # the guilloche takes WeasyPrint a second
PORTRAIT = Design(layout=Layout.PORTRAIT, border=Border.LINES)
UYGHUR_PERSON = {"name": "阿卜杜热合曼·图尔荪", "native_name": UYGHUR, "native_script": "ug"}
PAGES = {
    "chinese": (make_facts(), DEFAULT),
    "portrait": (make_facts(), PORTRAIT),
    "rare": (make_facts(name=RARE), LINES),
    "uyghur": (
        make_facts(**UYGHUR_PERSON),
        Design.from_json(json.dumps(json.loads(UYGHUR_DESIGN.as_json()) | {"border": "LINES"})),
    ),
    "tibetan": (make_facts(name="扎西次仁", native_name=TIBETAN, native_script="bo"), LINES),
    "yi": (make_facts(name="吉克阿依", native_name="ꐚꈌꀉꒀ", native_script="ii"), PORTRAIT),
    "long": (
        make_facts(name="阿卜杜热合曼·麦麦提图尔荪阿卜杜如苏力江", course="训" * 35),
        Design(border=Border.LINES, name_after="同志", signatories=(("主任", "李明"),)),
    ),
}


def picture(pdf: bytes) -> Image.Image:
    document = PdfDocument(pdf)
    try:
        return document[0].render(scale=2).to_pil().convert("L")
    finally:
        document.close()


@pytest.mark.parametrize("kind", PAGES)
def test_the_fast_way_draws_what_weasyprint_draws_whole(kind: str) -> None:
    facts, design = PAGES[kind]
    page = page_for(facts, design)
    fast, slow = picture(render_pdf(facts, design)), picture(archive(page, None))
    assert fast.size == slow.size
    # The seal's ink multiplies in one and lies under the letters in the other.
    place = page.common.place
    across, down = page.common.seal_across, place.height - place.seal_height
    scale = 2 * 72 / 25.4
    box = tuple(round(side * scale) for side in (across - 22, down - 22, across + 22, down + 22))
    for one in (fast, slow):
        one.paste(255, box)
    different = ImageChops.difference(fast, slow).histogram()
    assert sum(different[48:]) == 0, sum(different[48:])
    assert sum(different[12:]) < fast.width * fast.height / 2000


def test_a_letter_moved_is_seen_by_that_comparison() -> None:
    fast, slow = (
        picture(render_pdf(make_facts(name=name), LINES)) for name in ("李建军", "李建车")
    )
    assert sum(ImageChops.difference(fast, slow).histogram()[48:]) > 100


def test_qpdf_finds_no_fault_in_any_file(tmp_path: Path) -> None:
    facts = make_facts(**UYGHUR_PERSON)
    files = {
        "single": render_pdf(facts),
        "rare": render_pdf(make_facts(name=RARE + "龘")),
        "book": render_book([facts, make_facts()], title="书"),
        "archive": render_archive(facts, LINES, variant=Variant.ARCHIVE),
        "accessible": render_archive(facts, LINES, variant=Variant.ACCESSIBLE),
    }
    for name, content in files.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(content)
        done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=True)
        assert "No syntax or stream encoding errors" in done.stdout, name


@pytest.mark.parametrize("layout", list(Layout))
def test_the_picture_is_small_and_its_code_reads(layout: Layout, tmp_path: Path) -> None:
    pdf = render_pdf(make_facts(**UYGHUR_PERSON), Design(layout=layout))
    image = render_png(pdf)
    assert len(image) <= 200_000
    assert image == render_png(pdf)
    with Image.open(BytesIO(image)) as opened:
        assert max(opened.size) >= 1600
    (tmp_path / "one.png").write_bytes(image)
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "one.png"], cwd=tmp_path, capture_output=True, check=True
    )
    assert found.stdout.decode().strip().lower() == URL.lower()


def test_an_archive_copy_carries_the_facts_and_one_title() -> None:
    facts = make_facts(**UYGHUR_PERSON)
    copy = render_archive(facts, LINES, variant=Variant.ARCHIVE)
    assert copy == render_archive(facts, LINES, variant=Variant.ARCHIVE)
    with pikepdf.open(BytesIO(copy)) as opened:
        attached = opened.attachments["certificate.json"].get_file().read_bytes()
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3U"
            assert metadata["dc:title"] == opened.docinfo["/Title"] == "结业证书 YPH-2021-000033"
        assert opened.Root.AF[0].AFRelationship == "/Data"
        assert "/OutputIntents" in opened.Root
    assert CertificateFacts.from_json(attached.decode()) == facts


def test_a_credential_is_attached_instead_if_there_is_one() -> None:
    copy = render_archive(make_facts(), LINES, variant=Variant.ARCHIVE, credential='{"proof":1}')
    with pikepdf.open(BytesIO(copy)) as opened:
        assert opened.attachments["certificate.json"].get_file().read_bytes() == b'{"proof":1}'


def test_an_accessible_copy_is_read_in_order() -> None:
    copy = render_archive(make_facts(), LINES, variant=Variant.ACCESSIBLE)
    assert copy == render_archive(make_facts(), LINES, variant=Variant.ACCESSIBLE)
    with pikepdf.open(BytesIO(copy)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert opened.Root.Lang == "zh-CN"
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        kinds = [
            str(item.get("/S")) for item in opened.objects if isinstance(item, pikepdf.Dictionary)
        ]
        figures = [
            str(item.Alt)
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
    assert kinds.count("/H1") == 1
    assert any(URL in alt for alt in figures)
    assert any("岳普湖县电子商务服务中心" in alt for alt in figures)
    said = text_of(copy)
    order = [said.index(word) for word in ("结业证书", "李建军", "准予结业")]
    assert order == sorted(order)


def test_a_whole_page_that_asks_for_a_file_is_refused() -> None:
    page = page_for(make_facts(), LINES)
    for markup in (
        "<img src=file:///etc/passwd>",
        '<link rel="attachment" href="file:///etc/passwd">',
        '<img src="cert-art:none">',
    ):
        with pytest.raises(RenderError) as caught:
            whole(f"<html><body>{markup}</body></html>", page, {}, None, [], b"0")
        assert caught.value.code == RenderErrorCode.FORBIDDEN_RESOURCE


def test_a_zip_is_sent_while_it_is_made() -> None:
    asked: list[int] = []

    def files():
        for number in range(3):
            asked.append(number)
            yield f"结业证书/YPH-{number}.pdf", render_pdf(make_facts())

    pieces = zipped(files())
    first = next(pieces)
    assert asked == [0]
    whole_zip = first + b"".join(pieces)
    with zipfile.ZipFile(BytesIO(whole_zip)) as opened:
        assert opened.testzip() is None
        assert opened.namelist()[0] == "结业证书/YPH-0.pdf"
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
        assert opened.read("结业证书/YPH-2.pdf") == render_pdf(make_facts())
    assert whole_zip == b"".join(zipped(files()))


def test_what_the_benchmark_compares_with_draws_the_same_page() -> None:
    facts = make_facts()
    ours, theirs = picture(render_pdf(facts)), picture(next(plain_weasyprint.files([facts])))
    assert ours.size == theirs.size
    different = ImageChops.difference(ours, theirs).histogram()
    # Fine lines meet the pixels otherwise when they are drawn in other pieces; letters do not.
    assert sum(different[96:]) < ours.width * ours.height / 1000, sum(different[96:])


def test_the_page_that_the_peer_is_held_to_is_as_heavy_as_the_one_it_was_measured_on():
    border = quoted_page.border()
    assert border.count(b"<path") == 435
    assert 58_000 < len(border) < 61_000
    assert "3.6" in (quoted_page.__doc__ or "").splitlines()[0]
