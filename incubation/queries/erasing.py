"""What is personal in cases and shops; figures, days and codes stay."""

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Right

from incubation.models import EarningsReport, Shop, SupportGiven, Visit
from learners.queries.erasing import GONE, Personal


def personal_words() -> list[Personal]:
    # Two shops of one owner on one platform are told apart by what they are called.
    name = Concat(Value(f"{GONE} "), Right(Cast("pk", CharField()), 6), output_field=CharField())
    return [
        Personal(Visit, "case__learner", {"problem": "", "next_step": ""}),
        Personal(Shop, "owner", {"name": name, "url": ""}),
        Personal(EarningsReport, "shop__owner", {}, ("proof",)),
        Personal(SupportGiven, "learner", {"what": GONE}),
    ]
