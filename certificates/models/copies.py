"""Copies beside the certificate itself: only their hashes stay, so that each is known again."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.issuing import Certificate
from lms.lib.ids import uuid7


class CertificateCopy(models.Model):
    """A copy that left the house: append-only. Its bytes are made anew from the frozen facts; a
    newer renderer may make others, and both are ours."""

    class Kind(models.TextChoices):
        #: PDF/A-3u with the facts attached.
        ARCHIVE = "ARCHIVE", _("Copy for an archive")
        #: PDF/UA: tagged.
        ACCESSIBLE = "ACCESSIBLE", _("Copy for screen readers")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="copies")
    kind = models.CharField(max_length=10, choices=Kind)
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"
