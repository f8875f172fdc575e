"""One household: what its page shows, and joining one that was made for a person."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from incubation.models import Baseline, EarningsReport, Shop
from incubation.queries import household_income
from learners.actions import add_entries, create_register, seal_edition
from learners.actions.households import HouseholdError, join_households, undo_join
from learners.models import Household, HouseholdJoin, Membership
from learners.queries import HOUSEHOLD_LINKS, standing_join
from lms.models import AuditEvent
from tests import factories
from tests.searching import search_here

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


def make_inferred(code: str = "411521001003") -> Household:
    household = factories.make_household(code)
    household.inferred = True
    household.save(update_fields=["inferred"])
    return household


@pytest.fixture
def made_up() -> Household:
    household = make_inferred()
    factories.make_learner("李建军", household=household)
    return household


@pytest.fixture
def real() -> Household:
    household = factories.make_household()
    household.head = factories.make_learner("李老汉", household=household)
    household.save(update_fields=["head"])
    return household


def join(source: Household, into: Household, **facts) -> HouseholdJoin:
    facts = {"relation": "2", "reason": "户口本为证", "actor": None} | facts
    return join_households(source=source, into=into, **facts)


# --- every key to a household has a rule ---
def test_every_foreign_key_to_a_household_has_a_rule():
    keys = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in Household._meta.related_objects
    }
    assert {link.label for link in HOUSEHOLD_LINKS} == keys
    assert len(HOUSEHOLD_LINKS) == len(keys)
    assert apps.get_model("learners", "Household") is Household


# --- joining ---
def fill(household: Household) -> dict[str, object]:
    learner = household.memberships.get().learner
    enrolment = factories.make_enrolment(factories.make_run(), learner)
    shop = Shop.objects.create(
        owner=learner, household=household, home_region=learner.home_region, platform="TAOBAO",
        name="山货店", opened_on=date(2026, 1, 1),
    )  # fmt: skip
    user = factories.make_user()
    report = EarningsReport.objects.create(
        household=household, month=date(2026, 1, 1), kind="INCOME", amount_yuan=900, grade=2,
        reported_by=user,
    )  # fmt: skip
    months = [
        Baseline.objects.create(household=household, month=month, amount_yuan=500, members=1)
        for month in (date(2020, 1, 1), date(2020, 2, 1))
    ]
    return {"enrolment": enrolment, "shop": shop, "report": report, "months": months}


def places(filled: dict) -> list[str]:
    rows = [filled["enrolment"], filled["shop"], filled["report"], *filled["months"]]
    for row in rows:
        row.refresh_from_db()
    return [row.household_id for row in rows]


@pytest.mark.postgres
def test_joining_moves_what_belongs_and_undoing_puts_it_back(made_up, real, county_clerk):
    filled = fill(made_up)
    Baseline.objects.create(
        household=real, month=date(2020, 1, 1), amount_yuan=Decimal(1800), members=3
    )
    before = places(filled)
    membership = made_up.memberships.get()
    found = join(made_up, real, actor=county_clerk)
    # The month that the other household has already stays where it was.
    assert places(filled) == [real.pk, real.pk, real.pk, made_up.pk, real.pk]
    membership.refresh_from_db()
    assert (membership.household, membership.relation) == (real, "2")
    # The types that the rosters gave the household of many are those that count.
    assert (made_up.statuses.count(), real.statuses.count()) == (1, 1)
    assert standing_join(made_up) == found
    event = AuditEvent.objects.get(action="learners.households_joined")
    assert event.detail["moved"]["courses.Enrolment.household"] == 1
    newcomer = factories.make_learner(household=real)
    undo_join(join=found, actor=county_clerk)
    assert places(filled) == before
    membership.refresh_from_db()
    assert (membership.household, membership.relation) == (made_up, "8")
    assert newcomer.memberships.get().household == real
    assert standing_join(made_up) is None
    assert AuditEvent.objects.filter(action="learners.household_join_undone").count() == 1


def test_types_move_where_the_other_household_has_none(made_up, real):
    real.statuses.all().delete()
    found = join(made_up, real)
    assert (made_up.statuses.count(), real.statuses.count()) == (0, 1)
    undo_join(join=found, actor=None)
    assert (made_up.statuses.count(), real.statuses.count()) == (1, 0)


def test_a_sealed_register_stays_as_it_was(made_up, real, county_clerk):
    region = factories.make_region("411521")
    register = create_register(
        purpose="ABLE_WILLING", year=2026, region=region, subject="HOUSEHOLD", actor=county_clerk
    )
    edition = register.editions.get()
    add_entries(edition=edition, subjects=[made_up], actor=None)
    seal_edition(edition=edition, actor=None)
    join(made_up, real)
    assert edition.entries.get().household == made_up


def test_a_village_becomes_known_and_unknown_again():
    somewhere = make_inferred("411521001")
    learner = factories.make_learner("李建军", "411521001", household=somewhere)
    real = factories.make_household("411521001003")
    found = join(somewhere, real)
    learner.refresh_from_db()
    assert learner.home_region == real.region
    undo_join(join=found, actor=None)
    learner.refresh_from_db()
    assert learner.home_region == somewhere.region


def test_a_household_without_a_head_gets_the_one_who_comes_in(made_up):
    real = factories.make_household()
    found = join(made_up, real, relation="0")
    real.refresh_from_db()
    assert real.head.name == "李建军"
    undo_join(join=found, actor=None)
    real.refresh_from_db()
    assert real.head is None


def test_what_joining_refuses(made_up, real):
    far = factories.make_household("411521100200")
    for code, source, into, facts in (
        ("NOT_INFERRED", real, made_up, {}),
        ("OTHER_PLACE", made_up, far, {}),
        ("HEAD_TAKEN", made_up, real, {"relation": "0"}),
        ("REASON_MISSING", made_up, real, {"reason": " "}),
        ("JOINED_ALREADY", made_up, made_up, {}),
    ):
        with pytest.raises(HouseholdError, match=code):
            join(source, into, **facts)
    found = join(made_up, real)
    with pytest.raises(HouseholdError, match="JOINED_ALREADY"):
        join(made_up, factories.make_household())
    with pytest.raises(HouseholdError, match="JOINED_ALREADY"):
        join(make_inferred(), made_up)
    undo_join(join=found, actor=None)
    with pytest.raises(HouseholdError, match="UNDONE"):
        undo_join(join=found, actor=None)


def test_a_join_is_taken_back_from_the_last_one_on(made_up):
    middle, end = make_inferred(), factories.make_household()
    first = join(made_up, middle)
    second = join(middle, end)
    with pytest.raises(HouseholdError, match="JOINED_ON"):
        undo_join(join=first, actor=None)
    undo_join(join=second, actor=None)
    undo_join(join=first, actor=None)
    assert made_up.memberships.count() == 1


@pytest.mark.postgres
def test_the_database_holds_one_standing_join(made_up, real):
    facts = {"source": made_up, "reason": "同户"}
    HouseholdJoin.objects.create(into=real, **facts)
    for wrong in ({"into": factories.make_household()}, {"into": made_up}, {"reason": " "}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HouseholdJoin.objects.create(**{"into": real} | facts | wrong)
    HouseholdJoin.objects.update(undone_at=timezone.now())
    HouseholdJoin.objects.create(into=real, **facts)


# --- the pages ---
def test_the_journey_of_joining(signed_in, county_clerk, made_up, real):
    client = signed_in(county_clerk)
    page = reverse("learners:household_detail", args=[made_up.pk])
    address = reverse("learners:household_join", args=[made_up.pk])
    assert address in client.get(page).content.decode()
    other = factories.make_household()
    assert set(client.get(address).context["candidates"]) == {real, other}
    assert list(search_here(client, address, "老汉").context["candidates"]) == [real]
    facts = {"into": real.pk, "relation": "2", "reason": "户口本为证"}
    assert client.post(address, facts | {"reason": ""}).status_code == 422
    assert client.post(address, facts | {"relation": "0"}).status_code == 422
    assert client.post(address, facts | {"into": made_up.pk}).status_code == 404
    assert client.post(address, facts).url == reverse("learners:household_detail", args=[real.pk])
    joined = client.get(page)
    assert joined.context["join"].into == real
    assert not joined.context["may_join"]
    undo = reverse("learners:household_join_undo", args=[made_up.pk])
    assert undo in joined.content.decode()
    assert client.post(undo).url == page
    assert client.post(undo).status_code == 302
    assert Membership.objects.filter(household=made_up).count() == 1


def earn(household: Household, income: dict[int, int], base: dict[int, int], year: int = 2026):
    user = factories.make_user()
    for month, amount in income.items():
        EarningsReport.objects.create(
            household=household, month=date(year, month, 1), kind="INCOME", amount_yuan=amount,
            grade=1 + month % 3, reported_by=user,
        )  # fmt: skip
    for month, amount in base.items():
        Baseline.objects.create(
            household=household, month=date(2020, month, 1), amount_yuan=amount, members=3
        )


def test_income_stands_against_the_same_months_of_the_baseline(signed_in, county_clerk, real):
    earn(real, {1: 900, 2: 1000, 5: 4000}, {1: 600, 2: 700, 3: 800})
    income = household_income(real)
    assert [row.month.month for row in income.months] == [1, 2]
    assert (income.rise, income.rise_per_head) == (Decimal(600), Decimal("200.00"))
    assert [amount for _day, amount in income.actual] == [900, 1900]
    assert [amount for _day, amount in income.base] == [600, 1300]
    page = signed_in(county_clerk).get(reverse("learners:household_detail", args=[real.pk]))
    assert "+200.00" in page.content.decode()
    assert 'class="trend"' in page.content.decode()


def test_the_rise_of_the_page_is_the_one_of_the_figure(real):
    from lms.lib.periods import today
    from quotas.measures.income import Books, Report, household_rise

    earn(real, {1: 911, 2: 1003}, {1: 600, 2: 707})
    book = Books(
        real.region.path,
        {
            date(2026, m, 1): Report(date(2026, m, 1), Decimal(a), 2)
            for m, a in ((1, 911), (2, 1003))
        },
        {1: Decimal(600), 2: Decimal(707)},
        members=3,
    )
    figure = household_rise(real.pk, book, [date(2026, month, 1) for month in range(1, 13)])
    assert household_income(real).rise_per_head == figure.rise
    assert today() > date(2026, 1, 1)


@pytest.mark.parametrize(("income", "base"), [({}, {}), ({1: 900}, {}), ({1: 900}, {2: 500})])
def test_without_a_common_month_there_is_no_rise(signed_in, county_clerk, real, income, base):
    earn(real, income, base)
    assert household_income(real) is None
    page = signed_in(county_clerk).get(reverse("learners:household_detail", args=[real.pk]))
    assert 'class="trend"' not in page.content.decode()


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_a_household(
    signed_in, county_clerk, real, count, django_assert_max_num_queries
):
    for _ in range(count):
        learner = factories.make_learner(household=real)
        Shop.objects.create(
            owner=learner, household=real, home_region=learner.home_region, platform="TAOBAO",
            name="山货店", opened_on=date(2026, 1, 1),
        )  # fmt: skip
    earn(real, {1: 900}, {1: 600})
    client = signed_in(county_clerk)
    with django_assert_max_num_queries(22):
        client.get(reverse("learners:household_detail", args=[real.pk]))
