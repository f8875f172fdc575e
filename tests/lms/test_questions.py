"""Questions that are worded once: they ask what Django would ask each time."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import Grant, User
from courses.queries import worklist
from lms import navigation
from lms.lib.questions import Question
from lms.lib.scope import Role, Scope
from lms.sessions import SessionStore
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def grants_of(person: UUID, day: date, since: datetime):
    held = Grant.objects.filter(user=person, starts_on__lte=day, user__date_joined__gte=since)
    return held.order_by("region__path").values_list("role", "region__path")


def question() -> Question:
    long_ago = datetime(1, 1, 2, tzinfo=UTC)
    return Question(grants_of, person=UUID(int=1), day=date(1, 1, 2), since=long_ago)


def test_other_values_are_asked_as_django_asks_them(regions):
    people = [
        factories.make_user("clerk", (Role.CLERK, "411521"), (Role.CLERK, "411522")),
        factories.make_user("trainer", (Role.TRAINER, "41")),
    ]
    ask, hour = question(), timedelta(hours=1)
    for person in people:
        for day in (date(1999, 12, 31), date(2000, 1, 1), date(2026, 3, 2)):
            for since in (timezone.now() - hour, timezone.now() + hour):
                values = {"person": person.pk, "day": day, "since": since}
                assert ask(**values) == list(grants_of(**values))
    assert len(ask(person=people[0].pk, day=date(2026, 3, 2), since=timezone.now() - hour)) == 2


def test_it_is_worded_once_and_asks_one_thing(regions, django_assert_num_queries):
    built = []

    def build(person: UUID):
        built.append(person)
        return User.objects.filter(pk=person).values_list("username")

    ask = Question(build, person=UUID(int=1))
    user = factories.make_user("clerk")
    with django_assert_num_queries(3):
        assert [ask(person=user.pk) for _ in range(3)] == [[("clerk",)]] * 3
    assert built == [UUID(int=1)]


def test_a_value_that_the_question_leaves_out_is_a_mistake():
    ask = Question(lambda person, day: User.objects.filter(pk=person), person=UUID(int=1), day=0)
    with pytest.raises(LookupError, match="day"):
        ask(person=UUID(int=2), day=3)


def test_what_a_person_reaches_is_asked_for_that_person_and_day(regions, time_machine):
    clerk = factories.make_user("clerk", (Role.CLERK, "411521"))
    trainee = factories.make_user("trainee")
    learner = factories.make_learner("李建军")
    learner.user = trainee
    learner.save()
    Grant.objects.create(
        user=clerk, role=Role.TRAINER, region=regions["41"],
        starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 3),
    )  # fmt: skip
    both = {Role.CLERK: ("411521",), Role.TRAINER: ("41",)}
    expected = {1: {Role.CLERK: ("411521",)}, 2: both, 3: both, 4: {Role.CLERK: ("411521",)}}
    for day, grants in expected.items():
        time_machine.move_to(datetime(2026, 3, day, 4, tzinfo=UTC), tick=False)
        assert User.objects.get(pk=clerk.pk).scope == Scope(clerk.pk, grants)
        assert User.objects.get(pk=trainee.pk).scope == Scope(trainee.pk, {}, is_trainee=True)


def test_counting_work_is_worded_without_asking(regions, django_assert_num_queries):
    user = factories.make_user("both", (Role.TRAINER, "411521"), (Role.CLERK, "411522"))
    factories.make_learner("未知", provisional=True)
    assert user.scope.grants
    worklist._worded_counts.cache_clear()
    with django_assert_num_queries(1):
        counted = worklist.work_counts(user)
    assert counted == dict.fromkeys(worklist.Work, 0)


@pytest.mark.parametrize("current", ["", "4115", "411521", "411521001", "65"])
@pytest.mark.parametrize("held", [(), ("41",), ("411521", "65"), ("411521001003",)])
def test_regions_to_choose_are_inside_the_grants(held, current, regions, rf, settings):
    settings.LANGUAGE_CODE = "en"
    grants = {Role.OFFICIAL: held} if held else {Role.OFFICIAL: ("",)}
    request = rf.get("/")
    request.session = {navigation.REGION_KEY: current}
    for _ in range(2):
        _name, links = navigation.regions_to_choose(request, Scope(UUID(int=2), grants))
        assert links
        assert all(link.href.startswith(grants[Role.OFFICIAL]) for link in links)
        inside = current.startswith(grants[Role.OFFICIAL])
        assert any(link.href.startswith(current) for link in links) or not inside


class TestSession:
    @pytest.fixture
    def signed(self, regions):
        client = Client()
        client.force_login(factories.make_user("clerk"))
        return client

    def test_what_was_kept_is_read(self, signed):
        store = SessionStore(signed.session.session_key)
        assert UUID(store["_auth_user_id"]) == User.objects.get().pk

    def test_a_session_whose_time_is_over_is_nobody_s(self, signed):
        key = signed.session.session_key
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        store = SessionStore(key)
        assert (dict(store.items()), store.session_key) == ({}, None)

    def test_a_key_that_nobody_was_given_is_not_taken_over(self):
        store = SessionStore("a" * 32)
        assert store.get("x") is None
        store["x"] = 1
        store.save()
        assert store.session_key not in {None, "a" * 32}
