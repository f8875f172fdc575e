"""What tablets are answered, end to end: through the addresses, with the tables as they are."""

from datetime import time

import pytest
from django.urls import reverse

from courses.actions import rebuild_projection
from courses.models import AttendanceState, MarkEvent, MarkQuestion, SyncBatch
from tests import factories
from tests.courses.tablets import API, Tablet, new_id, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def learners(session):
    return [factories.make_enrolment(session.run).learner for _n in range(3)]


def test_marks_arrive_once(tablet, session, learners):
    rows = [tablet.mark(session, learner) for learner in learners]
    answer = tablet.send(*rows)
    assert [one["result"] for one in answer["results"]] == ["accepted"] * 3
    assert answer["contig_seq"] == 3
    assert answer["missing_seq"] == []
    assert tablet.results(*rows) == ["duplicate"] * 3
    assert MarkEvent.objects.count() == 3
    assert statuses(session) == {learner.pk: "PRESENT" for learner in learners}
    assert SyncBatch.objects.count() == 2


def test_a_snapshot_holds_the_class_and_is_not_sent_twice(tablet, session, learners):
    answer = tablet.snapshot().json()
    assert [row["id"] for row in answer["sessions"]] == [str(session.pk)]
    assert {row["learner"] for row in answer["roster"]} == {str(x.pk) for x in learners}
    assert tablet.snapshot(answer["version"]).status_code == 304
    tablet.send(tablet.mark(session, learners[0]))
    again = tablet.snapshot(answer["version"])
    assert again.status_code == 200
    assert again.json()["version"] > answer["version"]
    assert [row["status"] for row in again.json()["states"]] == ["PRESENT"]


def test_without_a_token_nobody_is_known(client):
    for path in ("push", "snapshot"):
        method = client.post if path == "push" else client.get
        assert method(f"{API}/{path}").status_code == 401


def test_a_mark_that_another_corrected_before_the_close_is_not_late(trainer, tablet, session):
    learner = factories.make_enrolment(session.run).learner
    second = Tablet(trainer)
    first_mark = tablet.mark(session, learner)
    tablet.send(first_mark)
    second.send(second.mark(session, learner, "LATE", base=first_mark["event_id"]))
    facts = second.snapshot().json()["sessions"][0]
    assert facts["sequence"] == 1
    assert first_mark["event_id"] in facts["seen"]
    second.send(second.close(session, 1, saw=facts["seen"]))
    found = AttendanceState.objects.get(session=session)
    assert (found.status, found.conflict) == ("LATE", False)
    assert not MarkQuestion.objects.filter(session=session).exists()
    assert second.snapshot().json()["sessions"][0]["seen"] == []


def test_the_page_and_the_tablet_come_to_the_same(tablet, trainer, session, learners, signed_in):
    """Taps on the server's roll call and on the tablet, in the order of one lesson."""
    other = factories.make_session(session.run, at=time(15), user=trainer)
    first, second, third = learners
    page = signed_in(trainer)

    def tap(learner, **said) -> None:
        said = {"learner": learner.pk, "event_id": new_id()} | said
        address = reverse("courses:session_mark", args=[session.pk])
        assert page.post(address, said).status_code == 302

    marked = tablet.mark(other, first)
    late = tablet.mark(other, second, "LATE")
    tablet.send(marked, late)
    tablet.send(tablet.void(marked))
    tablet.send(tablet.mark(other, second, "LEAVE", base=late["event_id"]))
    tablet.send(tablet.mark(other, third, "ABSENT"))
    tap(first, status="PRESENT")
    tap(second, status="LATE")
    tap(first, target=MarkEvent.objects.get(session=session, learner=first).event_id)
    tap(second, status="LEAVE")
    tap(third, status="ABSENT")
    assert statuses(session) == statuses(other) == {second.pk: "LEAVE", third.pk: "ABSENT"}
    kinds = [
        sorted(MarkEvent.objects.filter(session=one).values_list("kind", "status", "source"))
        for one in (session, other)
    ]
    assert kinds[0] == kinds[1]
    for one in (session, other):
        assert rebuild_projection(session=one, actor=None) is None
