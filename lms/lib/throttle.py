"""How often somebody may ask: a counter per key and window in the shared cache."""

import time

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
    """The peer's address; a forwarded header is not believed."""
    return str(request.META.get("REMOTE_ADDR", ""))
