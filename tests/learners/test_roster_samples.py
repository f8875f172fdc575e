"""The three rosters that counties really sent must be judged exactly as their truth files say."""

import json
from datetime import date

import pytest

from learners.roster.judging import judge
from lms.lib.spreadsheets import read_workbook
from tests.learners.roster_cases import FIXTURES, places

SAMPLES = ["p1_luoshan_households.xlsx", "p2_yuepuhu_gbk.csv", "p3_zhuozi_by_township.xlsx"]
CLEAN_KEYS = [
    "sheet",
    "row",
    "name",
    "sex",
    "id_number",
    "phone",
    "township_code",
    "village_code",
    "household_type",
]


@pytest.fixture(params=SAMPLES)
def sample(request):
    path = FIXTURES / request.param
    truth = json.loads((FIXTURES / f"{request.param}.truth.json").read_text(encoding="utf-8"))
    report = judge(
        read_workbook(path),
        places(),
        as_of=date.fromisoformat(truth["as_of"]),
        county_code=truth["county_code"],
    )
    return truth, report.as_json()


def test_clean_rows_are_exactly_the_truth(sample):
    truth, report = sample

    assert [[row[key] for key in CLEAN_KEYS] for row in report["clean"]] == [
        [row[key] for key in CLEAN_KEYS] for row in truth["clean"]
    ]


def test_errors_are_exactly_the_truth(sample):
    truth, report = sample

    assert [(found["sheet"], found["row"], found["code"]) for found in report["errors"]] == [
        (found["sheet"], found["row"], found["code"]) for found in truth["errors"]
    ]


def test_skipped_rows_are_exactly_the_truth(sample):
    truth, report = sample

    assert report["skipped"] == truth["skipped"]


def test_report_has_the_keys_and_shapes_of_the_truth(sample):
    truth, report = sample
    del truth["description"]

    assert report == truth
    json.dumps(report, ensure_ascii=False)
