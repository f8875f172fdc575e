"""The tablet app's own pages: files of static/attendance that need an address or headers of theirs.

They say the same to everybody: no session, no cookie, no name. Marks arrive through the API.
"""

from functools import cache

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

BUILT = settings.BASE_DIR / "static" / "attendance"
#: The decoder of QR codes is WebAssembly; nothing else is allowed more than elsewhere.
POLICY = {
    "script-src": [SELF, "'wasm-unsafe-eval'"],
    "worker-src": [SELF],
    "connect-src": [SELF],
}


@login_not_required
@require_safe
@csp_update(POLICY)
def tablet_shell(request: HttpRequest) -> HttpResponse:
    """The one page of the app."""
    return _file("shell.html", "text/html; charset=utf-8")


@login_not_required
@require_safe
def tablet_worker(request: HttpRequest) -> HttpResponse:
    """The service worker: never renamed, never cached; or the one that takes itself away."""
    name = "sw.js" if settings.TABLET_WORKER else "sw-off.js"
    return _file(name, "text/javascript; charset=utf-8")


@login_not_required
@require_safe
def tablet_manifest(request: HttpRequest) -> HttpResponse:
    """What makes it installable."""
    return _file("manifest.webmanifest", "application/manifest+json")


def _file(name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(_content(name), content_type=content_type)
    patch_cache_control(response, no_cache=True)
    return response


@cache
def _content(name: str) -> bytes:
    return (BUILT / name).read_bytes()
