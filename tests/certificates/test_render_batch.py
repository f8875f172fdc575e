"""A file made among others is the file made alone, and holds nothing of the others."""

from io import BytesIO

import pikepdf
import segno
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.render import Design, Layout, glyphs, render_book, render_many, render_pdf, sfnt
from certificates.render.qr import MASK, SIGNS, modules
from tests.certificates.render_facts import TIBETAN, UYGHUR, make_facts
from tests.certificates.test_render_pdf import text_of

CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PEOPLE = (
    {"name": "李建军"},
    {"name": "阿卜杜热合曼·图尔荪", "native_name": UYGHUR, "native_script": "ug"},
    {"name": "堃玥犇", "masked_id": ""},
    {"name": "扎西次仁", "native_name": TIBETAN, "native_script": "bo", "hours": "40"},
    {"name": "王秀英", "course": "农产品摄影"},
)


def people(count: int = 5) -> list:
    return [
        make_facts(number=f"YPH-2021-{index:06d}", **PEOPLE[index % len(PEOPLE)])
        for index in range(count)
    ]


def letters_in(pdf: bytes) -> set[str]:
    """What the fonts of a file can say: every letter of their character maps."""
    found: set[str] = set()
    with pikepdf.open(BytesIO(pdf)) as opened:
        for item in opened.objects:
            if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item:
                lines = item.ToUnicode.read_bytes().decode().splitlines()
                pairs = (line.split("> <") for line in lines if line.count("<") == 2)
                said = (pair[1].rstrip(">") for pair in pairs if len(pair[0]) == 5)
                found |= {bytes.fromhex(text).decode("utf-16-be") for text in said}
    return found


def test_alone_or_among_others_in_any_order_the_bytes_are_the_same() -> None:
    batch = people()
    together = dict(zip((one.number for one in batch), render_many(batch), strict=True))
    shuffled = [batch[at] for at in (3, 0, 4, 1, 2)]
    for facts, pdf in zip(shuffled, render_many(shuffled), strict=True):
        assert pdf == together[facts.number] == render_pdf(facts)


def test_no_font_holds_a_letter_of_another_person() -> None:
    batch = people()
    for facts, pdf in zip(batch, render_many(batch), strict=True):
        held = letters_in(pdf)
        assert set(facts.name) - {"·"} <= held
        strangers = {char for other in batch if other != facts for char in other.name}
        assert not (strangers - set(facts.name) - set(text_of(pdf))) & held


def test_a_book_has_a_page_each_and_everything_else_once() -> None:
    batch = [
        make_facts(name=f"李建{char}", number=f"YPH-2021-{at:06d}")
        for at, char in enumerate("军国华明红")
    ]
    book = render_book(batch, title="岳普湖县结业证书")
    with pikepdf.open(BytesIO(book)) as opened:
        assert len(opened.pages) == 5
        assert opened.docinfo["/Title"] == "岳普湖县结业证书"
        names = [page.Resources.XObject.Ground.objgen for page in opened.pages]
        assert len(set(names)) == 1
        fonts = {page.Resources.Font.objgen for page in opened.pages}
        assert len(fonts) == 1
    text = text_of(book)
    assert [text.index(facts.name) for facts in batch] == sorted(
        text.index(facts.name) for facts in batch
    )
    assert book == render_book(batch, title="岳普湖县结业证书")


def test_a_page_more_adds_less_than_two_kilobytes() -> None:
    few, many = (
        len(
            render_book(
                [make_facts(number=f"YPH-2021-{at:06d}") for at in range(count)], title="书"
            )
        )
        for count in (2, 22)
    )
    assert (many - few) / 20 < 2000


def test_a_book_of_several_courses_and_both_scripts() -> None:
    book = render_book(people(), Design(layout=Layout.PORTRAIT), title="书")
    text = text_of(book)
    assert all(facts.name in text for facts in people())
    assert "农产品摄影" in text


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["HTTPS://NONGPEI.EXAMPLE.CN/V/", "HTTP://10.0.0.1:8000/V/", "HTTPS://X/V/"]),
    st.text(CODE, min_size=12, max_size=12),
)
def test_the_quick_code_is_the_code_of_the_library(prefix: str, code: str) -> None:
    assert set(prefix) <= set(SIGNS)
    drawn = segno.make(prefix + code, error="q", mask=MASK, micro=False, boost_error=False)
    side, found = modules(prefix + code)
    assert side == len(drawn.matrix)
    assert f"{found:0{side * side}b}" == "".join(
        str(module) for row in drawn.matrix for module in row
    )


def test_fonts_are_read_as_the_font_library_reads_them() -> None:
    for font in (glyphs.KAI, glyphs.MONO, glyphs.UYGHUR, glyphs.YI, glyphs.SYSTEM_SONG):
        path = glyphs.find(font)
        with TTFont(path, fontNumber=font.face, lazy=True) as table:
            known = table.getBestCmap()
            units, widths = table["head"].unitsPerEm, table["hmtx"].metrics
            some = list(known)[::97]
            read = sfnt.widths(path, max(font.face, 0))
            assert len(read) == len(known)
            assert [read[code] for code in some] == [
                widths[known[code]][0] / units for code in some
            ]
