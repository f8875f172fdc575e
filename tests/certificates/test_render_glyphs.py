import subprocess
import sys
from pathlib import Path

import pytest

from certificates.apps import check_fonts
from certificates.render import (
    RenderError,
    RenderErrorCode,
    check,
    fonts_ready,
    glyphs,
    harfbuzz,
    missing_glyphs,
)
from tests.certificates.render_facts import RARE, TIBETAN, UYGHUR, make_facts


def test_everything_certificates_need_is_installed() -> None:
    assert fonts_ready() == []


def test_slow_subsetter_and_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harfbuzz, "LIBRARIES", ("libharfbuzz.so.0", "libharfbuzz-none.so.0"))
    monkeypatch.setattr(glyphs, "FONT_ROOTS", ())
    clear = (glyphs.find.cache_clear, harfbuzz.libraries.cache_clear)
    for one in clear:
        one()
    try:
        missing, found = fonts_ready(), check_fonts()
    finally:
        for one in clear:
            one()
    assert missing == [
        "fonts-lxgw-wenkai",
        "fonts-noto-cjk",
        "fonts-ukij-uyghur",
        "fonts-noto-core",
        "libharfbuzz-subset0",
    ]
    assert [message.id for message in found] == [*["certificates.W001"] * 4, "certificates.E001"]


@pytest.mark.parametrize(
    "text", [RARE, UYGHUR, TIBETAN, "ꐚꈌꀉꒀ", "阿卜杜热合曼·图尔荪", "Ayşe 龘"]
)
def test_names_of_the_country_draw(text: str) -> None:
    assert missing_glyphs(text) == ""


def test_missing_characters_are_named_once_in_order() -> None:
    assert missing_glyphs("李\ue000😀建\ue000") == "\ue000😀"


@pytest.mark.parametrize("field", ["name", "course", "issuer", "region", "number"])
def test_a_letter_nobody_draws_blocks_the_certificate(field: str) -> None:
    with pytest.raises(RenderError) as caught:
        check(make_facts(**{field: "罗山县商务😀局"}))
    assert caught.value.code == RenderErrorCode.MISSING_GLYPH
    assert "😀" in caught.value.detail


def test_checking_names_does_not_load_the_drawing_libraries() -> None:
    code = (
        "import sys; from certificates.render import missing_glyphs; missing_glyphs('堃');"
        "print({'weasyprint', 'pikepdf'} & set(sys.modules))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "set()"
