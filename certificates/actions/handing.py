"""Handing out: who was looked up and which list was printed stays on record."""

from django.db import transaction

from accounts.models import User
from certificates.models import Certificate
from certificates.queries import certificates_of
from courses.models import CourseRun
from lms.models import record_audit


@transaction.atomic
def look_up(*, text: str, actor: User) -> list[Certificate]:
    """Certificates of the people that an ID number or a name means, among those one may see."""
    found = certificates_of(actor, text)
    numbers = [certificate.number for certificate in found]
    record_audit("certificates.looked_up", actor=actor, detail={"numbers": numbers})
    return found


@transaction.atomic
def note_sheet(*, run: CourseRun, count: int, kind: str, actor: User) -> None:
    """Names left the house on a list."""
    record_audit(
        "certificates.sheet_printed",
        actor=actor,
        target=run,
        region_path=run.host_region.path,
        detail={"count": count, "format": kind},
    )
