import pytest
import time_machine
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.management import call_command
from django.test import RequestFactory, override_settings

from lms import settings as product
from lms.lib.throttle import allow, client_address


@time_machine.travel("2026-11-22T01:00:00Z", tick=False)
def test_so_many_in_a_window_and_no_more():
    assert [allow("a", limit=2, seconds=60) for _ in range(3)] == [True, True, False]
    assert allow("b", limit=2, seconds=60)


def test_the_next_window_starts_afresh():
    with time_machine.travel("2026-11-22T01:00:00Z", tick=False):
        assert [allow("c", limit=1, seconds=60) for _ in range(2)] == [True, False]
    with time_machine.travel("2026-11-22T01:01:00Z", tick=False):
        assert allow("c", limit=1, seconds=60)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        # What the visitor made up stands before what the proxy wrote down.
        (1, "198.51.100.1, 198.51.100.2, 203.0.113.9", "203.0.113.9"),
        (1, "", "10.0.0.1"),
    ],
)
def test_a_visitor_is_told_from_the_proxy_in_front(settings, proxies, forwarded, address):
    """Else all visitors share one limit: a single one could lock everybody out of signing in."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    given = {"REMOTE_ADDR": "10.0.0.1"} | ({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})
    request = RequestFactory().get("/", **given)
    assert client_address(request) == address
    assert get_adapter().get_client_ip(request) == address


@time_machine.travel("2026-11-22T01:00:00Z", tick=False)  # a window of a day ends at midnight
@pytest.mark.django_db
def test_many_others_do_not_wipe_out_a_count():
    """A cache that throws entries away when it is full would forget who is guessing."""
    with override_settings(CACHES=product.CACHES):
        call_command("createcachetable", verbosity=0)
        assert allow("guesser", limit=1, seconds=86400)
        for n in range(310):
            cache.add(f"{n}", 0, 86400)
            cache.add(f"z{n}", 0, 86400)
        assert not allow("guesser", limit=1, seconds=86400)


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("2001:db8:7:1::1", "2001:db8:7:1::/64"),
        ("2001:DB8:7:1:ffff:ffff:ffff:ffff", "2001:db8:7:1::/64"),
        ("2001:db8:7:2::1", "2001:db8:7:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9", "203.0.113.9"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_who_holds_a_network_is_counted_once(peer, counted):
    """A telephone has 2^64 addresses of its own and may come from another one each time."""
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer)) == counted
