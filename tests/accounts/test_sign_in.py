"""Signing in and out: by user name, limited, on the trail, and never to a foreign host."""

import pytest
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from lms.lib.scope import Role
from lms.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-password"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def sign_in(client, username, password=PASSWORD, **more):
    data = {"login": username, "password": password} | more
    return client.post(reverse("account_login"), data)


def trail(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=f"accounts.{action}"))


def test_the_page_offers_neither_sign_up_nor_e_mail(client):
    page = client.get(reverse("account_login"))
    assert page.status_code == 200
    assert "email" not in page.content.decode().lower()
    for name in ("account_reset_password", "account_email", "account_email_verification_sent"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_signing_up_is_closed(client):
    address = reverse("account_signup")
    data = {"username": "me", "password1": PASSWORD, "password2": PASSWORD}
    client.get(address)
    client.post(address, data)
    assert not User.objects.exists()


def test_signing_in_and_out_is_on_the_trail(client, county_clerk):
    assert sign_in(client, "county_clerk").url == "/"
    (event,) = trail("signed_in")
    assert (event.actor, event.region_path) == (county_clerk, "411521")
    client.post(reverse("account_logout"))
    assert client.get("/").status_code == 302
    assert [event.actor for event in trail("signed_out")] == [county_clerk]


def test_a_failed_try_names_the_user_and_not_what_was_typed(client, county_clerk):
    assert sign_in(client, "county_clerk", "wrong-secret").status_code == 200
    assert sign_in(client, "110101199003071234", "x").status_code == 200
    known, unknown = sorted(trail("sign_in_failed"), key=lambda event: event.seq)
    assert (known.actor, known.target_id) == (None, str(county_clerk.pk))
    assert known.region_path == "411521"
    assert (unknown.target_id, unknown.detail) == ("", {"known_user": False})
    assert "wrong-secret" not in str([known.detail, unknown.detail])
    assert "110101199003071234" not in str(list(AuditEvent.objects.values()))


def test_unknown_users_and_wrong_passwords_look_the_same(client, county_clerk):
    wrong = sign_in(client, "county_clerk", "wrong-secret").context["form"].errors
    unknown = sign_in(client, "nobody", "wrong-secret").context["form"].errors
    assert wrong == unknown


def test_too_many_tries_are_stopped(client, county_clerk):
    for _n in range(5):
        sign_in(client, "county_clerk", "wrong-secret")
    response = sign_in(client, "county_clerk")
    assert response.status_code in {200, 429}
    assert "_auth_user_id" not in client.session


def test_a_deactivated_user_does_not_get_in(client, regions):
    factories.make_user("leaver", (Role.CLERK, "411521"), is_active=False)
    sign_in(client, "leaver")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "target",
    [
        "//evil.com",
        "\\evil.com",
        "/\\evil.com",
        "///evil.com",
        "https://evil.com/",
        "http:evil.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:///evil.com",
        "//evil.com\\@127.0.0.1",
    ],
)
def test_next_never_leads_to_a_foreign_host(client, county_clerk, target):
    address = reverse("account_login")
    response = client.post(
        f"{address}?next={target}", {"login": "county_clerk", "password": PASSWORD}
    )
    assert (response.status_code, response.url) == (302, "/")
    client.logout()
    assert sign_in(client, "county_clerk", next=target).url == "/"


def test_who_is_signed_in_already_is_not_led_away_either(signed_in, county_clerk):
    response = signed_in(county_clerk).get(reverse("account_login"), {"next": "//evil.com"})
    assert response.url == "/"


def test_next_leads_back_to_our_own_page(client, administrator):
    target = reverse("accounts:audit_list")
    assert client.get(target).url == f"/accounts/login/?next={target}"
    assert sign_in(client, "administrator", next=target).url == target


def test_the_stock_admin_signs_in_through_our_page(client, signed_in, county_clerk, regions):
    assert client.get("/admin/").url.startswith("/admin/login/")
    assert client.get("/admin/login/?next=/admin/").url.startswith("/accounts/login/")
    assert client.post("/admin/login/", {"username": "county_clerk", "password": PASSWORD}).url
    assert "_auth_user_id" not in client.session
    assert signed_in(county_clerk).get("/admin/login/").status_code == 403


def test_the_stock_admin_shows_users_and_changes_none(client, regions):
    root = factories.make_user("root", (Role.ADMINISTRATOR, ""), is_staff=True, is_superuser=True)
    client.force_login(root)
    assert client.get("/admin/accounts/user/").status_code == 200
    page = client.get(f"/admin/accounts/user/{root.pk}/change/")
    assert page.status_code == 200
    assert client.get("/admin/accounts/user/add/").status_code == 403
    response = client.post(f"/admin/accounts/user/{root.pk}/change/", {"username": "x"})
    assert response.status_code == 403


def test_changing_the_password_wants_the_old_one_and_a_long_new_one(client, county_clerk):
    client.force_login(county_clerk)
    address = reverse("account_change_password")
    weak = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    client.post(address, weak)
    wrong = {
        "oldpassword": "no",
        "password1": "a-new-long-one-77",
        "password2": "a-new-long-one-77",
    }
    client.post(address, wrong)
    assert User.objects.get(pk=county_clerk.pk).check_password(PASSWORD)
    client.post(address, wrong | {"oldpassword": PASSWORD})
    assert User.objects.get(pk=county_clerk.pk).check_password("a-new-long-one-77")
