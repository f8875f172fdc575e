"""After the class: cases, staged follow-ups, shops, and what they earn."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.models import Household, Learner
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope, Role, under
from regions.models import Region

STAFF = (Role.CLERK, Role.OFFICIAL, Role.FIELD_WORKER)


class Stage(models.TextChoices):
    MONTH_1 = "MONTH_1", _("First month")
    MONTH_3 = "MONTH_3", _("Third month")
    MONTH_6 = "MONTH_6", _("Half year")
    YEAR_1 = "YEAR_1", _("First year")
    YEAR_2 = "YEAR_2", _("Second year")
    YEAR_3 = "YEAR_3", _("Third year")


class FollowUpPlan(models.Model):
    """An edition of when to visit: days after the case opens, by stage."""

    edition = models.PositiveSmallIntegerField(unique=True)
    starts_on = models.DateField()
    #: {"MONTH_1": 30, …}: days after `opened_on`.
    days = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.edition}"


class IncubationCaseQuerySet(models.QuerySet["IncubationCase"]):
    def visible_to(self, user: HasScope) -> Self:
        """By home region for staff; a field worker also sees cases assigned to them."""
        scope = user.scope
        reach = under("home_region__path", scope.prefixes(*STAFF))
        if scope.has(Role.FIELD_WORKER):
            reach |= Q(assignee_id=scope.user_id)
        return self.filter(reach)


class IncubationCase(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="cases")
    home_region = models.ForeignKey(Region, models.PROTECT, related_name="cases")
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    stage = models.CharField(_("stage"), max_length=8, choices=Stage, default=Stage.MONTH_1)
    plan = models.ForeignKey(FollowUpPlan, models.PROTECT, related_name="cases")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cases"
    )

    objects = IncubationCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("incubation case")
        verbose_name_plural = _("incubation cases")
        constraints = [
            models.UniqueConstraint(
                fields=["learner"],
                condition=Q(closed_on__isnull=True),
                name="incubationcase_one_open_per_learner",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="incubationcase_closed_after_opened",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner_id} {self.opened_on}"


class FollowUpTaskQuerySet(models.QuerySet["FollowUpTask"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(case__in=IncubationCase.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(done_at__isnull=True, case__closed_on__isnull=True)

    def overdue(self, day: date) -> Self:
        """Not done, and due before `day`: the one definition of overdue."""
        return self.open().filter(due_on__lt=day)


class FollowUpTask(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(IncubationCase, models.CASCADE, related_name="tasks")
    stage = models.CharField(_("stage"), max_length=8, choices=Stage)
    due_on = models.DateField(_("due on"), db_index=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tasks"
    )

    objects = FollowUpTaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_on"]
        verbose_name = _("follow-up task")
        constraints = [
            models.UniqueConstraint(fields=["case", "stage"], name="followuptask_once_per_stage")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.stage}"


class Visit(models.Model):
    """One contact with a learner: what was found, what is next."""

    class Method(models.TextChoices):
        DOOR = "DOOR", _("At the door")
        PHONE = "PHONE", _("By phone")
        ONLINE = "ONLINE", _("Online")

    class Finding(models.TextChoices):
        RUNNING = "RUNNING", _("Shop is running")
        PAUSED = "PAUSED", _("Shop is paused")
        NOT_OPENED = "NOT_OPENED", _("No shop yet")
        UNREACHED = "UNREACHED", _("Could not be reached")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(IncubationCase, models.PROTECT, related_name="visits")
    task = models.OneToOneField(
        FollowUpTask, models.PROTECT, null=True, blank=True, related_name="visit"
    )
    visited_on = models.DateField(_("visited on"))
    method = models.CharField(_("how"), max_length=6, choices=Method)
    finding = models.CharField(_("finding"), max_length=10, choices=Finding)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    next_step = models.CharField(_("next step"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="visits")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-visited_on", "-recorded_at"]
        verbose_name = _("visit")

    def __str__(self) -> str:
        return f"{self.case_id} {self.visited_on}"


class ShopQuerySet(models.QuerySet["Shop"]):
    def visible_to(self, user: HasScope) -> Self:
        scope = user.scope
        reach = under("home_region__path", scope.prefixes(*STAFF))
        if scope.has(Role.FIELD_WORKER):
            own = IncubationCase.objects.filter(assignee_id=scope.user_id)
            reach |= Q(owner_id__in=own.values("learner_id"))
        return self.filter(reach | Q(owner__user_id=scope.user_id))


class Shop(models.Model):
    """A shop on a platform. The owner keeps it even where somebody else operates it."""

    class Platform(models.TextChoices):
        TAOBAO = "TAOBAO", _("Taobao")
        PINDUODUO = "PINDUODUO", _("Pinduoduo")
        DOUYIN = "DOUYIN", _("Douyin")
        KUAISHOU = "KUAISHOU", _("Kuaishou")
        JD = "JD", _("JD")
        WECHAT = "WECHAT", _("WeChat shop")
        OTHER = "OTHER", _("Other platform")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Learner, models.PROTECT, related_name="shops")
    #: Runs the shop where the owner cannot; None = the owner does.
    operator = models.ForeignKey(
        Learner, models.PROTECT, null=True, blank=True, related_name="operated_shops"
    )
    # Frozen at the opening.
    home_region = models.ForeignKey(Region, models.PROTECT, related_name="shops")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="shops")
    platform = models.CharField(_("platform"), max_length=10, choices=Platform)
    name = models.CharField(_("shop name"), max_length=80)
    url = models.URLField(_("link"), max_length=300, blank=True)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = ShopQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on"]
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="shop_closed_after_opened",
            ),
            models.UniqueConstraint(
                fields=["owner", "platform", "name"], name="shop_once_per_owner_platform_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Baseline(models.Model):
    """A household's income in a month before the training, per household, in yuan."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="baselines")
    #: First day of the month of the base year.
    month = models.DateField(_("month"))
    amount_yuan = models.DecimalField(_("amount (yuan)"), max_digits=14, decimal_places=2)
    #: Members of the household then: the divisor of the rise per head.
    members = models.PositiveSmallIntegerField(_("members"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["household", "month"], name="baseline_once_a_month"),
            models.CheckConstraint(condition=Q(members__gt=0), name="baseline_has_members"),
            models.CheckConstraint(condition=Q(month__day=1), name="baseline_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.month:%Y-%m}"


class SupportGivenQuerySet(models.QuerySet["SupportGiven"]):
    def visible_to(self, user: HasScope) -> Self:
        """As the household it was given to."""
        return self.filter(under("household__region__path", user.scope.prefixes(*STAFF)))


class SupportGiven(models.Model):
    """What a household was given once: money, a loan, goods, a service. Never edited."""

    class Kind(models.TextChoices):
        GRANT = "GRANT", _("Start-up grant")
        LOAN = "LOAN", _("Small loan")
        SUBSIDY = "SUBSIDY", _("Subsidy")
        GOODS = "GOODS", _("Goods and equipment")
        SERVICE = "SERVICE", _("Service (photographs, packing, design)")

    #: Kinds that are sums of money, so that an amount must be said.
    MONEY = (Kind.GRANT, Kind.LOAN, Kind.SUBSIDY)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="support")
    #: For whom of the household; None = for all of it.
    learner = models.ForeignKey(
        Learner, models.PROTECT, null=True, blank=True, related_name="support"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    given_on = models.DateField(_("given on"))
    amount_yuan = models.DecimalField(
        _("amount (yuan)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    what = models.CharField(_("what was given"), max_length=120)
    giver = models.CharField(_("given by"), max_length=80)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = SupportGivenQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-recorded_at"]
        verbose_name = _("support given")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_yuan__isnull=True) | Q(amount_yuan__gt=0),
                name="supportgiven_amount_positive",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["GRANT", "LOAN", "SUBSIDY"]) | Q(amount_yuan__isnull=False),
                name="supportgiven_money_has_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.given_on}"

    @property
    def voided(self) -> "SupportVoid | None":
        """Why it does not count, read with `select_related("void")`."""
        return getattr(self, "void", None)


class SupportVoid(models.Model):
    """An entry of support was a mistake, and why. Append-only; the entry itself stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    support = models.OneToOneField(SupportGiven, models.PROTECT, related_name="void")
    reason = models.CharField(_("reason"), max_length=200)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-voided_at"]
        verbose_name = _("voided support")
        constraints = [
            models.CheckConstraint(
                condition=GreaterThan(Length(Trim(F("reason"))), Value(0)),
                name="supportvoid_has_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.support_id} {self.voided_at:%Y-%m-%d}"


class EarningsReport(models.Model):
    """What a shop sold or a household earned in a month, and how well it is evidenced.

    Never edited: a better or corrected report `replaces` the old one.
    """

    class Kind(models.TextChoices):
        SALES = "SALES", _("Sales")
        ORDERS = "ORDERS", _("Orders")
        INCOME = "INCOME", _("Income")
        SAVING = "SAVING", _("Saving")

    class Grade(models.IntegerChoices):
        SPOKEN = 1, _("Spoken")
        SCREENSHOT = 2, _("Screenshot")
        PLATFORM = 3, _("Platform settlement")
        BANK = 4, _("Bank statement")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="earnings")
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="earnings"
    )
    month = models.DateField(_("month"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    #: Yuan; for ORDERS a number of orders.
    amount_yuan = models.DecimalField(_("amount (yuan)"), max_digits=14, decimal_places=2)
    grade = models.PositiveSmallIntegerField(_("evidence"), choices=Grade)
    proof = models.FileField(_("proof"), upload_to="proofs/", blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-month", "-grade"]
        verbose_name = _("earnings report")
        constraints = [
            models.CheckConstraint(
                condition=Q(shop__isnull=False, household__isnull=True)
                | Q(shop__isnull=True, household__isnull=False),
                name="earningsreport_one_subject",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="earningsreport_first_of_month"),
            models.CheckConstraint(
                condition=Q(amount_yuan__gte=0), name="earningsreport_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.month:%Y-%m}"
