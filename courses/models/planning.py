"""Courses, runs and sessions."""

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from learners.models import Audience
from lms.lib.ids import uuid7
from lms.lib.periods import local_date
from lms.lib.scope import HasScope, Role, under
from regions.models import Region

#: What an hour of training lasts.
UNIT = timedelta(minutes=45)


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
        return units_between(self.starts_at, self.ends_at)


def units_between(starts_at: datetime, ends_at: datetime) -> int:
    """Whole units of 45 minutes."""
    return (ends_at - starts_at) // UNIT
