"""Find learners: by name, pinyin initials or last four; by whole numbers through blind indexes."""

import re
from collections.abc import Callable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from learners.models import (
    HouseholdStatus,
    Learner,
    LearnerQuerySet,
    Membership,
    RoleHeld,
    id_index,
    phone_index,
)
from lms.lib import idnumbers
from lms.lib.periods import valid_on
from lms.lib.scope import HasScope

_TAIL = re.compile(r"\d{3}[\dXx]", re.ASCII)
_INITIALS = re.compile(r"[A-Za-z]+", re.ASCII)
_HAN = re.compile("[㐀-鿿\U00020000-\U0003ffff]")
#: More digits than any part of a number that a list is searched by, an X at the end, +86 before.
_WHOLE = re.compile(r"\+?\d{8,}[\dXx]?", re.ASCII)


#: What makes a learner "trained" (in a year, or ever for None), as a condition on Learner; filled
#: in AppConfig.ready() by the app that knows. While it is empty, lists do not offer the filter.
TRAINED: list[Callable[[int | None], Q]] = []


def knows_training() -> bool:
    """Whether anybody says who is trained; the condition itself takes a while to put together."""
    return bool(TRAINED)


def trained(year: int | None = None) -> Q | None:
    return TRAINED[0](year) if TRAINED else None


def search_learners(rows: QuerySet[Learner], text: str) -> QuerySet[Learner]:
    """Learners among `rows` that `text` may mean; whole numbers never match here."""
    text = text.strip()
    if not text:
        return rows
    if _TAIL.fullmatch(text):
        return rows.filter(id_tail=text.upper())
    if _INITIALS.fullmatch(text):
        return rows.filter(_beginning(text.lower()))
    if _HAN.search(text):  # names in another script hold none: one column less to read
        return rows.filter(name__contains=text)
    return rows.filter(Q(name__icontains=text) | Q(native_name__icontains=text))


def _beginning(letters: str) -> Q:
    """A range of its own, which the index answers; with LIKE, or as one condition among others,
    everybody in the region would be read. One letter is so many that the first page of them is
    sooner found by walking through the region."""
    end = letters[:-1] + chr(ord(letters[-1]) + 1)
    begun = Q(initials__gte=letters, initials__lt=end)
    if len(letters) == 1:
        return begun
    return Q(pk__in=Learner.objects.filter(begun).values("pk"))


def is_whole_number(text: str) -> bool:
    """Whether `text` is, or was meant as, an ID number or a telephone: it must be in no address."""
    return bool(_WHOLE.fullmatch(idnumbers.normalise(text)))


def find_by_number(user: HasScope, text: str) -> LearnerQuerySet:
    """Visible learners whose ID number or telephone is exactly `text`; a phone may be shared."""
    number = idnumbers.normalise(text).removeprefix("+86").removeprefix("0086")
    if len(number) == 15:
        number = idnumbers.upgrade_15(number) if number.isdigit() else number
    rows = Learner.objects.visible_to(user).live()
    if idnumbers.is_mobile(number):
        return rows.filter(phone_index=phone_index(number)).order_by("name", "pk")
    found = Learner.objects.numbered([id_index(number)])
    who = found.annotate(who=Coalesce("merged_into_id", "pk")).values("who")
    return rows.filter(pk__in=who).order_by("name", "pk")


def of_household_type(rows: QuerySet[Learner], code: str, day: date) -> QuerySet[Learner]:
    """One within the other: a join of the two would look up the household itself as well."""
    of_type = HouseholdStatus.objects.filter(
        valid_on(day), type=code, household=OuterRef("household")
    )
    members = Membership.objects.filter(valid_on(day), Exists(of_type), learner=OuterRef("pk"))
    return rows.filter(Exists(members))


def holding_role(rows: QuerySet[Learner], role: str, day: date) -> QuerySet[Learner]:
    held = RoleHeld.objects.filter(valid_on(day), role=role)
    return rows.filter(pk__in=held.values("learner_id"))
