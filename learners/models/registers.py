"""Registers and their sealed editions: the denominators of coverage quotas."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from learners.models.people import Household, Learner
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope, Role, under
from regions.models import Region


class RegisterQuerySet(models.QuerySet["Register"]):
    def visible_to(self, user: HasScope) -> Self:
        prefixes = user.scope.prefixes(Role.CLERK, Role.OFFICIAL)
        return self.filter(under("region__path", prefixes))


class Register(models.Model):
    class Purpose(models.TextChoices):
        ABLE_WILLING = "ABLE_WILLING", _("Able and willing people")
        CADRES = "CADRES", _("Cadres to rotate")
        QUALIFYING_VILLAGES = "QUALIFYING_VILLAGES", _("Qualifying villages")
        LEADERS = "LEADERS", _("Lead-entrepreneur candidates")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    year = models.PositiveSmallIntegerField(_("year"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="registers")

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "purpose"]
        verbose_name = _("register")
        verbose_name_plural = _("registers")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "year", "region"], name="register_one_per_year_region"
            )
        ]

    def __str__(self) -> str:
        return f"{self.region.name} {self.year} {self.get_purpose_display()}"


class RegisterEditionQuerySet(models.QuerySet["RegisterEdition"]):
    def visible_to(self, user: HasScope) -> Self:
        prefixes = user.scope.prefixes(Role.CLERK, Role.OFFICIAL)
        return self.filter(under("register__region__path", prefixes))


class RegisterEdition(models.Model):
    """A list of the register. Once sealed it never changes; later changes are adjustments."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    register = models.ForeignKey(Register, models.PROTECT, related_name="editions")
    no = models.PositiveSmallIntegerField(_("edition"))
    sealed_at = models.DateTimeField(_("sealed at"), null=True, blank=True)
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    salt = models.BinaryField(null=True)
    canonical = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    objects = RegisterEditionQuerySet.as_manager()

    class Meta:
        ordering = ["register", "no"]
        verbose_name = _("register edition")
        constraints = [
            models.UniqueConstraint(fields=["register", "no"], name="registeredition_no"),
            models.CheckConstraint(
                condition=Q(sealed_at__isnull=True, sha256="")
                | (Q(sealed_at__isnull=False) & ~Q(sha256="")),
                name="registeredition_sealed_has_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register_id} #{self.no}"

    @property
    def is_sealed(self) -> bool:
        return self.sealed_at is not None


class RegisterEntry(models.Model):
    """One subject of an edition: a person, a household or a village."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(RegisterEdition, models.PROTECT, related_name="entries")
    learner = models.ForeignKey(Learner, models.PROTECT, null=True, related_name="entries")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="entries")
    village = models.ForeignKey(Region, models.PROTECT, null=True, related_name="entries")
    region_at_seal = models.ForeignKey(Region, models.PROTECT, related_name="+")
    able = models.BooleanField(default=True)
    willing = models.BooleanField(default=True)
    reason = models.CharField(max_length=200, blank=True)
    #: False = it came by an adjustment after the seal; such an entry is not in the canonical form.
    in_seal = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(learner__isnull=False, household__isnull=True, village__isnull=True)
                | Q(learner__isnull=True, household__isnull=False, village__isnull=True)
                | Q(learner__isnull=True, household__isnull=True, village__isnull=False),
                name="registerentry_one_subject",
            ),
            models.UniqueConstraint(
                fields=["edition", "learner"],
                condition=Q(learner__isnull=False),
                name="registerentry_learner_once",
            ),
            models.UniqueConstraint(
                fields=["edition", "household"],
                condition=Q(household__isnull=False),
                name="registerentry_household_once",
            ),
            models.UniqueConstraint(
                fields=["edition", "village"],
                condition=Q(village__isnull=False),
                name="registerentry_village_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RegisterAdjustment(models.Model):
    """A dated change after the seal, with its reason; the sealed list stays as it was."""

    class Kind(models.TextChoices):
        ADD = "ADD", _("Added")
        REMOVE = "REMOVE", _("Removed")

    entry = models.ForeignKey(RegisterEntry, models.PROTECT, related_name="adjustments")
    kind = models.CharField(max_length=6, choices=Kind)
    happened_on = models.DateField()
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="registeradjustment_has_reason")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"
