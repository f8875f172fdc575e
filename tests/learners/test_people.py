"""What becomes of a tidy roster row: learners, households, and dated facts."""

from datetime import date, timedelta

import pytest

from learners.models import Household, HouseholdStatus, Learner, Membership, RoleHeld
from learners.queries import household_on, household_type_on
from learners.queries.names import name_initials
from lms.models import AuditEvent
from tests import factories
from tests.learners.people import DAY, make_facts, take_in

pytestmark = pytest.mark.django_db


def test_a_new_person_gets_a_household_of_one_and_a_role():
    (taken,) = take_in(make_facts(1, "单雄信"))
    learner = Learner.objects.get()
    assert (taken.outcome, taken.learner) == ("CREATED", learner)
    assert (learner.sex, learner.initials) == ("M", "sxx")
    assert learner.clear_birth_date() == date(1985, 6, 1)
    assert learner.id_tail == factories.make_id_number(1)[-4:]
    household = household_on(learner, DAY)
    assert (household.number, household.inferred) == ("411521001-000001", True)
    assert household_type_on(household, DAY).pk == "GENERAL_POOR"
    assert household_type_on(household, DAY - timedelta(1)) is None
    assert learner.roles.get().role == "HOUSEHOLD_MEMBER"
    assert AuditEvent.objects.get(action="learners.people_taken_in").detail["CREATED"] == 1


def test_household_numbers_count_on_inside_the_township():
    take_in(make_facts(1), make_facts(2))
    take_in(make_facts(3), make_facts(4, home="411521100200"))
    assert set(Household.objects.values_list("number", flat=True)) == {
        "411521001-000001",
        "411521001-000002",
        "411521001-000003",
        "411521100-000001",
    }


def test_a_household_number_groups_people_inside_the_village():
    take_in(
        make_facts(1, household_no="12", relation="户主"),
        make_facts(2, household_no="12", relation="妻子"),
        make_facts(3, household_no="12", home="411521001004"),
    )
    first = Household.objects.get(number="411521001003/12")
    assert first.memberships.count() == 2
    assert first.head.name == "学员1"
    assert not first.inferred
    assert Household.objects.get(number="411521001004/12").memberships.count() == 1
    assert set(first.memberships.values_list("relation", flat=True)) == {"0", "1"}


def test_the_head_s_name_groups_people_over_two_files_and_stands_in_no_number():
    take_in(make_facts(1, "王大海", head_name="王大海"))
    take_in(make_facts(2, "王小海", head_name="王大海", relation="之子"))
    household = Household.objects.get()
    assert household.memberships.count() == 2
    assert household.head.name == "王大海"
    assert "王大海" not in household.number


def test_the_same_person_again_changes_nothing():
    take_in(make_facts(1))
    before = list(Membership.objects.values()), list(HouseholdStatus.objects.values())
    (taken,) = take_in(make_facts(1), as_of=DAY + timedelta(90))
    assert taken.outcome == "MATCHED"
    assert (list(Membership.objects.values()), list(HouseholdStatus.objects.values())) == before
    assert Learner.objects.count() == RoleHeld.objects.count() == 1


def test_the_same_number_twice_in_one_batch_is_one_person():
    taken = take_in(make_facts(1), make_facts(1, "别名"))
    assert [row.outcome for row in taken] == ["CREATED", "MATCHED"]
    assert Learner.objects.get().name == "学员1"


def test_changes_of_name_phone_and_type_keep_the_history():
    take_in(make_facts(1, "李建军"))
    later = date(2026, 6, 1)
    facts = make_facts(1, "李建君", phone="13900000001", type_code="LIFTED_OUT")
    assert take_in(facts, as_of=later)[0].outcome == "CHANGED"
    learner = Learner.objects.get()
    assert (learner.name, learner.initials, learner.clear_phone()) == (
        "李建君",
        "ljj",
        "13900000001",
    )
    rows = HouseholdStatus.objects.order_by("starts_on")
    assert list(rows.values_list("type", "starts_on", "ends_on")) == [
        ("GENERAL_POOR", DAY, date(2026, 5, 31)),
        ("LIFTED_OUT", later, None),
    ]


def test_a_move_ends_the_old_membership_and_role_on_the_day_before():
    take_in(make_facts(1))
    later = date(2026, 6, 1)
    assert take_in(make_facts(1, home="411521100200"), as_of=later)[0].outcome == "CHANGED"
    learner = Learner.objects.get()
    assert learner.home_region.code == "411521100200"
    assert household_on(learner, date(2026, 5, 31)).region.code == "411521001003"
    assert household_on(learner, later).region.code == "411521100200"
    assert list(learner.roles.order_by("starts_on").values_list("region__code", "ends_on")) == [
        ("411521001003", date(2026, 5, 31)),
        ("411521100200", None),
    ]


def test_a_home_named_less_precisely_is_no_move_and_more_precisely_is_the_same_household():
    take_in(make_facts(1, home="411521001"))
    household = Household.objects.get()
    take_in(make_facts(1), as_of=DAY + timedelta(10))
    assert Household.objects.get() == household
    assert Learner.objects.get().home_region.code == "411521001003"
    assert (
        take_in(make_facts(1, home="411521001"), as_of=DAY + timedelta(20))[0].outcome == "MATCHED"
    )
    assert Learner.objects.get().home_region.code == "411521001003"


def test_an_older_roster_leaves_newer_facts_alone():
    take_in(make_facts(1, type_code="LIFTED_OUT"))
    take_in(make_facts(1, home="411521100200"), as_of=DAY - timedelta(400))
    learner = Learner.objects.get()
    assert learner.home_region.code == "411521001003"
    assert [row.type_id for row in HouseholdStatus.objects.all()] == ["LIFTED_OUT"]


def test_a_correction_of_the_same_day_replaces():
    take_in(make_facts(1))
    take_in(make_facts(1, home="411521100200", type_code="LIFTED_OUT"))
    learner = Learner.objects.get()
    assert household_on(learner, DAY).region.code == "411521100200"
    assert Membership.objects.count() == 1
    assert learner.roles.get().region.code == "411521100200"


def test_a_person_of_another_county_is_left_alone(regions):
    factories.make_learner("邻县人", "411522001001")
    other = Learner.objects.get()
    other.set_id_number(factories.make_id_number(1))
    other.save()
    (taken,) = take_in(make_facts(1, "本县名"))
    assert taken.learner is None
    other.refresh_from_db()
    assert (other.name, other.home_region.code) == ("邻县人", "411522001001")
    (taken,) = take_in(make_facts(1, "本县名"), reach=("4115",))
    assert taken.outcome == "CHANGED"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("曾小贤", "zxx"),
        ("解晓东", "xxd"),
        ("尉迟恭", "ycg"),
        ("阿依古丽·买买提", "ayglmmt"),
        ("李建军", "ljj"),
        ("Ali", "a"),
    ],
)
def test_initials(name, initials):
    assert name_initials(name).startswith(initials)


def test_queries_do_not_grow_with_the_people(django_assert_max_num_queries):
    facts = [make_facts(n) for n in range(1, 4)]
    with django_assert_max_num_queries(16):
        take_in(*facts)
    facts = [make_facts(n) for n in range(10, 40)]
    with django_assert_max_num_queries(16):
        take_in(*facts)
