"""What is handed out, to whom: the lines of the register, and the answers at the desk."""

from pathlib import Path
from typing import Any

from django.conf import settings

from certificates.models import Certificate
from certificates.queries.facts import frozen_facts, personal_facts
from courses.models import CourseRun
from learners.queries import find_by_number, is_whole_number
from lms.lib.scope import HasScope

AT_MOST = 50


def sheet_css() -> str:
    return (Path(settings.BASE_DIR) / "templates/certificates/pdf/handing.css").read_text()


def handing_rows(user: HasScope, run: CourseRun) -> list[dict[str, Any]]:
    """A line for each valid certificate of the run, in the order of numbers, as they are printed:
    the name is the one on the paper."""
    rows = Certificate.objects.visible_to(user).valid().filter(enrolment__run=run)
    return [_line(row) for row in rows.select_related("enrolment__home_region").order_by("number")]


def _line(row: Certificate) -> dict[str, Any]:
    facts, personal = frozen_facts(row), personal_facts(row)
    return {
        "number": row.number,
        "name": personal.get("name", "—"),
        "native_name": personal.get("native_name", ""),
        "masked_id": personal.get("masked_id", "—"),
        "home": row.enrolment.home_region.name,
        "hours": facts["hours"],
        "issued_on": row.issued_on.isoformat(),
        "issuer": facts["issuer"],
    }


def certificates_of(user: HasScope, text: str) -> list[Certificate]:
    """Of the person with this ID number or telephone, or of people with exactly this name."""
    rows = Certificate.objects.visible_to(user)
    if is_whole_number(text):
        rows = rows.filter(enrolment__learner__in=find_by_number(user, text).values("pk"))
    else:
        rows = rows.filter(enrolment__learner__name=" ".join(text.split()))
    rows = rows.exclude(status=Certificate.Status.REPLACED)
    return list(
        rows.select_related("enrolment__learner", "enrolment__home_region").order_by("-number")[
            :AT_MOST
        ]
    )
