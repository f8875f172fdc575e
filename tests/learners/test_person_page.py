"""One person's page: what it shows, what a clerk changes on it, what it costs."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from incubation.models import (
    EarningsReport,
    FollowUpPlan,
    FollowUpTask,
    IncubationCase,
    Shop,
    Visit,
)
from learners.actions.facts import (
    PersonError,
    change_household,
    correct_person,
    end_role,
    hold_role,
)
from learners.actions.privacy import PrivacyError, give_consent, withdraw_consent
from learners.models import Consent, FactChange, Learner, RoleHeld
from learners.queries import learner_timeline
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
DAY = date(2026, 3, 1)


@pytest.fixture
def learner() -> Learner:
    return factories.make_learner("李建军", ethnicity="02", education="初中")


def page_of(learner: Learner) -> str:
    return reverse("learners:learner_detail", args=[learner.pk])


# --- facts ---
def test_what_the_page_shows_of_a_person(signed_in, county_clerk, learner):
    learner.political_status, learner.disability, learner.disability_grade = "01", "64", 3
    learner.save()
    hold_role(
        learner=learner, role="FIRST_SECRETARY", region=learner.home_region,
        starts_on=date(2020, 1, 1), ends_on=date(2022, 12, 31), actor=county_clerk,
    )  # fmt: skip
    text = signed_in(county_clerk).get(page_of(learner)).content.decode()
    for word in ("蒙古族", "初中", "2020-01-01", "2022-12-31"):
        assert word in text
    assert str(learner.get_political_status_display()) in text
    assert learner.disability_words in text


@pytest.mark.postgres
@pytest.mark.parametrize(("kind", "grade"), [("", 1), ("NO", 2), ("64", 5), ("64", 0)])
def test_a_grade_wants_a_disability(learner, kind, grade):
    learner.disability, learner.disability_grade = kind, grade
    with pytest.raises(IntegrityError), transaction.atomic():
        learner.save()


def test_a_correction_keeps_what_stood_there_and_why(signed_in, county_clerk, learner):
    client = signed_in(county_clerk)
    facts = {
        "name": "李建君", "sex": "M", "ethnicity": "02", "education": "高中",
        "phone": "139 1111 2222", "disability": "NO", "reason": "本人出示身份证",
    }  # fmt: skip
    response = client.post(reverse("learners:learner_update", args=[learner.pk]), facts)
    assert response.url == page_of(learner)
    learner.refresh_from_db()
    assert (learner.name, learner.initials, learner.education) == ("李建君", "ljj", "高中")
    assert learner.clear_phone() == "13911112222"
    change = FactChange.objects.get()
    assert change.changes["name"] == ["李建军", "李建君"]
    assert change.changes["phone"] == ["138****0617", "139****2222"]
    event = AuditEvent.objects.get(action="learners.person_corrected")
    assert event.detail == {"fields": ["disability", "education", "name", "phone"]}
    assert "李建军 → 李建君" in client.get(page_of(learner)).content.decode()


def test_an_empty_telephone_keeps_the_one_that_is_there(signed_in, county_clerk, learner):
    facts = {"name": "李建军", "ethnicity": "01", "sex": "M", "reason": "户口本为证"}
    signed_in(county_clerk).post(reverse("learners:learner_update", args=[learner.pk]), facts)
    learner.refresh_from_db()
    assert (learner.ethnicity, learner.clear_phone()) == ("01", "13800000617")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"reason": ""},
        {"reason": "身份证 411521198506010013"},
        {"phone": "12345"},
        {"ethnicity": "99"},
        {"disability": "NO", "disability_grade": "1"},
        {"home_region": "1", "name": "李建军", "education": "初中"},  # nothing differs
    ],
)
def test_what_a_correction_refuses(signed_in, county_clerk, learner, wrong):
    facts = {"name": "李建君", "sex": "M", "ethnicity": "02", "education": "初中", "reason": "写错"}
    address = reverse("learners:learner_update", args=[learner.pk])
    response = signed_in(county_clerk).post(address, facts | wrong)
    assert response.status_code == 422
    learner.refresh_from_db()
    assert learner.name == "李建军"


def test_a_merged_record_is_not_changed(county_clerk, learner):
    learner.merged_into = factories.make_learner()
    learner.save(update_fields=["merged_into"])
    with pytest.raises(PersonError, match="MERGED"):
        correct_person(learner=learner, facts={"name": "甲"}, reason="写错", actor=county_clerk)


# --- roles ---
def test_a_role_from_its_beginning_to_its_end(signed_in, county_clerk, learner):
    client = signed_in(county_clerk)
    facts = {"role": "VILLAGE_CADRE", "region": "411521001003", "starts_on": "2020-01-01"}
    add = reverse("learners:role_add", args=[learner.pk])
    assert client.post(add, facts).status_code == 302
    assert client.post(add, facts | {"starts_on": "2021-01-01"}).status_code == 422
    held = RoleHeld.objects.get(role="VILLAGE_CADRE")
    end = reverse("learners:role_end", args=[learner.pk, held.pk])
    assert client.post(end, {"ends_on": "2019-12-31"}).status_code == 422
    assert client.post(end, {"ends_on": "2023-06-30"}).status_code == 302
    held.refresh_from_db()
    assert held.ends_on == date(2023, 6, 30)
    assert client.post(add, facts | {"starts_on": "2023-07-01"}).status_code == 302
    assert client.post(end, {"ends_on": "2023-07-30"}).status_code == 422


def test_a_role_of_another_county_is_not_offered(signed_in, county_clerk, learner):
    facts = {"role": "VILLAGE_CADRE", "region": "411522001001", "starts_on": "2020-01-01"}
    add = reverse("learners:role_add", args=[learner.pk])
    assert signed_in(county_clerk).post(add, facts).status_code == 404


def test_a_role_of_somebody_else_is_not_found(signed_in, county_clerk, learner):
    other = factories.make_learner()
    held = hold_role(
        learner=other, role="RETURNEE", region=other.home_region, starts_on=DAY, ends_on=None,
        actor=None,
    )  # fmt: skip
    address = reverse("learners:role_end", args=[learner.pk, held.pk])
    assert signed_in(county_clerk).post(address, {"ends_on": "2026-04-01"}).status_code == 404
    with pytest.raises(PersonError, match="DATE_AHEAD"):
        end_role(held=held, ends_on=today() + timedelta(1), actor=None)


# --- household ---
def test_moving_ends_one_membership_and_moves_the_home(county_clerk, learner):
    RoleHeld.objects.create(
        learner=learner,
        role="HOUSEHOLD_MEMBER",
        region=learner.home_region,
        starts_on=date(2014, 1, 1),
    )
    before = learner.memberships.get()
    there = factories.make_household("411521100200")
    change_household(
        learner=learner, household=there, relation="0", starts_on=DAY, reason="分户",
        actor=county_clerk,
    )  # fmt: skip
    before.refresh_from_db()
    learner.refresh_from_db()
    there.refresh_from_db()
    assert before.ends_on == date(2026, 2, 28)
    assert learner.home_region.code == "411521100200"
    assert there.head == learner
    roles = learner.roles.order_by("starts_on").values_list("region__code", "starts_on", "ends_on")
    assert list(roles) == [
        ("411521001003", date(2014, 1, 1), date(2026, 2, 28)),
        ("411521100200", DAY, None),
    ]
    assert FactChange.objects.get().changes == {
        "household": [before.household.number, there.number]
    }


def test_what_moving_refuses(signed_in, county_clerk, learner):
    own = learner.memberships.get().household
    head = factories.make_learner(household=own)
    own.head = head
    own.save(update_fields=["head"])
    there = factories.make_household()
    far = factories.make_household("411522001001")
    there.head = head
    there.save(update_fields=["head"])
    client = signed_in(county_clerk)
    address = reverse("learners:household_change", args=[learner.pk])
    facts = {"number": there.number, "relation": "2", "starts_on": "2026-03-01", "reason": "分户"}
    for wrong in (
        {"number": own.number},
        {"number": far.number},
        {"number": "x"},
        {"relation": "0"},
        {"starts_on": (today() + timedelta(1)).isoformat()},
        {"reason": ""},
    ):
        assert client.post(address, facts | wrong).status_code == 422, wrong
    assert learner.memberships.count() == 1
    assert client.post(address, facts).status_code == 302
    assert client.post(address, facts | {"starts_on": "2026-02-01"}).status_code == 422


# --- consent ---
def give(learner: Learner, *purposes: str, given_on: date = DAY, actor=None) -> list[Consent]:
    return give_consent(
        learner=learner, purposes=purposes, given_on=given_on, means="PAPER",
        text_edition="2026-1", actor=actor,
    )  # fmt: skip


def test_consent_is_given_withdrawn_and_given_again(county_clerk, learner):
    first, second = give(learner, "ARCHIVE", "FOLLOW_UP", actor=county_clerk)
    assert [row.purpose for row in give(learner, "ARCHIVE", "SENSITIVE")] == ["SENSITIVE"]
    with pytest.raises(PrivacyError, match="CONSENT_STANDS"):
        give(learner, "ARCHIVE")
    withdraw_consent(consent=first, withdrawn_on=DAY, actor=county_clerk)
    with pytest.raises(PrivacyError, match="CONSENT_WITHDRAWN"):
        withdraw_consent(consent=first, withdrawn_on=DAY, actor=county_clerk)
    give(learner, "ARCHIVE", given_on=DAY)
    assert learner.consents.filter(purpose="ARCHIVE").count() == 2
    with pytest.raises(PrivacyError, match="CONSENT_DATE"):
        withdraw_consent(consent=second, withdrawn_on=date(2026, 2, 1), actor=None)
    with pytest.raises(PrivacyError, match="CONSENT_DATE"):
        give(learner, "PUBLICITY", given_on=today() + timedelta(1))
    event = AuditEvent.objects.filter(action="learners.consent_given").order_by("seq").first()
    assert event.detail["purposes"] == ["ARCHIVE", "FOLLOW_UP"]


@pytest.mark.postgres
def test_one_open_consent_a_purpose(learner):
    give(learner, "ARCHIVE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(
            learner=learner, purpose="ARCHIVE", given_on=DAY, means="SMS", text_edition="1"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(
            learner=learner, purpose="SHARING", given_on=DAY, means="SMS", text_edition=" "
        )


def test_the_pages_of_consent(signed_in, county_clerk, learner):
    client = signed_in(county_clerk)
    facts = {
        "purposes": ["ARCHIVE"], "given_on": "2026-03-01", "means": "SMS", "text_edition": "2026-1",
    }  # fmt: skip
    add = reverse("learners:consent_give", args=[learner.pk])
    assert client.post(add, facts | {"purposes": []}).status_code == 422
    assert client.post(add, facts).status_code == 302
    (consent,) = client.get(page_of(learner)).context["consents"]
    end = reverse("learners:consent_withdraw", args=[learner.pk, consent.pk])
    assert client.post(end, {"withdrawn_on": "2026-02-01"}).status_code == 422
    assert client.post(end, {"withdrawn_on": "2026-04-01"}).status_code == 302
    other = factories.make_learner()
    assert (
        client.get(reverse("learners:consent_withdraw", args=[other.pk, consent.pk])).status_code
        == 404
    )


# --- the timeline ---
def test_the_timeline_narrows_to_a_topic(signed_in, county_clerk, learner):
    run = factories.make_run(starts_on=date(2026, 1, 5))
    factories.make_enrolment(run, learner)
    RoleHeld.objects.create(
        learner=learner, role="RETURNEE", region=learner.home_region, starts_on=date(2020, 1, 1)
    )
    client = signed_in(county_clerk)
    everything = client.get(page_of(learner)).context["timeline"]
    assert {row.kind for row in everything.past} >= {"book", "user", "home"}
    assert [key for key, _name in everything.topics] == ["training", "person"]
    trained = client.get(f"{page_of(learner)}?topic=training").context["timeline"]
    assert {row.kind for row in trained.past} == {"book"}
    assert client.get(f"{page_of(learner)}?topic=x").status_code == 400


def follow_for_years(learner: Learner, worker, years: int) -> None:
    """A case with a contact each month, and a shop that reports each month."""
    month = date(today().year - years, 1, 1)
    plan = FollowUpPlan.objects.order_by("edition").first()
    case = IncubationCase.objects.create(
        learner=learner, home_region=learner.home_region, opened_on=month, plan=plan,
        assignee=worker,
    )  # fmt: skip
    FollowUpTask.objects.create(case=case, stage="MONTH_1", due_on=month)
    shop = Shop.objects.create(
        owner=learner, home_region=learner.home_region, platform="TAOBAO", name="山货店",
        opened_on=month,
    )  # fmt: skip
    months = [date(month.year + n // 12, n % 12 + 1, 1) for n in range(years * 12)]
    Visit.objects.bulk_create(
        Visit(case=case, visited_on=day, method="PHONE", finding="RUNNING", by=worker)
        for day in months
    )
    EarningsReport.objects.bulk_create(
        EarningsReport(
            shop=shop, month=day, kind="SALES", amount_yuan=100, grade=2, reported_by=worker
        )
        for day in months
    )
    for day in months[::12]:
        factories.make_enrolment(factories.make_run(starts_on=day), learner)


def test_ten_years_cost_as_many_queries_as_one(
    signed_in, county_clerk, django_assert_max_num_queries
):
    short, long = factories.make_learner("一年"), factories.make_learner("十年")
    follow_for_years(short, county_clerk, 1)
    follow_for_years(long, county_clerk, 10)
    for year in range(2010, 2015):
        earlier = IncubationCase.objects.create(
            learner=long, home_region=long.home_region, opened_on=date(year, 1, 1),
            closed_on=date(year, 12, 31), plan=FollowUpPlan.objects.first(),
        )  # fmt: skip
        Visit.objects.create(
            case=earlier, visited_on=date(year, 6, 1), method="DOOR", finding="RUNNING",
            by=county_clerk,
        )  # fmt: skip
    client = signed_in(county_clerk)
    client.get(page_of(short))
    for learner in (short, long):
        with django_assert_max_num_queries(48) as asked:
            response = client.get(page_of(learner))
        learner.asked = len(asked)
    assert long.asked == short.asked
    kinds = [row.kind for row in response.context["timeline"].past]
    assert kinds.count("phone") == 120
    assert kinds.count("chart") == 20  # a line for each half year


def test_sales_stand_as_half_years_with_their_weakest_evidence(county_clerk, learner):
    follow_for_years(learner, county_clerk, 1)
    year = today().year - 1
    EarningsReport.objects.filter(month=date(year, 3, 1)).update(grade=1)
    rows = learner_timeline(learner, county_clerk, today=today()).past
    late, early = [row for row in rows if row.kind == "chart"]
    assert "600.00" in early.title
    assert str(EarningsReport.Grade.SPOKEN.label) in early.detail
    assert str(EarningsReport.Grade.SCREENSHOT.label) in late.detail
