"""Everything that happened to a learner, newest first; apps above add their own rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import User
from learners.models import (
    Learner,
    Membership,
    Register,
    RegisterAdjustment,
    RegisterEntry,
    RoleHeld,
    RosterImport,
    RosterRow,
)
from lms.lib.periods import local_date


@dataclass(frozen=True)
class TimelineRow:
    """`kind` names an icon; `chip` is (kind of chip, icon, text); `done` False = not yet."""

    on: date
    kind: str
    title: str
    detail: str = ""
    chip: tuple[str, str, str] | None = None
    href: str = ""
    done: bool = True


#: Each gives rows for a learner, limited to what the user may see; filled in AppConfig.ready().
TIMELINE: list[Callable[[Learner, User], list[TimelineRow]]] = []


@dataclass(frozen=True)
class Panel:
    """A card beside the timeline: a template of the app above and what it needs."""

    template: str
    context: dict[str, object]


#: Cards beside the timeline, from the apps above; None = nothing to show to this user.
PANELS: list[Callable[[Learner, User], Panel | None]] = []


#: What a timeline may be narrowed to: the icons of its rows, by topic.
TOPICS: dict[str, tuple[str | Promise, frozenset[str]]] = {
    "training": (gettext_lazy("Training and certificates"), frozenset({"book", "award"})),
    "follow-up": (gettext_lazy("Follow-up"), frozenset({"flag", "pin", "phone", "message"})),
    "money": (gettext_lazy("Shops, income, support"), frozenset({"shop", "chart", "wallet"})),
    "person": (gettext_lazy("Person and household"), frozenset({"user", "home", "pencil"})),
    "lists": (gettext_lazy("Registers and rosters"), frozenset({"file", "table"})),
}


@dataclass(frozen=True)
class Timeline:
    future: list[TimelineRow]
    past: list[TimelineRow]
    #: (key, name) of the topics that this person's rows have.
    topics: list[tuple[str, str | Promise]] = field(default_factory=list)


def learner_timeline(learner: Learner, user: User, *, today: date, topic: str = "") -> Timeline:
    """Future rows: the nearest lowest, just above today; past rows: newest first."""
    rows = [row for source in (_own_rows, *TIMELINE) for row in source(learner, user)]
    kinds = {row.kind for row in rows}
    topics = [(key, name) for key, (name, icons) in TOPICS.items() if kinds & icons]
    if topic:
        rows = [row for row in rows if row.kind in TOPICS[topic][1]]
    rows.sort(key=lambda row: row.on, reverse=True)
    future = [row for row in rows if row.on > today]
    return Timeline(future=future, past=rows[len(future) :], topics=topics)


def _own_rows(learner: Learner, user: User) -> list[TimelineRow]:
    return [
        *_role_rows(learner),
        *_household_rows(learner),
        *_register_rows(learner, user),
        *_import_rows(learner, user),
        *_change_rows(learner),
    ]


def _role_rows(learner: Learner) -> list[TimelineRow]:
    rows = learner.roles.select_related("region")
    return [
        TimelineRow(
            on=row.starts_on,
            kind="user",
            title=_("Became: %(role)s") % {"role": row.get_role_display()},
            detail=_role_detail(row),
        )
        for row in rows
    ]


def _role_detail(row: RoleHeld) -> str:
    if row.ends_on is None:
        return row.region.name
    return _("%(region)s · until %(day)s") % {"region": row.region.name, "day": row.ends_on}


#: Names of the facts that a change speaks of.
FACT_NAMES: dict[str, str | Promise] = {
    "name": gettext_lazy("full name"),
    "native_name": gettext_lazy("name in own script"),
    "sex": gettext_lazy("sex"),
    "phone": gettext_lazy("telephone"),
    "ethnicity": gettext_lazy("ethnicity"),
    "education": gettext_lazy("education"),
    "political_status": gettext_lazy("political status"),
    "disability": gettext_lazy("disability"),
    "disability_grade": gettext_lazy("disability grade"),
    "household": gettext_lazy("household"),
}


def _change_rows(learner: Learner) -> list[TimelineRow]:
    """What was changed and why; of a name and a household also what stood there before."""
    found = []
    for row in learner.changes.all():
        names = pgettext("punctuation", ", ").join(
            str(FACT_NAMES.get(name, name)) for name in row.changes
        )
        shown = [
            f"{old or '—'} → {new}"
            for name, (old, new) in row.changes.items()
            if name in ("name", "household", "phone")
        ]
        found.append(
            TimelineRow(
                on=local_date(row.changed_at),
                kind="pencil",
                title=_("Changed: %(facts)s") % {"facts": names},
                detail=" · ".join([*shown, row.reason]),
            )
        )
    return found


def _household_rows(learner: Learner) -> list[TimelineRow]:
    """The type of a household while the learner lived there, from when it held."""
    found = []
    memberships = Membership.objects.filter(learner=learner).select_related("household")
    for membership in memberships.prefetch_related("household__statuses__type"):
        for status in membership.household.statuses.all():
            starts_on = max(status.starts_on, membership.starts_on)
            ends_on = min(status.ends_on or date.max, membership.ends_on or date.max)
            if starts_on <= ends_on:
                title = _("Household type: %(type)s") % {"type": status.type.name}
                number = membership.household.number
                found.append(TimelineRow(on=starts_on, kind="home", title=title, detail=number))
    return found


def _register_rows(learner: Learner, user: User) -> list[TimelineRow]:
    registers = Register.objects.visible_to(user)
    entries = RegisterEntry.objects.filter(
        learner=learner, edition__register__in=registers, edition__sealed_at__isnull=False
    ).select_related("edition__register__region")
    found = []
    for entry in entries.prefetch_related("adjustments"):
        register = entry.edition.register
        href = reverse("learners:register_detail", args=[register.pk])
        if entry.in_seal and entry.edition.sealed_at:
            found.append(
                TimelineRow(
                    on=local_date(entry.edition.sealed_at),
                    kind="file",
                    title=_("On the register: %(register)s") % {"register": register},
                    detail=_("Sealed edition %(no)d") % {"no": entry.edition.no},
                    href=href,
                )
            )
        found.extend(_adjustment_row(row, register, href) for row in entry.adjustments.all())
    return found


def _adjustment_row(row: RegisterAdjustment, register: Register, href: str) -> TimelineRow:
    added = row.kind == RegisterAdjustment.Kind.ADD
    title = (
        _("Added to the register: %(register)s")
        if added
        else _("Removed from the register: %(register)s")
    )
    return TimelineRow(
        on=row.happened_on,
        kind="file",
        title=title % {"register": register},
        detail=row.reason,
        href=href,
    )


def _import_rows(learner: Learner, user: User) -> list[TimelineRow]:
    rows = RosterRow.objects.filter(
        learner=learner, roster_import__in=RosterImport.objects.visible_to(user)
    ).exclude(outcome="")
    return [
        TimelineRow(
            on=row.roster_import.as_of,
            kind="table",
            title=_("In the roster: %(file)s") % {"file": row.roster_import.file_name},
            detail=str(RosterRow.Outcome(row.outcome).label),
            href=reverse("learners:import_detail", args=[row.roster_import_id]),
        )
        for row in rows.select_related("roster_import").defer("raw_cipher")
    ]
