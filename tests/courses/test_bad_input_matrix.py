"""What tablets and their network bring that nobody wished for, row by row of the matrix: 33 to 36,
40 and 41. What only the web server itself can show is in tests/lms/test_web_server.py."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from courses.actions import (
    CourseError,
    cancel_session,
    close_session,
    edit_run,
    enrol_learners,
    withdraw_enrolment,
)
from courses.models import Enrolment, MarkEvent, ParkedRow
from courses.queries.worklist import Work, work_counts
from learners.models import Learner
from lms.lib.periods import today
from tests import factories
from tests.courses.tablets import API, Tablet, events, new_id, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TWO_DAYS_MS = 2 * 86_400_000
FORM = "application/x-www-form-urlencoded"


# --- 33: replayed, out of order, two tablets, clocks, a cancelled session ------------------------
def test_row_33_replayed_out_of_order_from_two_tablets_two_days_off(
    tablet, trainer, session, learner, county_clerk
):
    other, ahead = Tablet(trainer), Tablet(trainer)
    first = tablet.mark(session, learner, "PRESENT")
    second = tablet.mark(session, learner, "LATE", base=first["event_id"])
    answer = other.mark(session, learner, "LEAVE")
    wrong = ahead.mark(session, learner, "ABSENT", t_ms=second["t_ms"] + TWO_DAYS_MS)
    for _time in range(3):
        ahead.send(wrong)
        other.send(answer)
        tablet.send(second, first)
    assert events() == 4
    assert MarkEvent.objects.get(seq=wrong["seq"], device=ahead.device).flags == ["clock_suspect"]
    assert len(statuses(session)) == 1
    # Two answers of equal rank from two tablets: the supervisor's.
    close_session(session=session, head_count=1, actor=trainer)
    assert work_counts(county_clerk)[Work.CONFLICT] == 1


def test_row_33_a_session_that_was_cancelled_meanwhile(tablet, session, learner, county_clerk):
    row = tablet.mark(session, learner)
    cancel_session(session=session, reason="停电", actor=county_clerk)
    assert [tablet.results(row) for _time in range(3)] == [["accepted"], *[["duplicate"]] * 2]
    assert MarkEvent.objects.get().flags == ["session_cancelled"]
    session.refresh_from_db()
    assert session.status == "CANCELLED"


# --- 34: a queue of somebody without a role -------------------------------------------------------
def test_row_34_a_trainer_whose_role_was_removed(tablet, trainer, session, learner, county_clerk):
    row = tablet.mark(session, learner)
    trainer.grants.update(ends_on=today() - timedelta(days=1))
    assert tablet.results(row) == ["parked:quarantine"]
    refused = tablet.snapshot()
    assert (refused.status_code, refused.json()["upload"]) == (403, "quarantine")
    assert not statuses(session)
    assert work_counts(county_clerk)[Work.PARKED] == 1


# --- 35: not enrolled, unknown --------------------------------------------------------------------
def test_row_35_somebody_not_enrolled_and_walk_ins_nobody_knows(tablet, session):
    outsider = factories.make_learner()
    row, walk_in = tablet.mark(session, outsider), tablet.walk_in(session, name="来客")
    stranger = tablet.mark(session, new_id())
    found = tablet.results(row, walk_in, stranger)
    assert found == ["accepted", "accepted", "parked:unknown_learner"]
    assert MarkEvent.objects.get(learner=outsider).flags == ["not_enrolled"]
    came = Learner.objects.get(name="来客")
    assert came.provisional
    assert set(statuses(session)) == {outsider.pk, came.pk}
    assert ParkedRow.objects.get().raw == stranger


# --- 36: more people than places ------------------------------------------------------------------
@pytest.fixture
def five_places(county_clerk):
    run = factories.make_run(starts_on=today(), status="OPEN", capacity=5)
    asking = [factories.make_learner() for _n in range(6)]
    for learner in asking:
        enrol_learners(run=run, learners=[learner], actor=county_clerk)
    return run


def counted(run) -> dict[str, int]:
    rows = Enrolment.objects.filter(run=run)
    return {name: rows.filter(status=name).count() for name in ("ENROLLED", "WAITING")}


def change_places(run, capacity: int, actor) -> None:
    days = {"starts_on": run.starts_on, "ends_on": run.ends_on}
    edit_run(run=run, capacity=capacity, actor=actor, **days)


def test_row_36_six_people_for_five_places(five_places):
    assert counted(five_places) == {"ENROLLED": 5, "WAITING": 1}


def test_row_36_places_changed_meanwhile(five_places, county_clerk):
    """There are never more people than places, whichever way the number goes."""
    with pytest.raises(CourseError, match="CAPACITY"):
        change_places(five_places, 4, county_clerk)
    leaving = Enrolment.objects.filter(run=five_places, status="ENROLLED").first()
    withdraw_enrolment(enrolment=leaving, actor=county_clerk)
    change_places(five_places, 4, county_clerk)
    late = factories.make_learner()
    enrol_learners(run=five_places, learners=[late], actor=county_clerk)
    assert counted(five_places) == {"ENROLLED": 4, "WAITING": 2}
    change_places(five_places, 5, county_clerk)
    enrol_learners(run=five_places, learners=[factories.make_learner()], actor=county_clerk)
    assert counted(five_places) == {"ENROLLED": 5, "WAITING": 2}


# --- 40: headers ----------------------------------------------------------------------------------
def test_row_40_a_made_up_host(tablet):
    for path in ("/", f"{API}/snapshot"):
        answer = tablet.client.get(path, headers=tablet.headers(Host="evil.example"))
        assert answer.status_code == 400
        assert b"evil" not in answer.content


@time_machine.travel("2026-05-08T01:00:10Z", tick=False)
def test_row_40_fifty_proxies_lift_no_limit(client):
    cache.clear()
    found = [
        client.post(
            f"{API}/enrol",
            {"code": f"AAAA-{n:04d}"},
            "application/json",
            headers={"X-Forwarded-For": ", ".join([f"10.0.{n}.1"] * 50)},
        ).status_code
        for n in range(11)
    ]
    assert found == [410] * 10 + [429]


# --- 41: bodies -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("&".join(f"f{n}=1" for n in range(1001)), FORM, 400),
        ('{"events": "' + "y" * 2_500_000 + '"}', "application/json", 413),
        ("[" * 1000 + "]" * 1000, "application/json", 400),
    ],
    ids=["a thousand fields", "2.5 MB", "a thousand deep"],
)
def test_row_41_bodies_that_are_no_batch(tablet, content, kind, status):
    answer = tablet.post("push", content, content_type=kind)
    assert answer.status_code == status
    assert {"error", "message"} <= answer.json().keys()
    assert events() == 0


def test_row_41_a_row_a_thousand_deep_within_a_batch(tablet, session, learner):
    """It is no matter of the others."""
    deep = json.loads("[" * 400 + "]" * 400)
    row = tablet.mark(session, learner)
    found = tablet.results({"event_id": str(new_id()), "note": deep}, row)
    assert found == ["unreadable", "accepted"]


def test_row_41_a_form_of_a_thousand_fields_on_a_page(signed_in, county_clerk):
    data = "&".join(f"f{n}=1" for n in range(1001))
    answer = signed_in(county_clerk).post(reverse("courses:queue_import"), data, content_type=FORM)
    assert answer.status_code == 400
