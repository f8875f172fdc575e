"""A clerk's pages."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.models import ClassSession, Course, CourseRun, Enrolment, Instructor
from learners.models import Learner, Register, RegisterEdition, RegisterEntry
from learners.queries import learner_timeline
from lms.lib.periods import today
from lms.lib.scope import Role
from tests import factories
from tests.quotas import counted
from tests.searching import search

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 2)


@pytest.fixture
def desk(signed_in, county_clerk):
    return signed_in(county_clerk)


@pytest.fixture
def run(regions):
    return factories.make_run(starts_on=FIRST, status="OPEN")


def address(name, *args):
    return reverse(f"courses:{name}", args=args)


def new_run(**changes):
    return {
        "course": factories.make_course().pk,
        "host_region": "411521",
        "starts_on": "2026-03-02",
        "ends_on": "2026-03-04",
        "capacity": 40,
    } | changes


def sealed(learners, code="411521"):
    region = factories.make_region(code)
    register = Register.objects.create(purpose="ABLE_WILLING", year=2026, region=region)
    edition = RegisterEdition.objects.create(register=register, no=1)
    for learner in learners:
        RegisterEntry.objects.create(edition=edition, learner=learner, region_at_seal=region)
    edition.sealed_at, edition.sha256 = timezone.now(), "0" * 64
    edition.save()
    return edition


def test_a_run_from_nothing_to_sessions(desk, trainer):
    response = desk.post(address("run_create"), new_run(host_region="周党镇"))
    run = CourseRun.objects.get()
    assert response.url == address("run_detail", run.pk)
    assert (run.number, run.county.code, run.host_region.name) == (1, "411521", "周党镇")
    desk.post(address("run_open", run.pk))
    data = {
        "dates": ["2026-03-02", "2026-03-04"],
        "half_days": ["morning", "afternoon"],
        "new_site": "周党镇文化站",
        "instructor": f"user-{trainer.pk}",
    }
    desk.post(address("session_create", run.pk), data)
    assert ClassSession.objects.count() == 4
    assert Instructor.objects.get().user == trainer
    data["instructor"] = str(Instructor.objects.get().pk)
    page = desk.post(address("session_create", run.pk), data)
    assert page.context["form"].non_field_errors(), "booked at these times already"
    assert ClassSession.objects.count() == 4


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2026-03-01"}, "__all__"),
        ({"ends_on": "2027-03-01"}, "ends_on"),
        ({"capacity": 0}, "capacity"),
        ({"host_region": "光山县"}, "host_region"),
        ({"host_region": "411522"}, "host_region"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"number": "-1"}, "number"),
    ],
)
def test_what_cannot_be_planned_is_told_at_its_field(desk, changes, field):
    page = desk.post(address("run_create"), new_run(**changes))
    assert list(page.context["form"].errors) == [field]
    assert not CourseRun.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"dates": ["2026-03-09"]},
        {"half_days": ["night"]},
        {"new_site": ""},
        {"new_instructor": ""},
        {"new_instructor": "", "instructor": "user-1"},
    ],
)
def test_sessions_are_planned_whole_or_not(desk, run, changes):
    data = {
        "dates": ["2026-03-02"],
        "half_days": ["morning"],
        "new_site": "文化站",
        "new_instructor": "王老师",
    } | changes
    assert desk.post(address("session_create", run.pk), data).context["form"].errors
    assert not ClassSession.objects.exists()


# --- enrolling ------------------------------------------------------------------------------------
def test_the_first_of_the_list_fill_the_places(desk, run):
    CourseRun.objects.update(capacity=3)
    learners = [factories.make_learner() for _ in range(5)]
    sealed(learners)
    page = desk.get(address("run_enrol", run.pk))
    assert (page.context["free"], page.context["listing"].count) == (3, 5)
    desk.post(address("run_enrol", run.pk), {"all": 1})
    assert Enrolment.objects.filter(status="ENROLLED").count() == 3
    assert not Enrolment.objects.filter(status="WAITING").exists()


def test_those_ticked_are_enrolled_and_the_rest_wait(desk, run):
    CourseRun.objects.update(capacity=1)
    learners = [factories.make_learner() for _ in range(3)]
    sealed(learners)
    desk.post(address("run_enrol", run.pk), {"learner": [x.pk for x in learners[:2]]})
    found = dict(Enrolment.objects.values_list("learner_id", "status"))
    assert found == {learners[0].pk: "ENROLLED", learners[1].pk: "WAITING"}
    desk.post(address("enrolment_withdraw", run.pk, Enrolment.objects.get(status="ENROLLED").pk))
    desk.post(address("run_promote", run.pk))
    assert Enrolment.objects.get(learner=learners[1]).status == "ENROLLED"


def test_one_person_out_of_sight_refuses_the_whole_choice(desk, run):
    own, other = factories.make_learner(), factories.make_learner(code="411522001001")
    sealed([own])
    for ids in ([own.pk, other.pk], [own.pk, "x"]):
        response = desk.post(address("run_enrol", run.pk), {"learner": ids})
        assert response.status_code == 404
    assert not Enrolment.objects.exists()


def test_another_countys_edition_is_not_found(desk, run):
    edition = sealed([factories.make_learner()], "411522")
    assert desk.get(address("run_enrol", run.pk), {"edition": edition.pk}).status_code == 404
    assert desk.get(address("run_enrol", run.pk)).context["edition"] is None


def test_nobody_ticked_is_told(desk, run):
    sealed([factories.make_learner()])
    assert desk.post(address("run_enrol", run.pk), {}).status_code == 302
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"township": "411521100"}, {"李建军"}),
        ({"trained": "yes"}, set()),
    ],
)
def test_candidates_are_searched_and_filtered(desk, run, query, names):
    learners = [
        factories.make_learner("马小龙", initials="mxl"),
        factories.make_learner("李建军", "411521100200", initials="ljj"),
    ]
    edition = sealed(learners)
    chosen = {"edition": edition.pk}
    page = desk.get(address("run_enrol", run.pk), query | chosen)
    assert {row.record.name for row in page.context["table"].rows} == names
    # The list that was chosen stays chosen.
    page = search(desk, address("run_enrol", run.pk), "mxl", **chosen)
    assert f"edition={edition.pk}" in page.redirect_chain[-1][0]
    assert [row.record.name for row in page.context["table"].rows] == ["马小龙"]


# --- completing -----------------------------------------------------------------------------------
def test_completion_is_shown_first_and_then_done(desk, run, trainer):
    session = factories.make_session(run, user=trainer)
    came, stayed_away = factories.make_enrolment(run), factories.make_enrolment(run)
    page = desk.get(address("run_complete", run.pk))
    assert [row.pk for row in page.context["unfinished"]] == [session.pk]
    assert desk.post(address("run_complete", run.pk)).url == address("run_complete", run.pk)
    trainer_page = reverse("courses:session_mark", args=[session.pk])
    desk.post(trainer_page, {"learner": came.learner_id, "status": "PRESENT"})
    closing = {"head_count": 1, "known": 0, "close": 1, "signed": "county_clerk"}
    desk.post(address("session_close", session.pk), closing)
    page = desk.get(address("run_complete", run.pk))
    assert [row.enrolment for row in page.context["completing"]] == [came]
    assert [row.enrolment for row in page.context["others"]] == [stayed_away]
    assert desk.post(address("run_complete", run.pk)).url == address("run_detail", run.pk)
    came.refresh_from_db()
    assert (came.status, came.completed_on) == ("COMPLETED", FIRST)


# --- lists ----------------------------------------------------------------------------------------
def test_the_list_is_of_own_regions_filters_and_exports(desk, run):
    factories.make_run("411522")
    factories.make_run(starts_on=date(2025, 5, 5), status="CLOSED")
    page = desk.get(address("run_list"), {"year": 2026})
    assert [row.record for row in page.context["table"].rows] == [run]
    page = desk.get(address("run_list"), {"status": "CLOSED"})
    assert [row.record.year for row in page.context["table"].rows] == [2025]
    response = desk.get(address("run_list"), {"export": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert len(list(book.active.rows)) == 3
    book.close()


def test_courses_are_searched_filtered_and_exported(desk, run):
    other = Course.objects.create(title="农产品摄影", audience="VILLAGE_CADRE", hours=6)

    def found(**query) -> list:
        return [row.record for row in desk.get(address("course_list"), query).context["table"].rows]

    assert set(found()) == {run.course, other}
    assert found(q="摄影") == found(audience="VILLAGE_CADRE") == [other]
    response = desk.get(address("course_list"), {"export": "xlsx", "q": "摄影"})
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert list(book.active.rows)[1][0].value == "农产品摄影"
    book.close()


def test_a_longer_list_of_courses_asks_nothing_more(desk, run, django_assert_max_num_queries):
    Course.objects.create(title="课程甲", audience="VILLAGE_CADRE", hours=6)
    with CaptureQueriesContext(connection) as few:
        desk.get(address("course_list"))
    for number in range(28):
        Course.objects.create(title=f"课程{number}", audience="VILLAGE_CADRE", hours=6)
    with django_assert_max_num_queries(len(few)):
        assert len(desk.get(address("course_list")).context["table"].rows) == 30


def test_the_newest_run_stands_first_and_every_run_says_its_year(desk, regions):
    days = [date(2025, 5, 5), date(2026, 9, 1), date(2026, 3, 2), date(2026, 3, 2)]
    for number, day in enumerate(days, 1):
        factories.make_run(starts_on=day, number=number)
    page = desk.get(address("run_list"))
    runs = [row.record for row in page.context["table"].rows]
    assert [(run.year, run.number) for run in runs] == [(2026, 2), (2026, 4), (2026, 3), (2025, 1)]
    text = page.content.decode()
    assert all(run.dated_title in text and str(run.year) in run.dated_title for run in runs)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=-1", 404),
        ("page=1000000000", 404),
        ("page=abc", 404),
        ("sort=password", 404),
        ("region__user__password=x", 400),
        ("region=411522", 404),
        ("q=%00", 400),
        ("year=%FF", 400),
    ],
)
def test_forged_parameters_are_refused(desk, run, query, status):
    assert desk.get(f"{address('run_list')}?{query}").status_code == status


def test_queries_do_not_grow_with_rows(desk, django_assert_max_num_queries):
    run = factories.make_run(starts_on=today())
    edition = None
    people_asked: list[int] = []
    for count in (3, 27):
        for n in range(count):
            factories.make_run(starts_on=FIRST + timedelta(days=n))
            factories.make_session(run)
            factories.make_enrolment(run)
        with django_assert_max_num_queries(9):
            desk.get(address("run_list"))
        with django_assert_max_num_queries(13):
            desk.get(address("run_detail", run.pk))
        with CaptureQueriesContext(connection) as asked:
            desk.get(address("run_people", run.pk))
        people_asked.append(len(asked))
        with django_assert_max_num_queries(13):
            desk.get(address("run_complete", run.pk))
        if edition is None:
            edition = sealed([factories.make_learner() for _ in range(33)])
        with django_assert_max_num_queries(17):
            desk.get(address("run_enrol", run.pk))
    assert people_asked[0] == people_asked[1] <= 12


# --- the people of a run --------------------------------------------------------------------------
@pytest.fixture
def attended(run):
    """One who came to the only session, one who did not, one who waits and one who left."""
    people = {}
    for name, tail, status in (
        ("马小龙", "411521100200", "ENROLLED"),
        ("李建军", "411521001001", "ENROLLED"),
        ("王等候", "411521001001", "WAITING"),
        ("赵退出", "411521001001", "WITHDRAWN"),
    ):
        learner = factories.make_learner(name, tail, initials=name[0])
        left = {"withdrawn_on": run.starts_on} if status == "WITHDRAWN" else {}
        people[name] = factories.make_enrolment(run, learner, status=status, **left)
    session = counted.make_closed_session(run)
    counted.mark(session, people["马小龙"].learner)
    return people


def test_people_of_a_run_are_searched_filtered_and_exported(desk, run, attended):
    where = address("run_people", run.pk)

    def names(**query) -> set[str]:
        return {row.record.learner.name for row in desk.get(where, query).context["table"].rows}

    assert names() == set(attended)
    assert names(status="WAITING") == {"王等候"}
    assert names(attendance="short") == {"李建军"}
    assert "李建军" not in names(attendance="enough")
    assert names(source="WALK_IN") == set()
    learner = attended["马小龙"].learner
    for text in ("马小", learner.id_tail):
        found = search(desk, where, text, status="ENROLLED").context["table"].rows
        assert [row.record.learner for row in found] == [learner]
    answer = desk.get(where, {"export": "xlsx", "status": "ENROLLED"})
    head, *rows = openpyxl.load_workbook(io.BytesIO(answer.content)).active.values
    assert len(head) == 10
    lines = {row[0]: row for row in rows}
    assert lines["马小龙"][5:8] == (1, 1, 100)
    assert lines["李建军"][5:8] == (0, 1, 0)
    assert learner.clear_id_number() not in str(rows)
    assert desk.get(where, {"attendance": "x"}).context["listing"].is_invalid


def test_the_page_of_a_run_leads_to_its_people(desk, run, attended):
    where = address("run_people", run.pk)
    assert f'href="{where}"' in desk.get(address("run_detail", run.pk)).content.decode()
    CourseRun.objects.filter(pk=run.pk).update(status=CourseRun.Status.CLOSED)
    page = desk.get(where).content.decode()
    assert page.count("未结业") == 2, "they stayed to the end and did not complete"


# --- what the learners app is told ----------------------------------------------------------------
def test_whom_a_run_brings_into_reach(run, trainer, county_clerk, neighbour_clerk):
    """A learner of the county next door, in a run of this county with a session of the trainer."""
    learner = factories.make_learner("外县人", "411522001001")
    for user in (trainer, county_clerk):
        assert not Learner.objects.visible_to(user).filter(pk=learner.pk).exists()
    factories.make_session(run, user=trainer)
    factories.make_enrolment(run, learner)
    for user in (trainer, county_clerk, neighbour_clerk):
        assert Learner.objects.visible_to(user).filter(pk=learner.pk).exists()
    stranger = factories.make_user("", (Role.TRAINER, "411521"))
    assert not Learner.objects.visible_to(stranger).filter(pk=learner.pk).exists()


def test_a_run_stands_on_the_timeline(run, county_clerk):
    learner = factories.make_enrolment(run).learner
    timeline = learner_timeline(learner, county_clerk, today=date(2026, 12, 31))
    rows = [row for row in timeline.past if row.kind == "book"]
    assert [(row.on, row.title) for row in rows] == [(FIRST, run.dated_title)]
