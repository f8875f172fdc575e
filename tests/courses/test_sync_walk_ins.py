"""People whom no list names, from the tablet to the learner."""

import json

import pytest

from courses.actions import (
    resolve_parked,
)
from courses.models import (
    Enrolment,
    MarkEvent,
    ParkedRow,
)
from courses.queries.codes import personal_qr
from learners.models import Learner
from lms.models import AuditEvent
from tests import factories
from tests.courses.tablets import statuses

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TWO_YEARS = 2 * 365 * 86_400_000


def test_a_walk_in_with_the_number_of_a_known_learner_is_that_learner(tablet, session):
    known = factories.make_learner("王芳")
    row = tablet.walk_in(session, name="王芳", id_number=known.clear_id_number())
    assert "note" not in tablet.send(row)["results"][0]
    assert statuses(session) == {known.pk: "PRESENT"}
    assert Enrolment.objects.get(learner=known).source == "WALK_IN"


def test_a_walk_in_with_a_personal_code_is_that_learner(tablet, session):
    known = factories.make_learner("王芳")
    tablet.send(tablet.walk_in(session, qr=personal_qr(known.pk)))
    assert statuses(session) == {known.pk: "PRESENT"}


def test_an_unknown_walk_in_is_a_provisional_learner_at_once(tablet, session):
    number = factories.make_id_number()
    row = tablet.walk_in(session, name="赵新", id_number=number, phone="13912345678")
    answer = tablet.send(row)
    assert answer["results"][0]["note"] == "provisional"
    person = Learner.objects.get(provisional=True)
    assert (person.name, person.clear_id_number(), person.id_index) == ("赵新", number, None)
    assert statuses(session) == {person.pk: "PRESENT"}
    # Neither the row nor the trail keeps who it is in clear.
    stored = json.dumps([MarkEvent.objects.get().payload, *AuditEvent.objects.values("detail")])
    assert "赵新" not in stored
    assert number not in stored
    tablet.send(row)
    assert Learner.objects.filter(provisional=True).count() == 1


@pytest.mark.parametrize(
    ("said", "flag"),
    [
        ({"name": "赵新", "id_number": "411521198506010010"}, "id_number_wrong"),
        ({"name": "赵新", "phone": "12"}, "phone_wrong"),
        ({"name": ""}, "name_missing"),
        ({"name": "赵\x00新" * 50}, "provisional"),
        ({"name": 5}, "name_missing"),
    ],
)
def test_a_walk_in_is_recorded_whatever_was_typed(tablet, session, said, flag):
    assert flag in tablet.send(tablet.walk_in(session, **said))["results"][0]["note"]
    assert len(statuses(session)) == 1


def test_a_number_under_another_name_is_not_taken_on_trust(tablet, session):
    known = factories.make_learner("王芳")
    row = tablet.walk_in(session, name="李雷", id_number=known.clear_id_number())
    assert tablet.send(row)["results"][0]["note"] == "name_differs,provisional"
    assert known.pk not in statuses(session)


def test_what_is_said_of_a_walk_in_names_the_event(tablet, session):
    row = tablet.walk_in(session, name="赵新")
    late = tablet.mark(session, row["event_id"], "LATE", base=row["event_id"])
    assert tablet.results(row, late) == ["accepted"] * 2
    person = Learner.objects.get(provisional=True)
    assert statuses(session) == {person.pk: "LATE"}
    aliases = tablet.snapshot().json()["aliases"]
    assert {"from": row["event_id"], "to": str(person.pk)} in aliases


def test_what_comes_before_its_walk_in_waits_for_it(tablet, session):
    row = tablet.walk_in(session, name="赵新")
    late = tablet.mark(session, row["event_id"], "LATE", base=row["event_id"])
    assert tablet.results(late) == ["parked:unknown_learner"]
    tablet.send(row)
    assert list(statuses(session).values()) == ["LATE"]
    assert not ParkedRow.objects.waiting().exists()


def test_a_seal_that_cannot_be_opened_is_kept_sealed(tablet, session, learner, county_clerk):
    row = tablet.walk_in(session, name="赵新")
    row["sealed"]["data"] = row["sealed"]["iv"]
    after = tablet.mark(session, row["event_id"], "LATE", base=row["event_id"])
    assert tablet.results(row, after) == ["parked:seal_unreadable", "parked:unknown_learner"]
    parked = ParkedRow.objects.get(code="seal_unreadable")
    resolve_parked(parked=parked, take_in=True, reason="本人", learner=learner, actor=county_clerk)
    assert statuses(session) == {learner.pk: "LATE"}
    assert not ParkedRow.objects.waiting().exists()
