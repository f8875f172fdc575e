"""What is kept about a record itself: consent, reveals, corrections, joined households."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.models.people import Household, Learner
from lms.lib.ids import uuid7
from lms.models import AuditEvent


def said(field: str, name: str) -> models.CheckConstraint:
    """More than blanks stands in `field`."""
    return models.CheckConstraint(
        condition=GreaterThan(Length(Trim(F(field))), Value(0)), name=name
    )


class Consent(models.Model):
    """A learner agreed to a use of their data, in which words, and until when."""

    class Purpose(models.TextChoices):
        ARCHIVE = "ARCHIVE", _("Keeping the training archive")
        FOLLOW_UP = "FOLLOW_UP", _("Follow-up visits and calls")
        SENSITIVE = "SENSITIVE", _("Use of sensitive facts (household type, disability)")
        PUBLICITY = "PUBLICITY", _("Photographs and stories in reports")
        SHARING = "SHARING", _("Passing the record on to departments above")

    class Means(models.TextChoices):
        PAPER = "PAPER", _("Signed on paper")
        SMS = "SMS", _("By text message")
        SIGN_IN = "SIGN_IN", _("When signing in")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    given_on = models.DateField(_("given on"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    means = models.CharField(_("how"), max_length=8, choices=Means)
    #: Which edition of the text the person was shown.
    text_edition = models.CharField(_("edition of the text"), max_length=20)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-given_on", "purpose"]
        verbose_name = _("consent")
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "purpose"],
                condition=Q(withdrawn_on__isnull=True),
                name="consent_one_open_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("given_on")),
                name="consent_withdrawn_after_given",
            ),
            said("text_edition", "consent_names_its_text"),
        ]

    def __str__(self) -> str:
        return f"{self.learner_id} {self.purpose}"


class Reveal(models.Model):
    """Somebody saw the numbers of one person in clear, and why. Append-only.

    The row is written, with its audit line, before anything is decrypted.
    """

    class Reason(models.TextChoices):
        VERIFY = "VERIFY", _("Checking the identity against a card")
        CONTACT = "CONTACT", _("Calling the person")
        PAYMENT = "PAYMENT", _("Paying out an allowance or subsidy")
        INSPECTION = "INSPECTION", _("Acceptance, audit or spot-check")
        CORRECTION = "CORRECTION", _("Correcting the record")
        REQUEST = "REQUEST", _("The person asked for their own record")

    class Form(models.TextChoices):
        SCREEN = "SCREEN", _("on the screen")
        SHEET = "SHEET", _("on the archive sheet")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="reveals")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    note = models.CharField(_("what for"), max_length=200)
    form = models.CharField(max_length=6, choices=Form)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reveals")
    revealed_at = models.DateTimeField(default=timezone.now)
    audit_event = models.OneToOneField(AuditEvent, models.PROTECT, related_name="reveal")

    class Meta:
        ordering = ["-revealed_at"]
        verbose_name = _("reveal")
        indexes = [models.Index(fields=["actor", "revealed_at"], name="reveal_by_actor")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    reason__in=(
                        "VERIFY", "CONTACT", "PAYMENT", "INSPECTION", "CORRECTION", "REQUEST",
                    )
                ),
                name="reveal_reason_of_the_list",
            ),
            said("note", "reveal_says_what_for"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.learner_id} {self.revealed_at:%Y-%m-%d}"


class FactChange(models.Model):
    """A fact of a person was changed at the desk, and why. Append-only.

    `changes`: field → [old, new]; a telephone stands there masked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="changes")
    changes = models.JSONField()
    reason = models.CharField(_("reason"), max_length=200)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-changed_at"]
        verbose_name = _("change of a fact")
        constraints = [said("reason", "factchange_has_reason")]

    def __str__(self) -> str:
        return f"{self.learner_id} {', '.join(self.changes)}"


class HouseholdJoin(models.Model):
    """A household that was made for one person turned out to be part of another.

    `moved` lists what was moved, table by table, so that undoing puts back just that.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Household, models.PROTECT, related_name="joins")
    into = models.ForeignKey(Household, models.PROTECT, related_name="joined")
    moved = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=200)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    joined_at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-joined_at"]
        verbose_name = _("joining of households")
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(undone_at__isnull=True),
                name="householdjoin_one_open_per_source",
            ),
            models.CheckConstraint(
                condition=~Q(source=F("into")), name="householdjoin_two_households"
            ),
            said("reason", "householdjoin_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.into_id}"
