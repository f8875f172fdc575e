"""What makes certificates checkable without us: keys, and a signed root for every day."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from certificates.models.issuing import Certificate, Issuer
from lms.lib.ids import uuid7


class IssuerKey(models.Model):
    """A key that signs, or did: who checks an old signature finds its public part here."""

    class Purpose(models.TextChoices):
        #: Signs the certificates of self-made keys; of all issuers, so without one.
        AUTHORITY = "AUTHORITY"
        #: Signs an issuer's files and credentials.
        SIGNATURE = "SIGNATURE"
        #: Signs the roots of days; of all issuers.
        ROOTS = "ROOTS"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issuer = models.ForeignKey(Issuer, models.PROTECT, null=True, related_name="keys")
    purpose = models.CharField(max_length=9, choices=Purpose)
    #: The X.509 certificate in DER; of a key of roots its 32 bytes.
    public = models.BinaryField()
    #: SHA-256 of `public`.
    fingerprint = models.CharField(max_length=64, unique=True)
    #: PKCS#8, encrypted by the field key; none where the key is kept outside.
    sealed_private = models.BinaryField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer"],
                condition=Q(retired_at=None, issuer__isnull=False),
                name="issuerkey_one_of_an_issuer",
            ),
            models.UniqueConstraint(
                fields=["purpose"],
                condition=Q(retired_at=None, issuer__isnull=True),
                name="issuerkey_one_of_all",
            ),
            models.CheckConstraint(
                condition=Q(purpose="SIGNATURE", issuer__isnull=False)
                | (~Q(purpose="SIGNATURE") & Q(issuer__isnull=True)),
                name="issuerkey_of_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.fingerprint[:12]}"


class DailyRoot(models.Model):
    """One hash over everything issued on a day, signed: append-only."""

    day = models.DateField(primary_key=True)
    #: Canonical JSON: what was signed. It holds the hash of the statement before it.
    statement = models.TextField()
    signature = models.CharField(max_length=128)
    key = models.ForeignKey(IssuerKey, models.PROTECT, related_name="roots")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return self.day.isoformat()


class ProofLeaf(models.Model):
    """The place of a certificate under a day's root: append-only.

    A certificate drawn after its day was signed gets a second leaf, which holds its file's hash.
    """

    root = models.ForeignKey(DailyRoot, models.PROTECT, related_name="leaves")
    position = models.PositiveIntegerField()
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="leaves")
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    #: Fingerprint of the issuer's key on that day: whose signature behind the file counts.
    signer = models.CharField(max_length=64)
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["root", "position"]
        constraints = [
            models.UniqueConstraint(fields=["root", "position"], name="proofleaf_position"),
            models.UniqueConstraint(fields=["certificate", "pdf_sha256"], name="proofleaf_once"),
        ]

    def __str__(self) -> str:
        return f"{self.root_id} {self.position}"
