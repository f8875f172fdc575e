"""What a clerk is asked before a wrecked roster is read, and what is told without asking."""

import pytest

from learners.roster.answers import Answers, SheetAnswer, fingerprint
from learners.roster.evidence import Evidence
from learners.roster.places import Places
from learners.roster.reading import read_sheets
from learners.roster.verdicts import Verdict
from lms.lib.spreadsheets import FileError, Sheet, Workbook
from tests.learners.roster_cases import (
    LUOSHAN,
    codes,
    judge_one,
    judge_rows,
    make_id,
    make_row,
    people_of,
    places,
    reasons,
)
from tests.learners.test_roster_reading import IDS, NAMES, PHONES, ask, table, town

AOHAN = [
    ("15", "", 1, "内蒙古自治区"),
    ("1504", "15", 2, "赤峰市"),
    ("150430", "1504", 3, "敖汉旗"),
    ("150430404", "150430", 4, "敖汉旗人民政府新州街道"),
    ("150430405", "150430", 4, "敖汉旗惠州街道"),
    ("150430100", "150430", 4, "新惠镇"),
]


def test_two_people_in_a_row_are_asked_about_and_never_half_of_them_dropped():
    others = [make_id(serial=f"7{n}1") for n in range(5)]
    half = ["姓名", "身份证号", "联系电话"]
    rows = table(["乡镇", *half, *half], town("周党镇"), NAMES, IDS, PHONES, NAMES[::-1], others,
        PHONES[::-1])  # fmt: skip

    found = ask(Sheet("Sheet1", rows=rows))

    assert ("SIDE_BY_SIDE", "id_number", (2, 5)) in found
    assert ("RIVALS", "name", (1, 4)) in found


def test_crossed_headings_are_read_by_their_values_and_asked_about():
    crossed = table(["身份证号", "姓名", "乡镇"], NAMES, IDS, town("周党镇"))
    right = table(["姓名", "身份证号", "乡镇"], NAMES, IDS, town("周党镇"))

    assert ask(Sheet("Sheet1", rows=crossed)) == [("CROSSED", "name", (0, 1))]
    assert [row.fields["id_number"] for row in people_of(crossed)] == IDS
    assert ask(Sheet("Sheet1", rows=right)) == []


def test_what_was_said_of_crossed_headings_is_not_believed_of_a_file_that_is_right():
    header = ["身份证号", "姓名", "乡镇"]
    said = SheetAnswer(1, 1, {"name": 0, "id_number": 1, "township": 2})
    answers = Answers(remembered={fingerprint(header): said})
    right = Sheet("Sheet1", rows=table(header, IDS, NAMES, town("周党镇")))
    again = Sheet("Sheet1", rows=table(header, NAMES, IDS, town("周党镇")))

    def read(sheet):
        (found,) = read_sheets(Workbook([sheet]), Evidence(places(), (LUOSHAN,)), answers)
        return found.source, found.layout.columns["id_number"], found.doubts

    assert read(right) == ("TITLES", 0, [])
    assert read(again) == ("REMEMBERED", 1, [])


def test_two_addresses_that_differ_are_asked_about_where_nothing_else_says_the_township():
    homes, other = ["周党镇桂店村"] * 5, ["灵山镇董桥村"] * 5
    header = ["姓名", "身份证号", "户籍地址", "现住址"]

    assert ask(Sheet("Sheet1", rows=table(header, NAMES, IDS, homes, other))) == [
        ("RIVALS", "address", (2, 3))
    ]
    header = [*header, "乡镇"]
    rows = table(header, NAMES, IDS, homes, other, town("周党镇"))
    assert ask(Sheet("Sheet1", rows=rows)) == []


def test_a_form_that_nobody_filled_in_leaves_nothing_to_ask():
    header = ["姓名", "身份证号", "联系电话"]
    people = table(["姓名", "身份证号", "乡镇"], NAMES, IDS, town("周党镇"))

    assert ask(Sheet("名单", rows=people), Sheet("空表", rows=[header])) == []
    with pytest.raises(FileError) as caught:
        ask(Sheet("空表", rows=[["花名册"], header, [None, "", None]]))
    assert caught.value.code == "NO_PEOPLE"


def test_a_sign_that_is_no_known_mark_is_kept_to_be_told_of():
    header = ["姓名", "身份证号", "乡镇", "第1天", "第2天", "第3天"]
    rows = table(header, NAMES, IDS, town("周党镇"), ["√"] * 5, ["√", "△", "√", "√", "□"], "√√√√√")

    marks = [row.fields["attendance"][1] for row in people_of(rows)]

    assert [mark.get("sign", "") for mark in marks] == ["", "△", "", "", "□"]
    assert [mark["mark"] for mark in marks] == ["present", "", "present", "present", ""]


# Rows that are about the list


@pytest.mark.parametrize(
    ("at", "text", "reason"),
    [
        (5, "以上人员经村两委会议审核，情况属实", "info line"),
        (5, "以上12人情况属实。", "info line"),
        (1, "以上人员经村两委会议审核，情况属实。", "info line"),
        (1, "应到人数", "total"),
        (1, "出勤率：83%", "total"),
        (1, "参训人次", "total"),
    ],
)
def test_a_sentence_or_a_sum_alone_is_no_person(at, text, reason):
    row = [None] * 9
    row[at] = text
    report = judge_rows([make_row(), row])

    assert reasons(report)[3] == reason
    assert [person.row for person in report.people()] == [2]


@pytest.mark.parametrize(
    ("at", "text", "code"),
    [
        (1, "阿依古丽·买买提、图尔荪·库尔班", "ID_MISSING"),
        (5, "15437200014", "NAME_MISSING"),
    ],
)
def test_what_may_be_a_person_is_an_error_and_never_dropped(at, text, code):
    row = [None] * 9
    row[at] = text
    (person,) = judge_rows([row]).people()

    assert (person.verdict, codes(person)) == (Verdict.ERROR, [code])


# Street offices


@pytest.mark.parametrize("text", ["丽水办事处", "丽水街道办事处", "丽水街道办", "麗水辦事處"])
def test_a_street_office_is_its_street(text):
    row = judge_one(township=text, village="")

    assert row.fields["township"] == "丽水街道"


def test_an_office_that_two_townships_fit_is_not_guessed():
    rows = [("41", "", 1, "河南省"), ("4115", "41", 2, "信阳市"), ("411521", "4115", 3, "罗山县")]
    rows += [("411521001", "411521", 4, "丽水街道"), ("411521102", "411521", 4, "丽水镇")]

    assert Places(rows).find_township("丽水办事处", "411521").problem == "AMBIGUOUS"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("新州街道", "150430404"),
        ("新州", "150430404"),
        ("敖汉旗新州街道办事处", "150430404"),
        ("敖汉旗人民政府新州街道", "150430404"),
        ("惠州", "150430405"),
        ("惠州办事处", "150430405"),
        ("新惠", "150430100"),
    ],
)
def test_an_official_name_may_begin_with_the_county_or_its_government(text, code):
    assert Places(AOHAN).find_township(text, "150430").code == code
