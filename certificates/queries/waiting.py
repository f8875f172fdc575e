"""A county at a glance: how many of each class wait for a certificate, and who gets none and why.

Nobody is weighed one by one here: that happens when they are issued. The same reasons are found
from the few columns that they depend on, in a number of queries that does not grow.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, Issuer
from certificates.queries.candidates import (
    IS_ERASED,
    IS_MERGED,
    IS_PROVISIONAL,
    Candidate,
    Sheet,
    hosted_runs,
    uncertified,
    weighed,
)
from courses.models import CourseRun, Enrolment
from lms.lib.scope import HasScope
from regions.models import Region

#: People on the page of a region; the rest are counted by their class and reason.
SHOWN: Final = 200
#: Classes that ended with somebody who did not complete them: the newest.
CLASSES_SHOWN: Final = 50
MOST_REASONS: Final = 5
#: Of a class, of as many digits as most: the certificate's own are summed when it is issued.
SOME_HOURS: Final = 99
WAS_REVOKED = gettext_lazy("the certificate was revoked: reissue it from its own page")
COLUMNS: Final = (
    "pk",
    "run_id",
    "learner__name",
    "learner__native_name",
    "learner__provisional",
    "learner__merged_into_id",
    "learner__erased_at",
    "was_revoked",
)


@dataclass(frozen=True)
class Waiting:
    #: Classes with how many of each can be issued a certificate.
    classes: list[tuple[CourseRun, int]]
    eligible_count: int
    #: The first of those who get none, with the reason.
    blocked: list[Candidate]
    blocked_count: int
    reasons: list[tuple[str, int]]
    #: The newest classes that ended with people who did not complete them; how many these are.
    unfinished: list[tuple[CourseRun, int]]
    unfinished_count: int


def waiting_in(region: Region, issuer: Issuer, *, user: HasScope, sheet: Sheet) -> Waiting:
    rows = uncertified(region, issuer, user=user)
    given = Certificate.objects.filter(enrolment=OuterRef("pk"))
    found = list(
        rows.annotate(was_revoked=Exists(given))
        .order_by("run__year", "run__number", "run_id", "learner__initials", "pk")
        .values_list(*COLUMNS)
    )
    runs = class_records({row[1] for row in found})
    eligible: Counter[UUID] = Counter()
    blocked: dict[UUID, str | Promise] = {}
    for pk, run_id, *columns in found:
        if reason := _why_not(runs[run_id], sheet, *columns):
            blocked[pk] = reason
        else:
            eligible[run_id] += 1
    unfinished = _unfinished(region, issuer, user)
    return Waiting(
        classes=[(runs[pk], count) for pk, count in eligible.items()],
        eligible_count=eligible.total(),
        blocked=list(_shown(rows, list(blocked)[:SHOWN], sheet)),
        blocked_count=len(blocked),
        reasons=Counter(map(str, blocked.values())).most_common(MOST_REASONS),
        unfinished=unfinished[:CLASSES_SHOWN],
        unfinished_count=sum(count for _run, count in unfinished),
    )


def class_records(keys: Iterable[UUID]) -> dict[UUID, CourseRun]:
    rows = CourseRun.objects.select_related("course", "county", "host_region")
    return rows.in_bulk(list(keys))


def _unfinished(region: Region, issuer: Issuer, user: HasScope) -> list[tuple[CourseRun, int]]:
    """Each class that ended with people still enrolled; its own page says who, and why."""
    rows = Enrolment.objects.visible_to(user).filter(
        status=Enrolment.Status.ENROLLED,
        run__in=hosted_runs(region, issuer).filter(status=CourseRun.Status.CLOSED),
    )
    counts = dict(rows.order_by().values_list("run").annotate(people=Count("pk")))
    runs = sorted(
        class_records(counts).values(), key=lambda run: (run.starts_on, run.pk), reverse=True
    )
    return [(run, counts[run.pk]) for run in runs]


def _why_not(
    run: CourseRun,
    sheet: Sheet,
    name: str,
    native_name: str,
    is_provisional: bool,
    merged_into: UUID | None,
    erased_at: datetime | None,
    was_revoked: bool,
) -> "str | Promise":
    if was_revoked:
        return WAS_REVOKED
    if is_provisional:
        return IS_PROVISIONAL
    if merged_into:
        return IS_MERGED
    if erased_at:
        return IS_ERASED
    return sheet.name_fault(run, SOME_HOURS, name, native_name)


def _shown(rows: QuerySet[Enrolment], keys: list[UUID], sheet: Sheet) -> Iterator[Candidate]:
    """As many as stand on a page, weighed like everyone of a class."""
    if keys:
        yield from weighed(rows.filter(pk__in=keys).select_related("home_region"), sheet)
