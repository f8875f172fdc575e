"""The page of a county: the reasons of the issue itself, in a number of queries that stays."""

import sys
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.actions import (
    issue_certificates,
    issue_region,
    make_template,
    revoke_certificate,
    use_template,
)
from certificates.models import Certificate, CertificateTemplate, Issuer
from certificates.queries import Sheet, candidates, template_for, waiting_in
from certificates.render import Design
from learners.models import Learner
from lms.models import TaskProgress
from regions.models import Region
from tests import factories
from tests.quotas.counted import complete
from tests.searching import search

DAY = date(2026, 3, 4)
LONG = "阿卜杜热合曼·买买提吐尔逊"
NAMES = {
    "王芳": "",
    LONG: "",
    "艾合买提·吐尔逊": "ئەخمەت تۇرسۇن",
    "名" * 60: "name too long",
    "钱\U0010ffff": "no font",
    "\u202e\u200b": "nothing printable",
    "⸻" * 9: "wider than its letters",
}


@pytest.fixture
def county(run):
    return Region.objects.get(code="411521")


@pytest.fixture
def sheet(county):
    return Sheet(Issuer.objects.get(prefix="LS"), template_for(county), DAY)


def waiting(county, sheet, user):
    return waiting_in(county, sheet.issuer, user=user, sheet=sheet)


def test_the_page_and_the_issue_agree_on_everybody(run, county, sheet, county_clerk):
    for name in NAMES:
        learner = factories.make_learner(name)
        if NAMES[name].startswith("ئ"):
            learner.native_name = NAMES[name]
            learner.save()
        complete(learner, run=run)
    walk_in = factories.make_learner("赵敏")
    complete(walk_in, run=run)
    Learner.objects.filter(pk=walk_in.pk).update(provisional=True)
    revoked = issue_certificates(
        run=run,
        issuer=sheet.issuer,
        issued_on=DAY,
        only=[run.enrolments.get(learner__name="李建军").pk],
        actor=county_clerk,
    )
    revoke_certificate(certificate=revoked[0], reason="误发", actor=county_clerk)
    found = waiting(county, sheet, county_clerk)
    exact = [c for c in candidates(run, user=county_clerk, sheet=sheet) if c.is_eligible]
    assert found.eligible_count == len(exact) > 3
    assert found.classes == [(run, len(exact))]
    assert found.blocked_count == len(found.blocked) > 4
    assert sum(count for _reason, count in found.reasons) == found.blocked_count
    assert all(not c.is_eligible for c in found.blocked)
    made = issue_region(region=county, issuer=sheet.issuer, issued_on=DAY, actor=county_clerk)
    assert made == len(exact)


@pytest.mark.postgres
def test_the_page_asks_the_same_questions_for_few_and_for_many(
    run, county, county_clerk, signed_in
):
    client = signed_in(county_clerk)
    asked = []
    for more in (3, 27):
        other = factories.make_run(starts_on=date(2026, 3, 2), status="CLOSED")
        for n in range(more):
            complete(factories.make_learner(LONG if n % 2 else "钱\U0010ffff"), run=other)
        client.get("/certificates/issue/")
        with CaptureQueriesContext(
            connection,
        ) as context:
            page = client.get("/certificates/issue/")
        asked.append(len(context))
        assert page.status_code == 200
    assert asked[0] == asked[1] <= 30, asked


def test_who_did_not_complete_stands_under_their_class(run, county_clerk, signed_in):
    client = signed_in(county_clerk)
    later = factories.make_run(starts_on=date(2026, 3, 9), status="CLOSED")
    for name in ("周强", "吴敏"):
        factories.make_enrolment(later, factories.make_learner(name))
    gone = {"status": "WITHDRAWN", "withdrawn_on": date(2026, 3, 10)}
    factories.make_enrolment(later, factories.make_learner("郑伟"), **gone)
    factories.make_enrolment(factories.make_run(starts_on=date(2026, 3, 10)))
    page = client.get("/certificates/issue/")
    found = page.context["waiting"]
    assert found.unfinished == [(later, 2), (run, 1)], "张伟 of the class of three; not who goes on"
    assert found.unfinished_count == 3
    assert f"/certificates/runs/{later.pk}/issue/" in page.content.decode()
    people = client.get(f"/certificates/runs/{later.pk}/issue/").content.decode()
    assert "周强" in people
    assert "郑伟" not in people


def test_names_of_one_length_are_tried_once(run, county, sheet, county_clerk, monkeypatch):
    code = sys.modules["certificates.queries.candidates"]  # a function has its name
    tried = []
    real = code.check
    monkeypatch.setattr(code, "check", lambda *a: tried.append(1) or real(*a))
    for n in range(20):
        complete(factories.make_learner(LONG[:-1] + chr(ord("吐") + n)), run=run)
    assert waiting(county, sheet, county_clerk).eligible_count == 22
    assert len(tried) <= 4


# --- the template ---
@pytest.fixture
def own(county, county_clerk):
    made = make_template(
        region=county, name="县竖版", design=Design(layout="PORTRAIT"), actor=county_clerk
    )
    return use_template(template=made, actor=county_clerk)


def test_the_nearest_edition_is_ticked_and_another_may_be_chosen(
    run, own, media, county_clerk, signed_in, django_capture_on_commit_callbacks
):
    client = signed_in(county_clerk)
    built_in = CertificateTemplate.objects.filter(region=None).first()
    for address in (f"/certificates/runs/{run.pk}/issue/", "/certificates/issue/"):
        form = client.get(address).context["form"]
        ticked = [template for choice, template in form.editions() if choice.data["selected"]]
        assert ticked == [own]
        assert built_in in [template for _choice, template in form.editions()]
    said = {
        "issuer": Issuer.objects.get().pk,
        "issued_on": "2026-03-04",
        "template": built_in.pk,
    }
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/certificates/issue/", said)
    assert set(Certificate.objects.values_list("template", flat=True)) == {built_in.pk}
    assert TaskProgress.objects.get().state == "DONE"


def test_a_page_opened_before_there_was_a_choice_prints_on_the_nearest(
    run, own, media, county_clerk, signed_in, django_capture_on_commit_callbacks
):
    said = {"issuer": Issuer.objects.get().pk, "issued_on": "2026-03-04"}
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(county_clerk).post(f"/certificates/runs/{run.pk}/issue/", said)
    assert set(Certificate.objects.values_list("template", flat=True)) == {own.pk}


def test_no_edition_of_the_county_next_door_is_chosen(
    run, county_clerk, neighbour_clerk, signed_in
):
    region = Region.objects.get(code="411522")
    theirs = make_template(region=region, name="邻县", design=Design(), actor=neighbour_clerk)
    use_template(template=theirs, actor=neighbour_clerk)
    said = {
        "issuer": Issuer.objects.get().pk,
        "issued_on": "2026-03-04",
        "template": theirs.pk,
    }
    page = signed_in(county_clerk).post(f"/certificates/runs/{run.pk}/issue/", said)
    assert "template" in page.context["form"].errors
    assert not TaskProgress.objects.exists()
    assert (
        signed_in(county_clerk).get(f"/certificates/templates/{theirs.pk}/picture/").status_code
        == 404
    )


def test_the_picture_of_an_edition_is_small(own, county_clerk, signed_in):
    answer = signed_in(county_clerk).get(f"/certificates/templates/{own.pk}/picture/")
    assert answer["Content-Type"] == "image/png"
    assert len(answer.content) < 60_000


# --- the list of those who get none ---
NONE = "/certificates/issue/without/"


def names_in(page) -> set[str]:
    assert page.status_code == 200
    return {row.record.learner.name for row in page.context["table"].page.object_list}


@pytest.fixture
def without(run, county_clerk):
    """One of each kind beside 张伟, who did not complete; 李建军 and 王秀兰 can get theirs."""
    people = {"钱\U0010ffff": {}, "赵敏": {"provisional": True}, "孙丽": {}}
    for name, said in people.items():
        learner = factories.make_learner(name)
        complete(learner, run=run)
        Learner.objects.filter(pk=learner.pk).update(**said)
    rows = {"run": run, "issuer": Issuer.objects.get(), "issued_on": DAY, "actor": county_clerk}
    [made] = issue_certificates(only=[run.enrolments.get(learner__name="孙丽").pk], **rows)
    revoke_certificate(certificate=made, reason="误发", actor=county_clerk)


def test_who_gets_none_is_searched_filtered_and_exported(without, signed_in, county_clerk, run):
    client = signed_in(county_clerk)
    everyone = {"张伟", "孙丽", "赵敏", "钱\U0010ffff"}
    assert names_in(client.get(NONE)) == everyone
    kinds = {"UNFINISHED": "张伟", "REVOKED": "孙丽", "PROVISIONAL": "赵敏"}
    for kind, name in (kinds | {"UNPRINTABLE": "钱\U0010ffff"}).items():
        assert names_in(client.get(NONE, {"kind": kind})) == {name}
    assert names_in(client.get(NONE, {"year": run.year})) == everyone
    found = search(client, NONE, "赵")
    assert names_in(found) == {"赵敏"}
    assert "赵" not in found.redirect_chain[-1][0]
    assert names_in(search(client, NONE, "李建军")) == set(), "can be issued one"
    sheet = openpyxl.load_workbook(BytesIO(client.get(NONE, {"export": "xlsx"}).content)).active
    _head, *rows = sheet.values
    assert {row[0] for row in rows} == everyone
    assert all(row[-1] for row in rows)
    assert {row[4] for row in rows if row[0] == "张伟"} == {"1/1"}


def test_the_list_of_those_who_get_none_says_what_the_page_of_the_class_says(
    without, signed_in, county_clerk, run
):
    client = signed_in(county_clerk)
    of_class = client.get(f"/certificates/runs/{run.pk}/issue/").context["others"]
    table = client.get(NONE).context["table"]
    assert {c.enrolment.pk: str(c.why_not) for c in of_class} == {
        row.record.pk: table.render_why_not(row.record) for row in table.page.object_list
    }


@pytest.mark.postgres
def test_the_list_of_those_who_get_none_asks_the_same_questions(run, county_clerk, signed_in):
    client = signed_in(county_clerk)
    asked = []
    for more in (3, 27):
        for n in range(more):
            factories.make_enrolment(run, factories.make_learner(f"周强{n % 2}"))
        client.get(NONE)
        with CaptureQueriesContext(connection) as context:
            assert len(names_in(client.get(NONE))) > 1
        asked.append(len(context))
    assert asked[0] == asked[1] <= 25, asked


def test_a_name_of_blanks_is_none(run, sheet):
    fault = lambda name: sheet.name_fault(run, 16, name, "")  # noqa: E731
    assert [fault("阿 衣"), fault("阿 衣"), fault(" 阿  衣 ")] == ["", "", ""]
    assert fault("   ")
    assert fault(" ")
