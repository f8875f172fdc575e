"""Plans and their quotas, and the spot checks of what was counted."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.models import Enrolment
from learners.models import Audience, HouseholdGroup, RegisterEdition
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope, Role, under
from regions.models import Region


class Measure(models.TextChoices):
    """Each is one function in quotas.measures, with its counting rule quoted there."""

    PERSON_TIMES = "person_times", _("Person-times trained")
    PEOPLE_TRAINED = "people_trained", _("People trained")
    ROSTER_COVERAGE = "roster_coverage", _("Register coverage")
    SHOPS_OPENED = "shops_opened", _("Shops opened")
    INCOME_RISE_YUAN = "income_rise_yuan", _("Income rise per head")


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: HasScope) -> Self:
        """A plan is read wherever one of its quotas is."""
        return self.filter(pk__in=Quota.objects.visible_to(user).values("plan_id"))


class Plan(models.Model):
    """An official plan in its editions; number, plan years and date are separate facts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    doc_no = models.CharField(_("document number"), max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=120)
    issued_on = models.DateField(pgettext_lazy("plan", "issued on"), null=True, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    #: By how many years a demonstration moved every date of the plan; 0 = the plan's own dates.
    demo_shift_years = models.PositiveSmallIntegerField(default=0)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "title"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="plan_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.title


class QuotaQuerySet(models.QuerySet["Quota"]):
    def visible_to(self, user: HasScope) -> Self:
        prefixes = user.scope.prefixes(Role.CLERK, Role.OFFICIAL, Role.INSPECTOR)
        return self.filter(under("region__path", prefixes))


class Quota(models.Model):
    """What a plan asks of a region in a period. The unit comes from the measure."""

    class Kind(models.TextChoices):
        ABSOLUTE = "ABSOLUTE", pgettext_lazy("quota", "Number")
        COVERAGE = "COVERAGE", _("Coverage")
        ONE_PER_REGION = "ONE_PER_REGION", _("One per region")
        CUMULATIVE = "CUMULATIVE", _("Cumulative")
        GROWTH = "GROWTH", _("Growth")

    class Attribution(models.TextChoices):
        HOME = "home", _("By home region")
        HOST = "host", _("By host region")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="quotas")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    measure = models.CharField(_("measure"), max_length=24, choices=Measure)
    region = models.ForeignKey(Region, models.PROTECT, related_name="quotas")
    audience = models.CharField(_("audience"), max_length=20, choices=Audience, blank=True)
    household_group = models.CharField(max_length=12, choices=HouseholdGroup, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    #: A number in the measure's unit; for COVERAGE and GROWTH a percentage.
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=2)
    #: The part of `target` that is not handed down to the children.
    reserve = models.DecimalField(_("reserve"), max_digits=14, decimal_places=2, default=0)
    attribution = models.CharField(max_length=4, choices=Attribution)
    register_edition = models.ForeignKey(
        RegisterEdition, models.PROTECT, null=True, blank=True, related_name="quotas"
    )
    base_starts_on = models.DateField(null=True, blank=True)
    base_ends_on = models.DateField(null=True, blank=True)
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=0)

    objects = QuotaQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "measure", "region__path"]
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="quota_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(target__gt=0), name="quota_target_positive"),
            models.UniqueConstraint(
                fields=[
                    "plan",
                    "measure",
                    "region",
                    "audience",
                    "household_group",
                    "starts_on",
                    "ends_on",
                ],
                name="quota_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(reserve__gte=0, reserve__lte=F("target")), name="quota_reserve"
            ),
            models.CheckConstraint(
                condition=~Q(kind="COVERAGE") | Q(target__lte=100), name="quota_coverage_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.region_id}"


class CheckPlanQuerySet(models.QuerySet["CheckPlan"]):
    def visible_to(self, user: HasScope) -> Self:
        prefixes = user.scope.prefixes(Role.CLERK, Role.OFFICIAL, Role.INSPECTOR)
        return self.filter(under("region__path", prefixes))


class CheckPlan(models.Model):
    """A sample of counted enrolments, drawn from a seed that was committed to beforehand."""

    class Level(models.TextChoices):
        SELF = "SELF", _("Self-check")
        RECHECK = "RECHECK", _("Re-check")
        SPOT = "SPOT", _("Spot-check")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="check_plans")
    level = models.CharField(_("level"), max_length=8, choices=Level)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    #: SHA-256 of the seed, published before the draw; the seed itself, published with it.
    seed_commitment = models.CharField(max_length=64)
    seed = models.CharField(max_length=64, blank=True)
    population = models.PositiveIntegerField(default=0)
    n = models.PositiveIntegerField()

    objects = CheckPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]

    def __str__(self) -> str:
        return f"{self.level} {self.region_id}"


class CheckItemQuerySet(models.QuerySet["CheckItem"]):
    def visible_to(self, user: HasScope) -> Self:
        """An inspector sees the items drawn for them; clerks and officials those of a region."""
        scope = user.scope
        prefixes = scope.prefixes(Role.CLERK, Role.OFFICIAL)
        reach = under("plan__region__path", prefixes)
        if scope.has(Role.INSPECTOR):
            reach |= Q(inspector_id=scope.user_id)
        return self.filter(reach)


class CheckItem(models.Model):
    class Finding(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("Confirmed")
        DENIED = "DENIED", _("Not so")
        UNREACHED = "UNREACHED", _("Could not be reached")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(CheckPlan, models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="check_items")
    inspector = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="check_items"
    )
    finding = models.CharField(
        pgettext_lazy("check", "finding"), max_length=10, choices=Finding, blank=True
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = CheckItemQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "enrolment"], name="checkitem_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.position}"
