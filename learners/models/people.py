"""Households, learners, and what each is or holds from when to when."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from learners.models.codes import ETHNICITIES, Disability, DisabilityGrade, PoliticalStatus
from lms.lib import crypto, idnumbers
from lms.lib.ids import uuid7
from lms.lib.periods import Dated
from lms.lib.scope import HasScope, Role, Scope, prefix_end, under
from regions.models import Region

#: How apps above widen who is reached: each gives a condition on Learner for a scope.
#: Filled in AppConfig.ready(); docs/architecture.md lists them.
LEARNER_REACH: list[Callable[[Scope], Q]] = []


#: Most names: nothing in them is folded or left out.
_PLAIN_NAME = re.compile("[一-鿿]+")


class Sex(models.TextChoices):
    MALE = "M", _("Male")
    FEMALE = "F", _("Female")


class AgeBand(models.TextChoices):
    UNDER_18 = "0-17", _("under 18")
    TO_29 = "18-29", _("18 to 29")
    TO_39 = "30-39", _("30 to 39")
    TO_49 = "40-49", _("40 to 49")
    TO_59 = "50-59", _("50 to 59")
    FROM_60 = "60+", _("60 and over")


class Audience(models.TextChoices):
    """Whom a course is for, and what a person is: one list for both."""

    COUNTY_LEADER = "COUNTY_LEADER", _("County leader in charge")
    COMMERCE_HEAD = "COMMERCE_HEAD", _("Head of the commerce bureau")
    TOWNSHIP_CADRE = "TOWNSHIP_CADRE", _("Township cadre")
    VILLAGE_CADRE = "VILLAGE_CADRE", _("Village cadre")
    FIRST_SECRETARY = "FIRST_SECRETARY", _("First secretary")
    WORK_TEAM_MEMBER = "WORK_TEAM_MEMBER", _("Work team member")
    MANAGER = "MANAGER", _("Manager")
    PRACTITIONER = "PRACTITIONER", _("Practitioner")
    LEAD_ENTREPRENEUR = "LEAD_ENTREPRENEUR", _("Lead entrepreneur")
    RETURNEE = "RETURNEE", _("Returnee")
    HOUSEHOLD_MEMBER = "HOUSEHOLD_MEMBER", _("Household member")


class HouseholdGroup(models.TextChoices):
    POOR = "POOR", _("Registered poor")
    LIFTED_OUT = "LIFTED_OUT", _("Lifted out of poverty")
    MONITORED = "MONITORED", _("Monitored")
    ORDINARY = "ORDINARY", _("Ordinary")


class HouseholdType(Dated):
    """A kind of household as the rosters name it; a list that a county may extend."""

    code = models.CharField(primary_key=True, max_length=24)
    name = models.CharField(_("name"), max_length=40, unique=True)
    group = models.CharField(_("group"), max_length=12, choices=HouseholdGroup)

    def __str__(self) -> str:
        return self.name


class HouseholdQuerySet(models.QuerySet["Household"]):
    def visible_to(self, user: HasScope) -> Self:
        prefixes = user.scope.prefixes(Role.CLERK, Role.OFFICIAL, Role.FIELD_WORKER)
        return self.filter(under("region__path", prefixes))


class Household(models.Model):
    """`inferred` = no roster named it: it was made for one person and may be joined to others."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(_("household number"), max_length=40, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="households")
    head = models.ForeignKey(
        "learners.Learner", models.PROTECT, null=True, blank=True, related_name="heads"
    )
    inferred = models.BooleanField(default=False)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self) -> str:
        return self.number


class HouseholdStatus(Dated):
    household = models.ForeignKey(Household, models.CASCADE, related_name="statuses")
    type = models.ForeignKey(HouseholdType, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.household_id} {self.type_id}"


class LearnerQuerySet(models.QuerySet["Learner"]):
    def visible_to(self, user: HasScope, *, at_home: Region | None = None) -> Self:
        """Own row for a trainee; by home region for staff; and whom the apps above reach.

        `at_home`: only those whose home lies in this region. Where that is granted as a whole the
        question is one range of paths, which an index answers however many people there are.
        """
        scope = user.scope
        if at_home is not None:
            granted = scope.covers(at_home.path, Role.CLERK, Role.OFFICIAL)
            return self.within(at_home) if granted else self.visible_to(user).within(at_home)
        reach = Q(user_id=scope.user_id) & Q(user_id__isnull=False)
        prefixes = scope.prefixes(Role.CLERK, Role.OFFICIAL)
        if prefixes:
            reach |= under("home_region__path", prefixes)
        for widen in LEARNER_REACH:
            reach |= widen(scope)
        return self.filter(reach)

    def within(self, region: Region) -> Self:
        return self.under(region.path)

    def under(self, path: str) -> Self:
        return self.filter(home_region__path__gte=path, home_region__path__lt=prefix_end(path))

    def live(self) -> Self:
        """Who is still somebody: neither merged into another record nor erased."""
        return self.filter(merged_into__isnull=True, erased_at__isnull=True)

    def numbered(self, indexes: Iterable[bytes]) -> Self:
        """Whose ID number has one of these blind indexes, live or merged: by an index of each."""
        wanted = list(indexes)
        of_live = Q(id_type__in=Learner.IdType.values, merged_into__isnull=True)
        of_merged = Q(merged_into__isnull=False)
        return self.filter(
            (of_live & Q(id_index__in=wanted)) | (of_merged & Q(id_index__in=wanted))
        )


class Learner(models.Model):
    class IdType(models.TextChoices):
        RESIDENT = "RESIDENT", _("Resident identity card")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    id_type = models.CharField(max_length=12, choices=IdType, default=IdType.RESIDENT)
    id_cipher = models.BinaryField(null=True)
    #: Blind index of the normalised number; NULL for a provisional walk-in.
    id_index = models.BinaryField(null=True, max_length=32)
    id_tail = models.CharField(max_length=4, blank=True)
    name = models.CharField(_("name"), max_length=120)
    #: Pinyin initials of the name, a search key only ("阿依古丽" = "aygl").
    initials = models.CharField(max_length=60, blank=True, db_index=True)
    native_name = models.CharField(_("name in own script"), max_length=120, blank=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex, blank=True)
    birth_cipher = models.BinaryField(null=True)
    #: Blind index of name and birth date together; NULL while the birth date is not known.
    namesake_index = models.BinaryField(null=True, max_length=32, db_index=True)
    phone_cipher = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True, max_length=32, db_index=True)
    ethnicity = models.CharField(_("ethnicity"), max_length=2, blank=True)
    education = models.CharField(_("education"), max_length=20, blank=True)
    political_status = models.CharField(
        _("political status"), max_length=2, choices=PoliticalStatus, blank=True
    )
    #: "" = not asked, Disability.NONE = asked and none.
    disability = models.CharField(_("disability"), max_length=2, choices=Disability, blank=True)
    disability_grade = models.PositiveSmallIntegerField(
        _("disability grade"), choices=DisabilityGrade, null=True, blank=True
    )
    home_region = models.ForeignKey(
        Region, models.PROTECT, related_name="learners", verbose_name=_("home")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="learner"
    )
    #: A walk-in whose identity is not known yet: counts in person-times, not in persons.
    provisional = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        db_index=False,  # nearly all are NULL: see `learner_by_merged_into`
    )
    created_at = models.DateTimeField(auto_now_add=True)
    #: Nothing personal is left of the row: it only holds together what was counted.
    erased_at = models.DateTimeField(null=True, editable=False)

    objects = LearnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("learner")
        verbose_name_plural = _("learners")
        indexes = [
            models.Index(fields=["id_tail"], name="learner_by_id_tail"),
            models.Index(
                fields=["merged_into"],
                name="learner_by_merged_into",
                condition=Q(merged_into__isnull=False),
            ),
            models.Index(
                fields=["initials"], name="learner_walk_ins", condition=Q(provisional=True)
            ),
            models.Index(
                fields=["home_region"],
                name="learner_walk_ins_of_home",
                condition=Q(provisional=True),
            ),
            models.Index(
                fields=["id_index"],
                name="learner_merged_by_id",
                condition=Q(merged_into__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_type", "id_index"],
                condition=Q(id_index__isnull=False, merged_into__isnull=True),
                name="learner_one_live_per_id",
            ),
            models.CheckConstraint(
                condition=Q(provisional=True) | Q(id_index__isnull=False),
                name="learner_known_or_provisional",
            ),
            models.CheckConstraint(
                condition=Q(disability_grade__isnull=True)
                | (Q(disability_grade__range=(1, 4)) & ~Q(disability__in=["", "NO"])),
                name="learner_grade_of_a_disability",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # --- what is encrypted -------------------------------------------------------------------
    def _where(self, column: str) -> str:
        return f"learners_learner.{column}:{self.pk}"

    def set_id_number(self, number: str) -> None:
        """`number` is normalised: 18 characters, capital X."""
        self.id_cipher = crypto.encrypt(number, where=self._where("id_cipher"))
        self.id_index = id_index(number)
        self.id_tail = number[-4:]

    def set_birth_date(self, day: date) -> None:
        self.birth_cipher = crypto.encrypt(day.isoformat(), where=self._where("birth_cipher"))
        self.namesake_index = namesake_index(self.name, day)

    def set_name(self, name: str) -> None:
        """Save `name` and `namesake_index` together."""
        self.name = name
        born = self.clear_birth_date()
        self.namesake_index = namesake_index(name, born) if born else None

    def set_phone(self, phone: str) -> None:
        """`phone` is eleven digits, or "" for none."""
        self.phone_cipher = self.phone_index = None
        if phone:
            self.phone_cipher = crypto.encrypt(phone, where=self._where("phone_cipher"))
            self.phone_index = phone_index(phone)

    def clear_id_number(self) -> str:
        """The number in clear: only for what must print or compare it; screens use masked_id."""
        if self.id_cipher is None:
            return ""
        return crypto.decrypt(self.id_cipher, where=self._where("id_cipher"))

    def clear_phone(self) -> str:
        if self.phone_cipher is None:
            return ""
        return crypto.decrypt(self.phone_cipher, where=self._where("phone_cipher"))

    def clear_birth_date(self) -> date | None:
        if self.birth_cipher is None:
            return None
        plain = crypto.decrypt(self.birth_cipher, where=self._where("birth_cipher"))
        return date.fromisoformat(plain)

    @property
    def ethnicity_name(self) -> str:
        return ETHNICITIES.get(self.ethnicity, self.ethnicity)

    @property
    def disability_words(self) -> str:
        """Kind and grade; "" when nobody asked."""
        kind = str(self.get_disability_display()) if self.disability else ""
        grade = f" · {self.get_disability_grade_display()}" if self.disability_grade else ""
        return kind + grade

    @property
    def masked_id(self) -> str:
        number = self.clear_id_number()
        return idnumbers.mask_id(number) if number else "—"

    @property
    def masked_phone(self) -> str:
        phone = self.clear_phone()
        return idnumbers.mask_phone(phone) if phone else "—"

    def age_on(self, day: date) -> int | None:
        born = self.clear_birth_date()
        if born is None:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def age_band_on(self, day: date) -> str:
        """The band is all a screen may show beside a masked number; "" when unknown."""
        age = self.age_on(day)
        if age is None:
            return ""
        for limit, band in ((18, "0-17"), (30, "18-29"), (40, "30-39"), (50, "40-49")):
            if age < limit:
                return band
        return "50-59" if age < 60 else "60+"


def id_masker() -> Callable[[Learner], str]:
    """`masked_id` of ten thousand people in a row."""
    decrypt = crypto.decryptor()

    def masked(learner: Learner) -> str:
        cipher, where = learner.id_cipher, f"learners_learner.id_cipher:{learner.id}"
        number = decrypt(bytes(cipher), where) if cipher is not None else ""
        return idnumbers.mask_id(number) if number else "—"

    return masked


def id_index(number: str) -> bytes:
    return id_indexer()(number)


def plain_name(name: str) -> str:
    """Letters and digits alone: what makes two spellings of a name the same name."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def namesake_index(name: str, born: date) -> bytes:
    return namesake_indexer()(name, born.isoformat())


def namesake_indexer() -> Callable[[str, str], bytes]:
    """Of a name and a birth date in ISO form."""
    index = crypto.indexer("learners_learner.namesake")
    return lambda name, born: index(f"{plain_name(name)}|{born}")


def phone_index(phone: str) -> bytes:
    return phone_indexer()(phone)


def id_indexer() -> Callable[[str], bytes]:
    return crypto.indexer("learners_learner.id")


def phone_indexer() -> Callable[[str], bytes]:
    return crypto.indexer("learners_learner.phone")


class Membership(Dated):
    """Who lives in which household; a change of household sets the learner's home region."""

    class Relation(models.TextChoices):
        HEAD = "0", _("Head")
        SPOUSE = "1", _("Spouse")
        SON = "2", _("Son")
        DAUGHTER = "3", _("Daughter")
        GRANDCHILD = "4", _("Grandchild")
        PARENT = "5", _("Parent")
        GRANDPARENT = "6", _("Grandparent")
        SIBLING = "7", _("Brother or sister")
        OTHER = "8", _("Other")

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="memberships")
    household = models.ForeignKey(Household, models.PROTECT, related_name="memberships")
    relation = models.CharField(max_length=1, choices=Relation, default=Relation.OTHER)

    def __str__(self) -> str:
        return f"{self.learner_id} in {self.household_id}"


class RoleHeld(Dated):
    """What a person is, from when to when, and for which region."""

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=Audience)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.learner_id} {self.role}"
