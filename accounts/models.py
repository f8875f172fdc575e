"""Who signs in, and what each reaches."""

from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Exists, FilteredRelation, OuterRef
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from lms.lib.ids import uuid7
from lms.lib.periods import Dated, today, valid_on
from lms.lib.questions import Question
from lms.lib.scope import HasScope, Role, Scope, under
from regions.models import Region


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: HasScope) -> Self:
        """Administrators see those with a grant in their regions, and everyone sees themselves."""
        prefixes = user.scope.prefixes(Role.ADMINISTRATOR)
        granted = Grant.objects.filter(under("region__path", prefixes)).values("user_id")
        return self.filter(models.Q(pk__in=granted) | models.Q(pk=user.scope.user_id))


class AccountManager(UserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: HasScope) -> UserQuerySet:
        return self.get_queryset().visible_to(user)


class User(AbstractUser):
    """A person or trainee who signs in. Names of trainees stay on the learner."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first_name = last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("name"), max_length=80)

    objects: ClassVar[AccountManager] = AccountManager()
    REQUIRED_FIELDS = ["display_name"]

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    @cached_property
    def scope(self) -> Scope:
        """What this user reaches today; one query, kept for the life of the object (a request)."""
        if not self.is_active:
            return Scope(user_id=self.pk)
        paths: dict[str, list[str]] = {}
        is_trainee = False
        for role, path, has_record in _GRANTED(user=self.pk, day=today()):
            is_trainee = bool(has_record)
            if role:
                paths.setdefault(role, []).append(path or "")
        grants = {role: tuple(sorted(found)) for role, found in paths.items()}
        return Scope(user_id=self.pk, grants=grants, is_trainee=is_trainee)


def _granted(user: UUID, day: date) -> models.QuerySet[User, Any]:
    """A row for each grant, at least one: role, region path, whether a learner is this user."""
    valid = FilteredRelation("grants", condition=valid_on(day, "grants__"))
    # By a subquery: for a join SQLite would read every learner, as it takes a column that is
    # NULL nearly everywhere for one value.
    person = User._meta.get_field("learner").related_model._base_manager
    own = Exists(person.filter(user=OuterRef("pk")))
    found = User.objects.filter(pk=user).annotate(valid=valid, own=own)
    return found.values_list("valid__role", "valid__region__path", "own")


_GRANTED = Question(_granted, user=UUID(int=1), day=date(1, 1, 2))


class Grant(Dated):
    """A role over a region and everything below it; no region = the whole country."""

    GRANTABLE = [choice for choice in Role.choices if choice[0] != Role.TRAINEE]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=16, choices=GRANTABLE)
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("region"),
    )

    class Meta(Dated.Meta):
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(role=Role.TRAINEE), name="grant_never_trainee"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.region_id}"


class DeviceQuerySet(models.QuerySet["Device"]):
    def visible_to(self, user: HasScope) -> Self:
        """Clerks and administrators by region; a trainer sees own tablets."""
        prefixes = user.scope.prefixes(Role.CLERK, Role.ADMINISTRATOR)
        if "" in prefixes:
            return self.all()
        # By key: an index answers each side, where a join would read all regions for every page.
        regions = Region.objects.filter(under("path", prefixes)).values("pk")
        own = models.Q(enrolled_by_id=user.scope.user_id)
        return self.filter(models.Q(region__in=regions) | own)


class Device(models.Model):
    """A tablet. Marks made on the server have none."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("In use")
        LOST = "LOST", _("Lost")
        RETIRED = "RETIRED", _("Retired")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    label = models.CharField(_("label"), max_length=60)
    token_sha256 = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    #: The trainer whose classes it holds: what it brings was done by them.
    enrolled_by = models.ForeignKey(User, models.PROTECT, related_name="devices")
    enrolled_at = models.DateTimeField(default=timezone.now)
    #: Where the trainer works; who is responsible there sees the tablet.
    region = models.ForeignKey(Region, models.PROTECT, related_name="devices")
    app_version = models.CharField(max_length=20, blank=True)
    last_seen_at = models.DateTimeField(null=True)
    # As the tablet said when it was last heard of.
    reported_last_seq = models.BigIntegerField(default=0)
    reported_pending = models.PositiveIntegerField(default=0)
    #: All rows up to this one are here.
    contig_seq = models.BigIntegerField(default=0)
    #: All rows up to this one are in a backup: the tablet may forget them.
    durable_seq = models.BigIntegerField(default=0)
    #: When a lost tablet was told to wipe itself, having nothing left to bring.
    wiped_at = models.DateTimeField(null=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("tablet")
        verbose_name_plural = _("tablets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(durable_seq__lte=models.F("contig_seq")),
                name="device_durable_within_contiguous",
            )
        ]

    def __str__(self) -> str:
        return self.label


class EnrolCode(models.Model):
    """Lets one tablet in, once, within a quarter of an hour; shown as a QR code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code_sha256 = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    device = models.OneToOneField(Device, models.PROTECT, null=True, related_name="code")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True, device__isnull=True)
                | models.Q(used_at__isnull=False, device__isnull=False),
                name="enrolcode_used_by_device",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
