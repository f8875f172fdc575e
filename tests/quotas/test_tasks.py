"""Workbooks: the same figures as the page, under the grants of the day they are made."""

import subprocess
import sys
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.urls import reverse

from lms.actions import ask_export
from lms.models import AuditEvent, ExportFile, TaskProgress
from lms.tasks import run_progress
from quotas import measures, tasks
from quotas.models import Measure
from tests import factories
from tests.quotas import counted

ROOT = Path(__file__).resolve().parents[2]
AS_OF = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def quota(regions):
    top = counted.make_quota(target=10, reserve=2)
    for code, target in (("411521001", 5), ("411521100", 3)):
        counted.make_quota(plan=top.plan, code=code, target=target, parent=top)
    run = factories.make_run("411521001")
    for _n in range(3):
        counted.train(run=run)
    counted.train(factories.make_learner('=HYPERLINK("http://x")'), code="411521100")
    counted.train(code="411521", status="ABSENT")
    return top


def asked(client, address, django_capture_on_commit_callbacks, **data):
    """Ask for a workbook; the worker does it at once; the export is returned."""
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address, {"as_of": AS_OF.isoformat()} | data)
    assert response.status_code == 302
    return ExportFile.objects.select_related("progress").latest("created_at")


def sheets(client, export):
    """The tables of the file, which is stamped on a hidden sheet like every other."""
    link = client.post(reverse("export_download", args=[export.pk])).url
    response = client.get(link)
    assert response.status_code == 200
    book = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))
    *tables, proof = book
    assert (proof.sheet_state, export.sha256 in str(list(proof.values))) == ("hidden", True)
    assert str(export.pk) in tables[0].oddFooter.left.text
    assert client.get(link).status_code == 302
    return [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in tables]


@pytest.mark.django_db
def test_the_board_in_excel_is_the_board_on_the_page(
    signed_in, county_official, quota, django_capture_on_commit_callbacks
):
    client = signed_in(county_official)
    page = client.get(reverse("quotas:board"), {"region": "411521", "as_of": AS_OF.isoformat()})
    found = page.context["board"]
    address = reverse("quotas:board_export") + "?region=411521"
    export = asked(client, address, django_capture_on_commit_callbacks)
    assert export.progress.state == TaskProgress.State.DONE
    tiles, league, _bridge, rules = sheets(client, export)
    row = dict(zip(*tiles[:2], strict=True))
    assert list(row.values())[2:4] == [10, found.hero.progress.figure.value] == [10, 4]
    assert float(found.hero.progress.rate) in row.values()
    done = [cells[6] for cells in league[1:]]
    assert done == [r.progress.figure.value for r in found.league.rows] + [4]
    assert sum(done[:-1]) == done[-1]
    assert str(measures.rule_of(Measure.PERSON_TIMES).text) in rules[1]


@pytest.mark.django_db
def test_the_list_in_excel_has_everybody_with_the_reason(
    signed_in, county_official, quota, django_capture_on_commit_callbacks
):
    client = signed_in(county_official)
    address = reverse("quotas:explain_export", args=[quota.pk]) + "?region=411521"
    export = asked(client, address, django_capture_on_commit_callbacks)
    equation, people, _rules = sheets(client, export)
    amounts = [row[1] for row in equation[1:]]
    assert amounts[:4] == [5, -1, 4, 4]
    assert len(people) - 1 == 5
    names = [row[0] for row in people[1:]]
    assert '=HYPERLINK("http://x")' in names
    assert all("*" in row[1] for row in people[1:])
    assert AuditEvent.objects.filter(action="quotas.list_exported").exists()


@pytest.mark.django_db
def test_the_bridge_of_the_register_adds_up(regions):
    here, gone, there = (
        factories.make_learner(code=code)
        for code in ("411521001003", "411521001004", "411521100200")
    )
    came, late = factories.make_learner(), factories.make_learner()
    counted.complete(here)
    edition = counted.make_edition([here, gone, there])
    counted.adjust(edition.entries.get(learner=gone), "REMOVE", date(2026, 3, 1))
    counted.adjust(counted.add_entry(edition, came, in_seal=False), "ADD", date(2026, 3, 1))
    counted.adjust(counted.add_entry(edition, late, in_seal=False), "ADD", date(2026, 9, 1))
    quota = counted.make_quota(Measure.ROSTER_COVERAGE, target=70, register_edition=edition)
    line = tasks.line_at(quota, quota.region)
    rows = [list(row.values())[3:] for row in tasks.bridge(line, AS_OF)]
    first, second, total = rows
    assert (first, second) == ([2, 1, 1, 2, 1], [1, 0, 0, 1, 0])
    assert total == [3, 1, 1, 3, 1]
    sealed, added, removed, members, completed = total
    assert sealed + added - removed == members
    figure = measures.figure(quota, quota.region, AS_OF)
    assert (figure.numerator, figure.denominator) == (completed, members)


@pytest.mark.django_db
def test_who_asks_too_often_is_told_so(signed_in, county_official, quota, settings):
    settings.EXPORTS_AN_HOUR = 2
    client = signed_in(county_official)
    addresses = [reverse("quotas:explain_export", args=[quota.pk]), reverse("quotas:board_export")]
    for address in addresses * 2:
        assert client.post(f"{address}?region=411521", {"as_of": "2026-06-30"}).status_code == 302
    assert ExportFile.objects.count() == 2
    page = client.get(reverse("quotas:board") + "?region=411521")
    assert [message.level_tag for message in page.context["messages"]] == ["error"] * 2


@pytest.mark.django_db
def test_a_grant_that_ended_before_the_worker_ran_exports_nothing(county_official, quota):
    export = ask_export(
        kind=tasks.EXPORT_EXPLAIN,
        title="x",
        region_path="411521",
        columns=tasks.explain_columns(),
        args={"quota": str(quota.pk), "region": "411521", "as_of": "2026-06-30", "audience": ""},
        total=0,
        actor=county_official,
    )
    county_official.grants.update(ends_on=date(2020, 1, 1))
    run_progress.call(str(export.progress_id))
    export.refresh_from_db()
    assert export.progress.state == TaskProgress.State.FAILED
    assert (export.file, bool(export.progress.error)) == ("", True)


@pytest.mark.django_db
def test_only_who_asked_gets_the_file(
    signed_in, county_official, county_clerk, quota, django_capture_on_commit_callbacks
):
    client = signed_in(county_official)
    address = reverse("quotas:explain_export", args=[quota.pk]) + "?region=411521"
    export = asked(client, address, django_capture_on_commit_callbacks)
    assert len(sheets(client, export)) == 3
    address = reverse("export_download", args=[export.pk])
    assert signed_in(county_clerk).post(address).status_code == 404


@pytest.mark.django_db
def test_another_region_cannot_be_asked_for(signed_in, county_official, quota):
    address = reverse("quotas:explain_export", args=[quota.pk]) + "?region=411522"
    assert signed_in(county_official).post(address, {}).status_code == 404
    address = reverse("quotas:board_export") + "?region=411522"
    assert signed_in(county_official).post(address, {}).status_code == 404
    assert not TaskProgress.objects.exists()


def test_the_web_process_never_imports_pandas(tmp_path):
    code = (
        "import sys, lms.wsgi, lms.urls, quotas.tasks; from django.urls import get_resolver; "
        "get_resolver().url_patterns; sys.exit('pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"LMS_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False,
    )
    assert done.returncode == 0
