"""A tablet enrolled anew brings what no backup holds once more, rows in custody too: they are one
row and one decision still, and are here again where the server had lost them."""

import pytest

from courses.actions import mark_device_lost, resolve_parked
from courses.models import ParkedRow
from tests import factories
from tests.courses.tablets import Tablet, events, new_id, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def stranger(tablet, session) -> dict:
    """A mark about somebody whom the server does not know."""
    row = tablet.mark(session, new_id())
    assert tablet.results(row) == ["parked:unknown_learner"]
    return row


@pytest.fixture
def anew(trainer) -> Tablet:
    return Tablet(trainer)


def numbered(row: dict, seq: int = 1) -> dict:
    return row | {"seq": seq}


def test_it_waits_once_and_is_no_gap(anew, stranger):
    answer = anew.send(numbered(stranger), last_seq=1)
    assert answer["results"][0]["code"] == "unknown_learner"
    assert (answer["contig_seq"], answer["missing_seq"]) == (1, [])
    assert ParkedRow.objects.count() == 1


def test_a_server_that_lost_it_has_it_again(anew, stranger):
    ParkedRow.objects.all().delete()
    assert anew.results(numbered(stranger)) == ["parked:unknown_learner"]
    assert ParkedRow.objects.get().device == anew.device


def test_set_aside_it_stays_set_aside(anew, session, tablet, learner, county_clerk):
    other = factories.make_session(factories.make_run("411522"))
    row = tablet.mark(other, learner)
    tablet.send(row)
    kept = ParkedRow.objects.get()
    resolve_parked(parked=kept, take_in=False, reason="不是本班的课", actor=county_clerk)
    other.instructor = session.instructor
    other.save()
    for each, said in ((tablet, row), (anew, numbered(row))):
        assert each.results(said) == ["parked:foreign_session"]
    assert (events(), ParkedRow.objects.count()) == (0, 1)


def test_another_enrolment_lets_nothing_out_of_quarantine(
    anew, tablet, session, learner, county_clerk
):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    row = tablet.mark(session, learner)
    assert tablet.results(row) == ["parked:quarantine"]
    assert anew.results(numbered(row)) == ["parked:quarantine"]
    assert (events(), ParkedRow.objects.waiting().count()) == (0, 1)


def test_what_can_be_taken_in_by_then_is(anew, tablet, session, learner, county_clerk):
    other = factories.make_session(factories.make_run("411522"))
    row = tablet.mark(other, learner)
    assert tablet.results(row) == ["parked:foreign_session"]
    other.instructor = session.instructor
    other.save()
    assert anew.results(numbered(row)) == ["accepted"]
    assert statuses(other) == {learner.pk: "PRESENT"}
    assert ParkedRow.objects.get().resolved_event is not None


def test_two_bodies_are_one_question_though_one_was_answered(
    anew, tablet, session, learner, county_clerk
):
    row = tablet.mark(session, learner)
    other = row | {"status": "LATE"}
    tablet.send(row, other)
    resolve_parked(parked=ParkedRow.objects.get(), take_in=True, reason="补", actor=county_clerk)
    assert anew.results(numbered(row), numbered(other, 2)) == [
        "duplicate",
        "parked:id_reused_different_body",
    ]
    assert (events(), ParkedRow.objects.count()) == (2, 1)


def test_a_row_that_is_not_whole_is_no_gap_either(anew, tablet, session):
    row = tablet.mark(session, new_id())
    del row["learner_id"]
    for each, said in ((tablet, row), (anew, numbered(row))):
        answer = each.send(said, last_seq=1)
        assert answer["results"][0]["code"] == "incomplete"
        assert answer["missing_seq"] == []
    assert ParkedRow.objects.count() == 1
