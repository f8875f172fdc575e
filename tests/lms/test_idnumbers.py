from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms.lib import idnumbers

TODAY = date(2019, 11, 1)
GOOD = "411521195107269181"
ENDING_IN_X = "41152119570105911X"


@pytest.mark.parametrize(
    "written",
    [
        GOOD,
        f"'{GOOD}",
        f'="{GOOD}"',
        f"\u3000{GOOD}\xa0",
        "411521 19510726 9181",
        "411521-19510726-9181",
        "４１１５２１１９５１０７２６９１８１",
        f"{GOOD}\t",
        f"\ufeff{GOOD}\u200b",
    ],
)
def test_ways_of_writing_a_number_come_to_the_same(written):
    assert idnumbers.normalise(written) == GOOD


@pytest.mark.parametrize("last", ["x", "X", "х", "Х", "×", "ｘ"])
def test_a_trailing_x_in_any_alphabet_becomes_the_check_character(last):
    assert idnumbers.normalise(ENDING_IN_X[:17] + last) == ENDING_IN_X


def test_a_cyrillic_x_stays_when_the_checksum_would_not_hold():
    assert idnumbers.normalise(GOOD[:17] + "Х") == GOOD[:17] + "Х"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (GOOD, ""),
        (ENDING_IN_X, ""),
        (GOOD[:17], "LENGTH"),
        (GOOD + "1", "LENGTH"),
        ("", "LENGTH"),
        ("411521********9181", "MASKED"),
        ("41152119510726918O", "FORMAT"),
        ("4115211951072691l1", "FORMAT"),
        ("41152151072691A", "FORMAT"),
        ("41152119510726918１", "FORMAT"),
        ("411521197002309473", "DATE"),
        ("411521209901019473", "DATE"),
        ("411521189001019473", "DATE"),
        ("411521700230947", "DATE"),
        (GOOD[:17] + "2", "CHECKSUM"),
        ("411521510726918", ""),
    ],
)
def test_the_problem_of_a_number_is_named(number, problem):
    assert idnumbers.find_problem(number, as_of=TODAY) == problem


@pytest.mark.parametrize(
    "prefix", ["522201", "341401", "810000", "820000", "830000", "911124", "999999"]
)
def test_a_birth_place_is_never_refused(prefix):
    first_17 = f"{prefix}19800101001"
    number = first_17 + idnumbers.check_character(first_17)

    assert idnumbers.find_problem(number, as_of=TODAY) == ""


def test_somebody_born_on_the_day_itself_is_not_born_in_the_future():
    first_17 = "41152120191101001"
    number = first_17 + idnumbers.check_character(first_17)

    assert idnumbers.find_problem(number, as_of=TODAY) == ""
    assert idnumbers.find_problem(number, as_of=date(2019, 10, 31)) == "DATE"


def test_a_15_digit_number_is_upgraded_to_what_the_card_shows_now():
    assert idnumbers.upgrade_15("411521510726918") == GOOD


def test_birth_date_and_sex_are_read_from_the_number():
    assert idnumbers.birth_date(GOOD) == date(1951, 7, 26)
    assert idnumbers.sex(GOOD) == "女"
    assert idnumbers.sex("411521195910199733") == "男"


@pytest.mark.parametrize(
    ("day", "age"), [(date(2019, 7, 25), 67), (date(2019, 7, 26), 68), (date(2020, 1, 1), 68)]
)
def test_age_grows_on_the_birthday(day, age):
    assert idnumbers.age_on(date(1951, 7, 26), day) == age


def test_masks_keep_what_tells_two_people_apart_and_no_more():
    assert idnumbers.mask_id("653128197504120024") == "653***********0024"
    assert idnumbers.mask_phone("13812340617") == "138****0617"
    assert idnumbers.mask_id("1234567") == "*******"
    assert idnumbers.mask_phone("") == ""


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("", ""),
        ("李", "*"),
        ("李四", "李*"),
        ("李建军", "李*军"),
        ("欧阳建军", "欧***军"),
        ("布威海丽且姆·麦麦提", "布***提"),
    ],
)
def test_names_are_masked_for_public_pages(name, masked):
    assert idnumbers.mask_name(name) == masked


@given(st.text())
@example("\x1b`")
def test_any_text_gets_an_answer(text):
    number = idnumbers.normalise(text)
    idnumbers.find_problem(number, as_of=TODAY)

    assert idnumbers.normalise(number) == number
    assert len(idnumbers.mask_name(text)) <= max(5, len(text))


@given(
    st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 17), st.integers(1, 9)
)
def test_one_mistyped_digit_is_always_noticed(born, serial, at, shift):
    first_17 = f"411521{born:%Y%m%d}{serial:03d}"
    number = first_17 + idnumbers.check_character(first_17)
    digit = 10 if number[at] == "X" else int(number[at])
    other = "0123456789"[(digit + shift) % 10]
    wrong = number[:at] + other + number[at + 1 :]

    assert idnumbers.find_problem(number, as_of=TODAY) == ""
    assert wrong == number or idnumbers.find_problem(wrong, as_of=TODAY) != ""
