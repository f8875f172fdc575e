"""A trainer's pages, with and without htmx."""

import re
import uuid
from datetime import time, timedelta

import pytest
from django.urls import reverse

from courses.actions import MarkInput, close_session, record_marks
from courses.models import AttendanceState, ClassSession, Enrolment, MarkEvent
from learners.models import Learner
from lms.lib.periods import today
from tests import factories
from tests.courses.tablets import bring, brought

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(trainer):
    return factories.make_session(factories.make_run(starts_on=today()), user=trainer)


@pytest.fixture
def people(session):
    names = {"阿依古丽": "aygl", "马小龙": "mxl", "李建军": "ljj"}
    return [
        factories.make_enrolment(
            session.run, factories.make_learner(name, initials=initials)
        ).learner
        for name, initials in names.items()
    ]


@pytest.fixture
def tablet(signed_in, trainer):
    return signed_in(trainer)


def address(name, session):
    return reverse(f"courses:{name}", args=[session.pk])


def tap(client, session, learner, **data):
    data = {"learner": learner.pk, "event_id": uuid.uuid4()} | data
    return client.post(address("session_mark", session), data)


def statuses(session):
    rows = AttendanceState.objects.filter(session=session)
    return dict(rows.values_list("learner_id", "status"))


def test_the_roster_is_by_pinyin_with_last_four_and_no_whole_number(tablet, session, people):
    text = tablet.get(address("session_roll_call", session)).content.decode()
    places = [text.index(name) for name in ("阿依古丽", "李建军", "马小龙")]
    assert places == sorted(places)
    for learner in people:
        assert learner.id_tail in text
        assert learner.clear_id_number() not in text


def test_a_tap_marks_and_another_takes_back(tablet, session, people):
    learner = people[0]
    response = tap(tablet, session, learner, status="PRESENT", letter="A")
    assert response.url.endswith(f"?letter=A#card-{learner.pk}")
    assert statuses(session) == {learner.pk: "PRESENT"}
    event = MarkEvent.objects.get()
    tap(tablet, session, learner, target=event.event_id)
    assert statuses(session) == {}


def test_a_tap_sent_twice_is_one_event(tablet, session, people):
    event_id = uuid.uuid4()
    for _ in range(2):
        tap(tablet, session, people[0], status="PRESENT", event_id=event_id)
    assert MarkEvent.objects.count() == 1


def test_htmx_gets_the_card_and_the_sums(tablet, session, people):
    data = {"learner": people[0].pk, "status": "PRESENT", "event_id": uuid.uuid4()}
    response = tablet.post(address("session_mark", session), data, headers=HTMX)
    text = response.content.decode()
    assert text.count('class="mark-card') == 1
    assert f'id="card-{people[0].pk}"' in text
    assert text.count('hx-swap-oob="true"') == 3
    assert "<html" not in text


def test_a_choice_by_htmx_draws_all_cards_and_closes_the_choices(tablet, session, people):
    data = {"learner": people[0].pk, "status": "LEAVE", "chosen": 1}
    response = tablet.post(address("session_mark", session), data, headers=HTMX)
    text = response.content.decode()
    assert text.count('class="mark-card') == 3
    assert 'class="choose"' not in text
    assert statuses(session) == {people[0].pk: "LEAVE"}


def test_choices_are_opened_in_place(tablet, session, people):
    response = tablet.get(address("session_roll_call", session), {"choose": people[1].pk})
    choices = response.content.decode().split('id="choose"')[1].split("</form>")[0]
    assert re.findall(r'name="status" value="(\w+)"', choices) == [
        "PRESENT", "LATE", "LEFT_EARLY", "LEAVE", "ABSENT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"show": "unmarked"}, {"马小龙", "李建军"}),
        ({"show": "PRESENT"}, {"阿依古丽"}),
        ({"letter": "L"}, {"李建军"}),
        ({"show": "LATE"}, set()),
    ],
)
def test_sums_and_letters_are_filters(tablet, session, people, query, names):
    tap(tablet, session, people[0], status="PRESENT")
    page = tablet.get(address("session_roll_call", session), query)
    assert {card.row.learner.name for card in page.context["cards"]} == names


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"learner": "x"}, 400),
        ({"learner": uuid.UUID(int=1), "status": "PRESENT"}, 404),
        ({"status": "PRESENT"}, 404),
        ({"learner": "own", "status": "HERE"}, 400),
        ({"learner": "own"}, 400),
        ({"learner": "own", "target": "x"}, 400),
        ({"learner": "own", "status": "LATE\x00"}, 400),
    ],
)
def test_forged_taps_store_nothing(tablet, session, people, data, status):
    if data.get("learner") == "own":
        data = data | {"learner": people[0].pk}
    assert tablet.post(address("session_mark", session), data).status_code == status
    assert not MarkEvent.objects.exists()


@pytest.mark.parametrize("query", ["show=HERE", "choose=x", "letter=%00"])
def test_forged_filters_are_refused(tablet, session, query):
    assert tablet.get(f"{address('session_roll_call', session)}?{query}").status_code == 400


def test_somebody_elses_mark_is_not_mine_to_take_back(tablet, session, people, trainer):
    other = factories.make_session(factories.make_run(starts_on=today()), at=time(15))
    mark = MarkInput(learner_id=people[0].pk, status="PRESENT")
    record_marks(session=other, marks=[mark], actor=trainer)
    tap(tablet, session, people[0], target=mark.event_id)
    assert statuses(other) == {people[0].pk: "PRESENT"}


def test_another_trainers_session_of_my_run_can_be_read_only(tablet, session, people):
    other = factories.make_session(session.run, at=time(15))
    assert tablet.get(address("session_correct", other)).status_code == 200
    assert tablet.get(address("session_roll_call", other)).status_code == 403
    assert tap(tablet, other, people[0], status="PRESENT").status_code == 403


def test_the_rest_are_marked_at_once(tablet, session, people):
    tap(tablet, session, people[0], status="LEAVE")
    tablet.post(address("session_mark_rest", session))
    assert sorted(statuses(session).values()) == ["LEAVE", "PRESENT", "PRESENT"]


def test_taps_on_a_session_closed_meanwhile_are_told(tablet, session, people, trainer):
    close_session(session=session, head_count=0, actor=trainer)
    response = tap(tablet, session, people[0], status="PRESENT")
    assert response.status_code == 302
    response = tablet.post(
        address("session_mark", session),
        {"learner": people[0].pk, "status": "PRESENT"},
        headers=HTMX,
    )
    assert (response.status_code, response["HX-Redirect"]) == (
        204,
        address("session_roll_call", session),
    )
    assert statuses(session) == {}
    page = tablet.get(address("session_roll_call", session))
    assert page.url == address("session_correct", session)


# --- close-out ------------------------------------------------------------------------------------
def test_the_close_out_adds_up_and_names_the_difference(tablet, session, people):
    tap(tablet, session, people[0], status="PRESENT")
    tap(tablet, session, people[1], status="LATE")
    page = tablet.get(address("session_close", session))
    assert [term["value"] for term in page.context["terms"]] == [1, 1, 0, 0, 1]
    assert page.context["total"]["value"] == 3
    # What the marks say is no count of heads.
    assert 'id="head_count" value=""' in page.content.decode()
    assert (page.context["heads"], page.context["difference"]) == (None, None)
    page = tablet.post(
        address("session_close", session), {"head_count": 2, "known": 0, "step": "minus"}
    )
    assert (page.context["heads"], page.context["difference"]) == (1, -1)
    session.refresh_from_db()
    assert session.status == "PLANNED"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_close_without_a_roll_call_is_no_agreement(tablet, session, people, headers):
    """No head and no mark are the same number; that all become absent is what must be said."""
    data = {"head_count": 0, "known": 0, "count": 1}
    text = tablet.post(address("session_close", session), data, headers=headers).content.decode()
    assert "note-warn" in text
    assert "note-good" not in text
    assert "3" in text.partition('name="close"')[2].partition("</button>")[0]
    for learner in people:
        tap(tablet, session, learner, status="ABSENT")
    text = tablet.post(address("session_close", session), data, headers=headers).content.decode()
    assert "note-good" in text
    assert "note-warn" not in text
    assert (
        tablet.post(
            address("session_close", session), data | {"close": 1, "signed": "trainer"}
        ).status_code
        == 302
    )


def test_it_closes_only_with_the_difference_that_was_shown(tablet, session, people):
    tap(tablet, session, people[0], status="PRESENT")
    data = {"head_count": 4, "known": 0, "close": 1, "signed": "trainer"}
    page = tablet.post(address("session_close", session), data)
    assert (page.status_code, page.context["difference"]) == (200, 3)
    data["known"] = 3
    assert tablet.post(address("session_close", session), data).status_code == 302
    session.refresh_from_db()
    assert (session.status, session.head_count) == ("CLOSED", 4)
    page = tablet.get(address("session_correct", session))
    counted = page.context["tally"]
    assert (counted.present, counted.absent) == (1, 2)
    said = sorted(card.row.status for card in page.context["cards"])
    assert said == ["ABSENT", "ABSENT", "PRESENT"]


@pytest.mark.parametrize("heads", ["", "-1", "1000", "abc", "1.5"])
def test_what_is_no_head_count_does_not_close(tablet, session, people, heads):
    data = {"head_count": heads, "known": 0, "close": 1, "signed": "trainer"}
    page = tablet.post(address("session_close", session), data)
    assert page.status_code == 200
    text = page.content.decode()
    assert f'id="head_count" value="{heads}"' in text
    assert ("还没有填人数" in text) == (heads == "")
    session.refresh_from_db()
    assert session.status == "PLANNED"


@pytest.mark.parametrize("step", ["minus", "plus"])
def test_nothing_is_counted_on_from_an_empty_field(tablet, session, people, step):
    tap(tablet, session, people[0], status="PRESENT")
    data = {"head_count": "", "known": "", "step": step}
    text = tablet.post(address("session_close", session), data, headers=HTMX).content.decode()
    assert 'id="head_count" value=""' in text
    assert "还没有填人数" in text
    assert "人头和点名一致" not in text


def test_counting_by_htmx_redraws_count_and_button(tablet, session, people):
    data = {"head_count": 1, "known": 0, "step": "plus"}
    text = tablet.post(address("session_close", session), data, headers=HTMX).content.decode()
    assert 'value="2"' in text
    assert 'hx-swap-oob="true"' in text
    data = {"head_count": 2, "known": 2, "close": 1, "signed": "trainer"}
    response = tablet.post(address("session_close", session), data, headers=HTMX)
    assert response["HX-Redirect"] == address("session_correct", session)


# --- corrections, late marks, walk-ins ------------------------------------------------------------
def test_a_correction_on_the_page(tablet, session, people, trainer):
    close_session(session=session, head_count=0, actor=trainer)
    page = tablet.get(address("session_correct", session), {"learner": people[0].pk})
    assert page.context["form"].initial["status"] == "ABSENT"
    data = {"learner": people[0].pk, "status": "PRESENT", "reason": ""}
    assert tablet.post(address("session_correct", session), data).status_code == 200
    assert statuses(session) == {}
    data["reason"] = "签到表上有签字"
    assert tablet.post(address("session_correct", session), data).status_code == 302
    assert statuses(session) == {people[0].pk: "PRESENT"}


def test_nobody_outside_the_run_is_corrected(tablet, session, people, trainer):
    close_session(session=session, head_count=0, actor=trainer)
    stranger = factories.make_learner(code="411522001001")
    data = {"learner": stranger.pk, "status": "PRESENT", "reason": "改"}
    assert tablet.post(address("session_correct", session), data).status_code == 404
    page = tablet.get(address("session_correct", session), {"learner": stranger.pk})
    assert page.status_code == 404


def test_late_marks_are_shown_and_accepted(tablet, session, people, trainer):
    close_session(session=session, head_count=0, actor=trainer)
    pad = factories.make_device(trainer, "平板", "c" * 64)
    mark = brought(session, people[0], status="LATE")
    bring(pad, mark)
    assert mark["event_id"] in tablet.get(address("session_correct", session)).content.decode()
    data = {"event": [mark["event_id"]], "reason": "平板晚传"}
    tablet.post(address("session_accept_late", session), data)
    assert statuses(session) == {people[0].pk: "LATE"}


def test_a_walk_in_on_the_page(tablet, session, people):
    form = tablet.get(address("walk_in_create", session)).context["form"]
    data = {"name": "来客", "status": "LATE", "event_id": form["event_id"].value()}
    for _ in range(2):
        response = tablet.post(address("walk_in_create", session), data)
        assert response.url == address("session_roll_call", session)
    learner = Learner.objects.get(name="来客")
    assert (learner.provisional, statuses(session)) == (True, {learner.pk: "LATE"})
    assert Enrolment.objects.get(learner=learner).source == "WALK_IN"


def test_a_wrong_number_is_told_on_the_form(tablet, session, people):
    data = {"name": "来客", "id_number": "123", "status": "LATE", "event_id": uuid.uuid4()}
    page = tablet.post(address("walk_in_create", session), data)
    assert page.context["form"].non_field_errors()
    assert not Learner.objects.filter(name="来客").exists()


# --- the day, and how much it costs ---------------------------------------------------------------
def test_today_shows_what_is_to_do(tablet, session, people, trainer):
    past = factories.make_run(starts_on=today() - timedelta(days=3))
    left_open = factories.make_session(past, user=trainer)
    groups = tablet.get(reverse("courses:today")).context["groups"]
    assert [(key, [row.pk for row, _tally in rows]) for key, _title, rows in groups] == [
        ("open", [left_open.pk]),
        ("today", [session.pk]),
        ("ahead", []),
    ]


def test_queries_do_not_grow_with_people(tablet, session, trainer, django_assert_max_num_queries):
    for count in (3, 30):
        learners = [factories.make_enrolment(session.run).learner for _ in range(count)]
        marks = [MarkInput(learner_id=learner.pk, status="PRESENT") for learner in learners]
        record_marks(session=session, marks=marks, actor=trainer)
        with django_assert_max_num_queries(12):
            tablet.get(address("session_roll_call", session))
        with django_assert_max_num_queries(12):
            tablet.get(address("session_close", session))
        with django_assert_max_num_queries(12):
            tablet.get(reverse("courses:today"))
    ClassSession.objects.update(status="CLOSED", head_count=33)
    with django_assert_max_num_queries(14):
        tablet.get(address("session_correct", session))
