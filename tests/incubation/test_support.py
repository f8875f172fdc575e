"""What a household was given: recorded once, shown on its page and on the person's timeline."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from incubation.actions import IncubationError, SupportFacts, record_support, void_support
from incubation.models import SupportGiven, SupportVoid
from incubation.queries import household_support, subsidy_table
from learners.queries import learner_tables, learner_timeline
from lms.lib.periods import today
from lms.models import AuditEvent
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
LOAN = SupportFacts("LOAN", date(2026, 3, 1), "小额信贷", "农商行", Decimal(20_000))


@pytest.fixture
def learner():
    return factories.make_learner("李建军")


@pytest.fixture
def household(learner):
    return learner.memberships.get().household


def record(household, actor, learner=None, facts=LOAN, **changed):
    facts = SupportFacts(**{**vars(facts), **changed})
    return record_support(household=household, learner=learner, facts=facts, actor=actor)


def test_support_stands_on_the_household_and_on_the_person(household, learner, county_clerk):
    record(household, county_clerk, learner)
    record(household, county_clerk, kind="GOODS", amount=None, what="包装箱 200 个")
    given = {row.yuan: row.who for row in household_support(household, county_clerk)}
    assert set(given) == {Decimal(20_000), None}
    assert given[Decimal(20_000)] == "李建军"
    rows = learner_timeline(learner, county_clerk, today=today()).past
    (money,) = [row for row in rows if row.kind == "wallet"]
    assert "20,000.00" in money.title
    event = AuditEvent.objects.filter(action="incubation.support_recorded").order_by("seq").first()
    assert event.detail == {"kind": "LOAN", "given_on": "2026-03-01", "amount": "20000"}


def test_subsidies_stand_on_the_archive_sheet(
    household, learner, county_clerk, neighbour_clerk, trainer
):
    record(household, county_clerk, learner, kind="SUBSIDY", amount=Decimal(120), what="生活补贴")
    twice = record(household, county_clerk, learner, kind="SUBSIDY", amount=Decimal(80))
    void_support(support=twice, reason="录入两次", actor=county_clerk)
    record(household, county_clerk, learner)
    record(household, county_clerk, kind="SUBSIDY", amount=Decimal(60))  # of the whole household

    table = subsidy_table(learner, county_clerk)

    assert sorted(row[4] for row in table.rows[:-1]) == ["120.00", "20,000.00", "80.00"]
    assert table.rows[-1][4] == "120.00", "neither loans nor what is void are subsidies paid"
    assert sum("录入两次" in row[2] for row in table.rows) == 1
    assert subsidy_table(learner, neighbour_clerk).rows == []
    assert subsidy_table(learner, trainer) is None
    assert table.title in [one.title for one in learner_tables(learner, county_clerk)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": None}, "no_amount"),
        ({"amount": Decimal(0)}, "amount_odd"),
        ({"amount": Decimal(-1)}, "amount_odd"),
        ({"amount": Decimal(1_000_001)}, "amount_odd"),
        ({"given_on": date(2099, 1, 1)}, "future"),
    ],
)
def test_what_support_refuses(household, county_clerk, changed, code):
    with pytest.raises(IncubationError, match=code):
        record(household, county_clerk, **changed)


def test_support_for_a_stranger_is_refused(household, county_clerk):
    with pytest.raises(IncubationError, match="no_member"):
        record(household, county_clerk, factories.make_learner())


@pytest.mark.postgres
@pytest.mark.parametrize("wrong", [{"amount_yuan": None}, {"amount_yuan": 0}])
def test_the_database_wants_an_amount_of_money(household, county_clerk, wrong):
    facts = {"kind": "GRANT", "given_on": date(2026, 3, 1), "what": "开办补助", "giver": "商务局"}
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportGiven.objects.create(household=household, recorded_by=county_clerk, **facts | wrong)


def test_the_page_records_and_leads_back(signed_in, field_worker, household, learner):
    client = signed_in(field_worker)
    address = reverse("incubation:support_record", args=[household.pk])
    page = reverse("learners:household_detail", args=[household.pk])
    assert address in client.get(page).content.decode()
    facts = {
        "kind": "GRANT", "what": "网店开办补助", "amount": "1.2万", "giver": "县商务局",
        "given_on": (today() - timedelta(1)).isoformat(),
    }  # fmt: skip
    assert client.post(address, facts | {"amount": ""}).status_code == 422
    assert client.post(address, facts | {"learner": learner.user_id or "x"}).status_code == 422
    assert client.post(address, facts).url == page
    assert "12,000.00" in client.get(page).content.decode()


def test_a_mistake_is_struck_out_and_stays_to_be_seen(household, learner, county_clerk):
    support = record(household, county_clerk, learner)
    void_support(support=support, reason=" 同一笔录入两次 ", actor=county_clerk)
    (row,) = household_support(household, county_clerk)
    assert (row.void, row.yuan) == ("同一笔录入两次", Decimal(20_000))
    rows = learner_timeline(learner, county_clerk, today=today()).past
    (money,) = [row for row in rows if row.kind == "wallet"]
    assert money.chip is not None
    assert "同一笔录入两次" in money.detail
    event = AuditEvent.objects.get(action="incubation.support_voided")
    assert event.detail == {"kind": "LOAN", "given_on": "2026-03-01"}
    with pytest.raises(IncubationError, match="voided"):
        void_support(support=support, reason="再来一次", actor=county_clerk)


def test_a_void_needs_a_reason(household, county_clerk):
    support = record(household, county_clerk)
    with pytest.raises(IncubationError, match="no_reason"):
        void_support(support=support, reason="  ", actor=county_clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportVoid.objects.create(support=support, reason="  ", voided_by=county_clerk)


@pytest.mark.postgres
def test_a_void_is_never_taken_back(household, county_clerk):
    support = record(household, county_clerk)
    void = void_support(support=support, reason="录入两次", actor=county_clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        SupportVoid.objects.filter(pk=void.pk).update(reason="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        SupportVoid.objects.filter(pk=void.pk)._raw_delete("default")


def test_the_page_strikes_out_and_leads_back(signed_in, field_worker, county_clerk, household):
    client = signed_in(field_worker)
    address = reverse("incubation:support_void", args=[record(household, county_clerk).pk])
    page = reverse("learners:household_detail", args=[household.pk])
    assert address in client.get(page).content.decode()
    assert "20,000.00" in client.get(address).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "录入两次"}).url == page
    shown = client.get(page).content.decode()
    assert "录入两次" in shown
    assert address not in shown
    assert client.post(address, {"reason": "录入两次"}).status_code == 422
