"""How much may be sent to an address, where that is less than everywhere else."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

View = Callable[..., Any]
_NAME = "most_body_bytes"


def body_at_most(size: int) -> Callable[[View], View]:
    """The outermost decorator of a view: a longer body is answered with 413, unread.

    A body of up to FILE_UPLOAD_MAX_MEMORY_SIZE with a file stays in memory and meets no disk.
    """

    def mark(view: View) -> View:
        setattr(view, _NAME, size)
        return view

    return mark


def most_body_bytes(view: View, otherwise: int) -> int:
    return int(getattr(view, _NAME, otherwise))


class ApiError(Exception):
    """An answer in JSON that says what went wrong: {"error", "message", and `more`}."""

    def __init__(
        self,
        status: int,
        code: str,
        message: "str | Promise",
        *,
        retry_after: int = 0,
        **more: object,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.retry_after, self.more = retry_after, more


def body_of(request: HttpRequest, *, most: int) -> bytes:
    """The body, of which nothing is read where it is announced to be larger: 413."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal() or int(announced[:20]) > most:
        raise too_large()
    return request.body


def too_large() -> ApiError:
    return ApiError(413, "too_large", _("This is too much at once. Send less."))
