import json
from datetime import date

import pytest

from certificates.render import DEFAULT, CertificateFacts, RenderError, RenderErrorCode
from certificates.render.wording import chinese_date, period, sentence
from tests.certificates.render_facts import UYGHUR, make_facts


def test_json_is_canonical_and_comes_back() -> None:
    facts = make_facts(name="阿卜杜热合曼·图尔荪", native_name=UYGHUR, native_script="ug")
    text = facts.as_json()
    assert CertificateFacts.from_json(text) == facts
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert '"name":"阿卜杜热合曼·图尔荪"' in text
    assert '"issued_on":"2021-10-20"' in text


def test_unknown_key_in_json_is_refused() -> None:
    text = make_facts().as_json().replace('"hours"', '"hour"')
    with pytest.raises(RenderError) as caught:
        CertificateFacts.from_json(text)
    assert caught.value.code == RenderErrorCode.BAD_FACTS


def test_controls_and_bidi_marks_are_dropped_but_letters_stay() -> None:
    facts = make_facts(
        name=" 阿依\u202e古丽\u200b·\u2066买买提\u2069\x07\n", course="网店\u0000\u3000直播"
    )
    assert facts.name == "阿依古丽·买买提"
    assert facts.course == "网店 直播"


def test_private_use_letter_is_kept_so_that_its_lack_shows() -> None:
    assert make_facts(name="李\ue000").name == "李\ue000"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "\u202e"),
        ("verify_code", "7KQ2M9XD4TRO"),  # O is not a Crockford digit
        ("verify_code", "7kq2m9xd4tra"),
        ("verify_url", "javascript:alert(1)"),
        ("native_script", "ug"),  # without a name in it
        ("native_name", UYGHUR),  # without its script
        ("ends_on", date(2021, 10, 13)),
        ("run_number", 0),
    ],
)
def test_facts_that_make_no_certificate_are_refused(field: str, value: object) -> None:
    with pytest.raises(RenderError) as caught:
        make_facts(**{field: value})
    assert caught.value.code == RenderErrorCode.BAD_FACTS


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2021, 10, 20), "二〇二一年十月二十日"),
        (date(2026, 1, 1), "二〇二六年一月一日"),
        (date(2030, 12, 31), "二〇三〇年十二月三十一日"),
        (date(2019, 11, 10), "二〇一九年十一月十日"),
    ],
)
def test_dates_in_chinese_numerals(day: date, words: str) -> None:
    assert chinese_date(day) == words


@pytest.mark.parametrize(
    ("ends_on", "words"),
    [
        (date(2021, 10, 14), "2021 年 10 月 14 日"),
        (date(2021, 10, 20), "2021 年 10 月 14 日至 20 日"),
        (date(2021, 11, 2), "2021 年 10 月 14 日至 11 月 2 日"),
        (date(2022, 1, 2), "2021 年 10 月 14 日至 2022 年 1 月 2 日"),
    ],
)
def test_period_says_only_what_changes(ends_on: date, words: str) -> None:
    assert period(date(2021, 10, 14), ends_on).replace("\u00a0", " ") == words


def test_sentence_reads_with_and_without_a_programme() -> None:
    def said(**changes: str) -> str:
        parts = sentence(make_facts(**changes), DEFAULT)
        words = (f"「{run.text}」{run.closing}" if run.is_course else run.text for run in parts)
        return "".join(words).replace("\u00a0", " ")

    tail = "修满 48 学时，考核合格，准予结业。"
    head = "于 2021 年 10 月 14 日至 20 日参加岳普湖县"
    assert said() == f"{head}农村电子商务培训第 33 期「网店开设与直播」，{tail}"
    assert said(programme="") == f"{head}第 33 期「网店开设与直播」培训，{tail}"
    assert said(programme="", course="直播培训") == f"{head}第 33 期「直播培训」，{tail}"
