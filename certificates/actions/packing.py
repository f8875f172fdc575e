"""Many certificates in one file: a ZIP of a class, a book of a county. Kept for a day."""

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from lms.models import TaskProgress, record_audit
from lms.removal import remove_files

FOLDER = "certificate-packs"
KINDS = PACK_RUN, BOOK_REGION = "certificates.pack_run", "certificates.book_region"


@transaction.atomic
def keep_pack(*, progress: TaskProgress, file: IO[bytes], count: int, actor: User) -> str:
    """The name under which the file is kept; the same task writes the same file again."""
    as_book = progress.kind == BOOK_REGION
    name = f"{FOLDER}/{progress.pk}.{'book.zip' if as_book else 'zip'}"
    file.seek(0)
    default_storage.delete(name)
    default_storage.save(name, File(file))
    progress.result = {"file": name}
    progress.save(update_fields=["result"])
    record_audit(
        "certificates.packed",
        actor=actor,
        target=progress,
        detail={"count": count, "book": as_book},
    )
    return name


@transaction.atomic
def note_pack_fetched(*, progress: TaskProgress, region_path: str, actor: User) -> None:
    """Names of many people left the house."""
    record_audit("certificates.pack_fetched", actor=actor, target=progress, region_path=region_path)


@transaction.atomic
def sweep_packs(*, actor: User | None = None) -> int:
    """Erase the packs whose day is over, those of people who may not sign in any more, and any
    file in the folder that is older than a day, whoever put it; how many packs were erased."""
    limit = timezone.now() - timedelta(hours=settings.EXPORT_HOURS)
    over = Q(finished_at__lte=limit) | Q(requested_by__is_active=False)
    count = _erase(over, actor)
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.is_file() and path.stat().st_mtime < limit.timestamp():
            path.unlink(missing_ok=True)
    return count


@transaction.atomic
def erase_packs(*, runs: Collection[str], actor: User | None) -> int:
    """Erase those that may hold a certificate of these classes: every book, and their own ZIPs."""
    return _erase(Q(kind=BOOK_REGION) | Q(args__run__in=list(runs)), actor)


def _erase(which: Q, actor: User | None) -> int:
    """One line on the trail for each, in the transaction of whoever asks."""
    kept = TaskProgress.objects.filter(which, kind__in=KINDS, result__has_key="file")
    packs = list(kept.select_for_update(of=("self",)).order_by("pk"))
    for pack in packs:
        name = str(pack.result["file"])
        pack.result = {}
        pack.save(update_fields=["result"])
        remove_files([name])
        record_audit("certificates.pack_erased", actor=actor, target=pack)
    return len(packs)
