"""Closing on the tablet, and queues that came as a file."""

import json

import pytest

from courses.actions import (
    correct_mark,
    mark_device_lost,
)
from courses.models import (
    AttendanceState,
    ClassSession,
)
from courses.queries import late_marks
from lms.lib.errors import ActionError
from tests.courses.tablets import Tablet, bring_file, events, new_id, queue_file

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TWO_YEARS = 2 * 365 * 86_400_000


# --- closing -------------------------------------------------------------------------------------
def test_closing_and_what_comes_after(tablet, trainer, session, learner, county_clerk):
    other = Tablet(trainer)
    mark = tablet.mark(session, learner)
    tablet.send(mark, tablet.close(session, 1))
    session.refresh_from_db()
    assert (session.status, session.head_count) == (ClassSession.Status.CLOSED, 1)
    late = other.mark(session, learner, "LEAVE")
    assert other.results(late) == ["accepted"]
    state = AttendanceState.objects.get()
    assert (state.status, state.conflict) == ("PRESENT", True)
    assert [str(one.event.event_id) for one in late_marks(session)] == [late["event_id"]]
    correct_mark(
        session=session, learner=learner, status="LEAVE", reason="假条", actor=county_clerk
    )
    state.refresh_from_db()
    assert (state.status, state.conflict) == ("LEAVE", False)


def test_a_close_saw_what_other_tablets_had(tablet, trainer, session, learner):
    other = Tablet(trainer)
    theirs = other.mark(session, learner, "LATE")
    tablet.send(tablet.close(session, 1, saw=[theirs["event_id"]]))
    other.send(theirs)
    state = AttendanceState.objects.get()
    assert (state.status, state.conflict) == ("LATE", False)


def test_a_close_that_comes_under_another_enrolment_keeps_its_own_marks_in_time(
    tablet, trainer, session, learner
):
    """The token was refused in between; the app names its own marks in the close."""
    mark = tablet.mark(session, learner, "LATE")
    tablet.send(mark)
    again = Tablet(trainer)
    again.send(again.close(session, 1, saw=[mark["event_id"]]))
    again.send(mark | {"seq": again.seq + 1}, last_seq=again.seq + 1)
    state = AttendanceState.objects.get()
    assert (state.status, state.conflict) == ("LATE", False)


# --- files ---------------------------------------------------------------------------------------
def test_a_queue_file_is_the_same_as_an_upload(tablet, session, learner, county_clerk):
    rows = [tablet.mark(session, learner) for _n in range(70)]
    tablet.send(*rows[:10])
    found = bring_file(queue_file(tablet, *rows), county_clerk)
    assert found.counts == {"duplicate": 10, "accepted": 60}
    assert bring_file(queue_file(tablet, *rows), county_clerk).counts == {"duplicate": 70}
    assert tablet.results(*rows[:50]) == ["duplicate"] * 50
    assert events() == 70


def test_a_queue_file_of_a_lost_tablet_waits(tablet, session, learner, county_clerk):
    mark_device_lost(device=tablet.device, actor=county_clerk)
    found = bring_file(queue_file(tablet, tablet.mark(session, learner)), county_clerk)
    assert found.counts == {"parked": 1}


def test_an_altered_queue_file_is_refused(tablet, session, learner, county_clerk):
    content = queue_file(tablet, tablet.mark(session, learner))
    told = json.loads(content)
    for bad in (
        b"",
        b"PK\x03\x04",
        b"[" * 5000,
        json.dumps(told | {"mac": "0" * 64}).encode(),
        json.dumps(told | {"mac": "坏"}).encode(),
        json.dumps(told | {"device": str(new_id())}).encode(),
        json.dumps(told | {"sealed": told["sealed"] | {"iv": "AAAA"}}).encode(),
        json.dumps(told | {"v": 2}).encode(),
    ):
        with pytest.raises(ActionError):
            bring_file(bad, county_clerk)
    assert events() == 0
