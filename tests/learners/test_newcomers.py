"""People whom nobody knows are written in bulk: the rows are those of the plain way."""

import re
import uuid
from datetime import date
from itertools import repeat

import pytest
from django.db import connection, transaction

from learners.actions.people import _Intake
from learners.models import Household, HouseholdStatus, Learner, Membership, RoleHeld, RosterRow
from learners.queries import known_people
from lms.lib.ids import dashed, uuid7_hexes
from tests import factories
from tests.learners.people import make_facts, take_in
from tests.learners.rosters import imported, make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions"), pytest.mark.postgres]


def mixed_roster():
    """New and known people, somebody twice, households old and new, one who lives elsewhere."""
    yield make_facts(1)
    yield make_facts(2, phone="", type_code=None, ethnicity="03", education="初中")
    yield make_facts(3, household_no="8", relation="户主")
    yield make_facts(4, household_no="8", relation="配偶", type_code="ORDINARY")
    yield make_facts(5, head_name="学员5")
    yield make_facts(6, head_name="学员5", relation="长子", type_code=None)
    yield make_facts(101, phone="13911112222")
    yield make_facts(102, home="411521100200")
    yield make_facts(7, head_name="旧户", type_code="ORDINARY")
    yield make_facts(103, head_name="学员5")
    yield make_facts(8)
    yield make_facts(8, phone="13700001111")
    yield make_facts(9, home="411521100", name="阿依古丽·买买提")
    yield make_facts(200)


def prepare():
    take_in(make_facts(101), make_facts(102), make_facts(103), as_of=date(2025, 5, 1))
    take_in(make_facts(104, head_name="旧户"), as_of=date(2025, 5, 1))
    other = factories.make_learner("邻县人", "411522001001")
    other.set_id_number(factories.make_id_number(200))
    other.save()


def everything():
    """All that lies in the tables, with clear values in the place of keys and ciphers."""
    learners = [
        (
            who.id_type,
            who.clear_id_number(),
            bytes(who.id_index or b""),
            who.id_tail,
            who.name,
            who.initials,
            who.native_name,
            who.sex,
            who.clear_birth_date(),
            who.clear_phone(),
            bytes(who.phone_index or b""),
            who.ethnicity,
            who.education,
            who.home_region.code,
            who.provisional,
            who.merged_into_id,
            who.user_id,
        )
        for who in Learner.objects.all()
    ]
    return [
        sorted(learners, key=str),
        sorted(Household.objects.values_list("number", "region", "head__id_tail", "inferred")),
        sorted(
            Membership.objects.values_list(
                "learner__name", "household__number", "relation", "starts_on", "ends_on"
            ),
            key=str,
        ),
        sorted(
            HouseholdStatus.objects.values_list(
                "household__number", "type", "starts_on", "ends_on"
            ),
            key=str,
        ),
        sorted(
            RoleHeld.objects.values_list("learner__name", "role", "region", "starts_on", "ends_on"),
            key=str,
        ),
    ]


def test_written_in_bulk_or_one_by_one_the_rows_are_equal(monkeypatch):
    prepare()
    outcomes, rows = [], []
    real = _Intake._plain
    for way in (real, lambda intake: repeat(True, len(intake.people))):
        point = transaction.savepoint()
        monkeypatch.setattr(_Intake, "_plain", way)
        taken = take_in(*mixed_roster())
        outcomes.append([(row.outcome, row.learner and row.learner.name) for row in taken])
        rows.append(everything())
        transaction.savepoint_rollback(point)
    people = list(mixed_roster())
    intake = _Intake(people, as_of=date(2026, 3, 1), reach=("411521",))
    assert list(real(intake)).count(False) == 5
    assert outcomes[0] == outcomes[1]
    assert rows[0] == rows[1]


def test_a_new_learner_is_at_once_the_model_that_lies_in_the_table():
    (taken,) = take_in(make_facts(1, ethnicity="03"))
    stored = Learner.objects.get()
    assert taken.learner_id == taken.learner.pk == stored.pk
    assert not taken.learner._state.adding
    for column in Learner._meta.concrete_fields:
        if column.name not in ("created_at", "home_region"):
            assert getattr(taken.learner, column.attname) == getattr(stored, column.attname)
    assert taken.learner.home_region == stored.home_region
    assert taken.learner.masked_phone == stored.masked_phone
    assert known_people([make_facts(1)], as_of=date(2026, 3, 1)).find(make_facts(1)) == stored


def test_numbers_of_households_go_on_across_batches():
    take_in(*(make_facts(n) for n in range(1, 4)))
    take_in(*(make_facts(n) for n in range(4, 6)))
    numbers = sorted(Household.objects.values_list("number", flat=True))
    assert numbers == [f"411521001-{n:06d}" for n in range(1, 6)]


def test_an_import_writes_as_many_statements_for_many_rows_as_for_few(
    county_clerk, django_assert_max_num_queries
):
    """Bulk writes do not go through the cursor that counts; everything else is a fixed number."""
    imported(make_rows(1, 2), actor=county_clerk)
    with django_assert_max_num_queries(70):
        imported(make_rows(3, 32), actor=county_clerk)
    assert RosterRow.objects.filter(outcome="CREATED", learner__isnull=False).count() == 32


def test_keys_made_together_rise_and_are_version_7():
    made = uuid7_hexes(5000)
    assert made == sorted(set(made))
    assert {uuid.UUID(key).version for key in made} == {7}
    assert {uuid.UUID(key).variant for key in made} == {uuid.RFC_4122}
    assert dashed(made[0]) == str(uuid.UUID(made[0]))


def test_the_rule_against_overlaps_searches_by_the_person():
    """Not by the region, under which thousands stand: that cost milliseconds a row."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has one index over all keys of the rule")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE name LIKE 'learners_roleheld_no_overlap_%'"
        )
        rules = [row[0] for row in cursor.fetchall()]
    assert len(rules) == 2
    for rule in rules:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN SELECT 1 FROM " + rule_of_one_person(rule))
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "learner_id" in plan
        assert "region_id" not in plan


def rule_of_one_person(rule: str) -> str:
    """The rule's search with values in the place of the new row's."""
    search = rule.partition("FROM")[2].partition("; END")[0]
    return re.sub(r"NEW\.(\w+)", lambda found: "NULL" if "ends" in found[1] else "'1'", search)


def test_numbers_are_looked_up_by_indexes_however_many_people_there_are():
    """The whole table was read for each chunk, as no index fitted both live and merged people."""
    factories.make_learner("甲", "411521001001")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            # With one row it may take any; does ours fit where the other is not there?
            cursor.execute("DROP INDEX learner_by_merged_into")
    plan = Learner.objects.numbered([b"a" * 32, b"b" * 32]).explain()
    assert "learner_one_live_per_id" in plan
    assert "learner_merged_by_id" in plan
    assert "scan learners_learner" not in plan.lower().replace("seq scan on", "scan")
