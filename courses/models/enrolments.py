"""Who is in a run."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.planning import CourseRun
from learners.models import AgeBand, Household, HouseholdType, Learner
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope, Role, under
from regions.models import Region


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
