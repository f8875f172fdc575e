"""The region tree. A region keeps its row for ever; a successor is a new row."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.lib.ids import uuid7
from lms.lib.periods import Dated, valid_on
from lms.lib.scope import HasScope, prefix_end, under


class RegionQuerySet(models.QuerySet["Region"]):
    def visible_to(self, user: HasScope) -> Self:
        """Regions inside any of the user's grants, whatever the role."""
        return self.filter(under("path", user.scope.prefixes(*user.scope.grants)))

    def within(self, region: "Region") -> Self:
        """`region` and everything under it."""
        return self.filter(path__gte=region.path, path__lt=prefix_end(region.path))

    def open_on(self, day: date) -> Self:
        return self.filter(valid_on(day))

    def current(self) -> Self:
        return self.filter(ends_on__isnull=True)


class Region(Dated):
    class Level(models.IntegerChoices):
        PROVINCE = 1, _("Province")
        PREFECTURE = 2, _("Prefecture")
        COUNTY = 3, _("County")
        TOWNSHIP = 4, _("Township")
        VILLAGE = 5, _("Village")

    #: As published: 2, 4, 6, 9 or 12 significant digits.
    code = models.CharField(_("code"), max_length=12)
    #: "Under it" is `path <= p < prefix_end(path)`; equal to the code today.
    path = models.CharField(max_length=12, db_index=True)
    name = models.CharField(_("name"), max_length=80)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    #: Placeholder levels (市辖区 and the like) and pseudo counties (开发区, xx71-79).
    is_statistical = models.BooleanField(default=False)

    objects = RegionQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["path"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["code"], condition=Q(ends_on__isnull=True), name="region_code_open_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def ancestor_codes(self) -> list[str]:
        """Codes above this one, province first."""
        return [self.code[:n] for n in (2, 4, 6, 9) if n < len(self.code)]

    def covers(self, other: "Region") -> bool:
        return other.path.startswith(self.path)


class RegionSuccession(models.Model):
    class Kind(models.TextChoices):
        RENAMED = "RENAMED", _("Renamed")
        MERGED = "MERGED", _("Merged")
        SPLIT = "SPLIT", _("Split")

    old = models.ForeignKey(Region, models.PROTECT, related_name="successions")
    new = models.ForeignKey(Region, models.PROTECT, related_name="predecessions")
    happened_on = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="regionsuccession_once")]

    def __str__(self) -> str:
        return f"{self.old_id} -> {self.new_id}"


class VillageStatus(Dated):
    class Kind(models.TextChoices):
        POOR = "POOR", _("Poor village")
        QUALIFYING = "QUALIFYING", _("Qualifying village")

    region = models.ForeignKey(Region, models.PROTECT, related_name="statuses")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)

    def __str__(self) -> str:
        return f"{self.region_id} {self.kind}"


class ServicePoint(Dated):
    class Kind(models.TextChoices):
        CENTRE = "CENTRE", _("County centre")
        STATION = "STATION", _("Township station")
        POINT = "POINT", _("Village point")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="service_points")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=80)

    def __str__(self) -> str:
        return self.name
