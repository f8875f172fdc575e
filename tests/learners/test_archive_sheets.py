"""The archive on paper: what stands on it, and what does not."""

import subprocess
from datetime import date

import pytest
from django.urls import reverse

from incubation.models import FollowUpPlan, IncubationCase, Visit
from learners.models import Learner, Reveal
from learners.queries import SHEET_LINES, learner_tables
from lms.lib.pdf import ForbiddenResourceError, pdf_of
from lms.models import AuditEvent
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


def words_of(pdf: bytes) -> str:
    """All words without the blanks between them: a cell may break a name over two lines."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True)
    return "".join(done.stdout.decode().split())


@pytest.fixture
def learner() -> Learner:
    return factories.make_learner("阿依古丽·买买提", native_name="ئايگۈل مەمەت", education="初中")


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)


def test_the_sheet_of_a_person_is_masked_and_audited(clerk, county_clerk, learner):
    run = factories.make_run(starts_on=date(2026, 1, 5))
    factories.make_enrolment(run, learner)
    response = clerk.get(reverse("learners:learner_sheet", args=[learner.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    text = words_of(response.content)
    household = learner.memberships.get().household
    for word in ("阿依古丽·买买提", learner.masked_id, "138****0617", "初中", household.number):
        assert word in text
    assert run.course.title in text
    assert learner.clear_id_number() not in text
    assert "1985" not in text
    event = AuditEvent.objects.get(action="learners.learner_sheet_printed")
    assert (event.actor, event.target_id) == (county_clerk, str(learner.pk))
    assert str(event.seq) in text
    assert learner.name not in response["Content-Disposition"]


def test_the_numbers_stand_on_it_for_a_reason_only(clerk, learner):
    clerk.post(reverse("account_reauthenticate"), {"password": "long-enough-password"})
    facts = {"reason": "INSPECTION", "note": "验收组调阅", "sheet": "1"}
    response = clerk.post(reverse("learners:learner_reveal", args=[learner.pk]), facts)
    text = words_of(response.content)
    for word in (learner.clear_id_number(), "13800000617", "1985-06-01"):
        assert word in text
    assert str(Reveal.Reason.INSPECTION.label) in text
    assert Reveal.objects.get().form == Reveal.Form.SHEET


def test_a_long_log_is_cut_and_says_so(clerk, county_clerk, learner):
    plan = FollowUpPlan.objects.order_by("edition").first()
    case = IncubationCase.objects.create(
        learner=learner, home_region=learner.home_region, opened_on=date(2016, 1, 1), plan=plan
    )
    Visit.objects.bulk_create(
        Visit(
            case=case, visited_on=date(2016 + n // 12, n % 12 + 1, 1), method="PHONE",
            finding="RUNNING", by=county_clerk,
        )
        for n in range(SHEET_LINES + 7)
    )  # fmt: skip
    response = clerk.get(reverse("learners:learner_sheet", args=[learner.pk]))
    text = words_of(response.content)
    assert "2019-11-01" in text
    assert "2016-07-01" not in text
    (log,) = [table for table in learner_tables(learner, county_clerk) if table.left_out]
    assert (len(log.rows), log.left_out) == (SHEET_LINES, 7)


def test_the_sheet_of_a_household(clerk, learner):
    household = learner.memberships.get().household
    factories.make_enrolment(factories.make_run(), learner)
    response = clerk.get(reverse("learners:household_sheet", args=[household.pk]))
    text = words_of(response.content)
    for word in (household.number, "阿依古丽·买买提", learner.masked_id, "一般贫困户"):
        assert word in text
    assert learner.clear_id_number() not in text
    assert AuditEvent.objects.filter(action="learners.household_sheet_printed").count() == 1


def test_markup_in_a_name_is_print_not_code(clerk):
    learner = factories.make_learner("<img src=file:///etc/passwd>")
    response = clerk.get(reverse("learners:learner_sheet", args=[learner.pk]))
    assert "<img" in words_of(response.content)


@pytest.mark.parametrize(
    "html",
    ["<img src='file:///etc/passwd'>", "<img src='http://127.0.0.1/x.png'>",
     "<link rel=stylesheet href='http://127.0.0.1/x.css'>"],
)  # fmt: skip
def test_a_sheet_fetches_nothing(html):
    with pytest.raises(ForbiddenResourceError):
        pdf_of(html, "")


def test_queries_of_a_sheet(clerk, learner, django_assert_max_num_queries):
    for month in range(1, 10):
        factories.make_enrolment(factories.make_run(starts_on=date(2026, month, 5)), learner)
    with django_assert_max_num_queries(34):
        clerk.get(reverse("learners:learner_sheet", args=[learner.pk]))
