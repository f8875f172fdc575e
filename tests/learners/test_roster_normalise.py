"""Short cuts through what cells mean must lead where the long way does."""

from hypothesis import given
from hypothesis import strategies as st

from learners.roster import normalise
from lms.lib import idnumbers

BLANKS = st.text("\u200b\ufeff \t\r\n\u3000\xa0", max_size=2)
MARKS = st.sampled_from([*sorted(normalise.DITTO_MARKS), "张伟", "同 上", "上", ""])
SHORT = st.builds("".join, st.tuples(BLANKS, MARKS, BLANKS)).filter(lambda text: len(text) < 8)


@given(st.sets(st.one_of(SHORT, st.text(max_size=3)), max_size=8))
def test_signs_for_as_above_are_the_ones_that_each_cell_is_asked_for(texts):
    assert normalise.dittos_among(texts) == {text for text in texts if normalise.is_ditto(text)}


@given(st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True))
def test_a_plain_id_number_is_never_a_telephone(number):
    assert idnumbers.is_plain(number)
    assert not normalise.phone(number)[0]


@given(st.from_regex(r"[0-9]{0,5}(86)?1[3-9][0-9]{9}", fullmatch=True))
def test_a_number_that_ends_as_a_telephone_does_is_none_for_it_when_it_is_plain(text):
    assert not (idnumbers.is_plain(text) and normalise.phone(text)[0])
