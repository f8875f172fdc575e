"""`manage.py import_roster` on the rosters that counties really sent."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from learners.models import HouseholdStatus, Learner, RosterImport
from tests.learners.roster_cases import FIXTURES
from tests.learners.rosters import HEADER, load_places, make_rows, make_xlsx

pytestmark = pytest.mark.django_db
SAMPLES = ["p1_luoshan_households.xlsx", "p2_yuepuhu_gbk.csv", "p3_zhuozi_by_township.xlsx"]
CLEAN = [
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
ERRORS = ["sheet", "row", "code"]


@pytest.fixture(autouse=True)
def media(tmp_path):
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


def run(*arguments) -> str:
    out = StringIO()
    call_command("import_roster", *map(str, arguments), stdout=out)
    return out.getvalue()


def only(entries, names):
    return [[entry[name] for name in names] for entry in entries]


def truth_of(name):
    return json.loads((FIXTURES / f"{name}.truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_dry_run_says_exactly_the_truth_and_stores_nothing(name, tmp_path):
    truth = truth_of(name)
    load_places(truth["county_code"])
    found = tmp_path / "report.json"
    options = ("--region", truth["county_code"], "--as-of", truth["as_of"])
    run(FIXTURES / name, *options, "--dry-run", "--json", found)
    report = json.loads(found.read_text(encoding="utf-8"))
    assert only(report["clean"], CLEAN) == only(truth["clean"], CLEAN)
    assert only(report["errors"], ERRORS) == only(truth["errors"], ERRORS)
    assert report["skipped"] == truth["skipped"]
    assert report["counts"] == truth["counts"]
    assert not RosterImport.objects.exists()
    assert not Learner.objects.exists()


@pytest.mark.parametrize("name", SAMPLES)
def test_without_dry_run_the_clean_people_are_in_the_archive(name):
    truth = truth_of(name)
    load_places(truth["county_code"])
    options = ("--region", truth["county_code"], "--as-of", truth["as_of"])
    out = run(FIXTURES / name, *options)
    assert f"imported {len(truth['clean'])} rows" in out
    people = {row["id_number"]: row for row in truth["clean"]}
    learners = {learner.clear_id_number(): learner for learner in Learner.objects.all()}
    assert set(learners) == set(people)
    for number, learner in learners.items():
        row = people[number]
        assert learner.name == row["name"]
        assert learner.clear_phone() == row["phone"]
        assert learner.clear_birth_date().isoformat() == row["birth_date"]
        assert learner.home_region.code == (row["village_code"] or row["township_code"])
    typed = [row for row in truth["clean"] if row["household_type"]]
    assert HouseholdStatus.objects.count() == len(typed)
    run(FIXTURES / name, *options)
    assert Learner.objects.count() == len(people)


def test_what_is_refused():
    load_places("411521")
    with pytest.raises(CommandError):
        run(FIXTURES / SAMPLES[0], "--region", "999999", "--as-of", "2026-01-01")
    with pytest.raises(CommandError):
        run(FIXTURES / "no such file.xlsx", "--region", "411521", "--as-of", "2026-01-01")
    with pytest.raises(CommandError):
        run(FIXTURES / "places.csv", "--region", "411521", "--as-of", "2026-01-01")
    assert not RosterImport.objects.exists()


def test_a_file_that_is_not_certain_waits_for_an_answer_in_the_browser(regions, tmp_path):
    rows = [[*row, "13900000001"] for row in make_rows(1, 3)]
    path = tmp_path / "两个电话.xlsx"
    path.write_bytes(make_xlsx(rows, header=[*HEADER, "手机号码"]))
    options = ("--region", "411521", "--as-of", "2026-03-01")
    run(path, *options, "--dry-run")  # judged by the likeliest reading
    with pytest.raises(CommandError, match=r"/imports/[0-9a-f-]{36}/columns/"):
        run(path, *options)
    assert RosterImport.objects.get().state == "UNSURE"
    assert not Learner.objects.exists()
