"""What merging two records of one person does to cases and shops."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubation.models import IncubationCase, Shop, SupportGiven
from learners.models import Learner
from learners.queries.merging import Found, Refusal, Step, keep, move, register
from lms.lib.periods import today

CASES = gettext_lazy("Incubation cases, with visits")
SUPPORT = gettext_lazy("Support received")
SHOPS = gettext_lazy("Shops, with what they earned")


def register_rules() -> None:
    register(IncubationCase, "learner", cases)
    register(SupportGiven, "learner", move(SupportGiven, "learner", SUPPORT))
    register(Shop, "owner", shops)
    register(Shop, "operator", keep)  # `shops` has looked at both columns


def cases(kept: Learner, merged: Learner) -> Iterable[Found]:
    """A person has one open case: the other one is closed, and its visits stay with it."""
    has_open = kept.cases.filter(closed_on__isnull=True).exists()
    for row in merged.cases.order_by("opened_on"):
        text = _("opened on %(day)s") % {"day": row.opened_on.isoformat()}
        values: dict[str, Any] = {"learner_id": kept.pk}
        if row.closed_on is None and has_open:
            values["closed_on"] = max(today(), row.opened_on)
            yield Step(row, values, CASES, text, _("closed today: one open case stays"))
        else:
            yield Step(row, values, CASES, text)


def shops(kept: Learner, merged: Learner) -> Iterable[Found]:
    own = set(kept.shops.values_list("platform", "name"))
    rows = Shop.objects.filter(Q(owner=merged) | Q(operator=merged))
    for row in rows.order_by("pk"):
        if row.owner_id == merged.pk and (row.platform, row.name) in own:
            words = gettext_lazy(
                "Both records own a shop “%(name)s” on %(platform)s. It was recorded twice, with "
                "figures of its own each time: have one of the two renamed or removed first."
            )
            values = {"name": row.name, "platform": row.get_platform_display()}
            yield Refusal("SHOP_TWICE", words % values)
            continue
        yield Step(row, _shop_values(row, kept, merged), SHOPS, row.name)


def _shop_values(row: Shop, kept: Learner, merged: Learner) -> dict[str, Any]:
    """Whoever runs their own shop needs no operator."""
    one = {kept.pk, merged.pk}
    owner = kept.pk if row.owner_id == merged.pk else row.owner_id
    operator = kept.pk if row.operator_id == merged.pk else row.operator_id
    values: dict[str, Any] = {"owner_id": owner}
    if row.operator_id in one:
        values["operator_id"] = None if owner == operator else operator
    return values
