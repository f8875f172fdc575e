"""What every request passes through, besides Django's own."""

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control

from lms.lib.bodies import most_body_bytes
from lms.logs import set_request_id

GetResponse = Callable[[HttpRequest], HttpResponse]
#: NUL, and surrogates that invalid UTF-8 leaves behind: no database stores them.
UNSTORABLE = re.compile("[\x00\ud800-\udfff\ufffd]")


class RequestIdMiddleware:
    """A short id for each request: on the error page, in the log, on the audit line."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = secrets.token_hex(6)
        request.META["LMS_REQUEST_ID"] = request_id
        set_request_id(request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class CleanInputMiddleware:
    """400 for an address or parameters that hold NUL, invalid UTF-8 or lone surrogates.

    413 for a body above the limits, before anything of it is read: Django would write a file of
    any size to disk, for visitors who are not signed in as well.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> None:
        everywhere = settings.UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if body_bytes(request) > most_body_bytes(view, everywhere):
            raise RequestDataTooBig("the body is above the limits for a file and its fields")
        if any(UNSTORABLE.search(text) for text in sent_texts(request, view_kwargs)):
            raise BadRequest("unstorable characters in a parameter")


def body_bytes(request: HttpRequest) -> int:
    """As announced; Django reads no further than that, and nothing where it is no number."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    return int(announced) if announced.isdecimal() and len(announced) < 20 else 0


def sent_texts(request: HttpRequest, view_kwargs: dict[str, Any]) -> Iterator[str]:
    yield from (value for value in view_kwargs.values() if isinstance(value, str))
    for source in (request.GET, request.POST) if request.method == "POST" else (request.GET,):
        for key, values in source.lists():
            yield key
            yield from values


class NoStoreMiddleware:
    """Signed-in pages stay out of every cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            patch_cache_control(response, no_store=True, private=True)
        return response


class LanguageMiddleware:
    """The language that was chosen, from its cookie; otherwise ours, whatever the browser says.

    Django's LocaleMiddleware would answer an office computer with an English system in English.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(known):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", known)
            return response
