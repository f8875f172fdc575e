"""The frame round pages, errors, background work and big type."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import gettext

from accounts.queries import current_region
from lms import navigation, views
from lms.lib.scope import Role
from lms.models import TaskProgress
from tests import factories


def request_of(user, path="/", **session) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user, request.session, request.resolver_match = user, session, None
    return request


def names(user, **session) -> list[str]:
    return [str(link.label) for link in navigation.frame_of(request_of(user, **session)).regions]


def test_regions_offered_stay_inside_the_grants(county_clerk, regions):
    assert names(county_clerk) == ["罗山县", "丽水街道", "周党镇"]


def test_regions_of_the_whole_country_begin_with_provinces(regions):
    assert names(factories.make_user("国", (Role.OFFICIAL, ""))) == ["河南省", "新疆维吾尔自治区"]


def test_the_header_of_the_whole_country_says_so_until_a_page_is_about_one_region(regions):
    user = factories.make_user("国", (Role.ADMINISTRATOR, ""))

    def header(request: HttpRequest) -> tuple[str, list[str]]:
        drawn = navigation.frame_of(request)
        return drawn.region_name, [str(link.label) for link in drawn.regions if link.is_current]

    assert header(request_of(user)) == (gettext("Whole country"), [])
    assert header(request_of(user, region="65")) == (gettext("Whole country"), [])
    request = request_of(user)
    current_region(request, Role.ADMINISTRATOR)
    assert header(request) == ("河南省", ["河南省"])
    request = request_of(user, "/?region=65")
    current_region(request, Role.ADMINISTRATOR)
    assert header(request) == ("新疆维吾尔自治区", ["新疆维吾尔自治区"])


def test_the_way_down_to_the_current_region_is_offered(province_officer, regions):
    found = names(province_officer, region="411521")
    assert found == ["河南省", "信阳市", "罗山县", "丽水街道", "周党镇"]


def test_nothing_above_the_grant_is_offered(county_clerk, regions):
    found = names(county_clerk, region="411521001")
    assert found == ["罗山县", "丽水街道", "周党镇"]


def test_a_remembered_region_outside_the_grants_is_ignored(county_clerk, regions):
    assert names(county_clerk, region="411522") == names(county_clerk)


def test_the_frame_costs_one_query(county_clerk, django_assert_num_queries):
    assert county_clerk.scope
    with django_assert_num_queries(1):
        navigation.frame_of(request_of(county_clerk))


def test_nobody_has_more_than_eight_sections():
    for role in Role.values:
        assert sum(role in section.roles for section in navigation.SECTIONS) <= 8


@pytest.mark.parametrize(
    ("path", "current"), [("/staff/audit/", 1), ("/staff/users/x/", 0), ("/other/", None)]
)
def test_the_longest_address_is_the_current_section(path, current, monkeypatch):
    known = {"a": "/staff/users/", "b": "/staff/audit/"}
    monkeypatch.setattr(navigation, "address", known.get)
    links = navigation._links(request_of(None, path), [("甲", "a", ""), ("乙", "b", "")])
    assert [link.is_current for link in links] == [current == 0, current == 1]


def test_a_section_without_an_address_is_hidden(monkeypatch):
    monkeypatch.setattr(navigation, "address", lambda name: "")
    assert navigation._links(request_of(None), [("甲", "a", "")]) == []


# --- Errors ---------------------------------------------------------------------------------------
def test_an_unknown_address_says_so_with_its_number(signed_in, county_clerk):
    response = signed_in(county_clerk).get("/no/such/page/")
    assert response.status_code == 404
    assert response["X-Request-ID"] in response.content.decode()


def test_bad_input_is_400_before_and_after_sign_in(client, signed_in, county_clerk):
    assert client.get("/elder-mode/?next=%00").status_code == 400
    assert signed_in(county_clerk).get("/elder-mode/?next=%00").status_code == 400


def test_a_stale_form_is_explained(county_clerk):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/accounts/login/", {"login": "x", "password": "y"})
    assert response.status_code == 403
    assert 'href="/"' in response.content.decode()


def test_the_error_page_of_a_crash_needs_no_database(rf):
    request = rf.get("/")
    request.META["LMS_REQUEST_ID"] = "abc123"
    response = views.server_error(request)  # no db fixture: a query would raise
    assert response.status_code == 500
    assert "abc123" in response.content.decode()


# --- Background work ------------------------------------------------------------------------------
@pytest.fixture
def progress(county_clerk):
    return TaskProgress.objects.create(
        kind="x", key="x", title="导入 169 行", requested_by=county_clerk, done_count=84,
        total_count=169, state="RUNNING",
    )  # fmt: skip


def test_running_work_shows_real_counts_and_asks_again(signed_in, county_clerk, progress):
    page = signed_in(county_clerk).get(reverse("task_detail", args=[progress.pk]))
    drawn = page.content.decode()
    assert "84" in drawn
    assert "169" in drawn
    assert 'hx-trigger="every' in drawn


def test_finished_work_leads_to_its_result(signed_in, county_clerk, progress):
    progress.state, progress.result_url = "DONE", "/learners/"
    progress.save(update_fields=["state", "result_url"])
    response = signed_in(county_clerk).get(reverse("task_progress", args=[progress.pk]))
    assert response["HX-Redirect"] == "/learners/"


def test_failed_work_says_why_and_asks_no_more(signed_in, county_clerk, progress):
    progress.state, progress.error = "FAILED", "文件有密码"
    progress.save(update_fields=["state", "error"])
    drawn = signed_in(county_clerk).get(reverse("task_progress", args=[progress.pk])).content
    assert "文件有密码" in drawn.decode()
    assert b"hx-get" not in drawn


def test_work_of_others_is_not_found(signed_in, neighbour_clerk, progress):
    for name in ("task_detail", "task_progress"):
        assert signed_in(neighbour_clerk).get(reverse(name, args=[progress.pk])).status_code == 404


# --- Big type, language, design -------------------------------------------------------------------
def test_big_type_is_kept_in_a_cookie_and_taken_back(client):
    on = client.get("/elder-mode/?on=1&next=/verify/")
    assert on.url == "/verify/"
    assert client.cookies["elder"].value == "1"
    client.get("/elder-mode/?on=0")
    assert client.cookies["elder"].value == ""


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_big_type_leads_to_no_other_host(client, target):
    assert client.get("/elder-mode/", {"on": 1, "next": target}).url == "/"


def test_the_language_is_ours_whatever_the_browser_says(client):
    page = client.get("/accounts/login/", headers={"Accept-Language": "en"})
    assert '<html lang="zh-hans"' in page.content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": "/accounts/login/"})
    assert '<html lang="en"' in client.get("/accounts/login/").content.decode()


def test_an_invented_language_is_ignored(client):
    client.cookies["django_language"] = "xx"
    assert client.get("/accounts/login/").status_code == 200


def test_the_design_page_draws_every_part_for_staff_alone(signed_in, county_clerk):
    assert signed_in(county_clerk).get(reverse("design_page")).status_code == 403
    county_clerk.is_staff = True
    county_clerk.save(update_fields=["is_staff"])
    drawn = signed_in(county_clerk).get(reverse("design_page")).content.decode()
    assert "bullet" in drawn
    assert " style=" not in drawn


def test_phone_pages_use_big_type_when_asked(rf):
    request = request_of(AnonymousUser())
    assert 'class="elder"' not in render_to_string("phone.html", request=request)
    request.COOKIES["elder"] = "1"
    assert 'class="elder"' in render_to_string("phone.html", request=request)
