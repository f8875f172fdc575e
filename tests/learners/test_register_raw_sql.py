"""What is sealed is kept by the database itself, whoever writes to it and with whatever."""

import pytest
from django.db import DatabaseError, connection, transaction

from learners.actions import add_entries, adjust_entry, compose_edition, seal_edition
from learners.models import RegisterAdjustment, RegisterEntry
from lms.lib.periods import today
from tests import factories
from tests.learners.registers import make_edition, make_register

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def sealed():
    edition = make_edition([factories.make_learner(), factories.make_learner()])
    return seal_edition(edition=edition, actor=None)


def key(value):
    """As the column stores it: SQLite keeps a UUID as 32 digits."""
    return value.hex if connection.vendor == "sqlite" else str(value)


def refuse(sql, *params, match="sealed"):
    refused = pytest.raises(DatabaseError, match=match)
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_the_edition_of_a_seal_refuses_sql(sealed):
    pk = key(sealed.pk)
    refuse("UPDATE learners_registeredition SET sha256 = %s WHERE id = %s", "0" * 64, pk)
    refuse("UPDATE learners_registeredition SET sealed_at = NULL, sha256 = '' WHERE id = %s", pk)
    refuse("DELETE FROM learners_registeredition WHERE id = %s", pk)


@pytest.mark.parametrize(
    "change", ["able = NOT able", "kind = 'MANAGER'", "reason = 'x'", "in_seal = NOT in_seal"]
)
def test_the_entries_of_a_seal_refuse_update(sealed, change):
    refuse(f"UPDATE learners_registerentry SET {change} WHERE edition_id = %s", key(sealed.pk))


def test_the_entries_of_a_seal_refuse_delete_insert_and_moving(sealed):
    pk = key(sealed.pk)
    refuse("DELETE FROM learners_registerentry WHERE edition_id = %s", pk)
    other = make_edition([factories.make_learner()], purpose="CADRES")
    refuse(
        "UPDATE learners_registerentry SET edition_id = %s WHERE edition_id = %s",
        pk,
        key(other.pk),
    )
    row = RegisterEntry(
        edition=sealed,
        learner=factories.make_learner(),
        region_at_seal=factories.make_region("411521001003"),
    )
    with pytest.raises(DatabaseError, match="sealed"), transaction.atomic():
        row.save(force_insert=True)
    assert sealed.entries.count() == 2


def test_adjustments_are_append_only(sealed):
    adjust_entry(
        edition=sealed,
        subject=sealed.entries.first().learner,
        kind="REMOVE",
        happened_on=today(),
        reason="迁出",
        actor=None,
    )
    pk = RegisterAdjustment.objects.get().pk
    table = "learners_registeradjustment"
    refuse(f"UPDATE {table} SET reason = 'x' WHERE id = %s", pk, match="append-only")
    refuse(f"DELETE FROM {table} WHERE id = %s", pk, match="append-only")


def test_the_parts_of_a_composed_edition_stay(sealed):
    whole = compose_edition(register=make_register("4115"), parts=[sealed], actor=None)
    other = make_edition([factories.make_learner("", "411522001001")], code="411522")
    insert = "INSERT INTO learners_registereditionpart (composed_id, part_id) VALUES (%s, %s)"
    opened = make_edition(purpose="LEADERS")
    refuse(insert, key(opened.pk), key(other.pk), match="only a sealed")
    seal_edition(edition=other, actor=None)
    refuse(insert, key(whole.pk), key(other.pk))
    refuse("DELETE FROM learners_registereditionpart WHERE composed_id = %s", key(whole.pk))
    refuse(
        "UPDATE learners_registereditionpart SET part_id = %s WHERE composed_id = %s",
        key(other.pk),
        key(whole.pk),
    )


def test_an_open_edition_takes_changes(sealed):
    edition = make_edition([factories.make_learner()], purpose="CADRES")
    edition.entries.update(able=False)
    add_entries(edition=edition, subjects=[factories.make_learner()], actor=None)
    edition.entries.all()._raw_delete("default")
    assert not edition.entries.exists()
