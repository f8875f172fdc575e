"""Layouts beyond the three samples: they must need data only."""

import io
from datetime import date

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learners.roster import normalise
from learners.roster.headers import recognise
from learners.roster.judging import judge
from learners.roster.wordings import WORDINGS
from lms.lib.spreadsheets import FileError, Sheet, Workbook, read_workbook
from tests.learners.roster_cases import (
    AS_OF,
    HEADER,
    LUOSHAN,
    codes,
    judge_rows,
    judge_sheets,
    make_id,
    make_row,
    merged,
    people_of,
    places,
    reasons,
)

GOOD = make_id()
OTHER = make_id(serial="013")
NO_TYPE = "HOUSEHOLD_TYPE_UNKNOWN"


# Headers


def test_no_wording_stands_for_two_fields():
    wordings = [wording for wordings in WORDINGS.values() for wording in wordings]

    assert sorted(wordings) == sorted(set(wordings))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("姓  名", "name"),
        ("身份证\n号码", "id_number"),
        ("身份证号（18位，文本格式）", "id_number"),
        ("*公民身份号码", "id_number"),
        ("居民身分證號碼", "id_number"),
        ("學員姓名", "name"),
        ("参训人员姓名", "name"),
        ("聯繫電話", "phone"),
        ("联系电话（手机）", "phone"),
        ("乡（镇）", "township"),
        ("乡镇/街道", "township"),
        ("村（社区）", "village"),
        ("村/社区", "village"),
        ("户 类 型", "household_type"),
        ("与户主关系", "relation"),
        ("致贫原因", ""),
        ("", ""),
        ("1", ""),
    ],
)
def test_headers_are_recognised_however_they_are_written(header, field):
    assert recognise(header) == field


def test_the_surer_wording_wins_over_a_vague_one():
    rows = [["姓名", "身份证号", "人员类别", "贫困类型", "乡镇", "村"]]
    rows.append(["张伟", GOOD, "村干部", "脱贫户", "周党镇", "桂店村"])

    (row,) = people_of(rows)

    assert row.fields["household_type"] == "脱贫户"


def test_an_unknown_wording_over_id_numbers_is_the_id_column():
    rows = [["姓名", "本人证号", "乡镇", "村"], ["张伟", GOOD, "周党镇", "桂店村"]]

    assert people_of(rows)[0].fields["id_number"] == GOOD


def test_a_header_over_two_rows_with_merged_groups():
    rows = [
        ["罗山县培训花名册"] + [None] * 8,
        ["序号", "姓名", "身份证号码", "家庭住址", None, "联系电话", "培训时间", None, "贫困类型"],
        [None, None, None, "乡镇", "村", None, "开始", "结束", None],
        [1, "张伟", GOOD, "周党镇", "桂店村", "15437200014", "2019.10.28", "2019.10.30", "脱贫户"],
    ]
    spans = [merged(1, 0, 1, 8), merged(2, 3, 2, 4), merged(2, 6, 2, 7), merged(2, 1, 3, 1)]
    report = judge_sheets(Sheet("Sheet1", rows=rows, merged=spans))

    (row,) = report.people()
    assert codes(row) == []
    assert row.fields["village"] == "桂店村民委员会"
    assert row.fields["train_start"] == date(2019, 10, 28)
    assert row.fields["train_end"] == date(2019, 10, 30)
    assert reasons(report) == {1: "title", 2: "header", 3: "header"}
    assert report.as_json()["header_row"] == 3


def test_the_first_person_is_no_second_header_row_whatever_the_cells_say():
    rows = [["姓名", "身份证号", "乡镇", "其他"], ["张伟", GOOD, "周党镇", "村"]]

    assert [row.row for row in people_of(rows)] == [2]


def test_a_group_row_tells_the_head_of_the_household_from_the_learner():
    rows = [
        [None, "户主信息", None, "学员信息", None, None, None],
        ["序号", "姓名", "身份证号", "姓名", "身份证号", "乡镇", "村"],
        [1, "张三", OTHER, "张伟", GOOD, "周党镇", "桂店村"],
    ]

    (row,) = people_of(rows)

    assert row.fields["name"] == "张伟"
    assert row.fields["id_number"] == GOOD
    assert row.fields["head_name"] == "张三"
    assert row.fields["head_id"] == OTHER


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_second_header_row_of_columns_nobody_asks_for_is_no_person(is_merged):
    head = ["姓名 Name", "身份证号 ID", "乡镇", "村", "补贴标准（元/天）", None, "签字"]
    under = [None, None, None, None, "生活费", "交通费", None]
    rows = [head, under, ["张伟", GOOD, "周党镇", "桂店村", 40, 20, None]]
    rows += [["合计（大写）：", None, None, None, "陆拾元整", None, None], head, under]
    rows += [["李四", OTHER, "周党镇", "桂店村", 40, 20, None]]
    spans = [merged(1, at, 2, at) for at in (0, 1, 2, 3, 6)] if is_merged else []

    report = judge_sheets(Sheet("Sheet1", rows=rows, merged=spans))

    assert [codes(row) for row in report.people()] == [["PHONE_MISSING", NO_TYPE]] * 2
    assert reasons(report) == {1: "header", 2: "header", 4: "total", 5: "header", 6: "header"}


def test_a_row_of_a_place_alone_under_the_header_is_a_person_without_a_name():
    rows = [["姓名", "身份证号", "乡镇", "村", "备注"], [None, None, "周党镇", "桂店村", None]]
    rows += [["张伟", GOOD, "周党镇", "桂店村", None]]

    assert [codes(row)[:1] for row in people_of(rows)] == [["NAME_MISSING"], ["PHONE_MISSING"]]


def test_a_row_of_groups_is_a_header_on_every_page():
    groups = ["户信息", None, "成员信息", None, "住址", None]
    head = ["户编号", "户主姓名", "姓名", "身份证号", "乡镇", "村"]
    rows = [groups, head, ["1", "张三", "张伟", GOOD, "周党镇", "桂店村"]]
    rows += [groups, head, ["2", "李三", "李四", OTHER, "周党镇", "桂店村"]]
    spans = [merged(row, at, row, at + 1) for row in (1, 4) for at in (0, 2, 4)]

    report = judge_sheets(Sheet("Sheet1", rows=rows, merged=spans))

    assert [row.row for row in report.people()] == [3, 6]
    assert reasons(report) == {1: "header", 2: "header", 4: "header", 5: "header"}


def test_a_list_of_households_lists_their_heads():
    rows = [
        ["户编号", "户主姓名", "身份证号", "乡镇", "村"],
        ["H01", "张三", GOOD, "周党镇", "桂店村"],
    ]

    (row,) = people_of(rows)

    assert row.fields["name"] == "张三"
    assert row.fields["household_no"] == "H01"
    assert "head_name" not in row.fields


def test_household_columns_are_kept_for_grouping():
    rows = [
        ["户编号", "户主姓名", "与户主关系", "姓名", "身份证号", "乡镇", "村", "是否残疾"],
        ["H01", "张 三", "之子", "张伟", GOOD, "周党镇", "桂店村", "否"],
    ]

    fields = people_of(rows)[0].fields

    assert fields["household_no"] == "H01"
    assert fields["head_name"] == "张三"
    assert fields["relation"] == "之子"
    assert fields["disability"] == "否"


# Rows that are no people


def test_titles_repeated_headers_totals_and_signatures_are_skipped():
    rows = [
        ["罗山县花名册"] + [None] * 8,
        ["填报单位：商务局"] + [None] * 8,
        HEADER,
        make_row(),
        ["一、周党镇"] + [None] * 8,
        [None] * 9,
        ["小 计", "1人"] + [None] * 7,
        HEADER,
        make_row(name="李四", id_number=OTHER),
        [3.0] + [None] * 8,
        [None, None, None, None, None, None, "合计：2人", None, None],
        ["填表人：王五", None, None, "审核人：赵六", None, None, None, None, None],
        ["备注：身份证号请用文本格式"] + [None] * 8,
        ["（盖章）"] + [None] * 8,
        [None] * 9,
    ]
    report = judge_sheets(Sheet("Sheet1", rows=rows))

    assert [row.row for row in report.people()] == [4, 9]
    assert reasons(report) == {
        1: "title",
        2: "info line",
        3: "header",
        5: "info line",
        6: "blank",
        7: "total",
        8: "header",
        10: "blank",
        11: "total",
        12: "footer",
        13: "footer",
        14: "footer",
    }


def test_a_row_with_a_name_alone_is_a_person_without_a_number():
    (row,) = judge_rows([[None, "张伟"] + [None] * 7]).people()

    assert codes(row) == ["ID_MISSING"]


def test_a_row_without_name_and_number_but_with_a_telephone_is_a_person():
    row = [12.0, None, "男", None, None, "15437200014", None, None, None]

    assert codes(next(judge_rows([row]).people())) == ["NAME_MISSING"]


def test_short_records_of_text_are_filled_up():
    (row,) = judge_rows([["1", "张伟"]], kind="csv").people()

    assert codes(row) == ["ID_MISSING"]


# Sign-in sheets


def sign_in(*marks, header=("10.28上午", "10.28下午", "10.29上午", "10.29下午", "10月30日")):
    rows = [
        ["序号", "姓名", "身份证号", "签到情况", None, None, None, None, "签名"],
        [None, None, None, *header, None],
    ]
    for number, row in enumerate(marks):
        rows.append([number, "张伟", make_id(serial=f"{number:02d}1"), *row, None])
    return people_of(rows, name="周党镇")


def test_a_sign_in_sheet_gives_marks_and_a_rate():
    full, late, thin = sign_in(
        ["√", "✓", "☑", "到", "1"], ["√", "迟到", "假", "签到", "迟"], ["√", "缺", "旷", None, "×"]
    )

    assert full.fields["attendance_rate"] == 1
    assert [mark["mark"] for mark in late.fields["attendance"]] == [
        "present",
        "late",
        "leave",
        "present",
        "late",
    ]
    assert late.fields["attendance_rate"] == 0.8
    assert late.fields["attendance_qualified"] is True
    assert thin.fields["attendance_rate"] == 0.2
    assert thin.fields["attendance_qualified"] is False


def test_numbers_are_marks_too():
    (row,) = sign_in([1.0, 0.0, 1.0, 1.0, 1.0])

    assert row.fields["attendance_rate"] == 0.8


def test_columns_left_for_pens_are_no_attendance():
    (row,) = sign_in([None] * 5)

    assert "attendance" not in row.fields


def test_attendance_under_a_single_header_row():
    header = ["姓名", "身份证号", "第1天", "第2天", date(2019, 10, 30), "备注"]

    (row,) = people_of([header, ["张伟", GOOD, "√", "√", "缺", "√"]], name="周党镇")

    assert [mark["column"] for mark in row.fields["attendance"]] == ["第1天", "第2天", "2019-10-30"]
    assert row.fields["attendance_qualified"] is False


# Other columns


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (43767.0, date(2019, 10, 29)),
        ("43767", date(2019, 10, 29)),
        ("2019-10-29", date(2019, 10, 29)),
        ("2019/10/9", date(2019, 10, 9)),
        ("2019.10.29", date(2019, 10, 29)),
        ("2019年10月29日", date(2019, 10, 29)),
        ("2019 年 10 月 29 日", date(2019, 10, 29)),
        ("20191029", date(2019, 10, 29)),
        ("2019-10-29 08:30:00", date(2019, 10, 29)),
        (date(2019, 10, 29), date(2019, 10, 29)),
        ("2026-02-30", None),
        ("26/3/5", None),
        ("明天", None),
        (1.0, None),
        (None, None),
        (True, None),
        (float("nan"), None),
    ],
)
def test_dates_in_every_way_of_writing(written, day):
    assert normalise.day(written) == day


def test_a_span_of_days_in_one_cell():
    header = ["姓名", "身份证号", "培训时间"]
    rows = [header, ["张伟", GOOD, "2019.10.28-2019.10.30"], ["李四", OTHER, "三天"]]

    first, second = people_of(rows, name="周党镇")

    assert (first.fields["train_start"], first.fields["train_end"]) == (
        date(2019, 10, 28),
        date(2019, 10, 30),
    )
    assert second.fields["train_date"] == ""


# Whole files, written as offices write them


def test_tab_separated_unicode_text():
    text = "\r\n".join(
        [
            "罗山县花名册",
            "\t".join(HEADER),
            "\t".join(map(str, make_row())),
            '2\t"李\n四"\t' + "\t" * 6,
        ]
    )
    workbook = read_workbook(text.encode("utf-16"), "名单.txt")

    first, second = judge(workbook, places(), as_of=AS_OF, county_code=LUOSHAN).people()

    assert codes(first) == []
    assert second.row == 4
    assert second.fields["name"] == "李四"


def test_a_workbook_with_hidden_rows_sheets_and_merges():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet("周党镇")
        sheet.merge_range("A1:D1", "花名册")
        for column, title in enumerate(["姓名", "身份证号", "村", "户类型"]):
            sheet.write(1, column, title)
        sheet.write_row(2, 0, ["张伟", GOOD, None, "脱贫户"])
        sheet.write_row(3, 0, ["李四", OTHER, None, "脱贫户"])
        sheet.merge_range("C3:C4", "桂店")
        sheet.set_row(3, None, None, {"hidden": True})
        hidden = workbook.add_worksheet("竹竿镇")
        hidden.write_row(0, 0, ["姓名", "身份证号", "村"])
        hidden.write_row(1, 0, ["王五", make_id(serial="017"), "朱湖"])
        hidden.hide()
        workbook.add_worksheet("汇总").write_column(0, 0, ["说明"])

    workbook = read_workbook(buffer.getvalue(), "a.xlsx")
    report = judge(workbook, places(), as_of=AS_OF, county_code=LUOSHAN)

    assert [codes(row) for row in report.people()] == [
        ["PHONE_MISSING"],
        ["HIDDEN_ROW", "PHONE_MISSING"],
    ]
    assert {row.fields["village"] for row in report.people()} == {"桂店村民委员会"}
    assert report.as_json()["skipped_sheets"] == ["竹竿镇", "汇总"]


# Anything at all

CELLS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.sampled_from([*HEADER, GOOD, "周党镇", "桂店村", "同上", "合计", "√", "4.1E+17", "1" * 15]),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.integers(),
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(CELLS, max_size=10), max_size=8), st.text(max_size=10), st.booleans())
def test_any_rows_are_judged_or_refused(rows, name, is_csv):
    sheet = Sheet(name, rows=[HEADER, make_row(), *rows])
    workbook = Workbook([sheet], "x", "csv" if is_csv else "xlsx")

    report = judge(workbook, places(), as_of=AS_OF, county_code=LUOSHAN)

    counts = report.as_json()["counts"]
    assert counts["person_rows"] == counts["clean_rows"] + counts["rejected_rows"]
    assert counts["person_rows"] + counts["skipped_rows"] == len(report.rows)
    assert all(row.findings for row in report.rejected())


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(CELLS, max_size=8), max_size=8))
def test_any_table_is_judged_or_refused(rows):
    try:
        report = judge_sheets(Sheet("Sheet1", rows=rows))
    except FileError as error:
        assert error.code in {"HEADER_NOT_FOUND", "NO_PEOPLE"}  # noqa: PT017
    else:
        assert list(report.people())


@settings(deadline=None)
@given(CELLS)
def test_any_cell_is_understood_or_left_open(cell):
    number, problem = normalise.phone(cell)
    assert bool(number) == (problem in ("", "MULTIPLE"))
    assert normalise.attendance_mark(cell) in ("", "present", "late", "leave", "absent")
    normalise.day(cell)
    normalise.day_range(cell)
    normalise.year_and_month(cell)
    name = normalise.person_name(cell)
    assert name == name.strip()
    assert not any(sign in name for sign in "\u202e\u200b\x00")
