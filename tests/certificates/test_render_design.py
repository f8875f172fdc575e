import hashlib
import json
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from certificates.render import (
    DEFAULT,
    SAMPLES,
    Border,
    Design,
    Layout,
    RenderError,
    RenderErrorCode,
    Seal,
    check,
    check_seal_image,
    render_pdf,
    sample,
)
from certificates.render.seal_image import seal_picture
from tests.certificates.render_facts import make_facts
from tests.certificates.test_render_pdf import text_of

UYGHUR_DESIGN = Design(
    second_script="ug",
    second_title="پۈتتۈرۈش گۇۋاھنامىسى",
    second_sentence="{starts_on} دىن {ends_on} گىچە، {hours} سائەت",
)


def png(size: int = 300, colour: str = "#B3261E", mode: str = "RGBA") -> bytes:
    image = Image.new(mode, (size, size), (255, 255, 255, 0) if mode == "RGBA" else "white")
    ImageDraw.Draw(image).ellipse((10, 10, size - 10, size - 10), outline=colour, width=12)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def with_image(image: bytes) -> Design:
    return Design(seal=Seal.IMAGE, seal_image=hashlib.sha256(image).hexdigest())


def test_json_is_canonical_and_comes_back() -> None:
    design = replace(UYGHUR_DESIGN, layout=Layout.PORTRAIT, signatories=(("主任", "李明"),))
    text = design.as_json()
    assert Design.from_json(text) == design
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert design.sha256 == Design.from_json(text).sha256 != DEFAULT.sha256


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        "[" * 100_000,
        '{"title": 3}',
        '{"script": "import os"}',
        '{"signatories": [["主任"]]}',
        '{"signatories": "主任"}',
        '{"title": ["结业证书"]}',
    ],
)
def test_what_is_no_design_is_refused(text: str) -> None:
    with pytest.raises(RenderError) as caught:
        Design.from_json(text)
    assert caught.value.code == RenderErrorCode.BAD_DESIGN


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "很长很长很长的证书"),
        ("title", "结业\u202e证书"),
        ("title", "{name}"),
        ("sentence", "兹有 {name} 同学"),  # nothing personal, and no field but the allowed ones
        ("sentence", "{facts.__class__}"),
        ("sentence", "{course!r}"),
        ("sentence", "{{course}}"),
        ("sentence", "{course"),
        ("sentence", '<img src="http://127.0.0.1:9/a.png">{course}'),
        ("sentence", "<img src=file:///etc/passwd>"),
        ("sentence", "见 https://example.com {course}"),
        ("sentence", "url(a) {course}"),
        ("sentence", "{% include 'x' %}"),
        ("check_note", "&lt;script"),
        ("check_note", "javascript:x"),
        ("check_note", "两\n行"),
        ("layout", "../PORTRAIT"),
        ("border", "file:///etc/passwd"),
        ("seal", "SVG"),
        ("seal_image", "https://example.com/seal.png"),
        ("seal_image", "0" * 64),  # without seal=IMAGE
        ("second_script", "ug"),  # without a word in it
        ("second_title", "پۈتتۈرۈش"),  # without its script
        ("second_script", "mn"),
        ("signatories", (("主任", "李明"),) * 4),
        ("signatories", (("<b>", "李明"),)),
        ("signatories", (("主任", "名" * 13),)),
    ],
)
def test_a_design_is_words_and_choices_and_nothing_else(field: str, value: object) -> None:
    with pytest.raises(RenderError) as caught:
        check(make_facts(), replace(DEFAULT, **{field: value}))
    assert caught.value.code == RenderErrorCode.BAD_DESIGN
    assert caught.value.detail.split(".")[0] in (field, "second_script")


def test_second_language_takes_figures_only() -> None:
    design = replace(UYGHUR_DESIGN, second_sentence="{course} سائەت")
    with pytest.raises(RenderError) as caught:
        design.check()
    assert caught.value.detail == "second_sentence"


@pytest.mark.parametrize(
    "design",
    [
        replace(UYGHUR_DESIGN, second_sentence="ئوقۇشنى تاماملىدى " * 8),
        Design(layout=Layout.PORTRAIT, signatories=(("办公室负责人", "名" * 12),) * 3),
    ],
)
def test_words_that_find_no_room_are_refused(design: Design) -> None:
    with pytest.raises(RenderError) as caught:
        check(make_facts(), design)
    assert caught.value.code == RenderErrorCode.BAD_DESIGN


def test_a_letter_that_nobody_draws_is_named() -> None:
    with pytest.raises(RenderError) as caught:
        check(make_facts(), replace(DEFAULT, check_note="扫😀码"))
    assert (caught.value.code, caught.value.detail) == (RenderErrorCode.MISSING_GLYPH, "😀")


def test_every_word_of_a_design_is_printed() -> None:
    design = replace(
        UYGHUR_DESIGN,
        layout=Layout.PORTRAIT,
        border=Border.LINES,
        title="培训证书",
        title_second="TRAINING",
        sentence="自 {starts_on}起，完成{region}{programme}第 {run} 期{course}，计 {hours} 学时。",
        name_after="同志",
        id_label="证件号",
        check_hint="请扫码",
        check_note="核验说明",
        signatories=(("主任", "李明"), ("班主任", "王芳")),
    )
    text = text_of(render_pdf(make_facts(), design))
    for printed in ("培训证书", "TRAINING", "同志", "证件号", "请扫码", "核验说明", "李明", "王芳"):
        assert printed in text, printed
    assert "2021 年 10 月 14 日起，完成岳普湖县" in text.replace("\u00a0", " ")
    assert "2021.10.14" in text
    assert "2021.10.20" in text


def test_facts_are_drawn_with_the_design_of_their_issue_alone() -> None:
    facts = make_facts(design_sha256=UYGHUR_DESIGN.sha256)
    assert render_pdf(facts, UYGHUR_DESIGN)
    with pytest.raises(RenderError) as caught:
        render_pdf(facts, DEFAULT)
    assert caught.value.code == RenderErrorCode.OTHER_DESIGN


def test_another_word_in_the_design_is_another_file() -> None:
    """Whoever stored the first file serves that one: its hash does not follow the template."""
    first = render_pdf(make_facts())
    assert render_pdf(make_facts(), replace(DEFAULT, title="培训证书")) != first
    assert render_pdf(make_facts()) == first


def test_the_seal_is_the_very_picture_that_was_agreed() -> None:
    image = png()
    design = with_image(image)
    first = render_pdf(make_facts(), design, seal_image=image)
    assert len(first) < 50_000
    assert render_pdf(make_facts(), design, seal_image=image) == first
    for other in (None, png(301)):
        with pytest.raises(RenderError) as caught:
            render_pdf(make_facts(), design, seal_image=other)
        assert caught.value.code == RenderErrorCode.BAD_SEAL_IMAGE


def test_a_scan_on_white_paper_gives_its_ink_only() -> None:
    image = png(mode="RGB")
    whole = seal_picture(png()).mask.count(255)
    assert seal_picture(image).mask.count(255) == pytest.approx(whole, rel=0.1)
    assert render_pdf(make_facts(), with_image(image), seal_image=image)
    with pytest.raises(RenderError):
        check_seal_image(png(colour="white", mode="RGB"))


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        png()[: len(png()) // 2],
        png(2100),
        b"\x89PNG\r\n\x1a\n" + bytes(2_000_001),
    ],
)
def test_what_is_no_picture_of_a_seal_is_refused(image: bytes) -> None:
    with pytest.raises(RenderError) as caught:
        check_seal_image(image)
    assert caught.value.code == RenderErrorCode.BAD_SEAL_IMAGE


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("border", list(Border))
def test_every_layout_and_border_draws(layout: Layout, border: Border) -> None:
    pdf = render_pdf(make_facts(), Design(layout=layout, border=border, seal=Seal.NONE))
    assert "李建军" in text_of(pdf)


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("kind", SAMPLES)
def test_every_preview_fits(kind: str, layout: Layout) -> None:
    facts = sample(kind, issuer="县商务局", region="岳普湖县", address="https://example.cn")
    check(facts, Design(layout=layout))
    check(facts, replace(UYGHUR_DESIGN, layout=layout))
