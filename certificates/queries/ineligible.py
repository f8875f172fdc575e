"""Everybody of a region who gets no certificate now, each with the kind of reason."""

from typing import Final
from uuid import UUID

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, Issuer
from certificates.queries.candidates import Sheet, hosted_runs, uncertified
from certificates.queries.waiting import SOME_HOURS, class_records
from courses.models import CourseRun, Enrolment
from lms.lib.scope import HasScope
from regions.models import Region

#: In the order in which they count, as when somebody is weighed.
KINDS: Final = [
    ("UNFINISHED", _("has not completed the run")),
    ("REVOKED", _("the certificate was revoked")),
    ("PROVISIONAL", _("identity not confirmed yet")),
    ("MERGED", _("this record was merged into another")),
    ("UNPRINTABLE", _("the name cannot be printed")),
]


def ineligible(
    region: Region, issuer: Issuer, *, user: HasScope, sheet: Sheet
) -> QuerySet[Enrolment]:
    """With their `kind`: who is still enrolled in a class that ended, and whom nothing can be
    issued to though they completed theirs."""
    given = Exists(Certificate.objects.filter(enrolment=OuterRef("pk")))
    waiting = uncertified(region, issuer, user=user)
    found = {
        "UNFINISHED": Q(status=Enrolment.Status.ENROLLED, run__status=CourseRun.Status.CLOSED),
        "REVOKED": Q(given),
        "PROVISIONAL": Q(learner__provisional=True),
        "MERGED": Q(learner__merged_into__isnull=False),
        "UNPRINTABLE": Q(pk__in=_unprintable(waiting, sheet)),
    }
    blocked = Q(pk__in=waiting.order_by().values("pk")) & (
        found["REVOKED"] | found["PROVISIONAL"] | found["MERGED"] | found["UNPRINTABLE"]
    )
    rows = Enrolment.objects.visible_to(user).filter(run__in=hosted_runs(region, issuer))
    kind = Case(
        *(When(condition, then=Value(name)) for name, condition in found.items()),
        output_field=CharField(),
    )
    return rows.filter(found["UNFINISHED"] | blocked).annotate(kind=kind)


def _unprintable(waiting: QuerySet[Enrolment], sheet: Sheet) -> list[UUID]:
    """No database knows which letters the fonts draw, nor how wide they are."""
    columns = "pk", "run_id", "learner__name", "learner__native_name"
    people = list(waiting.order_by().values_list(*columns))
    runs = class_records({run for _pk, run, *_names in people})
    return [
        pk
        for pk, run, name, native_name in people
        if sheet.name_fault(runs[run], SOME_HOURS, name, native_name)
    ]
