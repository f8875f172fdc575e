"""Two records of one person: what is suspected, what was merged, and every row that moved."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.models.people import Learner
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope
from regions.models import Region


class SuspectedPairQuerySet(models.QuerySet["SuspectedPair"]):
    def visible_to(self, user: HasScope) -> Self:
        """Both people must be: half a pair would tell of somebody registered elsewhere."""
        visible = Learner.objects.visible_to(user)
        return self.filter(
            Exists(visible.filter(pk=OuterRef("first_id"))),
            Exists(visible.filter(pk=OuterRef("second_id"))),
        )

    def touching(self, region: Region) -> Self:
        """Either home lies in the region."""
        inside = Learner.objects.within(region)
        return self.filter(
            Exists(inside.filter(pk=OuterRef("first_id")))
            | Exists(inside.filter(pk=OuterRef("second_id")))
        )

    def open(self) -> Self:
        """Waiting for a decision; a record merged meanwhile waits no more."""
        return self.filter(
            state=SuspectedPair.State.OPEN,
            first__merged_into__isnull=True,
            second__merged_into__isnull=True,
        )


class SuspectedPair(models.Model):
    """Two records that may be one person. `first` is the one with the smaller key."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("To be decided")
        NOT_THE_SAME = "NOT_THE_SAME", _("Two people")
        MERGED = "MERGED", _("One person, merged")

    class Kind(models.TextChoices):
        NAMESAKE = "NAMESAKE", _("Same name and birth date")
        PHONE = "PHONE", _("Same telephone, same or similar name")
        WALK_IN = "WALK_IN", _("Walk-in to be identified")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = models.ForeignKey(Learner, models.CASCADE, related_name="suspected_as_first")
    second = models.ForeignKey(Learner, models.CASCADE, related_name="suspected_as_second")
    kinds = models.JSONField(default=list)
    #: The strongest of `kinds`, to filter and sort by.
    kind = models.CharField(_("why"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    objects = SuspectedPairQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at"]
        verbose_name = _("suspected duplicate")
        verbose_name_plural = _("suspected duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="suspectedpair_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="suspectedpair_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", decided_at__isnull=True)
                | (~Q(state="OPEN") & Q(decided_at__isnull=False)),
                name="suspectedpair_decided_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="NOT_THE_SAME") | ~Q(reason=""),
                name="suspectedpair_two_people_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "kind"], name="suspectedpair_queue")]

    def __str__(self) -> str:
        return str(self.pk)


class MergeQuerySet(models.QuerySet["Merge"]):
    def visible_to(self, user: HasScope) -> Self:
        """Both records must be."""
        visible = Learner.objects.visible_to(user)
        return self.filter(
            Exists(visible.filter(pk=OuterRef("kept_id"))),
            Exists(visible.filter(pk=OuterRef("merged_id"))),
        )

    def in_force(self) -> Self:
        return self.filter(undone_at__isnull=True)


class Merge(models.Model):
    """Who made two records one, when and why; `changes` say what that did to every row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept = models.ForeignKey(Learner, models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Learner, models.PROTECT, related_name="merged_by")
    reason = models.CharField(_("reason"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.CharField(max_length=200, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_of_two"),
            models.CheckConstraint(condition=~Q(reason=""), name="merge_has_reason"),
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at__isnull=True),
                name="merge_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undo_reason="")
                | (Q(undone_at__isnull=False) & ~Q(undo_reason="")),
                name="merge_undone_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.kept_id}"


class MergeChange(models.Model):
    """One row that a merge touched: fields and values before and after, as the database keeps
    them (ciphers stay ciphers). `after` is empty for a row that was set aside whole."""

    id = models.BigAutoField(primary_key=True)
    merge = models.ForeignKey(Merge, models.PROTECT, related_name="changes")
    model = models.CharField(max_length=64)
    row = models.CharField(max_length=36)
    before = models.JSONField()
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["model", "row"], name="mergechange_row")]

    def __str__(self) -> str:
        return f"{self.model} {self.row}"
