"""The file of an export: written in one pass with little memory, stamped with who, when and what.

Also the way out for old files: `sweep_exports` is a duty of the worker.
"""

import hashlib
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.actions import ExportError, erase_exports, finish_export
from lms.lib.spreadsheets import open_workbook
from lms.lib.spreadsheets_rows import TextSheet
from lms.models import ExportFile, TaskProgress

FOLDER = "exports"
Rows = Iterable[Sequence[str]]
WIDTH = 18
#: Each word of how far it is waits for the disk.
SECONDS_BETWEEN = 1
SQLITE_CACHE_KB = 2000


def requested_export(progress: TaskProgress) -> ExportFile:
    """The export that a task writes, for a requester who may still sign in."""
    rows = ExportFile.objects.select_related("requested_by")
    export = rows.get(pk=progress.args["export"])
    refuse_disabled(export)
    return export


def refuse_disabled(export: ExportFile) -> None:
    """Asked between two batches as well: who is let go must not get the file after all."""
    people = type(export.requested_by)._default_manager
    if not people.filter(pk=export.requested_by_id, is_active=True).exists():
        raise ExportError(
            "DISABLED", _("Whoever asked for this file may not sign in any more; it was not made.")
        )


def make_export(progress: TaskProgress, export: ExportFile, batches: Iterable[Rows]) -> None:
    """Write `batches` of rows under the export's columns, keep the file, lead to its page.

    Run again after a kill it begins anew and replaces what was there; nothing is kept on error.
    """
    spare_memory()
    with tempfile.NamedTemporaryFile(prefix="export-", suffix=".xlsx") as target:
        count, digest = write_stamped(target, export, _watched(progress, export, batches))
        target.seek(0)
        keep_file(export, File(target), count, digest)
    progress.done_count = progress.total_count = count


def keep_file(export: ExportFile, content: File[bytes], count: int, digest: str) -> None:
    """Keep what was written, however it was written, for whoever asked and may still sign in."""
    refuse_disabled(export)
    name = f"{FOLDER}/{export.pk}.xlsx"
    default_storage.delete(name)
    kept = default_storage.save(name, content)
    try:
        finish_export(
            export=export, file=kept, row_count=count, sha256=digest, actor=export.requested_by
        )
    except BaseException:
        default_storage.delete(kept)
        raise


def keep_export(
    progress: TaskProgress, export: ExportFile, content: bytes, *, suffix: str, count: int
) -> None:
    """Keep a file that was made whole, for example a PDF of `count` people."""
    name = f"{FOLDER}/{export.pk}.{suffix}"
    default_storage.delete(name)
    refuse_disabled(export)
    kept = default_storage.save(name, ContentFile(content))
    digest = hashlib.sha256(content).hexdigest()
    try:
        finish_export(
            export=export, file=kept, row_count=count, sha256=digest, actor=export.requested_by
        )
    except BaseException:
        default_storage.delete(kept)
        raise
    progress.done_count = progress.total_count = count


def spare_memory() -> None:
    """Each row is read once, so the page cache of SQLite would only fill up with what is done."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size=-{SQLITE_CACHE_KB}")


def _watched(progress: TaskProgress, export: ExportFile, batches: Iterable[Rows]) -> Iterator[Rows]:
    done, said = 0, time.monotonic()
    for batch in batches:
        rows = list(batch)
        yield rows
        done += len(rows)
        refuse_disabled(export)
        if time.monotonic() - said > SECONDS_BETWEEN:
            progress.advance(done)
            said = time.monotonic()


def write_stamped(
    target: IO[bytes], export: ExportFile, batches: Iterable[Rows]
) -> tuple[int, str]:
    """How many rows were written, and the SHA-256 of header and rows: cells joined by a tab, lines
    by a line feed, in UTF-8."""
    columns, digest = list(export.columns), hashlib.sha256()
    with open_workbook(target) as book:
        sheet: TextSheet = book.add_worksheet(_("List"), worksheet_class=TextSheet)
        bold = book.add_format({"bold": True, "bottom": 1})
        for column, title in enumerate(columns):
            sheet.write_string(0, column, title, bold)
        sheet.set_column(0, len(columns) - 1, WIDTH)
        sheet.freeze_panes(1, 0)
        digest.update(line(columns))
        number = 1
        for batch in batches:
            rows = list(batch)
            number = sheet.write_texts(number, rows, len(columns))
            digest.update(b"".join(map(line, rows)))
        facts = stamp(export, number - 1, digest.hexdigest())
        put_stamp(book, [sheet], facts, export)
    target.flush()
    return number - 1, digest.hexdigest()


def line(cells: Sequence[str]) -> bytes:
    return ("\t".join(cells) + "\n").encode("utf-8", "replace")


def stamp(export: ExportFile, count: int, digest: str) -> list[tuple[str, str]]:
    who = export.requested_by
    return [
        (_("Exported by"), f"{who} ({who.get_username()})"),
        (_("Exported at"), f"{timezone.localtime():%Y-%m-%d %H:%M:%S}"),
        (_("Export number"), str(export.pk)),
        (_("Region code"), export.region_path),
        (_("Rows"), str(count)),
        (_("Numbers"), _("in full") if export.is_unmasked else _("masked")),
        (pgettext("export", "Purpose"), str(export.get_purpose_display())),
        (_("SHA-256 of the rows"), digest),
    ]


def put_stamp(
    book: Any, sheets: Iterable[Any], facts: list[tuple[str, str]], export: ExportFile
) -> None:
    """On every printed page, and on a hidden sheet."""
    who, when, number = (value.replace("&", "&&") for _label, value in facts[:3])
    for sheet in sheets:
        sheet.set_header(f"&L{export.title[:60].replace('&', '&&')}&R{who} {when}")
        sheet.set_footer(f"&L{number}&C{facts[-1][1]}&R&P / &N")
    proof = book.add_worksheet("_export")
    for row, pair in enumerate(facts):
        for column, value in enumerate(pair):
            proof.write_string(row, column, value)
    proof.hide()


def sweep_exports() -> None:
    """Erase what is over, and any file in the folder that is older than a day, whoever put it."""
    erase_exports()
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    limit = (timezone.now() - timedelta(hours=settings.EXPORT_HOURS)).timestamp()
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.is_file() and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
