import hashlib
import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from certificates.render import (
    CertificateFacts,
    RenderError,
    RenderErrorCode,
    render_many,
    render_pdf,
)
from certificates.render.layouts import LANDSCAPE
from certificates.render.pages import page_for
from certificates.render.seal import LINE_DROP
from certificates.render.typeset import Layer
from tests.certificates.render_facts import RARE, TIBETAN, URL, UYGHUR, make_facts

ROOT = Path(__file__).parents[2]
UYGHUR_FACTS = {"name": "阿卜杜热合曼·图尔荪", "native_name": UYGHUR, "native_script": "ug"}


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    text = done.stdout.decode()
    return re.sub(r"[\s\u202a-\u202e]+", " ", text)


def lines_of(facts: CertificateFacts) -> list[str]:
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=render_pdf(facts), capture_output=True, check=True
    )
    return done.stdout.decode().splitlines()


def read_code(pdf: bytes, folder: Path) -> str:
    (folder / "one.pdf").write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-r", "150", "-png", "-singlefile", "one.pdf", "one"], cwd=folder, check=True
    )
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "one.png"], cwd=folder, capture_output=True, check=True
    )
    return found.stdout.decode().strip()


def test_one_landscape_page_says_every_fact() -> None:
    facts = make_facts()
    pdf = render_pdf(facts)
    with pikepdf.open(BytesIO(pdf)) as opened:
        (page,) = opened.pages
        width, height = (float(side) * 25.4 / 72 for side in page.mediabox[2:])
        assert opened.docinfo["/Title"] == "结业证书 YPH-2021-000033"
    assert (round(width), round(height)) == (297, 210)
    text = text_of(pdf)
    for printed in (
        "结业证书",
        facts.number,
        facts.name,
        facts.masked_id,
        facts.course,
        facts.issuer,
        "第 33 期",
        "7KQ2-M9XD-4TRA",
        "二〇二一年十月二十日",
    ):
        assert printed in text, printed


def test_without_an_id_number_the_line_is_gone() -> None:
    assert "身份证号 653" in text_of(render_pdf(make_facts()))
    assert "身份证号 " not in text_of(render_pdf(make_facts(masked_id=""))).replace(
        "示身份证号", ""
    )


def test_code_on_paper_opens_the_verify_page(tmp_path: Path) -> None:
    assert read_code(render_pdf(make_facts()), tmp_path).lower() == URL.lower()


@pytest.mark.parametrize(
    ("changes", "font"),
    [
        (UYGHUR_FACTS, "UKIJ-Tuz-Kitab"),
        ({"name": "扎西次仁", "native_name": TIBETAN, "native_script": "bo"}, "Noto-Serif-Tibetan"),
        ({"name": "吉克阿依", "native_name": "ꐚꈌꀉꒀ", "native_script": "ii"}, "Noto-Sans-Yi"),
        ({"name": RARE}, "LXGW-WenKai"),
    ],
)
def test_each_script_is_drawn_by_its_own_font(
    changes: dict[str, str], font: str, tmp_path: Path
) -> None:
    path = tmp_path / "one.pdf"
    path.write_bytes(render_pdf(make_facts(**changes)))
    listed = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    assert font in listed
    assert changes["name"] in text_of(path.read_bytes())


def test_uyghur_name_reads_in_its_order() -> None:
    assert UYGHUR in text_of(render_pdf(make_facts(**UYGHUR_FACTS)))


@pytest.mark.parametrize("letters", [28, 35])
def test_long_name_and_course_stay_on_one_line(letters: int) -> None:
    name = "阿卜杜热合曼·麦麦提图尔荪阿卜杜如苏力江"
    lines = lines_of(make_facts(name=name, course="训" * letters))
    assert any(name in line for line in lines)
    assert any("训" * letters in line for line in lines)
    first = next(at for at, line in enumerate(lines) if "于 2021" in line)
    last = next(at for at, line in enumerate(lines) if "准予结业。" in line)
    assert sum(1 for line in lines[first : last + 1] if line.strip(" ，")) == 3


def test_same_facts_give_the_same_bytes_in_any_process() -> None:
    facts = make_facts(**UYGHUR_FACTS)
    code = (
        "import sys, hashlib; from certificates.render import CertificateFacts, render_pdf;"
        "facts = CertificateFacts.from_json(sys.stdin.buffer.read().decode());"
        "print(hashlib.sha256(render_pdf(facts)).hexdigest())"
    )

    def started(seed: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )

    others = [started("1"), started("4242")]

    render_pdf(make_facts(name="王秀英"))  # what was drawn before must leave no trace
    here = hashlib.sha256(render_pdf(facts)).hexdigest()
    for other in others:
        told, _ = other.communicate(facts.as_json().encode(), timeout=60)
        assert told.decode().strip() == here


def test_different_facts_give_different_bytes() -> None:
    assert render_pdf(make_facts()) != render_pdf(make_facts(number="YPH-2021-000034"))


def test_many_are_drawn_in_order_one_person_to_a_file() -> None:
    names = ["李建军", "王秀英", "张桂兰", "刘海涛", "陈玉梅"]
    files = list(render_many([make_facts(name=name) for name in names]))
    for name, pdf in zip(names, files, strict=True):
        text = text_of(pdf)
        assert [other for other in names if other in text] == [name]
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert len(opened.pages) == 1


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/pixel.png">',
        '<img src="data:image/svg+xml,<svg/>">',
        '<link rel="stylesheet" href="https://example.com/a.css">',
        '<style>@font-face { font-family: x; src: url("cert-font:../facts.py") }</style>',
    ],
)
def test_a_page_that_asks_for_a_file_or_an_address_is_refused(markup: str) -> None:
    with pytest.raises(RenderError) as caught:
        Layer(f"<html><body>{markup}</body></html>", "landscape")
    assert caught.value.code == RenderErrorCode.FORBIDDEN_RESOURCE


def test_markup_in_a_name_is_printed_as_letters() -> None:
    name = "<b>李&"
    assert name in text_of(render_pdf(make_facts(name=name)))


def boxes_of(pdf: bytes) -> dict[str, tuple[float, float, float, float]]:
    """Each word's left, top, right and bottom in millimetres."""
    done = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    )
    pattern = r'<word xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">([^<]+)<'
    return {
        word: tuple(float(side) * 25.4 / 72 for side in sides)
        for *sides, word in re.findall(pattern, done.stdout.decode())
    }


@pytest.mark.parametrize(
    "issuer",
    ["罗山县商务局", "岳普湖县电子商务服务中心", "卓资县电子商务进农村综合示范公共服务中心"],
)
def test_seal_line_falls_between_issuer_and_date(issuer: str) -> None:
    facts = make_facts(issuer=issuer)
    boxes = boxes_of(render_pdf(facts))
    left, top, right, bottom = boxes[issuer]
    _, date_top, _, date_bottom = boxes["二〇二一年十月二十日"]
    middle = (top + bottom + date_top + date_bottom) / 4
    seal_line = LANDSCAPE.height - LANDSCAPE.seal_height + LINE_DROP
    assert seal_line == pytest.approx(middle, abs=0.8)
    across = page_for(facts).common.seal_across
    assert across == pytest.approx((left + right) / 2, abs=0.8)
