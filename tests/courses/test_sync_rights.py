"""Who may bring_file marks, and what becomes of the others' marks."""

from datetime import timedelta

import pytest

from accounts.models import Device
from courses.actions import (
    mark_device_lost,
    resolve_parked,
)
from courses.models import (
    ParkedRow,
)
from lms.lib.periods import today
from tests.courses.tablets import bring_file, events, new_id, queue_file, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TWO_YEARS = 2 * 365 * 86_400_000


def test_a_lost_tablet_gets_nothing_and_what_it_brings_waits(
    tablet, session, learner, county_clerk
):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    refused = tablet.snapshot()
    assert refused.status_code == 403
    assert refused.json()["error"] == "device_revoked"
    assert refused.json()["upload"] == "quarantine"
    answer = tablet.send(tablet.mark(session, learner))
    assert answer["results"][0]["code"] == "quarantine"
    assert answer["directives"] == ["wipe_after_ack"]
    assert not statuses(session)
    assert Device.objects.get().wiped_at
    resolve_parked(parked=ParkedRow.objects.get(), take_in=True, reason="核实", actor=county_clerk)
    assert statuses(session) == {learner.pk: "PRESENT"}


def test_a_lost_tablet_with_more_to_bring_is_not_wiped_yet(tablet, session, learner, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    tablet.send(tablet.mark(session, learner), pending=9)
    assert Device.objects.get().wiped_at is None
    assert Device.objects.get().reported_pending == 8


def test_a_lost_tablet_that_holds_what_was_refused_is_not_wiped(
    tablet, session, learner, county_clerk
):
    """It counts what the server would not have among what waits, until that was exported."""
    mark_device_lost(device=tablet.device, actor=county_clerk)
    tablet.send({"event_id": "no id"}, tablet.mark(session, learner), pending=2)
    tablet.device.refresh_from_db()
    assert (tablet.device.reported_pending, tablet.device.wiped_at) == (1, None)
    tablet.send(pending=0)
    tablet.device.refresh_from_db()
    assert tablet.device.wiped_at is not None


def test_a_tablet_that_speaks_of_marks_was_not_wiped(tablet, session, learner, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    tablet.send(pending=0)
    tablet.send(tablet.mark(session, learner), pending=3)
    tablet.device.refresh_from_db()
    assert tablet.device.wiped_at is None


def test_a_file_wipes_no_tablet(tablet, session, learner, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    bring_file(queue_file(tablet, tablet.mark(session, learner)), county_clerk)
    tablet.device.refresh_from_db()
    assert tablet.device.wiped_at is None


def test_a_trainer_whose_role_ended(tablet, session, learner, trainer):
    trainer.grants.update(ends_on=today() - timedelta(days=1))
    assert tablet.snapshot().status_code == 403
    answer = tablet.send(tablet.mark(session, learner))
    assert answer["results"][0]["code"] == "quarantine"
    assert answer["directives"] == []


def test_a_role_holds_on_its_last_day(tablet, session, learner, trainer):
    trainer.grants.update(ends_on=today())
    assert tablet.results(tablet.mark(session, learner)) == ["accepted"]


def test_a_person_who_may_not_sign_in_any_more(tablet, session, learner, trainer):
    trainer.is_active = False
    trainer.save()
    assert tablet.snapshot().status_code == 403
    assert tablet.results(tablet.mark(session, learner)) == ["parked:quarantine"]


def test_an_unknown_token_changes_nothing(tablet, session, learner):
    tablet.token += "x"
    response = tablet.push(tablet.mark(session, learner))
    assert response.status_code == 401
    assert response.json()["error"] == "unauthenticated"
    assert events() == 0


def test_rows_of_another_tablet_are_not_taken_under_this_name(tablet, session, learner):
    response = tablet.push(tablet.mark(session, learner), device=str(new_id()))
    assert (response.status_code, events()) == (409, 0)
