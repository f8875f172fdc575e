"""Where the people of a roster live, however the file says it."""

import pytest

from learners.roster.places import Places
from lms.lib.spreadsheets import Sheet
from tests.learners.roster_cases import (
    LUOSHAN,
    codes,
    judge_sheets,
    make_id,
    people_of,
)

XINYANG = "4115"
GOOD = make_id()
OTHER = make_id(serial="013")


def test_the_sheet_name_gives_the_township():
    header = ["姓名", "身份证号", "村"]
    for name in ("周党镇", "周党", "3.周党镇", "周党镇（23人）", "周党镇花名册", "罗山县周党镇"):
        (row,) = people_of([header, ["张伟", GOOD, "桂店"]], name=name)
        assert row.fields["township"] == "周党镇", name
        assert row.fields["village_code"]


def test_a_sheet_name_that_is_no_township_leaves_it_unknown():
    (row,) = people_of([["姓名", "身份证号", "村"], ["张伟", GOOD, "桂店"]], name="Sheet1")

    assert codes(row) == ["TOWNSHIP_UNKNOWN"]


@pytest.mark.parametrize(
    ("address", "township", "village"),
    [
        ("河南省信阳市罗山县周党镇桂店村3组12号", "周党镇", "桂店村民委员会"),
        ("河南罗山县周党镇桂店村", "周党镇", "桂店村民委员会"),
        ("罗山县周党桂店村", "周党镇", "桂店村民委员会"),
        ("罗山县周党没有村", "", ""),
        ("周党镇桂店村委会", "周党镇", "桂店村民委员会"),
        ("周党镇 桂店 三组", "周党镇", "桂店村民委员会"),
        ("周党鎮桂店村第二村民小组", "周党镇", "桂店村民委员会"),
        ("周党镇没有村5组", "周党镇", ""),
        ("周党镇", "周党镇", ""),
        ("北京市海淀区", "", ""),
        ("", "", ""),
    ],
)
def test_address_text_instead_of_place_columns(address, township, village):
    header = ["姓名", "身份证号", "家庭住址", "贫困类型"]

    (row,) = people_of([header, ["张伟", GOOD, address, "脱贫户"]])

    assert row.fields["township"] == township
    assert row.fields["village"] == village
    assert (codes(row)[:1] == ["TOWNSHIP_UNKNOWN"]) == (not township)


def test_a_village_cell_may_hold_township_and_village():
    (row,) = people_of([["姓名", "身份证号", "村"], ["张伟", GOOD, "周党镇桂店村"]])

    assert row.fields["village"] == "桂店村民委员会"


def test_the_address_gives_the_village_where_only_the_township_has_a_column():
    header = ["姓名", "身份证号", "乡镇", "详细地址"]

    for address in ("桂店村3组", "周党镇桂店村3组", "罗山县周党镇桂店村"):
        (row,) = people_of([header, ["张伟", GOOD, "周党", address]])
        assert row.fields["village"] == "桂店村民委员会"


def test_a_county_column_saying_another_county_is_not_believed_to_be_this_one():
    header = ["姓名", "身份证号", "县", "乡镇", "村"]
    rows = [
        header,
        ["张伟", GOOD, "罗山", "周党镇", "桂店村"],
        ["李四", OTHER, "光山县", "周党镇", "桂店村"],
        ["王五", make_id(serial="017"), "信阳市罗山县", "周党镇", "桂店村"],
    ]

    assert [row.is_clean for row in people_of(rows)] == [True, False, True]


@pytest.mark.parametrize("said", ["罗山县", "罗山", "信阳市罗山县", "羅山縣"])
def test_several_counties_by_a_column(said):
    header = ["姓名", "身份证号", "县区", "乡镇", "村"]
    rows = [header, ["张伟", GOOD, said, "周党", "桂店"], ["李四", OTHER, "息县", "周党", "桂店"]]

    first, second = people_of(rows, code=XINYANG)

    assert first.fields["county_code"] == LUOSHAN
    assert first.fields["village_code"] == "411521101202" or first.fields["village"]
    assert codes(second) == ["TOWNSHIP_UNKNOWN"]


def test_several_counties_by_sheet_names():
    header = ["姓名", "身份证号", "乡镇", "村"]
    report = judge_sheets(
        Sheet("罗山县", rows=[header, ["张伟", GOOD, "周党", "桂店"]]),
        Sheet("光山", rows=[header, ["李四", OTHER, "紫水", ""]]),
        code=XINYANG,
    )

    assert [row.fields["county_code"] for row in report.people()] == ["411521", "411522"]


def test_several_counties_by_address_text():
    header = ["姓名", "身份证号", "住址"]
    rows = [
        header,
        ["张伟", GOOD, "河南省信阳市罗山县周党镇桂店村"],
        ["李四", OTHER, "信阳市光山县紫水街道"],
        ["王五", make_id(serial="017"), "周党镇桂店村"],
    ]

    assert [row.fields["county_code"] for row in people_of(rows, code=XINYANG)] == [
        "411521",
        "411522",
        "411521",
    ]


def test_a_county_not_below_the_prefecture_is_unknown():
    header = ["姓名", "身份证号", "县", "乡镇"]

    (row,) = people_of([header, ["张伟", GOOD, "岳普湖县", "周党镇"]], code=XINYANG)

    assert codes(row) == ["TOWNSHIP_UNKNOWN"]
    assert (row.findings[0].field, row.findings[0].value) == ("county", "岳普湖县")


TREE = [
    ("41", "", 1, "河南省"),
    ("4115", "41", 2, "信阳市"),
    ("411599", "4115", 3, "孟村回族自治县"),
    ("411599100", "411599", 4, "丁乡镇"),
    ("411599101", "411599", 4, "城关镇"),
    ("411599100200", "411599100", 5, "曹村村民委员会"),
    ("411599100201", "411599100", 5, "曹民委员会"),
    ("411599100202", "411599100", 5, "海布日嘎嘎查"),
    ("411599100203", "411599100", 5, "东村民委员会"),
    ("411599100204", "411599100", 5, "东社区居民委员会"),
    ("411599100205", "411599100", 5, "西村委会"),
    ("411599100206", "411599100", 5, "西村委会"),
    ("411599100207", "411599100", 5, "曹村民委员会"),
    ("411599100208", "411599100", 5, "光荣一村民委员会"),
]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("曹村村民委员会", "411599100200"),
        ("曹村民委员会", "411599100207"),
        ("曹村", "411599100200"),
        ("曹村村", "411599100200"),
        ("曹", "411599100207"),
        ("光荣一", "411599100208"),
        ("光荣一3组", "411599100208"),
        ("海布日嘎", "411599100202"),
        ("海布日嘎村", "411599100202"),
        ("海布日嘎嘎查", "411599100202"),
        ("东社区居民委员会", "411599100204"),
        ("东", ""),
        ("东村", ""),
        ("西村委会", ""),
        ("西", ""),
        ("村", ""),
        ("", ""),
    ],
)
def test_villages_are_matched_in_order_and_never_the_first_of_several(text, code):
    assert Places(TREE).find_village(text, "411599100") == code


def test_townships_and_counties_are_matched_by_stem():
    tree = Places(TREE)

    assert tree.find_township("丁乡", "411599").code == "411599100"
    assert tree.find_township("城关乡", "411599").code == "411599101"
    assert tree.find_township("孟村回族自治县城关镇", "411599").code == "411599101"
    assert tree.find_county("孟村", ("411599",)) == "411599"
    assert tree.find_county("孟", ("411599",)) == ""
    address = tree.read_address("孟村回族自治县丁乡曹村", ("411599",))
    assert (address.county, address.township.code, address.rest) == ("411599", "411599100", "曹村")
    assert tree.counties("41") == ("411599",)
    assert tree.counties("411599100") == ()
