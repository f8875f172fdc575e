"""Statements of ours on PostgreSQL: prepared, and planned, once a connection."""

import pytest
from django.db import connection

from accounts.models import Device
from lms.lib.sets import ask

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps what it compiled"),
]
PREPARED = "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE %s"


def test_a_statement_of_ours_is_prepared_once():
    for number in range(3):
        ask("SELECT 'here once' WHERE %s <> 'x'", str(number))
    assert ask(PREPARED, "SELECT 'here once'%") == [(1,)]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_new_connection_is_asked_like_the_first():
    """Cursors are kept, and go with their connection."""
    assert ask("SELECT 'kept' WHERE %s <> 'x'", "y") == [("kept",)]
    connection.close()
    assert ask("SELECT 'kept' WHERE %s <> 'x'", "y") == [("kept",)]


def test_djangos_own_are_not():
    """Their texts are without number, and would drive ours out."""
    for _n in range(8):
        list(Device.objects.filter(label="平板"))
    assert ask(PREPARED, '%"accounts_device"."label"%') == [(0,)]


def test_what_is_found_by_keys_is_planned_for_no_value():
    ask("SELECT {by index}")
    for number in range(8):
        ask("SELECT 'by its key' WHERE %s <> 'x'", str(number))
    plans = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s"
    assert ask(plans, "SELECT 'by its key'%") == [(8, 0)]


def test_no_question_of_a_page_is_compiled():
    """PostgreSQL's compiler takes seconds over what is answered in milliseconds."""
    assert ask("SHOW jit") == [("off",)]
