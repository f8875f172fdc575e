"""What is typed into the search box of a list of people stands in no address."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signing import dumps
from django.urls import reverse

from lms.lists import Filters
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
FIND = "list_find"


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)


def asked_from(client, address, **more):
    """Where the search box of the list leads."""
    listed = client.get(address).context["listing"].listed
    return client.post(reverse(FIND), {"listed": listed, **more})


@pytest.mark.parametrize(
    "name",
    [
        "certificates:certificate_list",
        "incubation:case_list",
        "incubation:candidate_list",
        "incubation:shop_list",
        "learners:duplicate_list",
    ],
)
def test_lists_of_people_post_what_is_typed(clerk, name):
    factories.make_learner()
    answer = asked_from(clerk, reverse(name), q=" 李建军 ", region="411521", unknown="1")

    asked = parse_qs(urlsplit(answer.url).query)
    assert urlsplit(answer.url).path == reverse(name)
    assert asked.keys() == {"q", "region"}
    assert "李建军" not in asked["q"][0]
    assert 'value="李建军"' in clerk.get(answer.url).content.decode()


def test_nothing_typed_leads_back_to_the_whole_list(clerk):
    assert asked_from(clerk, reverse("incubation:case_list"), q="").url == "/incubation/cases/"


@pytest.mark.parametrize(
    "listed",
    ["", "x", dumps({"path": "//evil.example/", "names": []}, salt="lms.lists.saved")],
)
def test_only_a_list_of_ours_says_where_to_go(clerk, listed):
    assert clerk.post(reverse(FIND), {"listed": listed, "q": "李"}).status_code == 404


def test_it_is_posted_and_the_token_is_one_s_own(clerk, province_officer, signed_in):
    assert clerk.get(reverse(FIND)).status_code == 405
    address = asked_from(clerk, reverse("incubation:case_list"), q="李建军").url
    page = signed_in(province_officer).get(address)
    assert page.context["listing"].is_invalid
    assert "李建军" not in page.content.decode()


def test_every_search_for_people_by_name_is_posted():
    """A list that is searched by what a person is called sets `posted_to`."""
    personal = ("learner__name", "owner__name", "initials")
    found = [
        one
        for one in _all(Filters)
        if any(field.endswith(personal) for field in one.search_fields) and not one.posted_to
    ]
    assert found == []


def _all(parent):
    for one in parent.__subclasses__():
        yield one
        yield from _all(one)
