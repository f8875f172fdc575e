"""Each code of the import policy, one small case after another."""

from datetime import date

import pytest

from learners.roster.verdicts import CODES, FILE_MESSAGES, Finding, Verdict
from lms.lib.spreadsheets import FileError, Sheet
from tests.learners.roster_cases import (
    AS_OF,
    HEADER,
    NANZHAO,
    YUEPUHU,
    codes,
    judge_one,
    judge_rows,
    judge_sheets,
    make_id,
    make_row,
    merged,
)

GOOD = make_id()


def test_a_faultless_row_has_no_findings():
    row = judge_one()

    assert codes(row) == []
    assert row.verdict is Verdict.OK
    assert row.fields["township_code"] == "411521101"
    assert row.fields["village"] == "桂店村民委员会"
    assert row.fields["birth_date"] == date(1980, 1, 1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, ["NAME_MISSING"]),
        ({"name": "\u3000\u200b"}, ["NAME_MISSING"]),
        ({"name": None, "id_number": None}, ["NAME_MISSING"]),
        ({"id_number": ""}, ["ID_MISSING"]),
        ({"id_number": "'"}, ["ID_MISSING"]),
        ({"id_number": 4.1152119800101e17}, ["ID_PRECISION_LOST"]),
        ({"id_number": 411521198001010e1}, ["ID_PRECISION_LOST"]),
        ({"id_number": "4.11521E+17"}, ["ID_PRECISION_LOST"]),
        ({"id_number": GOOD[:17]}, ["ID_LENGTH"]),
        ({"id_number": GOOD + "0"}, ["ID_LENGTH"]),
        ({"id_number": 41152119800.0}, ["ID_LENGTH"]),
        ({"id_number": True}, ["ID_LENGTH"]),
        ({"id_number": float("inf")}, ["ID_LENGTH"]),
        ({"id_number": GOOD[:16] + "O" + GOOD[17]}, ["ID_FORMAT"]),
        ({"id_number": "41152180010100l"}, ["ID_FORMAT"]),
        ({"id_number": "411521********1234"}, ["ID_MASKED"]),
        ({"id_number": "411521＊＊＊＊＊＊＊＊1234"}, ["ID_MASKED"]),
        ({"id_number": make_id("19800230")}, ["ID_DATE"]),
        ({"id_number": make_id("20991231")}, ["ID_DATE"]),
        ({"id_number": make_id("18900101")}, ["ID_DATE"]),
        ({"id_number": "411521198002309473"}, ["ID_DATE"]),
        ({"id_number": GOOD[:17] + str((int(GOOD[17]) + 1) % 10)}, ["ID_CHECKSUM"]),
        ({"township": "周党畈镇"}, ["TOWNSHIP_UNKNOWN"]),
        ({"township": ""}, ["TOWNSHIP_UNKNOWN"]),
        ({"township": "乡"}, ["TOWNSHIP_UNKNOWN"]),
        ({"village": "赵园村"}, ["VILLAGE_UNKNOWN"]),
        ({"village": ""}, ["VILLAGE_UNKNOWN"]),
        ({"sex": "女"}, ["SEX_MISMATCH"]),
        ({"sex": "男性"}, []),
        ({"sex": ""}, []),
        ({"phone": ""}, ["PHONE_MISSING"]),
        ({"phone": "0376-2178888"}, ["PHONE_INVALID"]),
        ({"phone": "1541899049"}, ["PHONE_INVALID"]),
        ({"phone": "12437200014"}, ["PHONE_INVALID"]),
        ({"phone": "138****0617"}, ["PHONE_INVALID"]),
        ({"phone": 1.5e300}, ["PHONE_INVALID"]),
        ({"phone": "15437200014/13812345678"}, ["PHONE_MULTIPLE"]),
        ({"phone": "0376-2178888、15437200014"}, ["PHONE_MULTIPLE"]),
        ({"phone": "15437200014 13812345678"}, ["PHONE_MULTIPLE"]),
        ({"phone": "1543720001413812345678"}, ["PHONE_MULTIPLE"]),
        ({"phone": "15437200014\n13812345678"}, ["PHONE_MULTIPLE"]),
        ({"phone": "123/456"}, ["PHONE_INVALID"]),
        ({"household_type": "其它户"}, ["HOUSEHOLD_TYPE_UNKNOWN"]),
        ({"household_type": ""}, ["HOUSEHOLD_TYPE_UNKNOWN"]),
        ({"id_number": make_id("20031102")}, ["AGE_OUT_OF_RANGE"]),
        ({"id_number": make_id("20031101")}, []),
        ({"id_number": make_id("19531102")}, []),
        ({"id_number": make_id("19531101")}, ["AGE_OUT_OF_RANGE"]),
        ({"id_number": "411521800101011"}, ["ID_UPGRADED_15"]),
        ({"id_number": 411521800101011.0}, ["ID_UPGRADED_15"]),
        ({"id_number": "15437200014", "phone": GOOD}, ["FIELDS_SWAPPED"]),
        ({"id_number": 15437200014.0, "phone": f" {GOOD}"}, ["FIELDS_SWAPPED"]),
        ({"id_number": "15437200014", "phone": 4.1152119800101e17}, ["ID_PRECISION_LOST"]),
        ({"id_number": "15437200014", "phone": "15437200014"}, ["ID_LENGTH"]),
        (
            {"sex": "女", "phone": "", "village": "", "household_type": "?"},
            ["SEX_MISMATCH", "VILLAGE_UNKNOWN", "PHONE_MISSING", "HOUSEHOLD_TYPE_UNKNOWN"],
        ),
        ({"name": "", "id_number": "1", "township": "?"}, ["NAME_MISSING"]),
        ({"id_number": "1", "township": "?", "phone": ""}, ["ID_LENGTH"]),
    ],
)
def test_each_cell_gets_its_code(changes, expected):
    row = judge_one(**changes)

    assert codes(row) == expected
    severities = {CODES[code].severity for code in expected}
    assert row.is_clean == (Verdict.ERROR not in severities)


def test_digits_lost_in_a_csv_show_as_three_zeros():
    lost = "653128197109019000"

    assert codes(judge_one(kind="csv", id_number=lost)) == ["ID_PRECISION_LOST"]
    assert codes(judge_one(kind="xlsx", id_number=lost)) == ["ID_CHECKSUM"]


def test_a_true_number_ending_in_three_zeros_is_kept():
    number = next(
        number
        for serial in range(0, 1000, 10)
        if (number := make_id(serial=f"{serial // 10:02d}0")).endswith("00")
    )

    assert codes(judge_one(kind="csv", id_number=number))[:1] != ["ID_PRECISION_LOST"]


def test_two_townships_of_one_stem_are_ambiguous():
    rows = [
        make_row(township="岳普湖"),
        make_row(township="岳普湖街道"),
        make_row(township="岳普湖镇"),
    ]

    judged = list(judge_rows(rows, code=YUEPUHU).people())

    assert [codes(row)[:1] for row in judged[:2]] == [["TOWNSHIP_AMBIGUOUS"]] * 2
    assert judged[2].fields["township_code"] == "653128100"


def test_the_same_person_twice_is_kept_once():
    rows = [make_row(), make_row(phone=""), make_row(name="张　伟")]

    first, *others = judge_rows(rows).people()

    assert codes(first) == []
    assert [codes(row) for row in others] == [["DUP_IN_FILE"]] * 2
    assert others[0].findings[0].dup_of == ("Sheet1", 2)


def test_one_number_with_two_names_is_a_conflict():
    _first, second = judge_rows([make_row(), make_row(name="李四")]).people()

    assert codes(second) == ["DUP_CONFLICT"]


def test_two_people_of_one_name_are_no_error():
    rows = [make_row(), make_row(id_number=make_id(serial="003"))]

    assert [codes(row) for row in judge_rows(rows).people()] == [[], []]


def test_a_duplicate_of_a_rejected_row_is_kept():
    rejected, kept = judge_rows([make_row(township="?"), make_row()]).people()

    assert codes(rejected) == ["TOWNSHIP_UNKNOWN"]
    assert codes(kept) == []


def test_duplicates_are_found_across_sheets_and_old_numbers():
    report = judge_sheets(
        Sheet("甲", rows=[HEADER, make_row()]),
        Sheet("乙", rows=[HEADER, make_row(id_number="411521800101011")]),
    )

    assert codes(list(report.people())[1]) == ["DUP_IN_FILE"]
    assert report.as_json()["errors"] == [
        {
            "sheet": "乙",
            "row": 2,
            "severity": "error",
            "code": "DUP_IN_FILE",
            "field": "id_number",
            "value": GOOD,
            "dup_of": {"sheet": "甲", "row": 2},
        }
    ]


def test_hidden_rows_are_imported_with_a_warning():
    report = judge_rows([make_row()], hidden_rows=frozenset({2}))

    assert codes(next(report.clean())) == ["HIDDEN_ROW"]


def test_warnings_of_rejected_rows_are_not_listed():
    report = judge_rows([make_row(id_number="1", phone="")], hidden_rows=frozenset({2}))

    assert codes(next(report.people())) == ["ID_LENGTH"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1980-01-31", []),
        ("1980年1月", []),
        ("198001", []),
        (date(1980, 1, 2), []),
        (29221.0, []),
        ("1980.2.1", ["BIRTH_MISMATCH"]),
        ("1981年01月01日", ["BIRTH_MISMATCH"]),
        ("不详", []),
        (None, []),
    ],
)
def test_a_birth_date_is_compared_by_year_and_month(value, expected):
    (row,) = judge_rows([[*make_row(), value]], header=[*HEADER, "出生年月"]).people()

    assert codes(row) == expected


@pytest.mark.parametrize(
    "prefix", ["412931", "152624", "513321", "522201", "810000", "830000", "999999"]
)
def test_a_birth_place_elsewhere_or_abolished_is_fine(prefix):
    assert codes(judge_one(id_number=make_id(prefix=prefix))) == []


# What is put in order without a word


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("name", "张 伟", "张伟"),
        ("name", "张\u3000大 伟", "张大伟"),
        ("name", "买买提．艾合麦提", "买买提·艾合麦提"),
        ("name", "买买提.艾合麦提", "买买提·艾合麦提"),
        ("name", "买买提 • 艾合麦提", "买买提·艾合麦提"),
        ("name", "買買提・艾合麥提", "買買提·艾合麥提"),
        ("name", "买买提･艾合麦提", "买买提·艾合麦提"),
        ("name", "买买提‧艾合麦提", "买买提·艾合麦提"),
        ("name", "張偉", "張偉"),
        ("name", "𬭚𠮷", "𬭚𠮷"),
        ("name", "欧阳 建军", "欧阳 建军"),
        ("name", "张\u202e伟\x07", "张伟"),
        ("name", '=HYPERLINK("http://x")', '=HYPERLINK("http://x")'),
        ("name", "-2+3", "-2+3"),
        ("name", "\t=1", "=1"),
        ("name", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("name", "{{7*7}}", "{{7*7}}"),
        ("name", "ئابدۇللا", "ئابدۇللا"),
        ("id_number", "４１１５２１１９８００１０１０１１" + GOOD[17], GOOD),
        ("id_number", f"'{GOOD}", GOOD),
        ("id_number", f"{GOOD[:6]} {GOOD[6:14]}-{GOOD[14:]}", GOOD),
        ("id_number", f'="{GOOD}"', GOOD),
        ("id_number", "41152119570105911x", "41152119570105911X"),
        ("id_number", "41152119570105911Х", "41152119570105911X"),
        ("phone", 15437200014.0, "15437200014"),
        ("phone", "+86 15437200014", "15437200014"),
        ("phone", "86-15437200014", "15437200014"),
        ("phone", "154-3720-0014", "15437200014"),
        ("phone", "１５４３７２０００１４", "15437200014"),
        ("phone", "15437200014\u200b ", "15437200014"),
        ("ethnic", "汉", "汉族"),
        ("ethnic", "维族", "维吾尔族"),
        ("ethnic", "维吾尔", "维吾尔族"),
        ("ethnic", "漢族", "汉族"),
        ("ethnic", "蒙古", "蒙古族"),
        ("township", "周党", "周党镇"),
        ("township", "周党乡", "周党镇"),
        ("township", "周党街道办事处", "周党镇"),
        ("township", "周 党 镇", "周党镇"),
        ("township", "周黨鎮", "周党镇"),
        ("township", "罗山县周党镇", "周党镇"),
        ("township", "河南省信阳市罗山县周党镇", "周党镇"),
        ("village", "桂店", "桂店村民委员会"),
        ("village", "桂店村委会", "桂店村民委员会"),
        ("village", "桂店村村委会", "桂店村民委员会"),
        ("village", "桂店社区", "桂店村民委员会"),
        ("village", "桂店村3组", "桂店村民委员会"),
        ("village", "桂店村第三村民小组", "桂店村民委员会"),
        ("village", "周党镇桂店村", "桂店村民委员会"),
        ("household_type", "五保户", "特困供养贫困户"),
        ("household_type", " 建檔立卡 ", "建档立卡贫困户"),
        ("household_type", "脱贫监测户", "脱贫不稳定户"),
        ("household_type", "非贫困户", "一般农户"),
    ],
)
def test_ways_of_writing_are_put_in_order(field, written, meant):
    row = judge_one(**{field: written})

    assert row.fields[field] == meant


def test_traditional_characters_are_compared_on_both_sides():
    report = judge_rows([make_row(township="崔庄乡", village="鱼池村")], code=NANZHAO)

    assert next(report.people()).fields["village"] == "魚池村民委员会"


def test_a_township_that_is_neither_town_nor_township_is_found_by_its_own_name():
    for text in ("河南省五一农场", "五一农场"):
        row = judge_one(township=text, village="五一农场场部虚拟社区")
        assert row.fields["township_code"] == "411521400"
        assert codes(row) == []


def test_what_was_tidied_up_is_told():
    report = judge_rows([make_row(village="桂店", phone=15437200014.0, name="张 伟")])

    tidied = report.tidied(next(report.people()))

    assert [(item.field, item.before, item.after) for item in tidied] == [
        ("name", "张 伟", "张伟"),
        ("village", "桂店", "桂店村民委员会"),
    ]


@pytest.mark.parametrize("mark", ["同上", "〃", '"', "″", "“", "”", " 同上\u3000", "〃 "])
def test_as_above_means_the_person_above(mark):
    rows = [
        make_row(),
        [None] * 9,
        ["小计", "1人"] + [None] * 7,
        make_row(name="李四", id_number=make_id(serial="003"), township=mark, household_type=mark),
        make_row(name="王五", id_number=make_id(serial="005"), township=mark, village=mark),
    ]

    *_first, second, third = judge_rows(rows).people()

    assert second.fields["township"] == "周党镇"
    assert second.fields["household_type"] == "脱贫户"
    assert third.fields["village"] == "桂店村民委员会"
    assert codes(third) == []


def test_as_above_follows_the_person_above_even_if_rejected():
    rows = [make_row(id_number="1", township="竹竿镇"), make_row(township="同上", village="朱湖")]

    assert list(judge_rows(rows).people())[1].fields["township"] == "竹竿镇"


def test_nobody_has_the_number_of_the_person_above():
    _first, second = judge_rows([make_row(), make_row(id_number="同上")]).people()

    assert codes(second) == ["ID_LENGTH"]


def test_vertically_merged_cells_count_in_each_row():
    rows = [
        make_row(),
        make_row(name="李四", id_number=make_id(serial="003"), township=None, village=None),
        make_row(name="王五", id_number=make_id(serial="005"), township=None, village=None),
    ]
    spans = [merged(2, 6, 4, 6), merged(2, 7, 3, 7)]

    second, third = list(judge_rows(rows, merged=spans).people())[1:]

    assert second.fields["village"] == "桂店村民委员会"
    assert third.fields["township"] == "周党镇"
    assert codes(third) == ["VILLAGE_UNKNOWN"]


# Messages and whole-file refusals


def test_every_code_says_what_is_wrong_and_what_to_do():
    for name, code in CODES.items():
        assert str(code.what).strip(), name
        assert str(code.remedy).strip(), name
        assert code.severity in (Verdict.ERROR, Verdict.WARNING)


def test_a_duplicate_names_the_row_that_was_kept():
    finding = Finding("DUP_IN_FILE", "id_number", GOOD, ("甲", 7))

    assert "甲" in finding.reason()
    assert "7" in finding.reason()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["一", "二"], ["三", "四"]], "HEADER_NOT_FOUND"),
        ([["姓名", "电话"], ["张伟", "15437200014"]], "HEADER_NOT_FOUND"),
        ([HEADER], "NO_PEOPLE"),
        ([HEADER, [None] * 9], "NO_PEOPLE"),
        ([HEADER, ["填表人：", *[None] * 8]], "NO_PEOPLE"),
        ([], "HEADER_NOT_FOUND"),
    ],
)
def test_a_file_without_people_is_refused(rows, code):
    with pytest.raises(FileError) as caught:
        judge_sheets(Sheet("Sheet1", rows=rows))

    assert caught.value.code == code
    assert caught.value.message == str(FILE_MESSAGES[code])


def test_people_on_hidden_sheets_are_not_read():
    with pytest.raises(FileError, match="HEADER_NOT_FOUND"):
        judge_sheets(Sheet("Sheet1", visible=False, rows=[HEADER, make_row()]))


def test_a_region_without_counties_is_refused():
    with pytest.raises(FileError, match="REGION_UNKNOWN"):
        judge_sheets(Sheet("Sheet1", rows=[HEADER, make_row()]), code="999999", as_of=AS_OF)
