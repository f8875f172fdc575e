"""Rosters of other layouts, made without a look at the importer, must come out as stated."""

import csv
import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from learners.roster.judging import judge
from learners.roster.places import Places
from lms.lib.spreadsheets import read_workbook
from tests.learners.layouts import writing
from tests.learners.layouts.make import ROSTERS

LAYOUTS = Path(__file__).parent / "layouts"
FILES = sorted(path.name.removesuffix(".truth.json") for path in LAYOUTS.glob("*.truth.json"))
CLEAN_KEYS = [
    "sheet",
    "row",
    "name",
    "sex",
    "id_number",
    "birth_date",
    "ethnic",
    "ethnic_code",
    "phone",
    "county_code",
    "township",
    "township_code",
    "village",
    "village_code",
    "household_type",
]
ATTENDANCE_KEYS = ["attendance_rate", "attendance_qualified"]
TRAINING_KEYS = ["train_start", "train_end"]


@pytest.fixture(scope="module")
def regions():
    rows = []
    for file in ("regions.csv.gz", "villages_demo.csv.gz"):
        with gzip.open(writing.DATA / file, "rt", encoding="utf-8") as stream:
            rows.extend(csv.DictReader(stream))
    return rows


def places_of(regions, code):
    """The region, all above it and all within it."""
    return Places(
        (row["code"], row["parent_code"], int(row["level"]), row["name"])
        for row in regions
        if row["code"].startswith(code) or code.startswith(row["code"])
    )


def scored(report):
    """What the policy calls the result: rows, then findings, then what was passed over."""
    clean = {}
    for row in report["clean"]:
        fields = {key: row[key] for key in CLEAN_KEYS}
        fields |= {key: row[key] for key in ATTENDANCE_KEYS if key in row}
        clean[row["sheet"], row["row"]] = fields
    errors = {
        (found["sheet"], found["row"], found["severity"], found["code"]): found.get("dup_of")
        for found in report["errors"]
    }
    skipped = [(row["sheet"], row["row"], row["reason"]) for row in report["skipped"]]
    return {"clean": clean, "errors": errors, "skipped": skipped, "counts": report["counts"]}


def training(report, truth):
    """The days of training, of the rows of which the truth states any."""
    stated = {(row["sheet"], row["row"]) for row in truth["clean"] if TRAINING_KEYS[0] in row}
    return {
        (row["sheet"], row["row"]): [row[key] for key in TRAINING_KEYS]
        for row in report["clean"]
        if (row["sheet"], row["row"]) in stated
    }


@pytest.mark.parametrize("file", FILES)
def test_a_layout_comes_out_as_its_truth_says(file, regions):
    truth = json.loads((LAYOUTS / f"{file}.truth.json").read_text(encoding="utf-8"))
    code = truth["county_code"]

    report = judge(
        read_workbook(LAYOUTS / file),
        places_of(regions, code),
        as_of=date.fromisoformat(truth["as_of"]),
        county_code=code,
    ).as_json()

    found, wanted = scored(json.loads(json.dumps(report))), scored(truth)
    assert found["clean"] == wanted["clean"]
    assert training(report, truth) == training(truth, truth)
    assert found["errors"] == wanted["errors"]
    assert found["skipped"] == wanted["skipped"]
    assert found["counts"] == wanted["counts"]


def test_the_files_and_truths_are_those_that_are_written_by_hand(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "HERE", tmp_path)

    for write in ROSTERS:
        write()

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {name: (LAYOUTS / name).read_bytes() for name in made}
    assert sorted(made) == sorted([*FILES, *(f"{file}.truth.json" for file in FILES)])
