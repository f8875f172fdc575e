import pytest

from certificates.render import RenderError, RenderErrorCode, check
from certificates.render.pages import page_for
from certificates.render.seal import seal
from tests.certificates.render_facts import UYGHUR, make_facts

LONGEST_NAME = "阿卜杜热合曼麦麦提图尔荪阿卜杜如苏力江阿吉木江"  # 23 whole letters


@pytest.mark.parametrize(
    ("name", "native", "step"),
    [
        ("李建军", "", ""),
        ("阿卜杜热合曼·图尔荪", UYGHUR, "wide"),
        ("阿卜杜热合曼·麦麦提图尔荪阿卜杜如苏力江", "", "smaller wide"),
        ("阿卜杜热合曼·麦麦提图尔荪阿卜杜如苏力江", UYGHUR, "smaller stacked wide"),
        (LONGEST_NAME, "", "smaller wide"),
    ],
)
def test_a_long_name_goes_one_step_down(name: str, native: str, step: str) -> None:
    script = "ug" if native else ""
    assert (
        page_for(make_facts(name=name, native_name=native, native_script=script)).name_step == step
    )


def test_a_name_that_would_need_squeezing_is_refused() -> None:
    with pytest.raises(RenderError) as caught:
        check(make_facts(name=LONGEST_NAME + "江"))
    assert caught.value.code == RenderErrorCode.NAME_TOO_LONG


@pytest.mark.parametrize(("letters", "step"), [(7, ""), (28, ""), (32, "smaller"), (35, "smaller")])
def test_a_long_course_goes_one_step_down(letters: int, step: str) -> None:
    assert page_for(make_facts(course="训" * letters)).common.sentence_step == step


def test_a_course_longer_than_a_line_is_refused() -> None:
    with pytest.raises(RenderError) as caught:
        check(make_facts(course="训" * 40))
    assert caught.value.code == RenderErrorCode.COURSE_TOO_LONG


@pytest.mark.parametrize("letters", [2, 6, 11, 20])
def test_seal_takes_any_usual_issuer(letters: int) -> None:
    drawn = seal("商" * letters, "培训专用章")
    assert drawn.count("\nf") >= letters + 5


def test_an_issuer_that_fits_no_seal_is_refused() -> None:
    with pytest.raises(RenderError) as caught:
        check(make_facts(issuer="商" * 21))
    assert caught.value.code == RenderErrorCode.ISSUER_TOO_LONG
