"""That somebody was erased, when, by whom, and why: all that may be known of it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from learners.models.people import Learner
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope, Role, under


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def visible_to(self, user: HasScope) -> Self:
        """Administrators answer for what was erased in their regions."""
        prefixes = user.scope.prefixes(Role.ADMINISTRATOR)
        return self.filter(under("learner__home_region__path", prefixes))


class Erasure(models.Model):
    """Append-only. `counts`: by place of the register (learners.queries.erasing), how much went
    or stayed."""

    class Reason(models.TextChoices):
        ASKED = "ASKED", pgettext_lazy("erasing", "The person asked for it")
        WRONG = "WRONG", pgettext_lazy("erasing", "The wrong person was entered")
        ORDERED = "ORDERED", pgettext_lazy("erasing", "A court or an authority ordered it")
        OVER = "OVER", pgettext_lazy("erasing", "The time for keeping it is over")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    learner = models.OneToOneField(Learner, models.PROTECT, related_name="erasure")
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    #: A letter's number, for example; the action refuses the person's own words in it.
    note = models.CharField(_("note"), max_length=200, blank=True)
    #: Whether the class photos on which the person may stand were removed as well.
    photos = models.BooleanField(pgettext_lazy("erasing", "class photos removed"), default=False)
    counts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    erased_at = models.DateTimeField(_("erased"), default=timezone.now)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        ordering = ["-erased_at"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=("ASKED", "WRONG", "ORDERED", "OVER")),
                name="erasure_reason_of_the_list",
            ),
            models.CheckConstraint(
                # Who was entered by mistake stands on none.
                condition=~Q(reason="WRONG", photos=True),
                name="erasure_by_mistake_keeps_photos",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner_id} {self.erased_at:%Y-%m-%d}"
