"""Search boxes that are posted: what was typed is in the next address only as a token that nobody
else can have read. Names and numbers stand in no address, log or history."""

from collections.abc import Iterable
from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from lms.lib import hidden

FOUND = "lms.lists.found"
MOST_SEARCHED = 60


def hidden_search(text: str, user: Any) -> str:
    """The value of `q` in the address of a page that is searched by POST."""
    return hidden.hide(text, of=user.pk) if text else ""


def searched(request: HttpRequest) -> str:
    """What `q` in this address stands for; "" for none, or one that cannot be read."""
    token = request.GET.get("q", "")
    return (hidden.read(token, of=request.user.pk) or "") if token else ""


def listed(path: str, names: Iterable[str]) -> str:
    """Where the page is and what it understands, signed: `list_find` leads nowhere else."""
    return signing.dumps({"path": path, "names": sorted(names)}, salt=FOUND)


def found_address(asked: QueryDict, user: Any) -> str | None:
    """The address of the page that sent this form, with `q` as a token; None if none did."""
    try:
        page = signing.loads(asked.get("listed", ""), salt=FOUND)
    except signing.BadSignature:
        return None
    chosen = {name: str(asked[name]) for name in page["names"] if asked.get(name)}
    if "q" in chosen:
        chosen["q"] = hidden_search(chosen["q"].strip()[:MOST_SEARCHED], user)
    return f"{page['path']}?{urlencode(chosen)}" if chosen else str(page["path"])
