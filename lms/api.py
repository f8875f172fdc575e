"""The one API: how its routes are found, guarded and answered in JSON, errors as well."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import ValidationError as PydanticError

from courses import api as attendance
from courses.queries.drawing import EVIDENCE_BYTES
from lms.lib.bodies import ApiError, body_at_most, body_of, too_large
from lms.lib.errors import ActionError

#: JSON of a request; pictures have a limit of their own.
JSON_BYTES = 64 * 1024


class BoundedParser(Parser):
    """No more is read than a batch may hold, and nothing but JSON is taken for JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        content = body_of(request, most=JSON_BYTES)
        try:
            return json.loads(content, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise _bad_request() from None


class PlainRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


_token = attendance.TabletToken()
api = NinjaAPI(
    title="Attendance",
    urls_namespace="attendance_api",
    auth=_token,
    docs_url=None,
    openapi_url=None,
    parser=BoundedParser(),
    renderer=PlainRenderer(),
)
api.add_router("", attendance.router)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _bad_request() -> ApiError:
    return ApiError(400, "bad_request", _("This request cannot be read. Update the app."))


def _answer(request: HttpRequest, error: ApiError) -> HttpResponse:
    body = {"error": error.code, "message": str(error.message), **error.more}
    response = api.create_response(request, body, status=error.status)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


@api.exception_handler(ApiError)
def _refused(request: HttpRequest, error: ApiError) -> HttpResponse:
    return _answer(request, error)


@api.exception_handler(ActionError)
def _action_refused(request: HttpRequest, error: ActionError) -> HttpResponse:
    return _answer(request, ApiError(attendance.status_of(error), error.code, error.message))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    message = _("This tablet is not known here. Nothing is lost: have the office enrol it anew.")
    return _answer(request, ApiError(401, "unauthenticated", message))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What was sent is not repeated: it may name somebody."""
    return _answer(request, _bad_request())


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return _answer(request, ApiError(404, "not_found", _("There is no such record.")))


@api.exception_handler(HttpError)
def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja wraps what its parser raises."""
    if isinstance(error.__cause__, ApiError):
        return _answer(request, error.__cause__)
    return _answer(request, ApiError(error.status_code, "bad_request", _bad_request().message))


@api.exception_handler(RawPostDataException)  # a form was sent
@api.exception_handler(SuspiciousOperation)
@api.exception_handler(BadRequest)
def _suspicious(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):  # found out by Django, which read none of it
        return _answer(request, too_large())
    return _answer(request, _bad_request())


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _busy(request: HttpRequest, error: Exception) -> HttpResponse:
    """A full or locked database, a deadlock: whole batches are sent again, so nothing is lost."""
    message = _("The server is busy. Everything is kept on the tablet and sent again.")
    return _answer(request, ApiError(503, "busy", message, retry_after=5))


# --- the short way --------------------------------------------------------------------------------
class ShortWayMiddleware:
    """A batch of marks goes straight to its route: no page's session, form or policy is its matter.

    What stands before this in MIDDLEWARE holds for it too, and so does all that the route answers;
    any other request to its address goes the usual way. An evening brings a batch every 10 ms.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != _push_path() or request.method != "POST" or request.GET:
            return self.get_response(request)
        request.get_host()  # a made-up one is refused
        response = _push(request)
        response["Content-Length"] = str(len(response.content))
        response["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
        response["X-Frame-Options"] = "DENY"
        return response


def _push(request: HttpRequest) -> HttpResponse:
    """As ninja does it."""
    try:
        request.auth = _token(request)  # type: ignore[attr-defined]
        if not request.auth:  # type: ignore[attr-defined]
            raise AuthenticationError
        answer = attendance.push(request, _said(request))
        found = api.renderer.render(request, answer, response_status=200)
    except PydanticError:
        return _answer(request, _bad_request())
    except Exception as error:
        return api.on_exception(request, error)
    return HttpResponse(found, content_type="application/json; charset=utf-8")


def _said(request: HttpRequest) -> attendance.PushIn:
    """Nearly always plain marks, which are read in one go."""
    try:
        return attendance.MarksIn.model_validate_json(body_of(request, most=JSON_BYTES))
    except PydanticError:
        return attendance.PushIn.model_validate(api.parser.parse_body(request))


@cache
def _push_path() -> str:
    return reverse("attendance_api:push")


def api_urls() -> tuple[list[URLPattern], str, str]:
    """Open to tablets, which have no session; the token is asked for by the routes themselves."""
    patterns, app_name, namespace = api.urls
    found = [pattern for pattern in patterns if isinstance(pattern, URLPattern)]
    # Ninja's own root is an address without an answer.
    ours = [pattern for pattern in found if pattern.name != "api-root"]
    return [_open(pattern) for pattern in ours], app_name, namespace


def _open(pattern: URLPattern) -> URLPattern:
    pattern.callback = body_at_most(EVIDENCE_BYTES)(pattern.callback)
    pattern.callback = login_not_required(pattern.callback)
    return pattern
