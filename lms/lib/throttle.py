"""How often somebody may ask: a counter per key and window in the shared cache."""

import ipaddress
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def allow(key: str, *, limit: int, seconds: int) -> bool:
    """Count one request under `key`; False once `limit` is passed in the running window."""
    window = int(time.time() // seconds)
    name = f"throttle:{key}:{window}"
    cache.add(name, 0, timeout=seconds * 2)
    try:
        return cache.incr(name) <= limit
    except ValueError:  # evicted between the two calls
        return True


#: What one household or one telephone is given of IPv6; it may change the rest at will.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """The peer's address, or behind our proxy the one that it added last to the header.

    What stands before that the visitor may have made up. allauth's limits count likewise.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if forwarded and settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        last = forwarded.split(",")[-settings.ALLAUTH_TRUSTED_PROXY_COUNT :][0]
        return _counted(str(last).strip()[:64])
    return _counted(str(request.META.get("REMOTE_ADDR", "")))


def _counted(address: str) -> str:
    """IPv4 as it is, written either way; of IPv6 the network that its owner holds as a whole."""
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), IPV6_PREFIX), strict=False))
