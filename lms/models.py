"""What every app leaves behind: the audit trail, and the progress of background work."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.lib.bulk import moment
from lms.lib.ids import uuid7
from lms.lib.records import part_of
from lms.lib.scope import HasScope, Role, under
from lms.lib.sets import Asked, ask_at_once

if TYPE_CHECKING:
    from accounts.models import User


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, user: HasScope) -> Self:
        """Administrators read the trail of their regions; nobody else reads any of it."""
        prefixes = user.scope.prefixes(Role.ADMINISTRATOR)
        return self.filter(under("region_path", prefixes))


class AuditEvent(models.Model):
    """One line per action, written in its transaction; the table refuses UPDATE and DELETE.

    `detail` holds old and new values, never a personal one in clear.
    """

    seq = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    action = models.CharField(_("action"), max_length=64, db_index=True)
    target_type = models.CharField(_("kind of record"), max_length=64, blank=True)
    target_id = models.CharField(_("record"), max_length=64, blank=True)
    region_path = models.CharField(_("region code"), max_length=12, blank=True, db_index=True)
    detail = models.JSONField(_("detail"), default=dict)
    request_id = models.CharField(max_length=32, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-seq"]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class AuditSeal(models.Model):
    """The seal of one event: HMAC over the seal before it and the event's canonical form.

    Sealing runs in the worker, in the order in which it finds unsealed events, so no action waits
    for a global lock and an event that commits late is sealed late rather than missed.
    """

    event = models.OneToOneField(AuditEvent, models.PROTECT, related_name="seal")
    seal = models.BinaryField()
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"seal of {self.event_id}"


def record_audit(
    action: str,
    *,
    actor: "User | None",
    target: models.Model | None = None,
    region_path: str = "",
    detail: Mapping[str, Any] | None = None,
    along: Sequence[Asked] = (),
) -> AuditEvent:
    """Write the audit line of an action; call it inside the action's transaction.

    `action` is "<app>.<past participle phrase>", such as "courses.session_closed". `actor` is None
    for what the system does by itself. `detail` must be JSON and hold nothing personal. `along`:
    what else the action writes last goes the same way as the line (`ask_at_once`).
    """
    from lms.logs import current_request_id

    line = part_of(
        AuditEvent,
        at=timezone.now(),
        action=action,
        actor_id=actor.pk if actor is not None else None,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        region_path=region_path,
        detail=dict(detail or {}),
        request_id=current_request_id(),
    )
    text = json.dumps(line.detail)
    named = (line.action, line.actor_id, line.target_type, line.target_id, line.region_path)
    said = (_LINE, (moment(line.at), *named, text, line.request_id))
    [(line.seq,)] = ask_at_once(*along, said)
    return line


#: Every action writes one, so it is spelled out: half the time that the model would take.
_LINE = (
    "INSERT INTO lms_auditevent (at, action, actor_id, target_type, target_id, region_path, detail,"
    " request_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING seq"
)


class TaskProgressQuerySet(models.QuerySet["TaskProgress"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(requested_by_id=user.scope.user_id)

    def stale(self) -> Self:
        """Running, but silent for longer than a living worker would be."""
        limit = timezone.now() - timedelta(seconds=settings.TASK_HEARTBEAT_SECONDS)
        return self.filter(state=TaskProgress.State.RUNNING, heartbeat_at__lt=limit)


class TaskProgress(models.Model):
    """One long piece of work: how far it is, and what came of it.

    `key` makes asking twice harmless: a second request with the key of an open task is that task.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    title = models.CharField(max_length=200)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict)
    result_url = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TaskProgressQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=["QUEUED", "RUNNING"]),
                name="taskprogress_one_open_per_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.done_count}/{self.total_count}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def leads_to_file(self) -> bool:
        """A browser that follows a link to a file stays where it is, and would ask again."""
        return "file" in self.result

    def advance(self, done: int, total: int | None = None) -> None:
        """Say how far the work is; also the sign of life that keeps it from being restarted."""
        self.done_count, self.heartbeat_at = done, timezone.now()
        fields = ["done_count", "heartbeat_at"]
        if total is not None:
            self.total_count = total
            fields.append("total_count")
        self.save(update_fields=fields)


class WorkerBeat(models.Model):
    """The last sign of life of each background worker."""

    name = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(user_id=user.scope.user_id)


class SavedFilter(models.Model):
    """A choice of filters that somebody keeps for a list; never what they typed in a text field."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    #: The list's address by name, "learners:learner_list".
    page = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"], name="savedfilter_one_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ExportFileQuerySet(models.QuerySet["ExportFile"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(requested_by_id=user.scope.user_id)

    def over(self) -> Self:
        """Whose file must go: its time is over, or who asked for it may not sign in any more."""
        gone = Q(expires_at__lte=timezone.now()) | Q(requested_by__is_active=False)
        return self.filter(gone).exclude(file="")

    def holding(self, paths: Iterable[str]) -> Self:
        """Kept or being made, of a region in which one at `paths` lies, or the other way round:
        somebody of there may stand in them."""
        near = Q(pk__in=[])
        for path in paths:
            above = [path[:length] for length in range(len(path) + 1)]
            near |= Q(region_path__in=above) | Q(region_path__startswith=path)
        open_work = ("QUEUED", "RUNNING")
        alive = ~Q(file="") | Q(erased_at__isnull=True, progress__state__in=open_work)
        return self.filter(near).filter(alive)


class ExportFile(models.Model):
    """A file of many people's data: who took it, why, and proof of what stood in it.

    The row stays; the file is erased when its day is over.
    """

    class Purpose(models.TextChoices):
        ACCEPTANCE = "ACCEPTANCE", _("Acceptance or inspection")
        REPORTING = "REPORTING", _("Reporting to a higher level")
        PAYMENT = "PAYMENT", _("Checking payments")
        CORRECTION = "CORRECTION", _("Correcting records")
        OTHER = "OTHER", _("Another purpose")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField(max_length=120)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    progress = models.OneToOneField(
        TaskProgress, models.SET_NULL, null=True, related_name="export_file"
    )
    region_path = models.CharField(max_length=12, blank=True)
    is_unmasked = models.BooleanField(default=False)
    purpose = models.CharField(max_length=12, choices=Purpose, blank=True)
    #: Free text, so it stays here and is in no audit line.
    reason = models.CharField(max_length=200, blank=True)
    columns = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(default=0)
    #: Of the rows, as written on the file itself.
    sha256 = models.CharField(max_length=64, blank=True)
    file = models.CharField(max_length=120, blank=True)
    #: Digest of the link that opens the file once; "" = none is out.
    link_sha256 = models.CharField(max_length=64, blank=True)
    download_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects = ExportFileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            models.Index(fields=["requested_by", "created_at"], name="exportfile_by_requester")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_unmasked=False) | (~Q(purpose="") & ~Q(reason="")),
                name="exportfile_unmasked_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(file="") | (~Q(sha256="") & Q(expires_at__isnull=False)),
                name="exportfile_file_is_stamped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.created_at:%Y-%m-%d}"

    @property
    def is_ready(self) -> bool:
        """Whether the file may be had now."""
        return bool(self.file and self.expires_at and timezone.now() < self.expires_at)


class FileToRemove(models.Model):
    """A file that nothing names any more and that is still on the disk; see `lms.removal`."""

    name = models.CharField(primary_key=True, max_length=200)
    asked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d}"
