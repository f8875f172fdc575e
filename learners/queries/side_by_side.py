"""Two records beside one another, and what a merge leaves on a timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from learners.models import AgeBand, Audience, Learner, Merge, SuspectedPair
from learners.queries.households import household_on, household_type_on
from learners.queries.matching import place_name
from learners.queries.merging import pair_of
from learners.queries.timeline import TimelineRow, _import_rows, _register_rows
from lms.lib.periods import local_date, today, valid_on
from lms.lib.scope import Role


@dataclass(frozen=True)
class Fact:
    """One line of the comparison; `note` says how two values differ that are masked alike."""

    label: Any
    first: str
    second: str
    differs: bool
    note: str = ""


_FACTS: tuple[tuple[Any, Callable[[Learner], Any]], ...] = (
    (gettext_lazy("Full name"), lambda row: row.name),
    (gettext_lazy("Name in own script"), lambda row: row.native_name),
    (gettext_lazy("Sex"), lambda row: row.get_sex_display()),
    (gettext_lazy("Age"), lambda row: dict(AgeBand.choices).get(row.age_band_on(today()), "")),
    (gettext_lazy("Home"), lambda row: place_name(row.home_region)),
    (gettext_lazy("Household number"), lambda row: _household(row)),
    (gettext_lazy("Household type"), lambda row: _household_type(row)),
    (gettext_lazy("Roles held"), lambda row: _roles(row)),
    (gettext_lazy("Education"), lambda row: row.education),
    (gettext_lazy("Account to sign in"), lambda row: _("yes") if row.user_id else ""),
)


def compare_facts(first: Learner, second: Learner) -> list[Fact]:
    """Masked, as every screen shows them; what is unknown on one side does not differ, and what
    nobody knows is not worth a line."""
    plain = [_fact(label, str(read(first)), str(read(second))) for label, read in _FACTS]
    facts = [plain[0], _numbers(first, second), _phones(first, second), *plain[1:]]
    return [fact for fact in facts if fact.first or fact.second]


def _fact(label: Any, first: str, second: str) -> Fact:
    return Fact(label, first, second, bool(first and second and first != second))


def _numbers(first: Learner, second: Learner) -> Fact:
    one, other = first.clear_id_number(), second.clear_id_number()
    count = sum(a != b for a, b in zip(one, other, strict=False))
    words = ngettext("%(count)d digit differs", "%(count)d digits differ", count)
    return Fact(
        gettext_lazy("ID number"),
        first.masked_id if one else "",
        second.masked_id if other else "",
        bool(count),
        words % {"count": count} if count else "",
    )


def _phones(first: Learner, second: Learner) -> Fact:
    known = first.phone_index is not None and second.phone_index is not None
    differs = known and bytes(first.phone_index or b"") != bytes(second.phone_index or b"")
    return Fact(
        gettext_lazy("Telephone"),
        first.masked_phone if first.phone_index else "",
        second.masked_phone if second.phone_index else "",
        differs,
        "" if differs or not known else _("the same telephone"),
    )


def _household(learner: Learner) -> str:
    household = household_on(learner, today())
    if household is None:
        return ""
    inferred = _("%(number)s (inferred)") % {"number": household.number}
    return inferred if household.inferred else household.number


def _household_type(learner: Learner) -> str:
    found = household_type_on(household_on(learner, today()), today())
    return found.name if found else ""


def _roles(learner: Learner) -> str:
    rows = learner.roles.filter(valid_on(today())).exclude(role=Audience.HOUSEHOLD_MEMBER)
    return "、".join(sorted({str(row.get_role_display()) for row in rows}))


def better_kept(pair: SuspectedPair) -> Learner:
    """The identified record; of two, the older one."""
    return pair.second if pair.first.provisional and not pair.second.provisional else pair.first


# --- on the timeline ---
def merge_rows(learner: Learner, user: User) -> list[TimelineRow]:
    """Merges into this person, and what the merged records say for ever."""
    rows = Merge.objects.filter(kept=learner).select_related("merged")
    found = [_row(row, user) for row in rows]
    for record in learner.merged_from.all():
        found += [*_import_rows(record, user), *_register_rows(record, user)]
    return found


def _row(merge: Merge, user: User) -> TimelineRow:
    undone = merge.undone_at is not None
    pair = pair_of(merge) if user.scope.has(Role.CLERK) else None
    number = merge.merged.masked_id
    detail = merge.reason if number == "—" else f"{number} · {merge.reason}"
    return TimelineRow(
        on=local_date(merge.made_at),
        kind="swap",
        title=_("Another record of this person was merged: %(name)s") % {"name": merge.merged.name},
        detail=detail,
        chip=("mute", "undo", _("undone")) if undone else None,
        href=reverse("learners:duplicate_detail", args=[pair.pk]) if pair else "",
    )
