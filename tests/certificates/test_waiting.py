"""The page of a county: the reasons of the issue itself, in a number of queries that stays."""

import sys
from datetime import date

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
