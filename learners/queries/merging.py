"""What merging two records would do: a plan that is read before anything is written.

Every column that points at a learner has a rule in RULES, given by the app that owns the column
(AppConfig.ready()); a test fails for one that has none. A rule reads and returns steps; it writes
nothing, so the page shows the very plan that the action then carries out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models

from learners.models import Learner, Merge, MergeChange, SuspectedPair

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Step:
    """One row of the plan: `values` are set on it, or without values it is set aside whole.

    `group` and `text` say in words what is moved; a step without `group` is not worth a line.
    """

    row: models.Model
    values: Mapping[str, Any] = field(default_factory=dict)
    group: Any = ""
    text: Any = ""
    #: What happens to it, where that is not simply "moved".
    note: Any = ""

    @property
    def sets_aside(self) -> bool:
        return not self.values


@dataclass(frozen=True)
class Refusal:
    """Why these two cannot be merged as they stand, and what to do first."""

    code: str
    message: Any


Found = Step | Refusal
Rule = Callable[[Learner, Learner], Iterable[Found]]


def keep(kept: Learner, merged: Learner) -> Iterable[Found]:
    """History: the row goes on saying what it said, and readers follow `merged_into`."""
    return ()


def rebuilt(kept: Learner, merged: Learner) -> Iterable[Found]:
    """A projection: one of FOLLOW computes it anew, after a merge as after an undo."""
    return ()


def move(model: type[models.Model], name: str, group: Any = "") -> Rule:
    """Every row of the merged person is the kept one's."""

    def rule(kept: Learner, merged: Learner) -> Iterable[Found]:
        for row in model._default_manager.filter(**{name: merged}):
            yield Step(row, {f"{name}_id": kept.pk}, group, str(row))

    return rule


#: (model label, field name) -> rule; filled in AppConfig.ready() by the app that has the field.
RULES: dict[tuple[str, str], Rule] = {}
#: Objections that no column of its own gives rise to: f(kept, merged) -> refusals.
OBJECTIONS: list[Callable[[Learner, Learner], Iterable[Refusal]]] = []
#: Locks that come before those on the two people: f(ids of both).
LOCKS: list[Callable[[Collection[UUID]], None]] = []
Write = Callable[[Step], None]
#: What follows in the same transaction, after a merge and after its undo. What an undo must put
#: back is written through the second argument.
FOLLOW: list[Callable[[Merge, Write, "User | None"], None]] = []
#: Why a merge cannot be undone any more: f(merge) -> refusals.
DEPENDS: list[Callable[[Merge], Iterable[Refusal]]] = []


def register(model: type[models.Model], name: str, rule: Rule) -> None:
    RULES[model._meta.label, name] = rule


def columns_to_learner(models_: Iterable[type[models.Model]]) -> set[tuple[str, str]]:
    """Every foreign key, one-to-one and many-to-many to a learner among `models_`."""
    return {
        (model._meta.label, column.name)
        for model in models_
        for column in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if column.is_relation and column.related_model is Learner
    }


@dataclass(frozen=True)
class Plan:
    steps: list[Step]
    refusals: list[Refusal]

    @property
    def lines(self) -> list[tuple[Any, list[Step]]]:
        """What moves, by group, for the page that is read before the click."""
        groups: dict[str, tuple[Any, list[Step]]] = {}
        for step in self.steps:
            if step.group:
                groups.setdefault(str(step.group), (step.group, []))[1].append(step)
        return list(groups.values())


def merge_plan(kept: Learner, merged: Learner) -> Plan:
    """What merging would do to every row, or why it is refused."""
    found = [found for rule in RULES.values() for found in rule(kept, merged)]
    refusals = [refusal for objection in OBJECTIONS for refusal in objection(kept, merged)]
    return Plan(
        steps=[one for one in found if isinstance(one, Step)],
        refusals=[*refusals, *(one for one in found if isinstance(one, Refusal))],
    )


def reasons_not_to_undo(merge: Merge) -> list[Refusal]:
    return [refusal for depends in DEPENDS for refusal in depends(merge)]


def rows_changed(merge: Merge, model: type[models.Model]) -> list[str]:
    """Keys of the rows of `model` that the merge touched."""
    rows = MergeChange.objects.filter(merge=merge, model=model._meta.label)
    return list(dict.fromkeys(rows.values_list("row", flat=True)))


def merge_of(pair: SuspectedPair) -> Merge | None:
    """The merge in force that made these two one."""
    two = (pair.first_id, pair.second_id)
    rows = Merge.objects.in_force().filter(kept__in=two, merged__in=two)
    return rows.select_related("kept", "merged", "made_by").first()


def pair_of(merge: Merge) -> SuspectedPair | None:
    first, second = sorted((merge.kept_id, merge.merged_id))
    return SuspectedPair.objects.filter(first=first, second=second).first()
