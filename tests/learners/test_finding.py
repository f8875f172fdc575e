"""Finding people: one search box, filters, kept filters; nothing personal in an address."""

from base64 import urlsafe_b64decode
from datetime import date
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest
from django.db.models import Q
from django.urls import reverse

from learners.models import HouseholdStatus, Membership, RoleHeld
from learners.queries import is_whole_number, names_of_types
from lms.lib import hidden
from lms.lib.searching import hidden_search
from lms.models import AuditEvent, SavedFilter
from tests import factories
from tests.quotas.counted import train

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
LIST, FIND = "/learners/", "/learners/find/"


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)


def names(response) -> set[str]:
    assert response.status_code == 200
    return {row.record.name for row in response.context["table"].paginated_rows}


def found(client, text, **filters) -> set[str]:
    return names(client.post(FIND, {"q": text} | filters, follow=True))


# --- the search box ---
def test_a_name_initials_or_last_four_lead_to_the_list(clerk):
    first = factories.make_learner("李建军", initials="ljj")
    factories.make_learner("王小红", "411521100200", initials="wxh")
    factories.make_learner("ئايگۈل", initials="", native_name="ئايگۈل مەمەت")
    assert found(clerk, "建") == {"李建军"}
    assert found(clerk, "LJ") == found(clerk, "l") == {"李建军"}
    assert found(clerk, first.id_tail) == {"李建军"}
    assert found(clerk, "مەمەت") == {"ئايگۈل"}
    assert found(clerk, "无此人") == set()
    assert len(found(clerk, "")) == 3


@pytest.mark.parametrize("text", ["建军", "ljj", "0617", "张 三"])
def test_what_was_typed_stands_in_no_address(clerk, text):
    response = clerk.post(FIND, {"q": text, "place": "411521100"})
    address = urlsplit(response.url)
    asked = parse_qs(address.query)
    assert asked.keys() == {"q", "place"}
    (token,) = asked["q"]
    # Three letters stand in a random token by chance, though not in its bytes.
    assert text not in unquote_plus(response.url.replace(token, ""))
    assert text.encode() not in urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert response.status_code == 302
    assert f'value="{text}"' in clerk.get(response.url).content.decode()


def test_the_token_is_nobody_else_s(clerk, county_clerk, province_officer):
    factories.make_learner("李建军")
    assert names(clerk.get(f"{LIST}?q={hidden_search('建', county_clerk)}")) == {"李建军"}
    for token in (hidden_search("建", province_officer), "建军", "x" * 700, "%%%"):
        response = clerk.get(LIST, {"q": token})
        assert response.status_code == 200
        assert names(response) == set()
        assert response.context["listing"].is_invalid


@pytest.mark.postgres
def test_the_type_of_a_row_is_that_of_today():
    household = factories.make_household(type_code="GENERAL_POOR")
    learner, other = (factories.make_learner(household=one) for one in (household, None))
    moved = factories.make_learner(household=household)
    Membership.objects.filter(learner=moved).update(ends_on=date(2020, 1, 1))
    Membership.objects.filter(learner=other).delete()
    assert names_of_types([learner.pk, other.pk, moved.pk]) == {learner.pk: "一般贫困户"}
    HouseholdStatus.objects.filter(household=household).update(ends_on=date(2021, 1, 1))
    assert names_of_types([learner.pk]) == names_of_types([]) == {}


def test_hidden_text():
    token = hidden.hide("阿依古丽", of=1)
    assert hidden.read(token, of=1) == "阿依古丽"
    assert hidden.read(token, of=2) is None
    assert hidden.read(token[:-4] + "AAAA", of=1) is None
    assert token != hidden.hide("阿依古丽", of=1)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("411521198506010010", True),
        ("41152119850601001x", True),
        ("４１１５２１ 19850601 0010", True),
        ("411521850601001", True),
        ("139 1111 2222", True),
        ("+86 13911112222", True),
        ("4115211985060100", True),  # a digit forgotten: no less personal
        ("0617", False),
        ("061X", False),
        ("李建军", False),
    ],
)
def test_what_is_a_whole_number(text, whole):
    assert is_whole_number(text) is whole


def test_a_whole_number_leads_to_the_person_and_into_no_address(clerk):
    learner = factories.make_learner(phone="13911112222")
    page = reverse("learners:learner_detail", args=[learner.pk])
    number = learner.clear_id_number()
    for text in (number, number.lower(), f"{number[:6]} {number[6:]}", "139 1111 2222"):
        assert clerk.post(FIND, {"q": text}).url == page
    assert clerk.post(FIND, {"q": "+86 139-1111-2222"}).url == page
    factories.make_learner(phone="13911112222")
    assert len(clerk.post(FIND, {"q": "13911112222"}).context["found"]) == 2
    assert clerk.get(FIND).status_code == 405


def test_an_unknown_number_stays_on_the_page_it_was_posted_to(clerk):
    other = factories.make_learner("邻县人", "411522001001")
    response = clerk.post(FIND, {"q": other.clear_id_number()})
    assert response.status_code == 200
    assert response.context["found"] == []
    assert "邻县人" not in response.content.decode()


# --- filters ---
def test_filters_alone_and_together(clerk):
    poor = factories.make_household(type_code="GENERAL_POOR")
    lifted = factories.make_household("411521100200", "LIFTED_OUT")
    first = factories.make_learner("李建军", household=poor)
    factories.make_learner("王小红", "411521100200", household=lifted)
    factories.make_learner("邻县人", "411522001001")
    RoleHeld.objects.create(
        learner=first, role="RETURNEE", region=first.home_region, starts_on=date(2020, 1, 1)
    )
    for query, expected in (
        ("", {"李建军", "王小红"}),
        ("place=411521100", {"王小红"}),
        ("place=411521100200", {"王小红"}),
        ("type=LIFTED_OUT", {"王小红"}),
        ("role=RETURNEE", {"李建军"}),
        ("role=RETURNEE&type=GENERAL_POOR&place=411521001003", {"李建军"}),
        ("role=RETURNEE&type=LIFTED_OUT", set()),
    ):
        assert names(clerk.get(f"{LIST}?{query}")) == expected, query


def test_a_role_or_type_that_is_over_does_not_count(clerk):
    learner = factories.make_learner("李建军")
    RoleHeld.objects.create(
        learner=learner,
        role="RETURNEE",
        region=learner.home_region,
        starts_on=date(2020, 1, 1),
        ends_on=date(2021, 1, 1),
    )
    assert names(clerk.get(f"{LIST}?role=RETURNEE")) == set()


def test_places_lead_down_to_the_village(clerk):
    def offered(query):
        return [
            code for code, _name in clerk.get(query).context["listing"].form.fields["place"].choices
        ]

    assert offered(LIST) == ["", "411521001", "411521100"]
    towns = offered(f"{LIST}?place=411521001")
    assert towns == ["", "411521001", "411521001003", "411521001004", "411521100"]
    assert offered(f"{LIST}?place=411521001003") == towns
    assert offered(f"{LIST}?place=411522001") == ["", "411521001", "411521100"]
    assert clerk.get(f"{LIST}?place=411522001").context["listing"].is_invalid


@pytest.mark.postgres
def test_training_and_its_year(clerk):
    for name, day, status in (
        ("甲", date(2026, 3, 2), "PRESENT"),
        ("乙", date(2026, 3, 2), "ABSENT"),
        ("丙", date(2024, 3, 2), "LATE"),
    ):
        train(factories.make_learner(name), day=day, status=status)
    for query, expected in (
        ("trained=1", {"甲", "丙"}),
        ("trained=0", {"乙"}),
        ("year=2026", {"甲"}),
        ("trained=1&year=2024", {"丙"}),
        ("trained=0&year=2026", {"乙", "丙"}),
    ):
        assert names(clerk.get(f"{LIST}?{query}")) == expected, query


def test_filters_of_training_come_from_the_app_that_knows(clerk, monkeypatch):
    factories.make_learner("李建军")
    monkeypatch.setattr("learners.queries.search.TRAINED", [lambda year: Q(name="李建军")])
    assert names(clerk.get(f"{LIST}?trained=1")) == {"李建军"}
    monkeypatch.setattr("learners.queries.search.TRAINED", [])
    assert clerk.get(f"{LIST}?trained=1").status_code == 400


def test_who_is_reached_by_a_run_alone_is_not_at_home_here(clerk, neighbour_clerk, signed_in):
    """The list of a region is of those who live there, for whoever may see them."""
    learner = factories.make_learner("邻县人", "411522001001")
    factories.make_enrolment(factories.make_run("411521"), learner)
    assert names(clerk.get(LIST)) == set()
    assert clerk.get(reverse("learners:learner_detail", args=[learner.pk])).status_code == 200
    assert names(signed_in(neighbour_clerk).get(LIST)) == {"邻县人"}


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_the_list(count, clerk, django_assert_num_queries):
    for _ in range(count):
        factories.make_learner()
    clerk.get(LIST)  # what the header counts is kept for two minutes
    with django_assert_num_queries(10):
        assert len(names(clerk.get(LIST))) == count


# --- kept filters ---
def kept(response) -> str:
    return response.context["listing"].saved.kept


def test_a_choice_is_kept_opened_and_deleted(clerk, county_clerk):
    page = clerk.get(f"{LIST}?type=LIFTED_OUT&role=RETURNEE&page=1&q=")
    response = clerk.post(reverse("saved_filter_create"), {"kept": kept(page), "name": "脱贫返乡"})
    assert response.url == f"{LIST}?role=RETURNEE&type=LIFTED_OUT"
    saved = SavedFilter.objects.get()
    assert (saved.user, saved.page) == (county_clerk, "learners:learner_list")
    shown = clerk.get(response.url).context["listing"].saved
    assert [(c.name, c.href, c.is_current) for c in shown.choices] == [
        ("脱贫返乡", response.url, True)
    ]
    assert shown.kept == ""  # it is kept already
    assert not clerk.get(LIST).context["listing"].saved.choices[0].is_current
    deleted = clerk.post(
        reverse("saved_filter_delete", args=[saved.pk]), {"next": "//evil.example/"}
    )
    assert deleted.url == LIST
    assert not SavedFilter.objects.exists()
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert {"lms.filter_saved", "lms.filter_deleted"} <= set(actions)


def test_typed_text_is_never_kept(clerk, county_clerk):
    token = hidden_search("李建军", county_clerk)
    assert kept(clerk.get(f"{LIST}?q={token}")) == ""
    page = clerk.get(f"{LIST}?q={token}&role=RETURNEE")
    clerk.post(reverse("saved_filter_create"), {"kept": kept(page), "name": "返乡"})
    assert SavedFilter.objects.get().query == "role=RETURNEE"


def test_what_is_not_kept(clerk, county_clerk):
    sign = kept(clerk.get(f"{LIST}?role=RETURNEE"))
    create = reverse("saved_filter_create")
    assert clerk.post(create, {"kept": sign + "x", "name": "名"}).status_code == 404
    assert clerk.post(create, {"name": "名"}).status_code == 404
    for name in ("", "张 13911112222", "x" * 41):
        clerk.post(create, {"kept": sign, "name": name})
    assert not SavedFilter.objects.exists()
    clerk.post(create, {"kept": sign, "name": "名"})
    clerk.post(create, {"kept": sign, "name": "名"})
    assert SavedFilter.objects.count() == 1
    for n in range(30):
        clerk.post(create, {"kept": sign, "name": f"名{n}"})
    assert SavedFilter.objects.count() == 20


def test_kept_filters_are_one_s_own(clerk, county_clerk, signed_in, county_official):
    saved = SavedFilter.objects.create(
        user=county_official, page="learners:learner_list", name="他人的", query="role=RETURNEE"
    )
    assert not clerk.get(LIST).context["listing"].saved.choices
    assert clerk.post(reverse("saved_filter_delete", args=[saved.pk])).status_code == 404
    assert SavedFilter.objects.exists()


def test_other_lists_keep_filters_too(clerk):
    page = clerk.get("/courses/?status=CLOSED")
    clerk.post(reverse("saved_filter_create"), {"kept": kept(page), "name": "已结束"})
    assert SavedFilter.objects.get().page == "courses:run_list"
