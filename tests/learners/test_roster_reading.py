"""How sheets are read: by titles, by values, by what was answered, and when to ask instead."""

from collections import Counter
from datetime import date

import pytest

from learners.queries.mapping import masked_text, reading_content
from learners.roster import days
from learners.roster.answers import Answers, PlaceQuestion, SheetAnswer, fingerprint
from learners.roster.evidence import Evidence
from learners.roster.headers import recognise
from learners.roster.judging import judge
from learners.roster.reading import UnsureError, column_letters, read_sheets
from lms.lib.spreadsheets import Sheet, Workbook
from tests.learners.roster_cases import (
    AS_OF,
    LUOSHAN,
    YUEPUHU,
    codes,
    judge_sheets,
    make_id,
    people_of,
    places,
)

NAMES = ["张伟", "王芳", "李娜", "刘洋", "陈静"]
IDS = [make_id(serial=f"{n:02d}1") for n in range(5)]
PHONES = [f"1543720000{n}" for n in range(5)]


def table(header, *columns):
    return [list(header), *(list(row) for row in zip(*columns, strict=True))]


def ask(*sheets, code=LUOSHAN, answers=None):
    """The doubts about a file, as (code, field, columns)."""
    workbook = Workbook(list(sheets), "x")
    options = {"answers": answers} if answers else {}
    try:
        judge(workbook, places(), as_of=AS_OF, county_code=code, may_ask=True, **options)
    except UnsureError as error:
        return [
            (doubt.code, doubt.field, doubt.columns)
            for found in error.readings
            for doubt in found.doubts
        ]
    return []


def town(*names):
    return [names[n % len(names)] for n in range(5)]


# Titles


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("姓名/Name", "name"),
        ("1.姓名", "name"),
        ("参加培训学员姓名", "name"),
        ("本人身份证号码（必填）", "id_number"),
        ("身份证件号码18位", "id_number"),
        ("手机/电话", "phone"),
        ("常用联系方式", "phone"),
        ("联系电话2", "phone"),
        ("所在乡（镇）", "township"),
        ("户籍所在乡镇", "township"),
        ("所在行政村名称", "village"),
        ("户籍所在村", "village"),
        ("现家庭详细住址", "address"),
        ("户籍所在地乡镇村", "address"),
        ("困难群众类型", "household_type"),
        ("脱贫人口类别", "household_type"),
        ("户主姓名", "head_name"),
        ("户主公民身份号码", "head_id"),
        ("最高学历", "education"),
    ],
)
def test_titles_that_resemble_a_wording(title, field):
    known = {"name": ["序号", "身份证号"], "id_number": ["序号", "姓名"]}
    header = [*known.get(field, ["姓名", "身份证号"]), title]
    values = {"姓名": NAMES, "身份证号": IDS, "序号": range(5)}
    own = {"name": NAMES, "id_number": IDS}.get(field, [None] * 5)
    rows = table(header, values[header[0]], values[header[1]], own)

    layout = judge_sheets(Sheet("周党镇", rows=rows)).layouts["周党镇"]

    assert layout.field_of(2) == field


@pytest.mark.parametrize(
    "title",
    [
        "配偶姓名",
        "监护人身份证号",
        "帮扶责任人电话",
        "紧急联系人电话",
        "授课教师姓名",
        "是否贫困村",
        "单位地址",
        "网店地址链接",
        "身份证复印件",
        "曾用姓名",
        "培训地点乡镇",
    ],
)
def test_titles_that_speak_of_somebody_or_something_else(title):
    rows = table(["姓名", "身份证号", title], NAMES, IDS, NAMES)

    assert judge_sheets(Sheet("周党镇", rows=rows)).layouts["周党镇"].field_of(2) == ""


def test_a_group_heading_of_another_person_does_not_lend_its_columns():
    rows = [
        ["学员信息", None, "监护人信息", None, "乡镇"],
        ["姓名", "身份证号", "姓名", "身份证号", None],
        *([NAMES[n], IDS[n], NAMES[-n], make_id(serial=f"5{n}1"), "周党镇"] for n in range(5)),
    ]

    assert [row.fields["id_number"] for row in people_of(rows)] == IDS
    assert ask(Sheet("Sheet1", rows=rows)) == []


def test_a_strict_title_is_still_needed_to_see_a_header_in_a_line_of_text():
    assert recognise("请如实填写身份证号和姓名") == ""


# Values


def test_columns_in_words_of_its_own_are_told_by_their_values():
    rows = table(
        ["何人", "何号", "何联", "何处", "何类"],
        NAMES,
        IDS,
        PHONES,
        town("周党镇", "竹竿"),
        town("脱贫户", "低保户"),
    )

    people = people_of(rows)

    assert [row.fields["name"] for row in people] == NAMES
    assert [row.fields["phone"] for row in people] == PHONES
    assert {row.fields["township"] for row in people} == {"周党镇", "竹竿镇"}
    assert {row.fields["household_type"] for row in people} == {"脱贫户", "低保贫困户"}
    assert ask(Sheet("Sheet1", rows=rows)) == []


def test_names_of_villages_are_no_names_of_people():
    villages = ["桂店村", "黄湾", "曹家湾", "方店", "桂店"]
    rows = table(["何人", "号", "何村", "乡镇"], NAMES, IDS, villages, town("周党镇"))
    layout = judge_sheets(Sheet("Sheet1", rows=rows)).layouts["Sheet1"]

    assert layout.columns["name"] == 0


def test_the_empty_one_of_two_columns_yields_to_the_filled_one():
    rows = table(
        ["姓名", "联系电话", "手机号码", "身份证号", "乡镇"],
        NAMES,
        [None] * 5,
        PHONES,
        IDS,
        town("周党镇"),
    )

    assert [row.fields["phone"] for row in people_of(rows)] == PHONES
    assert ask(Sheet("Sheet1", rows=rows)) == []


def test_of_two_columns_the_one_that_holds_household_types_is_the_household_type():
    rows = table(
        ["姓名", "身份证号", "乡镇", "户类型", "贫困类型"],
        NAMES,
        IDS,
        town("周党镇"),
        town("脱贫户"),
        town("因病", "因残"),
    )

    assert {row.fields["household_type"] for row in people_of(rows)} == {"脱贫户"}
    assert ask(Sheet("Sheet1", rows=rows)) == []


def test_township_and_village_in_one_cell():
    rows = table(["姓名", "身份证号", "乡镇"], NAMES, IDS, town("周党镇桂店村", "周党镇无此村"))

    first, second, *_rest = people_of(rows)

    assert (first.fields["township"], first.fields["village"]) == ("周党镇", "桂店村民委员会")
    assert codes(second) == ["TOWNSHIP_UNKNOWN"]


def test_a_second_table_on_a_sheet_may_have_its_columns_in_another_order():
    rows = [
        ["姓名", "身份证号", "乡镇", "联系电话"],
        [NAMES[0], IDS[0], "周党镇", PHONES[0]],
        ["二、竹竿镇", None, None, None],
        ["序号", "联系电话", "乡镇", "姓名", "身份证号"],
        [1, PHONES[1], "竹竿镇", NAMES[1], IDS[1]],
        [2, None, "同上", NAMES[2], None],
    ]

    first, second, third = people_of(rows)

    assert (first.fields["name"], second.fields["name"]) == (NAMES[0], NAMES[1])
    assert second.fields["phone"] == PHONES[1]
    # Its cells stand under the first table's titles, for the workbook of rows to correct.
    assert second.cells == [NAMES[1], IDS[1], "竹竿镇", PHONES[1]]
    assert codes(third) == ["ID_MISSING"]
    assert third.meant == {"township": "竹竿镇"}


# Doubts


def test_two_columns_that_differ_are_asked_about_and_two_that_agree_are_not():
    others = [f"1533720000{n}" for n in range(5)]
    header = ["姓名", "身份证号", "乡镇", "联系电话", "手机号码"]

    differing = table(header, NAMES, IDS, town("周党镇"), PHONES, others)
    agreeing = table(header, NAMES, IDS, town("周党镇"), PHONES, PHONES)

    assert ask(Sheet("Sheet1", rows=differing)) == [("RIVALS", "phone", (3, 4))]
    assert ask(Sheet("Sheet1", rows=agreeing)) == []


def test_numbers_under_an_unknown_title_are_asked_about():
    others = [make_id(serial=f"7{n}1") for n in range(5)]
    header = ["姓名", "身份证号", "乡镇", "家属号"]

    assert ask(Sheet("Sheet1", rows=table(header, NAMES, IDS, town("周党镇"), others))) == [
        ("LOOKS_LIKE", "id_number", (3,))
    ]


def test_a_file_that_says_no_place_is_asked_about():
    rows = table(["姓名", "身份证号"], NAMES, IDS)

    assert ask(Sheet("Sheet1", rows=rows)) == [("MISSING", "township", ())]
    assert ask(Sheet("周党镇", rows=rows)) == []


def test_a_column_that_cannot_be_told_is_asked_for():
    rows = table(
        ["编号", "对象", "身份证号", "乡镇"],
        range(5),
        ["甲", "乙", "丙", "丁", "戊"],
        IDS,
        town("周党镇"),
    )

    found = ask(Sheet("Sheet1", rows=rows))

    assert found == [("MISSING", "name", ())]


def test_a_persons_row_is_never_taken_for_the_header():
    """Its township and village read like titles, which the words above them do not."""
    rows = [
        ["某县参训人员情况", None, None, None, None],
        ["甲", "乙", "丙", "丁", "戊"],
        ["董大山", "董春兰", "411521198506120281", "丽水街道", "邵洼社区居民委员会"],
        ["程文", "程国强", "411521197803050158", "丽水街道", "高湾社区"],
    ]
    (reading,) = read_sheets(Workbook([Sheet("表", rows=rows)]), Evidence())
    assert reading.proposed is not None
    assert (reading.proposed.first_row, reading.proposed.last_row) == (2, 2)


def test_people_without_a_header_are_asked_about_and_a_note_is_not():
    people = Sheet(
        "补录", rows=table([NAMES[0], IDS[0], "周党镇"], NAMES[1:], IDS[1:], ["周党镇"] * 4)
    )
    note = Sheet("说明", rows=[["填表说明"], ["一、如实填写"]])

    assert ask(people, note) == [("NO_HEADER", "", ())]


def test_dates_are_asked_about_only_where_the_column_does_not_tell():
    header = ["姓名", "身份证号", "乡镇", "培训日期"]
    unclear = table(header, NAMES, IDS, town("周党镇"), ["03/04/2026"] * 5)
    telling = table(header, NAMES, IDS, town("周党镇"), ["03/04/2026"] * 4 + ["25/04/2026"])

    assert ask(Sheet("Sheet1", rows=unclear)) == [("DATES", "train_date", (3,))]
    assert ask(Sheet("Sheet1", rows=telling)) == []
    assert people_of(telling)[0].fields["train_date"] == date(2026, 4, 3)
    assert people_of(unclear)[0].fields["train_date"] == ""


@pytest.mark.parametrize(
    ("value", "order", "day"),
    [
        ("03/04/2026", "MDY", date(2026, 3, 4)),
        ("03/04/2026", "DMY", date(2026, 4, 3)),
        ("26/3/5", "YMD", date(2026, 3, 5)),
        ("26/3/5", "DMY", None),
        ("26/3/05", "DMY", date(2005, 3, 26)),
        ("13/13/2026", "DMY", None),
        ("2026-03-05", "DMY", date(2026, 3, 5)),
        ("2026/3/5", "MDY", date(2026, 3, 5)),
        ("三月五日", "DMY", None),
        (None, "DMY", None),
    ],
)
def test_dates_by_a_given_order(value, order, day):
    assert days.day_by(value, order) == day


def test_a_date_that_is_always_understood_is_not_unclear():
    assert not any(map(days.is_unclear, ["2026-3-5", "2026年3月5日", "46000", "2026-02-30x", None]))
    assert days.order_of(["01/02/2026", "01/25/2026"]) == "MDY"
    assert days.order_of(["13/02/2026", "01/25/2026"]) == ""


# Answers


def test_an_answer_is_followed_without_a_question():
    others = [f"1533720000{n}" for n in range(5)]
    header = ["姓名", "身份证号", "乡镇", "联系电话", "手机号码", "培训日期"]
    rows = table(header, NAMES, IDS, town("周党镇"), PHONES, others, ["03/04/2026"] * 5)
    said = SheetAnswer(
        1,
        1,
        {"name": 0, "id_number": 1, "township": 2, "phone": 4, "train_date": 5},
        {"train_date": "MDY"},
    )
    answers = Answers(sheets={"Sheet1": said})
    workbook = Workbook([Sheet("Sheet1", rows=rows)], "x")

    report = judge(
        workbook, places(), as_of=AS_OF, county_code=LUOSHAN, answers=answers, may_ask=True
    )

    fields = [row.fields for row in report.people()]
    assert [row["phone"] for row in fields] == others
    assert {row["train_date"] for row in fields} == {date(2026, 3, 4)}


def test_a_remembered_layout_is_found_by_its_titles_wherever_they_stand():
    header = ["甲", "乙", "丙", "10月28日"]
    known = SheetAnswer(1, 1, {"name": 2, "id_number": 0, "township": 1})
    answers = Answers(remembered={fingerprint([*header[:3], "11月3日"]): known})
    rows = [["标题"], [], *table(header, IDS, town("周党镇"), NAMES, ["√"] * 5)]
    workbook = Workbook([Sheet("Sheet1", rows=rows)], "x")

    report = judge(workbook, places(), as_of=AS_OF, county_code=LUOSHAN, answers=answers)

    (reading,) = report.readings
    assert (reading.source, reading.layout.first_row) == ("REMEMBERED", 3)
    assert [row.fields["name"] for row in report.people()] == NAMES
    assert next(report.people()).fields["attendance_rate"] == 1


def test_a_sheet_that_is_no_roster_is_left_out():
    rows = table(["姓名", "身份证号", "乡镇"], NAMES, IDS, town("周党镇"))
    answers = Answers(sheets={"干部": SheetAnswer(1, 1, is_roster=False)})
    workbook = Workbook([Sheet("名单", rows=rows), Sheet("干部", rows=rows)], "x")

    report = judge(
        workbook, places(), as_of=AS_OF, county_code=LUOSHAN, answers=answers, may_ask=True
    )

    assert {row.sheet for row in report.people()} == {"名单"}
    assert report.skipped_sheets == ["干部"]


def test_titles_make_one_fingerprint_however_they_are_written():
    assert fingerprint(["姓 名", "身分證號（18位）", ""]) == fingerprint(["姓名", "身份证号"])
    assert fingerprint(["姓名", "身份证号"]) != fingerprint(["身份证号", "姓名"])
    assert fingerprint(["姓名", "电话15437200014"]) == fingerprint(["姓名", "电话154****0014"])
    assert fingerprint(["姓名"]) == fingerprint([]) == ""


def test_a_repaired_file_is_remembered_though_it_brings_its_reasons_along():
    titles = ["甲", "乙", "丙"]
    assert fingerprint([*titles, "原因"]) == fingerprint(titles)
    assert fingerprint(["原因", *titles]) != fingerprint(titles)


def test_a_picked_place_holds_for_its_text_alone():
    rows = table(
        ["姓名", "身份证号", "乡镇"], NAMES, IDS, town("岳普湖", "岳普湖 ", "也克先拜巴扎")
    )
    workbook = Workbook([Sheet("Sheet1", rows=rows)], "x")
    plain = judge(workbook, places(), as_of=AS_OF, county_code=YUEPUHU)
    assert plain.asked == Counter({PlaceQuestion("township", YUEPUHU, "岳普湖"): 4})
    (code,) = (code for code in places().children(YUEPUHU) if places().names[code] == "岳普湖乡")
    answers = Answers(places={PlaceQuestion("township", YUEPUHU, "岳普湖"): code})

    report = judge(workbook, places(), as_of=AS_OF, county_code=YUEPUHU, answers=answers)

    assert Counter(row.fields["township"] for row in report.people())["岳普湖乡"] == 4
    assert not report.asked


# What is kept of a reading


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (IDS[0], "411***********" + IDS[0][-4:]),
        (f"号{IDS[0]}/电话15437200014", f"号411***********{IDS[0][-4:]}/电话154****0014"),
        ("411521 19800101 0011", "411***********0011"),
        ("154-3720-0014", "154****0014"),
        (15437200014.0, "154****0014"),
        (4.1152119800101e17, "4.11521E+17"),
        ("2026-03-05", "2026-03-05"),
        ("03/04/2026", "03/04/2026"),
        ("20260305", "20260305"),
        ("周党镇", "周党镇"),
        (12.0, "12"),
        (None, ""),
    ],
)
def test_long_numbers_are_masked_in_what_is_shown(value, shown):
    assert masked_text(value) == shown


def test_what_is_kept_shows_the_first_rows_alone():
    rows = table(["姓名", "身份证号", "乡镇"], NAMES * 9, IDS * 9, town("周党镇") * 9)
    report = judge_sheets(Sheet("名单", rows=rows), Sheet("隐藏", visible=False, rows=rows))

    content = reading_content(report.readings, report.asked)

    (sheet,) = content["sheets"]
    assert len(sheet["rows"]) == 9
    assert sheet["people"] == list(range(2, 10))
    assert not any(number in str(content) for number in IDS)


def test_columns_are_lettered_as_spreadsheets_do():
    assert [column_letters(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_a_row_that_numbers_the_columns_is_no_person():
    rows = table(["序号", "姓名", "身份证号", "乡镇"], range(5), NAMES, IDS, town("周党镇"))
    for numbering in ([1, 2.0, 3, 4], ["甲", "1", "2", "3"], ["(1)", "(2)", "(3)", "（4）"]):
        assert [row.row for row in people_of([rows[0], numbering, *rows[1:]])] == [3, 4, 5, 6, 7]
    (wrong,) = people_of([rows[0], [1, "张伟", 3.0, "周党镇"]])
    assert codes(wrong) == ["ID_LENGTH"]


def test_what_sums_attendance_up_is_no_mark():
    header = ["姓名", "身份证号", "首日上午", "首日下午", "出勤率", "出勤次数"]
    rows = table(header, NAMES, IDS, ["√"] * 5, ["缺"] * 5, [1.0] * 5, ["1"] * 5)

    fields = people_of(rows, name="周党镇")[0].fields

    assert [mark["column"] for mark in fields["attendance"]] == ["首日上午", "首日下午"]
    assert fields["attendance_rate"] == 0.5


def test_a_county_under_another_name_is_asked_about_where_a_file_holds_several():
    rows = table(["姓名", "身份证号", "县", "乡镇"], NAMES, IDS, town("老罗山"), town("周党镇"))
    workbook = Workbook([Sheet("Sheet1", rows=rows)], "x")
    asked = PlaceQuestion("county", "", "老罗山")
    plain = judge(workbook, places(), as_of=AS_OF, county_code="41")
    assert plain.asked == Counter({asked: 5})
    answers = Answers(places={asked: LUOSHAN})

    report = judge(workbook, places(), as_of=AS_OF, county_code="41", answers=answers)

    assert {row.fields["county_code"] for row in report.people()} == {LUOSHAN}
    # Of one county nobody is asked: the row says that the person lives elsewhere.
    alone = judge_sheets(
        Sheet("Sheet1", rows=table(rows[0], NAMES, IDS, town("南召县"), town("周党镇")))
    )
    assert not alone.asked


def test_what_a_text_could_mean_is_offered_whole_and_never_chosen():
    found = places().candidates("岳普湖", YUEPUHU)
    assert {places().names[code] for code in found} == {"岳普湖镇", "岳普湖乡"}
    assert [places().names[code] for code in places().candidates("周党", LUOSHAN)] == ["周党镇"]
    assert places().candidates("无此地", LUOSHAN) == ()
