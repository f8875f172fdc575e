"""Find learners: by name, pinyin initials or last four; by whole numbers through blind indexes."""

import re
from collections.abc import Callable
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from learners.models import Learner, LearnerQuerySet, id_index, phone_index
from lms.lib import idnumbers
from lms.lib.periods import valid_on
from lms.lib.scope import HasScope

_TAIL = re.compile(r"\d{3}[\dXx]", re.ASCII)
_INITIALS = re.compile(r"[A-Za-z]+", re.ASCII)


#: What makes a learner "trained", as a condition on Learner; filled in AppConfig.ready() by the
#: app that knows. While it is empty, lists do not offer the filter.
TRAINED: list[Callable[[], Q]] = []


def trained() -> Q | None:
    return TRAINED[0]() if TRAINED else None


def search_learners(rows: QuerySet[Learner], text: str) -> QuerySet[Learner]:
    """Learners among `rows` that `text` may mean; whole numbers never match here."""
    text = text.strip()
    if not text:
        return rows
    if _TAIL.fullmatch(text):
        return rows.filter(id_tail=text.upper())
    if _INITIALS.fullmatch(text):
        return rows.filter(Q(initials__startswith=text.lower()) | Q(name__icontains=text))
    return rows.filter(Q(name__icontains=text) | Q(native_name__icontains=text))


def find_by_number(user: HasScope, text: str) -> LearnerQuerySet:
    """Visible learners whose ID number or telephone is exactly `text`; a phone may be shared."""
    number = idnumbers.normalise(text)
    if len(number) == 15:
        number = idnumbers.upgrade_15(number) if number.isdigit() else number
    rows = Learner.objects.visible_to(user).live()
    if idnumbers.is_mobile(number):
        return rows.filter(phone_index=phone_index(number)).order_by("name", "pk")
    found = Learner.objects.filter(id_index=id_index(number))
    who = found.annotate(who=Coalesce("merged_into_id", "pk")).values("who")
    return rows.filter(pk__in=who).order_by("name", "pk")


def of_household_type(rows: QuerySet[Learner], code: str, day: date) -> QuerySet[Learner]:
    return rows.filter(
        valid_on(day, "memberships__"),
        valid_on(day, "memberships__household__statuses__"),
        memberships__household__statuses__type=code,
    ).distinct()


def holding_role(rows: QuerySet[Learner], role: str, day: date) -> QuerySet[Learner]:
    return rows.filter(valid_on(day, "roles__"), roles__role=role).distinct()
