"""Registers and their sealed editions: the denominators of coverage quotas."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from learners.models.people import Audience, Household, Learner
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope, Role, under
from regions.models import Region

#: Whom a register of cadres may list: rotation is counted by audience, so each entry names one.
CADRE_KINDS: tuple[str, ...] = (
    Audience.COUNTY_LEADER,
    Audience.COMMERCE_HEAD,
    Audience.TOWNSHIP_CADRE,
    Audience.VILLAGE_CADRE,
    Audience.FIRST_SECRETARY,
    Audience.WORK_TEAM_MEMBER,
    Audience.MANAGER,
    Audience.PRACTITIONER,
)


class Intention(models.TextChoices):
    """What an able and willing person wants to do after training."""

    SHOP = "SHOP", _("Open an online shop")
    SUPPLY = "SUPPLY", _("Supply goods")
    JOB = "JOB", _("Take a job")


class LeaderCategory(models.TextChoices):
    """What makes somebody a candidate for lead entrepreneur."""

    RETURNED_YOUTH = "RETURNED_YOUTH", _("Returned young entrepreneur")
    PATHFINDER = "PATHFINDER", _("Leader out of poverty")
    GRADUATE_OFFICIAL = "GRADUATE_OFFICIAL", _("Graduate village official")
    FIRST_SECRETARY = "FIRST_SECRETARY", _("First secretary of a village")
    VETERAN = "VETERAN", _("Veteran")
    PARTY_MEMBER = "PARTY_MEMBER", _("Party member")
    CRAFTSWOMAN = "CRAFTSWOMAN", _("Craftswoman")
    DISABLED = "DISABLED", _("Person with a disability")
    STATION_OWNER = "STATION_OWNER", _("Head of an information station or online shop")
    SHOP_ASSISTANT = "SHOP_ASSISTANT", _("Village e-commerce assistant")


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

    class Subject(models.TextChoices):
        """People and households are different units: one register never holds both."""

        LEARNER = "LEARNER", pgettext_lazy("register", "People")
        HOUSEHOLD = "HOUSEHOLD", pgettext_lazy("register", "Households")
        VILLAGE = "VILLAGE", pgettext_lazy("register", "Villages")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    year = models.PositiveSmallIntegerField(_("year"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="registers")
    subject = models.CharField(_("lists"), max_length=9, choices=Subject, default=Subject.LEARNER)
    #: Of a register of cadres: the kinds it lists, of CADRE_KINDS; chosen when it is opened.
    kinds = models.JSONField(default=list, blank=True)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "purpose"]
        verbose_name = _("register")
        verbose_name_plural = _("registers")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "year", "region", "subject"],
                name="register_one_per_year_region",
            ),
            models.CheckConstraint(
                condition=Q(purpose="QUALIFYING_VILLAGES", subject="VILLAGE")
                | (~Q(purpose="QUALIFYING_VILLAGES") & ~Q(subject="VILLAGE")),
                name="register_villages_alone",
            ),
        ]

    def __str__(self) -> str:
        words = f"{self.region.name} {self.year} {self.get_purpose_display()}"
        if self.subject == self.Subject.HOUSEHOLD:
            words += _(" (households)")
        return words

    def kind_choices(self) -> list[tuple[str, str]]:
        """The kinds of cadre this register lists, each with its name."""
        chosen = self.kinds or CADRE_KINDS
        return [(kind, str(Audience(kind).label)) for kind in CADRE_KINDS if kind in chosen]


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
    #: Of an edition of a higher region: the sealed editions below it that it unites.
    parts: models.ManyToManyField["RegisterEdition", "RegisterEditionPart"] = (
        models.ManyToManyField(
            "self", through="RegisterEditionPart", symmetrical=False, related_name="part_of"
        )
    )

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


class RegisterEditionPart(models.Model):
    """One sealed edition that an edition of a higher region consists of; written once."""

    composed = models.ForeignKey(RegisterEdition, models.PROTECT, related_name="part_rows")
    part = models.ForeignKey(RegisterEdition, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["composed", "part"], name="registereditionpart_once"),
            models.CheckConstraint(
                condition=~Q(composed=models.F("part")), name="registereditionpart_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} in {self.composed_id}"


class RegisterEntryQuerySet(models.QuerySet["RegisterEntry"]):
    def visible_to(self, user: HasScope) -> Self:
        prefixes = user.scope.prefixes(Role.CLERK, Role.OFFICIAL)
        return self.filter(under("edition__register__region__path", prefixes))


class RegisterEntry(models.Model):
    """One subject of an edition: a person, a household or a village."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(RegisterEdition, models.PROTECT, related_name="entries")
    learner = models.ForeignKey(Learner, models.PROTECT, null=True, related_name="entries")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="entries")
    village = models.ForeignKey(Region, models.PROTECT, null=True, related_name="entries")
    region_at_seal = models.ForeignKey(Region, models.PROTECT, related_name="+")
    #: None = the list has a column for it, and nothing that says yes or no stands there.
    able = models.BooleanField(default=True, null=True)
    willing = models.BooleanField(default=True, null=True)
    reason = models.CharField(max_length=200, blank=True)
    #: Of a cadre: as what they rotate.
    kind = models.CharField(_("kind of cadre"), max_length=20, choices=Audience, blank=True)
    #: Of an able and willing person.
    intention = models.CharField(_("intention"), max_length=8, choices=Intention, blank=True)
    surveyed_by = models.CharField(_("surveyed by"), max_length=60, blank=True)
    surveyed_on = models.DateField(_("surveyed on"), null=True, blank=True)
    #: Of a candidate for lead entrepreneur.
    category = models.CharField(_("category"), max_length=20, choices=LeaderCategory, blank=True)
    project = models.CharField(_("project"), max_length=120, blank=True)
    yearly_income_yuan = models.DecimalField(
        _("yearly income"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    drive_count = models.PositiveIntegerField(_("households led"), null=True, blank=True)
    drive_way = models.CharField(_("way of leading"), max_length=120, blank=True)
    #: None = nobody said; a blank is no "no".
    has_agreement = models.BooleanField(_("agreement signed"), null=True, blank=True)
    shop_grant_yuan = models.DecimalField(
        _("shop grant"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    loan_yuan = models.DecimalField(
        _("small loan"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    #: False = it came by an adjustment after the seal; such an entry is not in the canonical form.
    in_seal = models.BooleanField(default=True)

    objects = RegisterEntryQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=Q(yearly_income_yuan__isnull=True) | Q(yearly_income_yuan__gte=0),
                name="registerentry_income_not_negative",
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
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="registeradjustment_has_reason")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"
