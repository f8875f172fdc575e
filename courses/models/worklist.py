"""What waits for somebody's decision, so that a list of it need not read every event."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models.planning import ClassSession
from learners.models import Learner
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope


class MarkQuestionQuerySet(models.QuerySet["MarkQuestion"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(session__in=ClassSession.objects.visible_to(user))


class MarkQuestion(models.Model):
    """A person of a session about whom the events leave a question; part of the projection.

    Not a column of the state: somebody of whom only late marks are known has no state.
    """

    class Kind(models.TextChoices):
        LATE = "late", _("Came after the close")
        CONFLICT = "conflict", _("Two answers")
        CLOCK = "clock", _("Wrong clock")

    session = models.ForeignKey(ClassSession, models.PROTECT, related_name="questions")
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="mark_questions")
    kind = models.CharField(max_length=8, choices=Kind)

    objects = MarkQuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "learner"], name="markquestion_once")
        ]
        indexes = [models.Index(fields=["kind", "session"], name="markquestion_kind")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.kind}"


class CloseQuestionQuerySet(models.QuerySet["CloseQuestion"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(session__in=ClassSession.objects.visible_to(user))


class CloseQuestion(models.Model):
    """A class that was closed twice with different head counts; part of the projection."""

    session = models.OneToOneField(
        ClassSession, models.PROTECT, primary_key=True, related_name="close_question"
    )

    objects = CloseQuestionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.session_id}"


class SessionCheck(models.Model):
    """Somebody looked at what a closed session lacks, and said why it stays so."""

    class Kind(models.TextChoices):
        HEADS = "heads", _("Head count differs")
        PHOTO = "photo", _("No class photo")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(ClassSession, models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=5, choices=Kind)
    #: Heads less marks, as it was; another difference is a new question.
    difference = models.SmallIntegerField(default=0)
    reason = models.CharField(_("reason"), max_length=200)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "kind", "difference"], name="sessioncheck_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="sessioncheck_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.kind}"
