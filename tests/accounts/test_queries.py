"""Which region a page is about, and who administers whom."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant, User
from accounts.queries import current_region, may_manage, regions_granted
from lms.lib.periods import today
from lms.lib.scope import Role
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(rf):
    """`ask(user, "CLERK", region="…")` is the current region of one request."""
    session: dict[str, str] = {}

    def ask(user: User, *roles: str, **query: str) -> str:
        request = rf.get("/", query)
        request.user = User.objects.get(pk=user.pk)
        request.session = session
        return current_region(request, *roles).code

    return ask


def test_the_first_grant_is_where_one_starts(regions):
    user = factories.make_user("", (Role.CLERK, "411522"), (Role.CLERK, "411521"))
    assert [region.code for region in regions_granted(user, Role.CLERK)] == ["411521", "411522"]


def test_a_chosen_region_is_remembered(ask, province_officer):
    assert ask(province_officer, Role.OFFICIAL) == "41"
    assert ask(province_officer, Role.OFFICIAL, region="411521001") == "411521001"
    assert ask(province_officer, Role.OFFICIAL) == "411521001"


def test_a_remembered_region_outside_the_roles_of_the_page_is_forgotten(ask, regions):
    user = factories.make_user("", (Role.CLERK, "411521"), (Role.OFFICIAL, "411522"))
    assert ask(user, Role.CLERK, region="411521001") == "411521001"
    assert ask(user, Role.OFFICIAL) == "411522"


@pytest.mark.parametrize("code", ["411522", "41", "999999", "' OR 1=1", "41152"])
def test_a_region_outside_the_grants_is_not_found(ask, county_clerk, code):
    with pytest.raises(Http404):
        ask(county_clerk, Role.CLERK, region=code)


def test_a_region_of_another_role_is_not_found(ask, regions):
    user = factories.make_user("", (Role.CLERK, "411521"), (Role.OFFICIAL, "41"))
    with pytest.raises(Http404):
        ask(user, Role.CLERK, region="411522")


def test_without_the_role_it_is_forbidden(ask, county_clerk, trainee):
    for user in (county_clerk, trainee):
        with pytest.raises(PermissionDenied):
            ask(user, Role.OFFICIAL)


def test_the_whole_country_offers_provinces(ask, regions):
    user = factories.make_user("", (Role.ADMINISTRATOR, ""))
    offered = [region.code for region in regions_granted(user, Role.ADMINISTRATOR)]
    assert offered == ["41", "65"]
    assert ask(user, Role.ADMINISTRATOR) == "41"
    assert ask(user, Role.ADMINISTRATOR, region="653128") == "653128"


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(-10, None, True), (0, None, True), (-10, 0, True), (1, None, False), (-10, -1, False)],
)
def test_a_grant_holds_from_its_first_day_to_its_last(regions, starts, ends, holds):
    user = factories.make_user()
    ends_on = None if ends is None else today() + timedelta(days=ends)
    Grant.objects.create(
        user=user,
        role=Role.CLERK,
        region=factories.make_region("411521"),
        starts_on=today() + timedelta(days=starts),
        ends_on=ends_on,
    )
    assert user.scope.has(Role.CLERK) is holds
    assert user.scope.covers("411521001", Role.CLERK) is holds


def test_grants_are_read_once_a_request(county_clerk, django_assert_num_queries):
    user = User.objects.get(pk=county_clerk.pk)
    with django_assert_num_queries(1):
        assert user.scope.has(Role.CLERK)
        assert not user.scope.is_trainee


def test_ones_own_record_is_found_by_key_among_a_million(county_clerk):
    """SQLite's statistics take a column that is NULL nearly everywhere for one value; for a join it
    then read every learner for every page."""
    user = User.objects.get(pk=county_clerk.pk)
    with CaptureQueriesContext(connection) as asked:
        assert not user.scope.is_trainee
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pragma_index_list('learners_learner') WHERE origin = 'u'")
        unique = [row[0] for row in cursor.fetchall()]
        cursor.execute("ANALYZE learners_learner")
        for name in unique:
            row = ["learners_learner", name, "1000000 1000000"]
            cursor.execute("INSERT INTO sqlite_stat1 VALUES (%s, %s, %s)", row)
        cursor.execute("ANALYZE sqlite_schema")  # the statistics are read anew
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
        plan = [str(row[-1]) for row in cursor.fetchall()]
    assert len(unique) > 0
    assert not [step for step in plan if step.startswith("SCAN")]


@pytest.mark.parametrize(
    ("grants", "managed"),
    [
        ([(Role.CLERK, "411521")], True),
        ([(Role.CLERK, "411521001"), (Role.TRAINER, "411521")], True),
        ([(Role.CLERK, "411521"), (Role.CLERK, "411522")], False),
        ([(Role.CLERK, "411521"), (Role.OFFICIAL, "41")], False),
        ([(Role.CLERK, "411521"), (Role.ADMINISTRATOR, "")], False),
    ],
)
def test_only_who_covers_every_grant_manages_the_user(administrator, grants, managed):
    user = factories.make_user("", *grants)
    assert may_manage(administrator, user) is managed


def test_a_superuser_is_managed_by_superusers_only(administrator):
    user = factories.make_user("", (Role.CLERK, "411521"), is_superuser=True)
    assert not may_manage(administrator, user)
    administrator.is_superuser = True
    assert may_manage(administrator, user)


def test_who_is_visible_to_an_administrator(
    administrator, county_clerk, neighbour_clerk, province_officer, trainee
):
    seen = set(User.objects.visible_to(administrator))
    assert county_clerk in seen
    assert administrator in seen
    assert not seen & {neighbour_clerk, province_officer, trainee}
    assert set(User.objects.visible_to(county_clerk)) == {county_clerk}
