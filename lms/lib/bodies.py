"""How much may be sent to an address, where that is less than everywhere else."""

from collections.abc import Callable
from typing import Any

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
