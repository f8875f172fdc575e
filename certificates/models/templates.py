"""Editions of the certificate's design: data only, and once in use never changed."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.render import Design
from lms.lib.scope import HasScope, Role, under
from regions.models import Region


class CertificateTemplateQuerySet(models.QuerySet["CertificateTemplate"]):
    def visible_to(self, user: HasScope) -> Self:
        """Those of one's regions and of the regions above them, and what is built in."""
        prefixes = user.scope.prefixes(Role.CLERK, Role.OFFICIAL)
        above = {path[:length] for path in prefixes for length in range(len(path))}
        reach = under("region__path", prefixes) | Q(region__path__in=above)
        return self.filter(reach | Q(region=None)) if prefixes else self.none()

    def usable_in(self, region: Region) -> Self:
        """What a certificate of this region may be printed on now."""
        codes = [region.code, *region.ancestor_codes()]
        in_use = self.filter(state=CertificateTemplate.State.IN_USE)
        return in_use.filter(Q(region__code__in=codes) | Q(region=None))


class CertificateTemplate(models.Model):
    """One edition. The database refuses a change from the day it is in use."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        IN_USE = "IN_USE", _("In use")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    edition = models.PositiveSmallIntegerField(_("edition"), primary_key=True)
    name = models.CharField(_("name"), max_length=40)
    #: Whose it is; none for what is built in.
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="certificate_templates"
    )
    #: Canonical JSON of certificates.render.Design, the text that was hashed.
    design = models.TextField()
    design_sha256 = models.CharField(max_length=64)
    #: PNG as made anew from the upload; in the row, so that the rule of the table holds it, too.
    seal_image = models.BinaryField(null=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)

    objects = CertificateTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["-edition"]
        verbose_name = _("template of certificates")
        verbose_name_plural = _("templates of certificates")

    def __str__(self) -> str:
        return f"{self.name} {self.edition}"

    def drawn(self) -> Design:
        return Design.from_json(self.design)

    def seal_bytes(self) -> bytes | None:
        return bytes(self.seal_image) if self.seal_image else None
