"""Certificates: facts frozen at issue, a gapless number, a code that anyone can check."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.templates import CertificateTemplate
from courses.models import Enrolment
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope, Role, under
from regions.models import Region


class IssuerQuerySet(models.QuerySet["Issuer"]):
    def visible_to(self, user: HasScope) -> Self:
        """Administrators set up who signs in their regions."""
        return self.filter(under("region__path", user.scope.prefixes(Role.ADMINISTRATOR)))


class Issuer(models.Model):
    """Who signs: its prefix begins every number, its name stands in the seal."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="issuers")
    name = models.CharField(_("name"), max_length=40)
    prefix = models.CharField(_("prefix"), max_length=8, unique=True)

    objects = IssuerQuerySet.as_manager()

    class Meta:
        verbose_name = _("issuer")
        constraints = [
            models.CheckConstraint(
                condition=Q(prefix__regex=r"^[A-Z]{2,8}$"), name="issuer_prefix_capitals"
            )
        ]

    def __str__(self) -> str:
        return self.name


class NumberCounter(models.Model):
    """The last number given by an issuer in a year; locked while numbers are given."""

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="counters")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "year"], name="numbercounter_once")
        ]

    def __str__(self) -> str:
        return f"{self.issuer_id} {self.year}: {self.last}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, user: HasScope) -> Self:
        """Clerks and officials by host or home region of the enrolment; a trainee own ones."""
        scope = user.scope
        prefixes = scope.prefixes(Role.CLERK, Role.OFFICIAL)
        reach = under("enrolment__run__host_region__path", prefixes)
        reach |= under("enrolment__home_region__path", prefixes)
        reach |= Q(enrolment__learner__user_id=scope.user_id)
        return self.filter(reach)

    def valid(self) -> Self:
        return self.filter(status=Certificate.Status.VALID)

    def drawable(self) -> Self:
        """Whose personal part was not erased: without it there is no file."""
        return self.filter(sealed_key__isnull=False)


class Certificate(models.Model):
    class Status(models.TextChoices):
        VALID = "VALID", _("Valid")
        REPLACED = "REPLACED", _("Replaced")
        REVOKED = "REVOKED", _("Revoked")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="certificates")
    #: Found by the index of its chain.
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="certificates", db_index=False)
    #: <prefix>-<year>-<6 digits>, gapless per issuer and year.
    number = models.CharField(_("number"), max_length=24, unique=True)
    #: 12 Crockford base32 characters (60 random bits), stored without hyphens, upper case.
    verify_code = models.CharField(max_length=12, unique=True)
    template = models.ForeignKey(
        CertificateTemplate, models.PROTECT, related_name="certificates", db_index=False
    )
    issued_on = models.DateField(_("issued on"))
    issued_at = models.DateTimeField(default=timezone.now)
    #: Canonical JSON of what anyone may see.
    public_facts = models.TextField()
    #: Canonical JSON of the personal part, under a key of this certificate's own; destroying
    #: `sealed_key` (wrapped by the field key) erases it and leaves the commitment checkable.
    sealed_facts = models.BinaryField()
    sealed_key = models.BinaryField(null=True)
    #: SHA-256 over the salt (kept inside sealed_key) and the personal part.
    commitment = models.CharField(max_length=64)
    chain_no = models.PositiveIntegerField()
    #: SHA-256 over the issuer's previous chain_hash, the number, public facts and commitment.
    chain_hash = models.CharField(max_length=64)
    pdf = models.FileField(upload_to="certificates/", blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    signed_sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.VALID)
    status_on = models.DateField(null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-number"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        # A file that somebody brings is found by its hash.
        indexes = [
            models.Index(
                fields=["pdf_sha256"],
                condition=Q(pdf_sha256__gt=""),
                name="certificate_drawn_sha256",
            ),
            models.Index(
                fields=["signed_sha256"],
                condition=Q(signed_sha256__gt=""),
                name="certificate_signed_sha256s",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(status="VALID"),
                name="certificate_one_valid_per_enrolment",
            ),
            # Who was certified once is certified again only by a certificate that says so.
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(replaces__isnull=True),
                name="certificate_one_first_per_enrolment",
            ),
            models.UniqueConstraint(fields=["issuer", "chain_no"], name="certificate_chain_no"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def printed_code(self) -> str:
        code = self.verify_code
        return f"{code[:4]}-{code[4:8]}-{code[8:]}"

    @property
    def is_erased(self) -> bool:
        """The personal part is gone for good; number, status and public facts answer for ever."""
        return self.sealed_key is None
