"""What tablets bring besides sound events: rows in custody, batches, pictures of a class."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Device
from courses.models.attendance import MarkEvent
from courses.models.planning import ClassSession
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope


class SyncBatch(models.Model):
    """One delivery of a tablet: what came and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="batches", db_index=False)
    #: As the tablet named it; the same again when an answer was lost on the way.
    batch_id = models.UUIDField()
    received_at = models.DateTimeField(default=timezone.now)
    accepted = models.PositiveSmallIntegerField(default=0)
    duplicate = models.PositiveSmallIntegerField(default=0)
    parked = models.PositiveSmallIntegerField(default=0)
    unreadable = models.PositiveSmallIntegerField(default=0)
    ms = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["device", "received_at"], name="syncbatch_device_time")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.batch_id}"


class ParkedRowQuerySet(models.QuerySet["ParkedRow"]):
    def visible_to(self, user: HasScope) -> Self:
        """Who sees the tablet sees what it brought."""
        return self.filter(device__in=Device.objects.visible_to(user))

    def waiting(self) -> Self:
        return self.filter(resolved_at__isnull=True)


class ParkedRow(models.Model):
    """A row that could not become an event: the server keeps it, somebody decides."""

    class Code(models.TextChoices):
        QUARANTINE = "quarantine", _("From a tablet or person without rights")
        UNKNOWN_SESSION = "unknown_session", _("Session not known")
        FOREIGN_SESSION = "foreign_session", _("Session of somebody else")
        UNKNOWN_LEARNER = "unknown_learner", _("Person not known")
        SEAL_UNREADABLE = "seal_unreadable", _("Walk-in cannot be opened")
        BODY_DIFFERS = "id_reused_different_body", _("Two rows under one identifier")
        SEQ_REUSED = "seq_reused", _("Two tablets with one name")
        INCOMPLETE = "incomplete", _("Row is not complete")
        FAILED = "failed", _("Row that breaks the server")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="parked_rows")
    #: As the tablet sent it; a walk-in's person stays sealed in it.
    raw = models.JSONField()
    #: Of `raw` in canonical form: the same row parks once.
    raw_sha256 = models.CharField(max_length=64)
    #: Of whom a sealed row speaks, as keyed hashes (courses.queries.hints); NULL = opened to know.
    hints = models.BinaryField(null=True)
    event_id = models.UUIDField(null=True)
    #: Where the row named a session that exists.
    session = models.ForeignKey(ClassSession, models.PROTECT, null=True, related_name="parked_rows")
    code = models.CharField(_("reason"), max_length=30, choices=Code)
    received_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    #: The event it became; none where it was set aside.
    resolved_event = models.ForeignKey(
        MarkEvent, models.PROTECT, null=True, related_name="parked_rows"
    )
    #: Why it was set aside or taken in.
    reason = models.CharField(_("reason given"), max_length=200, blank=True)

    objects = ParkedRowQuerySet.as_manager()

    class Meta:
        ordering = ["received_at"]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(resolved_at__isnull=True),
                name="parkedrow_waiting",
            ),
            # Every batch asks whether one of its rows was here before.
            models.Index(fields=["event_id"], name="parkedrow_event"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["device", "raw_sha256"], name="parkedrow_once"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | (Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~Q(reason="")),
                name="parkedrow_resolved_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.code}"


class TakenSeq(models.Model):
    """A number of a tablet whose row is here, though no event bears it: it was parked, or came
    before under a number that the tablet has given up."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="taken_seqs")
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "seq"], name="takenseq_once")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.seq}"


class SealKey(models.Model):
    """What walk-ins are sealed to: tablets hold the public part, only the server can open."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: The JWK that tablets get.
    public = models.JSONField()
    #: PKCS8, encrypted; kept for good, as a tablet may come back after months.
    sealed_private = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)
    #: True for the one that is given out now, NULL for those before it.
    in_use = models.BooleanField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(in_use__isnull=True) | Q(in_use=True), name="sealkey_in_use_or_null"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class BackupMark(models.Model):
    """How far each tablet's rows had come when a backup began.

    Once that backup is safe (`stored_at`), tablets may forget these rows.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    noted_at = models.DateTimeField(default=timezone.now)
    #: {device id: contig_seq}
    reached = models.JSONField()
    stored_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class SessionEvidenceQuerySet(models.QuerySet["SessionEvidence"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(session__in=ClassSession.objects.visible_to(user))


class SessionEvidence(models.Model):
    """The class photo or the trainer's signature of a session, written anew without metadata."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("Class photo")
        SIGNATURE = "signature", _("Signature")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(ClassSession, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=9, choices=Kind)
    #: Of the bytes as they were sent, which the close event names.
    source_sha256 = models.CharField(max_length=64)
    #: Of the stored file.
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="evidence/")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="evidence")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)

    objects = SessionEvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "kind", "source_sha256"], name="sessionevidence_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.kind}"


class ParkedPictureQuerySet(models.QuerySet["ParkedPicture"]):
    def visible_to(self, user: HasScope) -> Self:
        """Who sees the tablet sees what it brought."""
        return self.filter(device__in=Device.objects.visible_to(user))

    def waiting(self) -> Self:
        return self.filter(resolved_at__isnull=True)


class ParkedPicture(models.Model):
    """A photo or signature that may not be evidence yet: of a tablet reported lost, or of a class
    that is not its trainer's. Kept, shown as evidence nowhere, until somebody decides."""

    class Code(models.TextChoices):
        QUARANTINE = "quarantine", _("From a tablet or person without rights")
        UNKNOWN_SESSION = "unknown_session", _("Session not known")
        FOREIGN_SESSION = "foreign_session", _("Session of somebody else")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="parked_pictures")
    #: As the tablet named it; `session` where there is such a one.
    named_session = models.UUIDField()
    session = models.ForeignKey(
        ClassSession, models.PROTECT, null=True, related_name="parked_pictures"
    )
    kind = models.CharField(max_length=9, choices=SessionEvidence.Kind)
    #: Of the bytes as they were sent, which the close event names.
    source_sha256 = models.CharField(max_length=64)
    #: Of the stored file, which is drawn anew like all evidence.
    sha256 = models.CharField(max_length=64)
    #: Empty once it was decided: the evidence has it, or it is erased.
    file = models.FileField(upload_to="custody/", blank=True)
    size = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    code = models.CharField(_("reason"), max_length=30, choices=Code)
    received_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    taken_in = models.BooleanField(default=False)
    #: Why it was taken in or set aside.
    reason = models.CharField(_("reason given"), max_length=200, blank=True)

    objects = ParkedPictureQuerySet.as_manager()

    class Meta:
        ordering = ["received_at"]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(resolved_at__isnull=True),
                name="parkedpicture_waiting",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "named_session", "kind", "source_sha256"],
                name="parkedpicture_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(resolved_at__isnull=True, resolved_by__isnull=True, taken_in=False)
                    & ~Q(file="")
                )
                | (
                    Q(resolved_at__isnull=False, resolved_by__isnull=False, file="") & ~Q(reason="")
                ),
                name="parkedpicture_resolved_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.kind} {self.code}"
