"""The rules that the database itself holds, on SQLite and on PostgreSQL."""

import os
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from learners.models import Membership
from lms.models import AuditEvent, AuditSeal, record_audit
from regions.models import VillageStatus
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def make_status(starts_on, ends_on=None, kind="POOR", code="411521001003"):
    region = factories.make_region(code)
    return VillageStatus.objects.create(
        region=region, kind=kind, starts_on=starts_on, ends_on=ends_on
    )


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        pytest.param(date(2015, 1, 1), date(2016, 12, 31), id="inside"),
        pytest.param(date(2010, 1, 1), date(2014, 1, 1), id="shares the first day"),
        pytest.param(date(2018, 12, 31), None, id="shares the last day"),
        pytest.param(date(2010, 1, 1), None, id="round it"),
    ],
)
def test_dated_rows_of_one_thing_do_not_overlap(starts_on, ends_on):
    make_status(date(2014, 1, 1), date(2018, 12, 31))
    with pytest.raises(DatabaseError, match="no_overlap"), transaction.atomic():
        make_status(starts_on, ends_on)


def test_dated_rows_may_follow_each_other_or_belong_to_others():
    make_status(date(2014, 1, 1), date(2018, 12, 31))
    make_status(date(2019, 1, 1))
    make_status(date(2014, 1, 1), kind="QUALIFYING")
    make_status(date(2014, 1, 1), code="411521001004")
    assert VillageStatus.objects.count() == 4


def test_an_update_may_not_make_rows_overlap():
    make_status(date(2014, 1, 1), date(2018, 12, 31))
    later = make_status(date(2019, 1, 1))
    later.starts_on = date(2018, 6, 1)
    with pytest.raises(DatabaseError, match="no_overlap"), transaction.atomic():
        later.save(update_fields=["starts_on"])


def test_a_row_may_not_end_before_it_starts():
    with pytest.raises(DatabaseError, match="ends_after_start"), transaction.atomic():
        Membership.objects.create(
            learner=factories.make_learner(),
            household=factories.make_household(),
            starts_on=date(2026, 3, 2),
            ends_on=date(2026, 3, 1),
        )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda rows: rows.update(action="lms.other"), id="update"),
        pytest.param(lambda rows: rows.delete(), id="delete"),
    ],
)
def test_the_audit_trail_is_append_only(change):
    event = record_audit("lms.tried", actor=None)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(AuditEvent.objects.filter(pk=event.pk))
    assert AuditEvent.objects.get(pk=event.pk).action == "lms.tried"


def test_raw_sql_cannot_change_a_seal():
    event = record_audit("lms.tried", actor=None)
    AuditSeal.objects.create(event=event, seal=b"1")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM lms_auditseal")


def test_these_run_on_the_database_they_were_sent_to():
    asked = os.environ.get("DATABASE_URL", "sqlite:").split(":")[0]
    assert connection.vendor == {"postgres": "postgresql"}.get(asked, asked)
