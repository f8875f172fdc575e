"""Courses, runs, sessions, enrolments, and attendance as events with a projection."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Device
from learners.models import AgeBand, Audience, Household, HouseholdType, Learner
from lms.lib.ids import uuid7
from lms.lib.periods import local_date
from lms.lib.scope import HasScope, Role, under
from regions.models import Region


class Course(models.Model):
    """What is taught. Courses are reference data shared by all counties."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField(_("title"), max_length=80, unique=True)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    syllabus = models.TextField(_("syllabus"), blank=True)
    hours = models.PositiveSmallIntegerField(_("hours"), validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["title"]
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def __str__(self) -> str:
        return self.title


class CompletionRule(models.Model):
    """An edition of what completes a run; a run keeps the edition it was opened with."""

    edition = models.PositiveSmallIntegerField(_("edition"), unique=True)
    min_attendance = models.DecimalField(
        _("least attendance share"),
        max_digits=3,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    starts_on = models.DateField(_("valid from"))

    class Meta:
        ordering = ["-edition"]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_attendance__gte=0, min_attendance__lte=1),
                name="completionrule_share",
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition}"


class TrainingSite(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    region = models.ForeignKey(Region, models.PROTECT, related_name="sites")
    address = models.CharField(_("address"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("training site")
        constraints = [
            models.UniqueConstraint(fields=["region", "name"], name="trainingsite_name_in_region")
        ]

    def __str__(self) -> str:
        return self.name


class Instructor(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    region = models.ForeignKey(Region, models.PROTECT, related_name="instructors")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="instructor"
    )

    class Meta:
        verbose_name = _("instructor")

    def __str__(self) -> str:
        return self.name


class CourseRunQuerySet(models.QuerySet["CourseRun"]):
    def visible_to(self, user: HasScope) -> Self:
        """Clerks and officials by host region; a trainer sees runs with a session of theirs."""
        scope = user.scope
        reach = under("host_region__path", scope.prefixes(Role.CLERK, Role.OFFICIAL))
        if scope.has(Role.TRAINER):
            own = ClassSession.objects.filter(instructor__user_id=scope.user_id)
            reach |= Q(pk__in=own.values("run_id"))
        return self.filter(reach)

    def running_on(self, day: date) -> Self:
        return self.not_cancelled().filter(starts_on__lte=day, ends_on__gte=day)

    def not_cancelled(self) -> Self:
        return self.exclude(status=CourseRun.Status.CANCELLED)


class CourseRun(models.Model):
    """One delivery of a course (第N期): the number is unique per county and year."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        OPEN = "OPEN", _("Open for enrolment")
        RUNNING = "RUNNING", _("Running")
        CLOSED = "CLOSED", _("Closed")
        CANCELLED = "CANCELLED", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    course = models.ForeignKey(Course, models.PROTECT, related_name="runs")
    host_region = models.ForeignKey(
        Region, models.PROTECT, related_name="runs", verbose_name=_("host region")
    )
    #: The county of host_region; the host region itself where it stands above counties.
    county = models.ForeignKey(Region, models.PROTECT, related_name="county_runs")
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveSmallIntegerField(_("number"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=40)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    completion_rule = models.ForeignKey(CompletionRule, models.PROTECT, related_name="runs")

    objects = CourseRunQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-number"]
        verbose_name = _("course run")
        verbose_name_plural = _("course runs")
        constraints = [
            models.UniqueConstraint(
                fields=["county", "year", "number"], name="courserun_number_in_county_year"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="courserun_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="courserun_capacity"),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def title(self) -> str:
        """第41期 直播带货"""
        values = {"number": self.number, "course": self.course.title}
        return gettext("No. %(number)d: %(course)s") % values

    @property
    def dated_number(self) -> str:
        """2026 年第 41 期: numbers begin anew each year, so where years meet the year is said."""
        return gettext("No. %(number)d of %(year)d") % {"number": self.number, "year": self.year}

    @property
    def dated_title(self) -> str:
        """2026 年第 41 期 直播带货"""
        values = {"number": self.number, "year": self.year, "course": self.course.title}
        return gettext("No. %(number)d of %(year)d: %(course)s") % values


class ClassSessionQuerySet(models.QuerySet["ClassSession"]):
    def visible_to(self, user: HasScope) -> Self:
        """By host region for clerks and officials; a trainer sees the sessions of own runs."""
        return self.filter(run__in=CourseRun.objects.visible_to(user))

    def counted(self) -> Self:
        """Closed, not cancelled, in a run not cancelled."""
        return self.filter(status=ClassSession.Status.CLOSED).exclude(
            run__status=CourseRun.Status.CANCELLED
        )


class ClassSession(models.Model):
    """One sitting. CLOSED follows from the live `close` event, never the other way round."""

    class Status(models.TextChoices):
        PLANNED = "PLANNED", _("Planned")
        CLOSED = "CLOSED", _("Closed")
        CANCELLED = "CANCELLED", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    #: The local date of starts_at: the date of every mark of this session.
    held_on = models.DateField(_("date"), db_index=True, editable=False)
    site = models.ForeignKey(TrainingSite, models.PROTECT, related_name="sessions")
    instructor = models.ForeignKey(Instructor, models.PROTECT, related_name="sessions")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)
    head_count = models.PositiveSmallIntegerField(_("head count"), null=True, blank=True)

    objects = ClassSessionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        verbose_name = _("class session")
        verbose_name_plural = _("class sessions")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="classsession_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.starts_at:%F %R}"

    def save(self, **kwargs: Any) -> None:
        self.held_on = local_date(self.starts_at)
        super().save(**kwargs)

    @property
    def hours(self) -> int:
        """Whole units of 45 minutes of the planned length."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60 // 45)


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, user: HasScope) -> Self:
        """By the run, by the (frozen) home region, or one's own."""
        scope = user.scope
        reach = Q(run__in=CourseRun.objects.visible_to(user))
        reach |= under("home_region__path", scope.prefixes(Role.CLERK, Role.OFFICIAL))
        reach |= Q(learner__user_id=scope.user_id)
        return self.filter(reach)

    def active_on(self, day: date) -> Self:
        """Enrolled (not merely waiting) on `day`."""
        return (
            self.filter(enrolled_on__lte=day)
            .filter(Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=day))
            .exclude(status=Enrolment.Status.WAITING)
        )

    def completed(self) -> Self:
        return self.filter(status=Enrolment.Status.COMPLETED)


class Enrolment(models.Model):
    """A learner in a run, with what the counting rules need frozen as it was at the start."""

    class Source(models.TextChoices):
        REGISTER = "REGISTER", _("From the register")
        IMPORT = "IMPORT", _("From a roster")
        SIGN_UP = "SIGN_UP", _("Signed up")
        WALK_IN = "WALK_IN", _("Walk-in")

    class Status(models.TextChoices):
        ENROLLED = "ENROLLED", _("Enrolled")
        WAITING = "WAITING", _("Waiting list")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        COMPLETED = "COMPLETED", _("Completed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="enrolments")
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="enrolments")
    # Frozen at the run's start.
    home_region = models.ForeignKey(Region, models.PROTECT, related_name="home_enrolments")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="enrolments")
    household_type = models.ForeignKey(HouseholdType, models.PROTECT, null=True, related_name="+")
    age_band = models.CharField(max_length=5, choices=AgeBand, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ENROLLED)
    enrolled_on = models.DateField(_("enrolled on"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    completed_on = models.DateField(_("completed on"), null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["run", "learner"], name="enrolment_once_per_run"),
            models.CheckConstraint(
                condition=Q(status="COMPLETED", completed_on__isnull=False)
                | (~Q(status="COMPLETED") & Q(completed_on__isnull=True)),
                name="enrolment_completed_has_date",
            ),
            models.CheckConstraint(
                condition=Q(status="WITHDRAWN", withdrawn_on__isnull=False)
                | (~Q(status="WITHDRAWN") & Q(withdrawn_on__isnull=True)),
                name="enrolment_withdrawn_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner_id} in {self.run_id}"


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
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="events")
    seq = models.BigIntegerField(null=True)
    body_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=6, choices=Kind)
    session = models.ForeignKey(ClassSession, models.PROTECT, related_name="events")
    learner = models.ForeignKey(Learner, models.PROTECT, null=True, related_name="events")
    status = models.CharField(max_length=10, choices=AttendanceStatus, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    method = models.CharField(max_length=8, choices=Method, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
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

    session = models.ForeignKey(ClassSession, models.PROTECT, related_name="states")
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="states")
    event = models.ForeignKey(MarkEvent, models.PROTECT, related_name="+")
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
