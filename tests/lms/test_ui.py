"""Tags and filters: what they write, and what they refuse."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from lms.lib import charts
from lms.templatetags import ui


def draw(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("{{ v|num }}", 1234567, "1,234,567"),
        ("{{ v|num }}", -3, "−3"),
        ("{{ v|num }}", 0, "0"),
        ("{{ v|num:1 }}", 76.25, "76.2"),
        ("{{ v|signed }}", 12.84, "+12.8"),
        ("{{ v|signed }}", -4.5, "−4.5"),
        ("{{ v|signed }}", 0, "0.0"),
        ("{{ v|pct }}", Decimal("91"), "91.0 %"),
        ("{{ v|yuan }}", Decimal("18640"), "18,640.00"),
        ("{{ v|day }}", date(2026, 3, 2), "2026-03-02"),
        ("{{ v|day }}", datetime(2026, 3, 2, 17, 0, tzinfo=UTC), "2026-03-03"),
        ("{{ v|moment }}", datetime(2026, 3, 2, 1, 5, tzinfo=UTC), "2026-03-02 09:05"),
        ("{{ v|mask }}", "653128199408120024", "653***********0024"),
        ("{{ v|mask }}", "653***********0024", "653***********0024"),
        ("{{ v|mask }}", "13800000617", "138****0617"),
    ],
)
def test_figures_keep_their_order_in_right_to_left_pages(written, value, expected):
    drawn = draw(written, v=value)
    assert drawn.startswith('<bdi dir="ltr"')
    assert f">{expected}</bdi>" in drawn


def test_a_number_that_is_not_known_is_not_masked():
    """Models say "—" for none; struck out it would read as if there were one."""
    assert draw("{{ v|mask }}", v="—") == "—"


@pytest.mark.parametrize("name", ["num", "signed", "pct", "yuan", "day", "moment", "mask", "code"])
def test_nothing_is_a_dash_and_never_zero(name):
    assert draw(f"{{{{ v|{name} }}}}", v=None) == "—"


def test_what_people_wrote_is_escaped():
    for written in (
        '{% chip "good" "check" v %}',
        "{{ v|code }}",
        "{{ v|native }}",
        "{{ v|mask }}",
    ):
        assert "<b>" not in draw(written, v="<b>12345678")


def test_an_unknown_icon_is_an_error():
    with pytest.raises(LookupError):
        draw('{% icon "no-such-thing" %}')


def test_an_icon_that_stands_alone_has_a_name():
    assert 'aria-label="返回"' in draw('{% icon "back" label="返回" %}')
    assert 'aria-hidden="true"' in draw('{% icon "back" %}')
    assert "<path" in draw('{% icon "back" inline=True %}')


def width(text: str) -> float:
    return float(text.removesuffix("%"))


def test_bullet_pieces_end_to_end():
    found = charts.bullet(76.2, 91, 86.8)
    assert width(found.done) + width(found.gap) == pytest.approx(width(found.due), abs=0.02)
    assert width(found.track) == pytest.approx(100 / 1.1, abs=0.01)
    assert not found.over


def test_bullet_above_the_target_is_another_piece():
    found = charts.bullet(103.8, 91)
    assert found.done == found.track == found.over_from
    assert not found.gap
    assert not found.runs_off


def test_bullet_far_above_runs_off_the_axis():
    found = charts.bullet(140)
    assert found.runs_off
    assert width(found.over_from) + width(found.over) == pytest.approx(100, abs=0.02)


def test_bullet_below_zero_draws_nothing():
    assert charts.bullet(-5, 10).done == "0.00%"


def test_bullet_without_denominator_is_words():
    with translation.override("en"):
        drawn = draw("{% bullet value=None due=91 %}")
    assert "no denominator" in drawn
    assert "<svg" not in drawn


def test_bullet_says_in_words_what_it_shows():
    with translation.override("en"):
        drawn = draw('{% bullet value=76.2 due=91 forecast=86.8 label="全县" %}')
    for words in ("全县", "76.2 %", "91.0 %", "14.8", "86.8 %", 'role="img"'):
        assert words in drawn
    assert "style=" not in drawn


def test_equation_refuses_a_sum_that_does_not_come_out():
    terms = [{"value": 10, "label": "a"}, {"value": 3, "label": "b", "sign": "-"}]
    assert "7" in draw("{% equation t s %}", t=terms, s={"value": 7, "label": "c"})
    with pytest.raises(ValueError, match="add up to 7"):
        draw("{% equation t s %}", t=terms, s={"value": 8, "label": "c"})


def test_trend_ends_where_the_figures_end():
    actual = [(date(2022, 1, 1), 0.0), (date(2022, 7, 1), 50.0)]
    plan = [(date(2022, 1, 1), 0.0), (date(2022, 12, 31), 100.0)]
    found = charts.trend(actual, plan, (date(2022, 12, 31), 90.0))
    assert found.line.count("L") == 1
    assert found.goal[0] > found.dot[0]
    assert found.goal[1] < found.dot[1]
    ends = [label.y for label in found.labels if label.text in {"100", "90"}]
    assert abs(ends[0] - ends[1]) >= 12


def test_trend_of_nothing_and_of_zeros():
    assert charts.trend([]) is None
    assert charts.trend([(date(2022, 1, 1), 0.0)]) is not None
    assert "<svg" not in draw("{% trend a %}", a=[])


def test_columns_fill_the_height_and_survive_zeros():
    found = charts.columns([10, 5, 0], ["1月"], [1, 2])
    assert [column.height for column in found] == [90, 45, 0]
    assert [column.kind for column in found] == [1, 2, 1]
    assert charts.columns([0, 0], [], [])[0].height == 0


@pytest.mark.parametrize(
    "written",
    [
        '{% notice "warn" %}',
        '{% empty "users" title="没有" %}',
        '{% tile "回访" none="名录未封存" %}',
        '{% tile "回访" figure=1 value=10 %}',
        "{% stepper s 2 %}",
        '{% crumbs "/" "首页" "这里" %}',
        "{% progress_bar 0 0 %}",
        '{% dialog "d" "问" %}{{ s.0 }}{% enddialog %}',
        '{% include "parts/_notice.html" with kind="good" title="好" %}',
        '{% include "parts/_empty.html" with icon="users" title="没有" %}',
    ],
)
def test_parts_draw_without_their_optional_arguments(written):
    assert draw(written, s=["甲", ("乙", "/b"), "丙"])


def test_stepper_links_backwards_only():
    drawn = draw("{% stepper s 2 %}", s=[("甲", "/a"), ("乙", "/b"), ("丙", "/c")])
    assert 'href="/a"' in drawn
    assert 'href="/b"' not in drawn
    assert 'href="/c"' not in drawn


def test_query_keeps_the_other_parameters(rf):
    request = rf.get("/x?q=%E5%BC%A0&page=3")
    assert draw("{% query sort='-name' page=None %}", request=request) == (
        "?q=%E5%BC%A0&amp;sort=-name"
    )


def test_plain_numbers_hold_no_markup():
    assert ui.plain_number(-1234.5, 1) == "−1,234.5"


@pytest.mark.parametrize(
    ("language", "title", "shown"),
    [
        ("zh-hans", "号码已脱敏", "<b>号码已脱敏。</b>另需授权。"),
        ("zh-hans", "再看一遍？", "<b>再看一遍？</b>另需授权。"),
        ("en", "Masked", "<b>Masked</b> 另需授权。"),
    ],
)
def test_a_title_is_closed_before_the_next_sentence(language, title, shown):
    with translation.override(language):
        assert shown in draw('{% notice "info" title=title text="另需授权。" %}', title=title)


@pytest.mark.parametrize(
    ("language", "before", "between"),
    [("zh-hans", "好。", ""), ("zh-hans", "好", " "), ("en", "Good.", " ")],
)
def test_sentences_close_up_where_the_sign_is_wide(language, before, between):
    with translation.override(language):
        assert draw("{% gap before %}", before=before) == between
