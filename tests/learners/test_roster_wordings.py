"""Titles, addresses and lines between the people, in the words of lists that counties sent."""

from collections import Counter

import pytest

from learners.queries.mapping import sample_columns
from learners.roster.answers import Answers, PlaceQuestion
from learners.roster.headers import recognise
from learners.roster.judging import judge
from lms.lib.spreadsheets import Sheet, Workbook
from tests.learners.roster_cases import (
    AS_OF,
    LUOSHAN,
    codes,
    judge_sheets,
    make_id,
    people_of,
    places,
    reasons,
)
from tests.learners.test_roster_reading import ask, table, town

NAMES = ["张伟", "王芳", "李娜", "刘洋", "陈静"]
IDS = [make_id(serial=f"{n:02d}1") for n in range(5)]
#: A list of which one title is left out: its field must then be told by the wording under test.
COLUMNS = {
    "serial": ("序号", ["1", "2", "3", "4", "5"]),
    "name": ("姓名", NAMES),
    "id_number": ("身份证号", IDS),
    "phone": ("联系电话", [f"1543720000{n}" for n in range(5)]),
    "township": ("乡镇", ["周党镇"] * 5),
    "village": ("行政村", ["桂店村"] * 5),
    "household_type": ("户类型", ["脱贫户", "低保户", "脱贫户", "边缘户", "一般农户"]),
}
TITLES = {
    "name": """
        参培人员姓名 培训对象 参加培训人员 参训对象 受训者姓名 学员名单 被培训人姓名 参培学员
        人员名称 培训学员名字 参加人员 参会人员姓名 报名人姓名 农户姓名 受训人员名单 村民姓名
        劳动者姓名
    """,
    "id_number": """
        身份证号码(18位) 本人身份证号 公民身份证件号码 身份证（必填） 证件号码（身份证）
        参培人员身份证号 二代身份证号码 学员身份证 身份证号(文本格式) 公民身份号 居民身份证件号码
    """,
    "phone": """
        联系人电话 常用电话 固定电话/手机 通讯电话 移动电话号码 本人电话 常用手机号
        联系电话（手机） 手机号（必填） 参训人员电话 有效联系电话 手机电话 学员联系方式 电话/微信
        微信号/手机号
    """,
    "township": """
        所属乡（镇） 乡镇/街道办 所在街道 乡（镇、街道） 乡镇（街道） 镇（乡） 所在镇（街道）
        户口所在乡镇 乡镇（办事处） 街道（乡镇） 乡镇场 所属街道 所在乡/镇 乡(镇)名
    """,
    "village": """
        户籍所在村 村级 村别 村（社区） 行政村（社区） 所属村居 村组织 所在村（居） 村（居）名称
        居住村 所在村委会 村/社区名称 村民委员会名称 户口所在村
    """,
    "household_type": """
        建档立卡类型 脱贫类型 身份 是否贫困户 是否建档立卡户 是否脱贫户 贫困人口类型 户籍属性类别
        农户身份 人员性质 对象类别 群体类别 帮扶对象类型 身份属性 是否建档立卡贫困户
        脱贫（监测）户类型
    """,
    "address": """
        家庭详细住址 居住地 家庭住址（乡镇、村、组） 现居住地 居住地址详细 户籍详细地址 现在住址
        详细住址 家庭所在地 所属乡镇村组 住址（镇村组） 户口所在地
    """,
}
CASES = [(field, title) for field, titles in TITLES.items() for title in titles.split()]


def listed(field, title):
    """A sheet whose column of `field` has that title, and nothing else that could stand for it."""
    columns = dict(COLUMNS)
    if field == "address":
        del columns["township"], columns["village"]
        columns["address"] = (title, ["周党镇桂店村"] * 5)
    else:
        columns[field] = (title, columns[field][1])
    if field == "household_type" and title.startswith("是否"):
        columns[field] = (title, ["建档立卡户", "否", "是", "非贫困户", ""])
    rows = [[column[0] for column in columns.values()]]
    rows += [list(row) for row in zip(*(column[1] for column in columns.values()), strict=True)]
    return list(columns).index(field), Sheet("Sheet1", rows=rows)


@pytest.mark.parametrize(("field", "title"), CASES)
def test_title_names_its_field(field, title):
    column, sheet = listed(field, title)
    report = judge_sheets(sheet)

    assert report.layouts["Sheet1"].columns[field] == column
    assert len(list(report.people())) == 5


@pytest.mark.parametrize(("field", "title"), CASES)
def test_title_alone_names_its_field(field, title):
    """Not by the values below it: an empty column of a blank is that field as well."""
    column, sheet = listed(field, title)
    for row in sheet.rows[1:]:
        row[column] = {"name": "某某", "id_number": "待补"}.get(field)
    layout = judge_sheets(sheet).layouts["Sheet1"]
    assert layout.columns.get(field) == column


@pytest.mark.parametrize(
    "address",
    [
        "周党镇桂店村",
        "周党镇-桂店村",
        "周党镇—桂店村",
        "周党镇/桂店村",
        "周党镇 桂店村",
        "周党镇，桂店村",
        "周党镇、桂店村",
        "周党镇·桂店村",
        "周党桂店",
        "周党桂店村",
        "罗山县周党镇桂店村",
        "罗山周党桂店",
        "罗山周党镇桂店村",
        "河南罗山周党镇桂店村",
        "河南省信阳市罗山县周党镇桂店村三组",
        "信阳罗山周党桂店村",
        "河南省罗山县周党镇桂店村民委员会",
        "周党镇桂店村5组12号",
        "周党镇桂店村小李湾组",
        "罗山县-周党镇-桂店村",
        "信阳市罗山县周党乡桂店村委会",
        "周党镇(桂店村)",
        "周党镇桂店",
        "周党镇桂店村民组",
        "河南罗山周党镇桂店",
        "罗山县周党镇 桂店村 第二村民组",
    ],
)
def test_address_gives_township_and_village(address):
    header = ["姓名", "身份证号", "家庭住址"]
    (person,) = people_of([header, [NAMES[0], IDS[0], address]])

    found = (person.fields["township"], person.fields["village"])
    assert found == ("周党镇", "桂店村民委员会"), codes(person)


@pytest.mark.parametrize(
    ("township", "village"),
    [
        ("周党镇人民政府", "桂店村"),
        ("罗山周党镇", "桂店村"),
        ("周党镇-桂店村", None),
        ("周党镇", "周党镇-桂店村"),
        ("周党", "桂店村（社区）"),
        ("周党镇：", "桂店村："),
        ("1.周党镇", "桂店村"),
        ("周党镇", "罗山县周党镇桂店村三组"),
        ("周党镇", "周党桂店"),
        ("罗山县/周党镇", "桂店村/三组"),
    ],
)
def test_township_and_village_as_written(township, village):
    header = ["姓名", "身份证号", "乡镇", "村"]
    (person,) = people_of([header, [NAMES[0], IDS[0], township, village]])

    found = (person.fields["township"], person.fields["village"])
    assert found == ("周党镇", "桂店村民委员会"), codes(person)


@pytest.mark.parametrize(
    "address", ["竹竿周党", "罗山桂店村", "某镇桂店村", "周党竹竿镇河口村的朋友"]
)
def test_address_that_tells_no_township_is_never_guessed(address):
    header = ["姓名", "身份证号", "家庭住址"]
    (person,) = people_of([header, [NAMES[0], IDS[0], address]])

    assert codes(person) == ["TOWNSHIP_UNKNOWN"]


LINES = """
    班主任签名：李
    调查人：刘
    讲师：王
    （公章）
    (盖章)
    续表
    （续表）
    续表1
    接上页
    （接下页）
    转下页
    一、周党镇
    （一）周党镇
    监督电话：0376-2123456
    监督电话0376-2123456
    举报电话：12317
    咨询电话：0376-2123456
    2019年11月1日
    2019-11-01
    2019.11.1
    年月日
    年　月　日
    2019年　月　日
    第1页共3页
    第 1 页，共 3 页
    制表日期2019年11月1日
    带班老师：周
    授课老师签字
    村（居）委会盖章
    乡镇盖章：
    驻村第一书记签名：
    驻村工作队长（签字）：
    村负责人签字：
    主要负责人（签字）
    单位（盖章）
    主办单位：罗山县商务局
    承办单位（盖章）：
    本页小计
    总人数：5人
    实到5人
    应到5人，实到4人
    以上共5人
    共5人
    ——以下空白——
    此页无正文
    填表说明：如实填写
    注：本表一式三份
    备注：以上人员均已核实
    核实人签字：
    公示期：2019年11月1日至7日
    附件1
    附件2：参训人员名单
    联系人：张主任
    已选择17行。
    (17 rows)
    ----------
""".strip().splitlines()


@pytest.mark.parametrize("sign", ["-", "----------", "——", "======"])
def test_a_row_of_strokes_is_no_person(sign):
    header = ["姓名", "身份证号", "乡镇"]
    rows = [header, [sign] * 3, [NAMES[0], IDS[0], "周党镇"]]
    report = judge_sheets(Sheet("Sheet1", rows=rows))
    assert [row.row for row in report.people()] == [3], reasons(report)
    assert report.as_json()["skipped"][1]["reason"] == "info line"


@pytest.mark.parametrize("line", [line.strip() for line in LINES])
@pytest.mark.parametrize(
    "header", [["姓名", "身份证号", "乡镇"], ["序号", "姓名", "身份证号", "乡镇"]]
)
def test_lines_between_people_are_no_people(line, header):
    person = [1, NAMES[0], IDS[0], "周党镇"][-len(header) :]
    other = [2, NAMES[1], IDS[1], "周党镇"][-len(header) :]
    filler = [None] * (len(header) - 1)
    rows = [header, person, [line, *filler], other]
    report = judge_sheets(Sheet("Sheet1", rows=rows))

    assert [row.row for row in report.people()] == [2, 4], reasons(report)


@pytest.mark.parametrize(
    "row",
    [
        [1, 2, 3, 4],
        ["1", "2", "3", "4"],
        ["（1）", "（2）", "（3）", "（4）"],
        ["①", "②", "③", "④"],
        ["甲", "1", "2", "3"],
        ["A", "B", "C", "D"],
        ["栏次", 1, 2, 3],
        ["一", "二", "三", "四"],
        ["1栏", "2栏", "3栏", "4栏"],
        [1.0, 2.0, 3.0, 4.0],
        ["(1)", "(2)", "(3)", None],
        ["甲", "乙", "丙", "丁"],
    ],
)
@pytest.mark.parametrize(
    "header", [["序号", "姓名", "身份证号", "乡镇"], ["姓名", "身份证号", "乡镇", "村"]]
)
def test_columns_that_are_numbered_are_no_person(row, header):
    person = {"序号": 1, "姓名": NAMES[0], "身份证号": IDS[0], "乡镇": "周党镇", "村": "桂店村"}
    rows = [header, row, [person[title] for title in header]]
    report = judge_sheets(Sheet("Sheet1", rows=rows))

    assert [found.row for found in report.people()] == [3], reasons(report)


@pytest.mark.parametrize(
    "name",
    ["周党", "李日", "师主任", "陈续", "年月", "李年", "王一", "张讲师", "刘公", "调查·依明"],
)
def test_a_name_without_number_is_still_a_person_to_correct(name):
    """Never guess: who has a name and a village and no number is told so, not passed over."""
    rows = [
        ["姓名", "身份证号", "乡镇", "村"],
        [NAMES[0], IDS[0], "周党镇", "桂店村"],
        [name, None, "周党镇", "桂店村"],
    ]
    _first, second = people_of(rows)

    assert codes(second) == ["ID_MISSING"]


def test_a_sentence_is_no_title():
    assert recognise("请填写参加培训人员的姓名、身份证号。") == ""


def test_a_repeated_header_means_what_the_first_one_did():
    """Which of two columns holds the telephones was told by the values below the first."""
    header = ["姓名", "身份证号", "乡镇", "常用电话", "电话"]
    rows = table(header, NAMES, IDS, town("周党镇"), COLUMNS["phone"][1], [None] * 5)
    rows[3:3] = [["续表"], header]

    assert [row.fields["phone"] for row in people_of(rows)] == COLUMNS["phone"][1]


def test_the_part_of_an_address_that_names_no_place_is_asked_about_once():
    texts = ["某岗镇邵洼社区3组", "某岗镇高湾社区12号", "周党镇桂殿村5组", "某岗镇", "13800000000"]
    rows = table(["姓名", "身份证号", "家庭住址"], NAMES, IDS, texts)
    workbook = Workbook([Sheet("Sheet1", rows=rows)], "x")
    township = PlaceQuestion("township", LUOSHAN, "某岗镇")
    village = PlaceQuestion("village", "411521101", "桂殿村")
    plain = judge(workbook, places(), as_of=AS_OF, county_code=LUOSHAN)
    assert plain.asked == Counter({township: 3, village: 1})
    (meant,) = (
        code for code in places().children("411521101") if places().names[code][:3] == "桂店村"
    )
    answers = Answers(places={township: "411521001", village: meant})

    report = judge(workbook, places(), as_of=AS_OF, county_code=LUOSHAN, answers=answers)

    found = [(row.fields["township"], row.fields["village"]) for row in report.people()]
    assert found[:3] == [
        ("丽水街道", "邵洼社区居民委员会"),
        ("丽水街道", "高湾社区居民委员会"),
        ("周党镇", "桂店村民委员会"),
    ]
    assert [codes(row) for row in report.people()][4] == ["TOWNSHIP_UNKNOWN"]
    assert not report.asked


def test_the_date_of_a_survey_is_asked_about_too():
    header = ["姓名", "身份证号", "乡镇", "调查日期"]
    rows = table(header, NAMES, IDS, town("周党镇"), ["03/04/2026"] * 5)

    assert ask(Sheet("Sheet1", rows=rows)) == [("DATES", "surveyed_on", (3,))]


def test_numbers_of_columns_are_no_samples_of_what_they_hold():
    rows = [["姓名", "身份证号", "乡镇"], ["1", "2", "3"], ["张伟", "411***0011", "周党镇"]]
    names, *_others = sample_columns({"name": "", "rows": rows}, 1, 1)

    assert names.values == ["张伟"]
