"""Small rosters for the tests, written as rows."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from learners.roster.judging import judge
from learners.roster.places import Places
from lms.lib.idnumbers import check_character
from lms.lib.spreadsheets import MergedRange, Sheet, Workbook

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rosters"
AS_OF = date(2019, 11, 1)
LUOSHAN, YUEPUHU, ZHUOZI, NANZHAO = "411521", "653128", "150921", "411321"
HEADER = ["序号", "姓名", "性别", "身份证号", "民族", "联系电话", "乡镇", "村", "贫困类型"]


@cache
def places():
    with (FIXTURES / "places.csv").open(encoding="utf-8", newline="") as stream:
        return Places(
            (row["code"], row["parent_code"], int(row["level"]), row["name"])
            for row in csv.DictReader(stream)
        )


def make_id(birth="19800101", serial="011", prefix="411521"):
    first_17 = f"{prefix}{birth}{serial}"
    return first_17 + check_character(first_17)


def make_row(**changes):
    """One faultless person of Luoshan; `changes` by field."""
    row = {
        "serial": 1,
        "name": "张伟",
        "sex": "男",
        "id_number": make_id(),
        "ethnic": "汉族",
        "phone": "15437200014",
        "township": "周党镇",
        "village": "桂店村",
        "household_type": "脱贫户",
    }
    return list({**row, **changes}.values())


def judge_rows(
    rows, *, header=HEADER, code=LUOSHAN, kind="xlsx", name="Sheet1", as_of=AS_OF, **sheet
):
    sheets = [Sheet(None if kind == "csv" else name, rows=[header, *rows], **sheet)]
    return judge(Workbook(sheets, "x", kind), places(), as_of=as_of, county_code=code)


def judge_sheets(*sheets, code=LUOSHAN, as_of=AS_OF):
    return judge(Workbook(list(sheets), "x"), places(), as_of=as_of, county_code=code)


def judge_one(code=LUOSHAN, kind="xlsx", **changes):
    """The verdict on one person."""
    (row,) = judge_rows([make_row(**changes)], code=code, kind=kind).people()
    return row


def codes(row):
    return [finding.code for finding in row.findings]


def merged(first_row, first_column, last_row, last_column):
    return MergedRange(first_row, first_column, last_row, last_column)


def people_of(rows, *, code=LUOSHAN, name="Sheet1", **sheet):
    report = judge_sheets(Sheet(name, rows=rows, **sheet), code=code)
    return list(report.people())


def reasons(report):
    return {row.row: row.skip_reason for row in report.skipped()}
