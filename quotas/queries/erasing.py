"""What checks say of a person in words; plans and quotas speak of nobody."""

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from learners.queries.erasing import Fate, Personal, Place, Subject, columns_of
from quotas.models import CheckItem


def _items(subject: Subject) -> int:
    return CheckItem.objects.filter(enrolment__learner__in=subject.keys).count()


def places() -> list[Place]:
    return [
        Place(
            "quotas.notes",
            pgettext_lazy("erasing", "Notes of inspectors"),
            Fate.ERASED,
            columns_of("quotas.CheckItem", "note"),
            personal=(Personal(CheckItem, "enrolment__learner", {"note": ""}, only=~Q(note="")),),
        ),
        Place(
            "quotas.findings",
            pgettext_lazy("erasing", "Findings of checks"),
            Fate.KEPT,
            why=pgettext_lazy("erasing", "The verified rate is worked out from them."),
            count=_items,
        ),
        Place(
            "quotas.rest",
            "Plans, quotas, seeds of samples",
            Fate.NOBODY,
            (
                *columns_of("quotas.Plan", "doc_no title"),
                *columns_of("quotas.CheckPlan", "seed_commitment seed"),
            ),
        ),
    ]
