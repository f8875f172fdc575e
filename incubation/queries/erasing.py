"""What is personal in cases and shops; figures, days and codes stay."""

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat, Right
from django.utils.translation import pgettext_lazy

from incubation.models import EarningsReport, Shop, SupportGiven, SupportVoid, Visit
from learners.queries.erasing import GONE, Fate, Personal, Place, Subject, columns_of


def _shop_name() -> Concat:
    """Two shops of one owner on one platform are told apart by what they are called."""
    return Concat(Value(f"{GONE} "), Right(Cast("pk", CharField()), 6), output_field=CharField())


def _earnings(subject: Subject) -> int:
    shops = EarningsReport.objects.filter(shop__owner__in=subject.keys)
    return shops.count() + SupportGiven.objects.filter(learner__in=subject.keys).count()


def places() -> list[Place]:
    return [
        Place(
            "incubation.visits",
            pgettext_lazy("erasing", "Words of visits: problems and next steps"),
            Fate.ERASED,
            columns_of("incubation.Visit", "problem next_step"),
            personal=(
                Personal(
                    Visit,
                    "case__learner",
                    {"problem": "", "next_step": ""},
                    only=~Q(problem="", next_step=""),
                ),
            ),
        ),
        Place(
            "incubation.shops",
            pgettext_lazy("erasing", "Names and links of shops"),
            Fate.ERASED,
            columns_of("incubation.Shop", "name url"),
            personal=(Personal(Shop, "owner", {"name": _shop_name(), "url": ""}),),
        ),
        Place(
            "incubation.proofs",
            pgettext_lazy("erasing", "Pictures that prove sales and income"),
            Fate.ERASED,
            columns_of("incubation.EarningsReport", "proof"),
            personal=(
                Personal(EarningsReport, "shop__owner", {}, ("proof",), households="household"),
            ),
            count=lambda subject: (
                Personal(EarningsReport, "shop__owner", {}, households="household")
                .rows(subject)
                .exclude(proof="")
                .count()
            ),
        ),
        Place(
            "incubation.support",
            pgettext_lazy("erasing", "What support was given, and why entries were struck out"),
            Fate.ERASED,
            (
                *columns_of("incubation.SupportGiven", "what"),
                *columns_of("incubation.SupportVoid", "reason"),
            ),
            personal=(
                Personal(SupportGiven, "learner", {"what": GONE}, households="household"),
                Personal(
                    SupportVoid,
                    "support__learner",
                    {"reason": GONE},
                    households="support__household",
                ),
            ),
        ),
        Place(
            "incubation.figures",
            pgettext_lazy("erasing", "Sales, income and support in figures"),
            Fate.KEPT,
            columns_of("incubation.SupportGiven", "giver"),
            why=pgettext_lazy(
                "erasing", "They are summed: amount, month and grade, of somebody unknown."
            ),
            count=_earnings,
        ),
        Place(
            "incubation.rest",
            "Plans of follow-up",
            Fate.NOBODY,
            columns_of("incubation.FollowUpPlan", "days"),
        ),
    ]
