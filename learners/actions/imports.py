"""Import a roster: receive the file, check it, take its people in chunk by chunk."""

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.actions.people import take_in_people
from learners.actions.registers import add_entries
from learners.models import RegisterEdition, RosterImport, RosterRow
from learners.queries.matching import PersonFacts, is_reached, known_people
from learners.queries.places import places_of
from learners.queries.rosters import (
    CLEAN,
    KNOWN_ELSEWHERE,
    Reference,
    reference_for,
    report_summary,
    row_content,
)
from learners.roster.judging import judge
from learners.roster.report import JudgedRow, Report
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.lib.spreadsheets import FileError, read_workbook
from lms.models import TaskProgress, record_audit
from lms.tasks import start
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User

State = RosterImport.State
Verdict = RosterRow.Verdict
CHUNK = 500


class ImportError_(ActionError):
    """The import is not in a state in which this can be done."""


# --- receiving ---
@transaction.atomic
def receive_roster(
    *,
    content: bytes,
    file_name: str,
    region: Region,
    as_of: date,
    edition: RegisterEdition | None = None,
    actor: "User | None",
) -> RosterImport:
    """Keep the file until it is checked. `edition`: an open edition to put its people on."""
    roster_import = RosterImport(
        region=region,
        as_of=as_of,
        file_name=file_name[-200:],
        file_sha256=hashlib.sha256(content).hexdigest(),
        summary={"edition": str(edition.pk) if edition else ""},
        uploaded_by=actor,
    )
    roster_import.file.save(f"{roster_import.pk}.upload", ContentFile(content), save=False)
    roster_import.save(force_insert=True)
    record_audit(
        "learners.roster_received",
        actor=actor,
        target=roster_import,
        region_path=region.path,
        detail={"sha256": roster_import.file_sha256, "bytes": len(content)},
    )
    return roster_import
