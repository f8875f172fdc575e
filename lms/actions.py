"""Writes that belong to no app: filters that somebody keeps, files of many people's data."""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms import tasks
from lms.lib.errors import ActionError
from lms.models import ExportFile, SavedFilter, record_audit
from lms.removal import remove_files

if TYPE_CHECKING:
    from accounts.models import User

MOST_SAVED = 20
LINK_BYTES = 24


class SavedFilterError(ActionError):
    """The choice of filters cannot be kept."""


class ExportError(ActionError):
    """The file cannot be made or handed out."""


# --- Saved filters ------------------------------------------------------------------------------
@transaction.atomic
def save_filter(*, page: str, name: str, query: str, actor: "User") -> SavedFilter:
    own = SavedFilter.objects.visible_to(actor).filter(page=page)
    if own.count() >= MOST_SAVED:
        raise SavedFilterError(
            "TOO_MANY", _("This list keeps 20 filters of yours already. Delete one of them first.")
        )
    try:
        with transaction.atomic():
            saved = SavedFilter.objects.create(user=actor, page=page, name=name, query=query)
    except IntegrityError:
        raise SavedFilterError(
            "NAME_TAKEN", _("You have kept a filter under this name. Choose another name.")
        ) from None
    record_audit("lms.filter_saved", actor=actor, target=saved, detail={"page": page})
    return saved


@transaction.atomic
def delete_filter(*, saved: SavedFilter, actor: "User") -> None:
    record_audit("lms.filter_deleted", actor=actor, target=saved, detail={"page": saved.page})
    saved.delete()


# --- Files of people's data ---------------------------------------------------------------------
@transaction.atomic
def ask_export(
    *,
    kind: str,
    title: str,
    region_path: str,
    columns: Sequence[str],
    args: Mapping[str, Any],
    total: int,
    purpose: str = "",
    reason: str = "",
    is_unmasked: bool = False,
    actor: "User",
) -> ExportFile:
    """Ask for a file; `kind` is the work that writes it, with `args["export"]` = its key.

    Whoever calls this has checked that `actor` may see the rows, and unmasked if so asked.
    """
    hour_ago = timezone.now() - timedelta(hours=1)
    made = ExportFile.objects.visible_to(actor).filter(created_at__gt=hour_ago).count()
    if made >= settings.EXPORTS_AN_HOUR:
        raise ExportError(
            "TOO_MANY",
            _("You have asked for %(most)s files within an hour. Try again later.")
            % {"most": settings.EXPORTS_AN_HOUR},
        )
    export = ExportFile.objects.create(
        title=title,
        requested_by=actor,
        region_path=region_path,
        is_unmasked=is_unmasked,
        purpose=purpose,
        reason=reason,
        columns=list(columns),
    )
    record_audit(
        "lms.export_asked",
        actor=actor,
        target=export,
        region_path=region_path,
        detail={
            "count": total,
            "columns": list(columns),
            "unmasked": is_unmasked,
            "purpose": purpose,
        },
    )
    export.progress = tasks.start(
        kind,
        title=title,
        key=f"{kind}:{export.pk}",
        args={**args, "export": str(export.pk)},
        total=total,
        requested_by=actor,
    )
    export.save(update_fields=["progress"])
    # Where its page leads to when it is done.
    export.progress.result_url = reverse("export_detail", args=[export.pk])
    export.progress.save(update_fields=["result_url"])
    return export


@transaction.atomic
def finish_export(
    *, export: ExportFile, file: str, row_count: int, sha256: str, actor: "User"
) -> None:
    """The file is written: from now on, for a day, it may be had; unless somebody who may stand in
    it was erased while it was written."""
    if ExportFile.objects.select_for_update(of=("self",)).get(pk=export.pk).erased_at is not None:
        raise ExportError(
            "ERASED",
            _("Somebody was erased while this file was being made. Ask for it again."),
        )
    export.file, export.row_count, export.sha256 = file, row_count, sha256
    export.expires_at = timezone.now() + timedelta(hours=settings.EXPORT_HOURS)
    export.save(update_fields=["file", "row_count", "sha256", "expires_at"])
    record_audit(
        "lms.export_made",
        actor=actor,
        target=export,
        region_path=export.region_path,
        detail={"count": row_count, "sha256": sha256, "unmasked": export.is_unmasked},
    )


@transaction.atomic
def give_export_link(*, export: ExportFile, actor: "User") -> str:
    """A link that opens the file once; one given before opens nothing any more."""
    if not export.is_ready:
        raise ExportError("OVER", _("This file is no longer kept. Ask for it again from the list."))
    link = secrets.token_urlsafe(LINK_BYTES)
    export.link_sha256 = _digest(link)
    export.save(update_fields=["link_sha256"])
    record_audit(
        "lms.export_link_given", actor=actor, target=export, region_path=export.region_path
    )
    return link


@transaction.atomic
def use_export_link(*, export: ExportFile, link: str, actor: "User") -> None:
    """Spend the link, for whoever comes first; ExportError for everybody else."""
    spent = ExportFile.objects.filter(
        pk=export.pk, link_sha256=_digest(link), expires_at__gt=timezone.now()
    ).update(link_sha256="", download_count=F("download_count") + 1)
    if not spent:
        raise ExportError(
            "LINK_SPENT", _("This link has been used or is too old. Press the button once more.")
        )
    record_audit(
        "lms.export_downloaded_again" if export.download_count else "lms.export_downloaded",
        actor=actor,
        target=export,
        region_path=export.region_path,
        detail={"no": export.download_count + 1, "unmasked": export.is_unmasked},
    )


@transaction.atomic
def erase_exports(*, actor: "User | None" = None) -> int:
    """Erase the files whose day is over; returns how many rows lost theirs."""
    over = list(ExportFile.objects.select_for_update(of=("self",)).over().order_by("pk"))
    for export in over:
        name, export.file, export.link_sha256 = export.file, "", ""
        export.erased_at = timezone.now()
        export.save(update_fields=["file", "link_sha256", "erased_at"])
        remove_files([name])
        record_audit(
            "lms.export_erased", actor=actor, target=export, region_path=export.region_path
        )
    return len(over)


@transaction.atomic
def drop_exports(*, region_paths: Collection[str], actor: "User | None") -> int:
    """Take files of people away that may hold somebody of these regions, those being made too."""
    rows = ExportFile.objects.holding(region_paths).select_for_update(of=("self",))
    keys = [row.pk for row in rows.order_by("pk")]
    found = ExportFile.objects.filter(pk__in=keys)
    found.filter(file="").update(erased_at=timezone.now())
    found.exclude(file="").update(expires_at=timezone.now())
    erase_exports(actor=actor)
    return len(keys)


def _digest(link: str) -> str:
    return hashlib.sha256(link.encode()).hexdigest()
