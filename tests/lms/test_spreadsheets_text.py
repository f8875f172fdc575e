"""Text files: encodings, delimiters, records."""

import pytest

from lms.lib.spreadsheets import (
    read_workbook,
)
from lms.lib.spreadsheets_preflight import Limits
from tests.lms.workbooks import ROSTER, code_of


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gbk"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_the_encoding_is_recognised(encoding, named):
    workbook = read_workbook(ROSTER.encode(encoding), "a.csv")

    assert workbook.encoding == named
    assert workbook.kind == "csv"
    assert workbook.sheets[0].name is None
    assert workbook.sheets[0].rows == [["姓名", "身份证号"], ["张伟", "411521195107269181"]]


@pytest.mark.parametrize("encoding", ["utf-16", "gbk", "utf-8"])
def test_text_that_calls_itself_xls_is_read_as_text(encoding):
    workbook = read_workbook(ROSTER.replace(",", "\t").encode(encoding), "a.xls")

    assert workbook.sheets[0].rows[1] == ["张伟", "411521195107269181"]


def test_rare_characters_of_gb18030_are_read():
    workbook = read_workbook("姓名,电话\n𬭚伟,1\n".encode("gb18030"), "a.csv")

    assert workbook.encoding == "gb18030"
    assert workbook.sheets[0].rows[1] == ["𬭚伟", "1"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_recognised(delimiter):
    text = f"名单{delimiter * 2}\n姓名{delimiter}电话{delimiter}备注\n张伟{delimiter}1{delimiter}\n"

    assert read_workbook(text.encode(), "a.txt").sheets[0].rows[2] == ["张伟", "1", None]


def test_rows_of_text_count_records_not_lines():
    text = '姓名,备注\n张伟,"第一行\n第二行"\n\n李四,\n'

    assert read_workbook(text.encode(), "a.csv").sheets[0].rows == [
        ["姓名", "备注"],
        ["张伟", "第一行\n第二行"],
        [],
        ["李四", None],
    ]


def test_limits_hold_for_text_but_not_for_empty_cells():
    limits = Limits(rows=2, columns=2)

    assert code_of(b"a,b\n1,2\n3,4\n", "a.csv", limits) == "FILE_TOO_MANY_CELLS"
    assert code_of(b"a,b,c\n", "a.csv", limits) == "FILE_TOO_MANY_CELLS"
    assert read_workbook(b"a,b,,\n1,2,,\n", "a.csv", limits).sheets[0].rows == [
        ["a", "b"],
        ["1", "2"],
    ]
