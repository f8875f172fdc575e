"""How much waits for somebody, as the navigation of every page says it.

Kept by each web process for itself, so that a page asks the database for it once in two minutes
and writes nothing. The list of what waits is always up to date.
"""

import time
from threading import Lock
from uuid import UUID

from courses.queries.worklist import work_counts
from lms.lib.scope import HasScope

#: Where the session keeps when its person last answered something: older counts are wrong.
ANSWERED_KEY = "work_answered"
KEPT_SECONDS = 120.0
_MOST_PEOPLE = 2000
#: Person -> (entries, when they were counted).
_kept: dict[UUID, tuple[int, float]] = {}
#: Whose pages come at once ask once: the first counts, the others wait for its answer.
_counting = Lock()


def waiting_work(user: HasScope, answered_at: float = 0.0) -> int:
    """How many entries wait for `user`, who last answered one at that time (seconds since 1970)."""
    found = _known(user, answered_at)
    if found is None:
        with _counting:
            found = _known(user, answered_at)
            if found is None:
                found = _count(user)
    return found


def _known(user: HasScope, answered_at: float) -> int | None:
    found, counted_at = _kept.get(user.scope.user_id, (0, 0.0))
    is_old = counted_at <= max(answered_at, time.time() - KEPT_SECONDS)
    return None if is_old else found


def _count(user: HasScope) -> int:
    now = time.time()  # what is answered while it counts is not in it
    found = sum(work_counts(user).values())
    if len(_kept) >= _MOST_PEOPLE:
        _kept.clear()
    _kept[user.scope.user_id] = found, now
    return found
