"""How much is taken at once, and what else a tablet is told."""

import json

import pytest
from django.db import OperationalError

from accounts.models import Device
from courses.actions.sync import MOST_ROWS
from courses.models import (
    SyncBatch,
)
from lms.models import AuditEvent
from tests import factories
from tests.courses.tablets import events, new_id

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TWO_YEARS = 2 * 365 * 86_400_000


# --- sizes ---------------------------------------------------------------------------------------
def test_a_batch_that_is_too_large_is_sent_in_halves(tablet, session, learner):
    row = tablet.mark(session, learner, filler="x" * 70_000)
    response = tablet.push(row)
    assert (response.status_code, response.json()["error"]) == (413, "too_large")
    many = [tablet.mark(session, learner) for _n in range(MOST_ROWS + 1)]
    assert tablet.push(*many).status_code == 413
    assert events() == 0


def test_half_a_batch_is_no_batch(tablet, session, learner):
    text = json.dumps(tablet.body(tablet.mark(session, learner)))
    response = tablet.post("push", text[: len(text) // 2])
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/json")
    assert events() == 0


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("&".join(f"f{n}=1" for n in range(1001)), "application/x-www-form-urlencoded", 400),
        ('{"x": "' + "y" * 2_500_000 + '"}', "application/json", 413),
        ("[" * 1000 + "]" * 1000, "application/json", 400),
        ('{"events": ' + "[" * 30_000 + "]" * 30_000 + "}", "application/json", 400),
        ('{"batch_id": NaN}', "application/json", 400),
        ("9" * 60_000, "application/json", 400),
        ("", "application/json", 400),
        ("\xff\xfe", "application/json", 400),
        ("null", "application/json", 400),
    ],
)
def test_what_is_no_request_is_refused_at_once(tablet, content, kind, status):
    response = tablet.post("push", content, content_type=kind)
    assert response.status_code == status
    assert events() == 0


def test_a_busy_database_means_later(tablet, session, learner, monkeypatch):
    def locked(**_fields):
        raise OperationalError("database is locked")

    monkeypatch.setattr("courses.api.push_events", locked)
    response = tablet.push(tablet.mark(session, learner))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"].startswith("application/json")


# --- the rest of the answer ----------------------------------------------------------------------
def test_an_old_app_is_told_but_never_refused(tablet, session, learner):
    answer = tablet.send(tablet.mark(session, learner), app_version="0.0.9")
    assert answer["directives"] == ["update_app"]
    assert answer["results"][0]["result"] == "accepted"


def test_a_heartbeat_tells_what_waits(tablet):
    tablet.send(last_seq=7, pending=3)
    device = Device.objects.get()
    assert (device.reported_last_seq, device.reported_pending) == (7, 3)
    assert device.last_seen_at is not None
    assert not SyncBatch.objects.exists()


def test_a_batch_leaves_one_line_that_names_nobody(tablet, session, learner):
    tablet.send(tablet.mark(session, learner), tablet.mark(session, new_id()))
    line = AuditEvent.objects.get(action="courses.events_pushed")
    assert (line.detail["accepted"], line.detail["parked"]) == (1, 1)
    assert line.actor == tablet.device.enrolled_by
    batch = SyncBatch.objects.get()
    assert (batch.accepted, batch.parked) == (1, 1)


@pytest.mark.parametrize("amount", [5, 50])
def test_a_batch_costs_the_same_queries_whatever_its_size(
    tablet, session, amount, django_assert_max_num_queries
):
    people = [factories.make_enrolment(session.run).learner for _n in range(amount)]
    rows = [tablet.mark(session, who) for who in people]
    with django_assert_max_num_queries(24):
        tablet.send(*rows)
