"""How often somebody may ask: a counter per key and window in the shared cache."""

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


def client_address(request: HttpRequest) -> str:
    """The peer's address, or behind our proxy the one that it added last to the header.

    What stands before that the visitor may have made up. allauth's limits count likewise.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if forwarded and settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return str(forwarded.split(",")[-settings.ALLAUTH_TRUSTED_PROXY_COUNT :][0].strip()[:64])
    return str(request.META.get("REMOTE_ADDR", ""))
