"""What hangs on the people and households of an import, so that it cannot be taken back.

Found over every relation that points at them: a foreign key that is new tomorrow protects its
records by being there. Only what an import itself writes is let through, by name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignObjectRel, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from learners.models import (
    Household,
    Learner,
    Membership,
    RegisterEdition,
    RegisterEntry,
    RosterImport,
    RosterRow,
)
from learners.queries.posts import ROLES, says_posts
from learners.queries.traces import states_now

Outcome = RosterRow.Outcome
#: By model, or by model and field, where the model's own name would not say it.
WORDS: dict[str, Promise] = {
    "learners.Learner": _("merged people"),
    "learners.Membership.learner": _("moves to another household since"),
    "learners.Membership.household": _("other people who live in these households"),
    "learners.RoleHeld": _("roles given since"),
    "learners.RosterRow": _("rows of other rosters"),
    "learners.RegisterEntry": _("entries of registers"),
    "learners.RegisterAdjustment": _("adjustments of registers"),
    "courses.MarkEvent": _("attendance marks"),
    "courses.AttendanceState": _("attendance records"),
    "incubation.Baseline": _("income baselines"),
}
#: Goes with its household, or is put back to nobody.
WRITTEN_OVER = {("learners.Household", "head"), ("learners.HouseholdStatus", "household")}
#: The work of taking an import back.
UNDO = "learners.undo_import"
#: Records of one import that are looked at in one go.
BATCH = 500


#: Hears how far looking is: steps done, of how many.
Tell = Callable[[int, int], None]


def say_nothing(done: int, total: int) -> None:
    """For whoever looks at a few rows."""


@dataclass(frozen=True)
class Dependant:
    """One kind of record that hangs on the import, and how many there are."""

    label: str
    count: int

    @property
    def words(self) -> str:
        return f"{self.label} {self.count}"


def relations_to(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """Every (model, field) that points at `model`, also those without a name backwards."""
    for relation in model._meta.get_fields(include_hidden=True):
        # A many-to-many field points here by the hidden relation of its table in between.
        if isinstance(relation, ForeignObjectRel) and not relation.many_to_many:
            yield relation.related_model, relation.field.name


def label_of(model: type[Model], name: str = "") -> str:
    """The model's name for readers; one that has no translated name is called a record."""
    label = model._meta.label
    words = WORDS.get(f"{label}.{name}") or WORDS.get(label)
    if words is None and isinstance(model._meta.verbose_name, Promise):
        words = model._meta.verbose_name
    return str(words or _("other records"))


@dataclass
class Belongings:
    """What the rows of an import made: all of them, or those of one chunk."""

    roster_import: RosterImport
    rows: QuerySet[RosterRow]

    @property
    def created(self) -> QuerySet[RosterRow, Any]:
        """Keys of the learners that these rows made."""
        rows = self.rows.filter(outcome=Outcome.CREATED)
        return rows.order_by().values("learner_id")

    @property
    def households(self) -> QuerySet[Household, Any]:
        """Keys of the households that were made for their people; an older one stays."""
        rows = self.rows.filter(Q(outcome=Outcome.CREATED) | Q(before_cipher__isnull=False))
        learners = rows.exclude(learner=None).order_by().values("learner_id")
        return made_since(self.roster_import, learners).order_by().values("pk")

    def own(self) -> dict[tuple[str, str], Q]:
        """By (model, field): the records that the import wrote itself."""
        rows = RosterRow.objects.filter(roster_import=self.roster_import)
        everyone = rows.exclude(learner=None).order_by().values("learner_id")
        edition = self.roster_import.summary.get("edition") or None
        posts = ROLES if says_posts(self.roster_import) else ()
        from_start = Q(starts_on=self.roster_import.as_of, ends_on=None)
        return {
            ("learners.Membership", "learner"): from_start,
            ("learners.Membership", "household"): Q(learner__in=everyone),
            ("learners.RoleHeld", "learner"): from_start & Q(role__in=("HOUSEHOLD_MEMBER", *posts)),
            ("learners.RosterRow", "learner"): Q(roster_import=self.roster_import),
            ("learners.RegisterEntry", "learner"): Q(edition=edition, edition__sealed_at=None),
        }


def made_since(roster_import: RosterImport, learners: Any) -> QuerySet[Household]:
    """Households of these people that are not older than the import's confirmation.

    Their keys tell the millisecond in which they were made.
    """
    moment = roster_import.confirmed_at or roster_import.uploaded_at
    oldest = f"{int(moment.timestamp() * 1000):012x}".ljust(32, "0")
    homes = Membership.objects.filter(learner__in=learners).order_by().values("household_id")
    return Household.objects.filter(pk__in=homes, pk__gte=oldest)


def dependants(belongings: Belongings, tell: Tell = say_nothing) -> list[Dependant]:
    """Everything that would be lost or left hanging if these rows were taken back."""
    own = belongings.own()
    counts: dict[str, int] = {}
    relations = [
        (related, name, keys)
        for model, keys in ((Learner, belongings.created), (Household, belongings.households))
        for related, name in relations_to(model)
        if (related._meta.label, name) not in WRITTEN_OVER
    ]
    for done, (related, name, keys) in enumerate(relations):
        tell(done, len(relations))
        found = related._base_manager.filter(**{f"{name}__in": keys})
        found = found.exclude(own.get((related._meta.label, name), Q(pk__in=[])))
        if count := found.count():
            label = label_of(related, name)
            counts[label] = max(counts.get(label, 0), count)
    for label, count in (*_sealed(belongings), *_later(belongings), *_bound(belongings)):
        if count:
            counts[label] = max(counts.get(label, 0), count)
    return [Dependant(label, count) for label, count in counts.items()]


def _sealed(belongings: Belongings) -> Iterator[tuple[str, int]]:
    """Entries of the import's own edition, once sealed or adjusted, stay for ever."""
    edition = belongings.roster_import.summary.get("edition")
    if not edition:
        return
    learners = belongings.rows.exclude(learner=None).order_by().values("learner_id")
    entries = RegisterEntry.objects.filter(edition=edition, learner__in=learners)
    if RegisterEdition.objects.filter(pk=edition, sealed_at__isnull=False).exists():
        yield str(_("entries of a sealed register")), entries.count()
    for related, name in relations_to(RegisterEntry):
        yield label_of(related), related._base_manager.filter(**{f"{name}__in": entries}).count()


def _later(belongings: Belongings) -> Iterator[tuple[str, int]]:
    """A later roster that was compared with what this one changed."""
    changed = belongings.rows.filter(before_cipher__isnull=False).order_by()
    later = RosterRow.objects.filter(
        learner__in=changed.exclude(learner=None).values("learner_id"),
        roster_import__confirmed_at__gt=belongings.roster_import.confirmed_at,
    ).exclude(roster_import=belongings.roster_import)
    yield label_of(RosterRow), later.count()


def _bound(belongings: Belongings) -> Iterator[tuple[str, int]]:
    """What a learner's own row points at: a sign-in, or the person they were merged into."""
    created = Learner.objects.filter(pk__in=belongings.created)
    yield str(_("people who can sign in")), created.filter(user__isnull=False).count()
    yield label_of(Learner), created.filter(merged_into__isnull=False).count()


def changed_since(belongings: Belongings, tell: Tell = say_nothing) -> int:
    """How many records no longer stand as the import left them; restoring would lose that."""
    expected: dict[str, Any] = {}
    changed = 0
    rows = belongings.rows.filter(before_cipher__isnull=False).order_by("position")
    batch: list[RosterRow] = []
    total = rows.count()
    for at, row in enumerate(rows.iterator(chunk_size=BATCH)):
        batch.append(row)
        if len(batch) == BATCH:
            tell(at, total)
            changed += _compare(batch, expected)
            batch = []
    changed += _compare(batch, expected)
    now = states_now(expected)
    return changed + len([key for key, after in expected.items() if now.get(key) != after])


def _compare(rows: list[RosterRow], expected: dict[str, Any]) -> int:
    """Compare what belongs to one row alone; a household may have been changed by several."""
    after: dict[str, Any] = {}
    for row in rows:
        for key, (_before, state) in row.trace().items():
            (expected if key.startswith(("household:", "status:")) else after)[key] = state
    now = states_now(after)
    return len([key for key, state in after.items() if now.get(key) != state])


def objection_to_undo(belongings: Belongings, tell: Tell = say_nothing) -> tuple[str, str] | None:
    """Why these rows cannot be taken back, as code and words; None where nothing keeps them.

    `tell` hears how many of the steps of looking are done.
    """
    if found := dependants(belongings, tell):
        words = gettext(
            "This import can no longer be taken back, because other records depend on its "
            "people: %(what)s. Take those back first, or correct single people on their "
            "own pages."
        )
        return "IN_USE", words % {"what": gettext(", ").join(one.words for one in found)}
    if changed := changed_since(belongings, tell):
        words = gettext(
            "This import can no longer be taken back: %(count)d records that it changed were "
            "changed again since, and that would be lost. Correct single people on their "
            "own pages."
        )
        return "CHANGED_SINCE", words % {"count": changed}
    return None


def is_being_undone(roster_import: RosterImport) -> bool:
    """Whether the worker is asked to take it back and has not said yet whether it can."""
    progress = roster_import.progress
    return progress is not None and progress.kind == UNDO and progress.is_open
