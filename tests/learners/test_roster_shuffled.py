"""The samples with their columns in any order and under other titles must come out the same."""

import json
import random
from datetime import date

import pytest

from learners.roster.judging import judge
from lms.lib.spreadsheets import MergedRange, Sheet, Workbook, read_workbook
from tests.learners.roster_cases import FIXTURES, places
from tests.learners.test_roster_samples import CLEAN_KEYS, SAMPLES

#: The last of each is a title that nobody foresaw; the values must tell.
TITLES = {
    "name": ["姓  名", "参训人员姓名", "姓名/Name", "*姓名", "1.姓名", "培训对象姓名", "何人"],
    "id_number": [
        "身份证",
        "居民身份证号码(必填)",
        "本人身份证号",
        "證件號碼",
        "ID Number",
        "何号",
    ],
    "phone": ["手机", "手机/电话", "联系电话（手机号码）", "常用手机号", "何联"],
    "township": ["所在乡（镇）", "户籍乡镇", "鄉鎮", "所在镇街", "何镇"],
    "village": ["行政村（社区）", "村（居）委会", "所属村（社区）名称", "何村"],
    "household_type": ["户别", "农户类型", "监测对象类别", "人员类别", "何类"],
    "sex": ["性 别", "性别（男/女）", "男女"],
    "ethnic": ["民 族", "族别", "何族"],
    "serial": ["编号", "NO.", ""],
}


def shuffled(sheet, report, seed):
    """The sheet with its columns in another order and other titles in a header of one row."""
    layout = report.layouts.get(sheet.name)
    if layout is None:
        return sheet
    chance = random.Random(seed)
    width = max(len(row) for row in sheet.rows)
    order = chance.sample(range(width), width)
    place = {old: new for new, old in enumerate(order)}
    rows = []
    for number, row in enumerate(sheet.rows, 1):
        full = [*row, *[None] * (width - len(row))]
        rows.append([full[old] for old in order] if number >= layout.first_row else full)
    if layout.first_row == layout.last_row:
        for name, column in layout.columns.items():
            if name in TITLES:
                rows[layout.last_row - 1][place[column]] = chance.choice(TITLES[name]) or None
    merged = [
        span
        if span.last_column > span.first_column or span.first_row < layout.first_row
        else MergedRange(
            span.first_row, place[span.first_column], span.last_row, place[span.first_column]
        )
        for span in sheet.merged
    ]
    return Sheet(sheet.name, sheet.visible, rows, sheet.hidden_rows, merged)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SAMPLES)
def test_any_order_and_wording_comes_out_as_the_truth_says(name, seed):
    truth = json.loads((FIXTURES / f"{name}.truth.json").read_text(encoding="utf-8"))
    options = {"as_of": date.fromisoformat(truth["as_of"]), "county_code": truth["county_code"]}
    book = read_workbook(FIXTURES / name)
    plain = judge(book, places(), **options)
    sheets = [shuffled(sheet, plain, seed) for sheet in book.sheets]

    # Nor may anything of it be uncertain.
    report = judge(
        Workbook(sheets, book.filename, book.kind), places(), **options, may_ask=True
    ).as_json()

    assert [[row[key] for key in CLEAN_KEYS] for row in report["clean"]] == [
        [row[key] for key in CLEAN_KEYS] for row in truth["clean"]
    ]
    assert {(found["sheet"], found["row"], found["code"]) for found in report["errors"]} == {
        (found["sheet"], found["row"], found["code"]) for found in truth["errors"]
    }
