"""Files that must go: removed when the transaction that says so is committed, and if the disk fails
then, by the worker until it is done."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from lms.models import FileToRemove

log = logging.getLogger(__name__)
#: Younger ones are in the hands of whoever asked.
WAIT = timedelta(minutes=1)


def remove_files(names: Iterable[str]) -> None:
    """Call it inside of the transaction after which nothing names these files any more.

    The rows stand until the files are gone: a process that is killed between the two loses none.
    """
    wanted = sorted({name for name in names if name})
    if not wanted:
        return
    rows = [FileToRemove(name=name) for name in wanted]
    FileToRemove.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(partial(_remove, wanted))


def sweep_files() -> int:
    """What could not be removed at once; how many are gone now."""
    waiting = FileToRemove.objects.filter(asked_at__lt=timezone.now() - WAIT)
    return _remove(list(waiting.values_list("name", flat=True)))


def _remove(names: Iterable[str]) -> int:
    gone = []
    for name in names:
        try:
            default_storage.delete(name)
        except OSError as error:
            # What failed and never the name, which the exception itself would say.
            words = "a file could not be removed (%s); the worker will try again"
            log.warning(words, error.strerror)
        else:
            gone.append(name)
    FileToRemove.objects.filter(name__in=gone).delete()
    return len(gone)
