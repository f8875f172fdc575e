"""Attendance as events with a projection."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Device
from courses.models.planning import ClassSession
from learners.models import Learner
from lms.lib.ids import uuid7


class AttendanceStatus(models.TextChoices):
    PRESENT = "PRESENT", _("Present")
    LATE = "LATE", _("Late")
    LEFT_EARLY = "LEFT_EARLY", _("Left early")
    LEAVE = "LEAVE", _("Leave")
    ABSENT = "ABSENT", _("Absent")


#: The marks that count as attended.
ATTENDED = (AttendanceStatus.PRESENT, AttendanceStatus.LATE, AttendanceStatus.LEFT_EARLY)


class MarkEvent(models.Model):
    """What somebody said about attendance, once and for ever: the table refuses change.

    What holds now is a pure function of the set of events (courses.projection). Tablets bring
    `device` and `seq`; marks made on the server have neither.
    """

    class Kind(models.TextChoices):
        MARK = "mark", _("Mark")
        VOID = "void", _("Void")
        WALK_IN = "walkin", _("Walk-in")
        CLOSE = "close", _("Close")

    class Source(models.TextChoices):
        AUTO = "auto", _("Automatic")
        SELF = "self", pgettext_lazy("attendance", "Signed in")
        TRAINER = "trainer", _("Trainer")
        OVERRIDE = "override", _("Correction")

    class Method(models.TextChoices):
        ID_CARD = "id_card", _("Identity card")
        QR = "qr", _("QR code")
        NAME = "name", _("Name")
        BULK = "bulk", _("All at once")

    server_seq = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True, default=uuid7)
    # Found by markevent_device_seq and markevent_session_learner.
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, related_name="events", db_index=False
    )
    seq = models.BigIntegerField(null=True)
    body_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=6, choices=Kind)
    session = models.ForeignKey(ClassSession, models.PROTECT, related_name="events", db_index=False)
    learner = models.ForeignKey(Learner, models.PROTECT, null=True, related_name="events")
    status = models.CharField(max_length=10, choices=AttendanceStatus, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    method = models.CharField(max_length=8, choices=Method, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    #: The event that its author saw as current when making this one.
    base = models.UUIDField(null=True)
    #: What a void strikes out; may arrive before its target.
    target = models.UUIDField(null=True)
    wall_ms = models.BigIntegerField()
    skew_ms = models.BigIntegerField(null=True)
    #: Corrected time in ms since 1970, the order within a rank.
    t_ms = models.BigIntegerField()
    snapshot_version = models.BigIntegerField(null=True)
    app_version = models.CharField(max_length=20, blank=True)
    batch_id = models.UUIDField(null=True)
    received_at = models.DateTimeField(default=timezone.now)
    flags = models.JSONField(default=list)
    #: Why an override was made.
    reason = models.CharField(max_length=200, blank=True)
    #: For a close: {"head_count": n, "saw": [event ids], "photo_sha256": ""}.
    payload = models.JSONField(default=dict)

    class Meta:
        ordering = ["server_seq"]
        indexes = [models.Index(fields=["session", "learner"], name="markevent_session_learner")]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "seq"],
                condition=Q(device__isnull=False),
                name="markevent_device_seq",
            ),
            models.CheckConstraint(
                condition=Q(device__isnull=True, seq__isnull=True)
                | Q(device__isnull=False, seq__isnull=False),
                name="markevent_device_with_seq",
            ),
            models.CheckConstraint(
                condition=~Q(source="override") | ~Q(reason=""), name="markevent_override_reason"
            ),
            models.CheckConstraint(
                condition=Q(kind="mark", learner__isnull=False) & ~Q(status="")
                | Q(kind="void", target__isnull=False)
                | Q(kind__in=["walkin", "close"]),
                name="markevent_kind_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.server_seq} {self.kind}"


class AttendanceState(models.Model):
    """What the events of a session say of one learner; rebuildable. No row = not marked."""

    session = models.ForeignKey(ClassSession, models.PROTECT, related_name="states", db_index=False)
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="states")
    event = models.ForeignKey(MarkEvent, models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=10, choices=AttendanceStatus)
    conflict = models.BooleanField(default=False)
    clock_suspect = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "learner"], name="attendancestate_once_per_session"
            )
        ]

    def __str__(self) -> str:
        return f"{self.learner_id} {self.status}"
