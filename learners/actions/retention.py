"""Uploaded rosters are evidence for a while, then only their counts stay."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from learners.models import RosterFileHints, RosterImport, RosterRow
from lms.models import record_audit
from lms.removal import remove_files

#: Days that rows and file are kept after confirming, and after giving up or refusing.
KEPT_DAYS = 90
KEPT_DAYS_UNUSED = 7
#: An upload that nobody confirms is given up after so many days.
KEPT_DAYS_OPEN = 90
State = RosterImport.State


@transaction.atomic
def erase_old_rosters(*, actor: User | None = None) -> int:
    """Erase the rows and files whose time is over; returns how many uploads were emptied."""
    now = timezone.now()
    used = Q(
        state__in=[State.IMPORTED, State.UNDONE], confirmed_at__lt=now - timedelta(days=KEPT_DAYS)
    )
    unused = Q(
        state__in=[State.ABANDONED, State.REFUSED],
        uploaded_at__lt=now - timedelta(days=KEPT_DAYS_UNUSED),
    )
    forgotten = Q(
        state__in=[State.UPLOADED, State.UNSURE, State.CHECKED],
        uploaded_at__lt=now - timedelta(days=KEPT_DAYS_OPEN),
    )
    kept = Q(pk__in=RosterRow.objects.values("roster_import_id")) | ~Q(file="")
    kept |= Q(reading_cipher__isnull=False)
    over = list(
        RosterImport.objects.select_for_update(of=("self",))
        .filter(used | unused | forgotten)
        .filter(kept)
        .order_by("pk")
    )
    for roster in over:
        _erase(roster, actor)
    return len(over)


def _erase(roster: RosterImport, actor: User | None) -> None:
    count, _by_model = roster.rows.all().delete()
    name = str(roster.file.name or "")
    roster.file, roster.reading_cipher, roster.answers = "", None, {}
    if roster.state != State.IMPORTED and roster.state != State.REFUSED:
        roster.state = State.ABANDONED
    roster.save(update_fields=["file", "reading_cipher", "answers", "state"])
    RosterFileHints.objects.filter(roster_import=roster).delete()
    remove_files([name])
    record_audit(
        "learners.roster_erased",
        actor=actor,
        target=roster,
        region_path=roster.region.path,
        detail={"rows": count},
    )
