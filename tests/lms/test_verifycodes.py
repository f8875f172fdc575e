import pytest

from lms.lib.verifycodes import ALPHABET, new_code, normalise_code


@pytest.mark.parametrize(
    "typed", ["7KQ2M9XD4TR0", "7kq2-m9xd-4tro", "7KQ2 M9XD 4TRO", "7KQ2-M9XD-4TR0"]
)
def test_every_way_of_typing_a_printed_code_is_the_code(typed):
    assert normalise_code(typed) == "7KQ2M9XD4TR0"


def test_letters_that_look_like_one_are_one():
    assert normalise_code("IL1I L1IL 1IL1") == "1" * 12


@pytest.mark.parametrize("typed", ["", "7KQ2M9XD4TR", "7KQ2M9XD4TRU", "x" * 10_000, "七" * 12])
def test_what_cannot_be_a_code_is_none(typed):
    assert normalise_code(typed) == ""


def test_new_codes_are_codes_and_differ():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(normalise_code(code) == code for code in codes)
    assert set("".join(codes)) == set(ALPHABET)
