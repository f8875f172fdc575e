"""The people of the demo."""

import pytest
from django.urls import reverse

from lms.demo import cast

pytestmark = pytest.mark.django_db


def test_the_administrator_of_the_demo_opens_the_design_page_and_the_stock_admin(
    client, monkeypatch
):
    monkeypatch.setattr(cast, "STAFF", [row for row in cast.STAFF if row[0] == "admin"])
    [sign_in] = cast.make_staff()
    client.force_login(cast.user(sign_in.username))
    for name in ("design_page", "admin:index"):
        assert client.get(reverse(name)).status_code == 200
