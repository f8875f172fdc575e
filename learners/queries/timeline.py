"""Everything that happened to a learner, newest first; apps above add their own rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from learners.models import (
    Learner,
    Membership,
    Register,
    RegisterAdjustment,
    RegisterEntry,
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


@dataclass(frozen=True)
class Timeline:
    future: list[TimelineRow]
    past: list[TimelineRow]


def learner_timeline(learner: Learner, user: User, *, today: date) -> Timeline:
    """Future rows: the nearest lowest, just above today; past rows: newest first."""
    rows = [row for source in (_own_rows, *TIMELINE) for row in source(learner, user)]
    rows.sort(key=lambda row: row.on, reverse=True)
    future = [row for row in rows if row.on > today]
    return Timeline(future=future, past=rows[len(future) :])


def _own_rows(learner: Learner, user: User) -> list[TimelineRow]:
    return [
        *_role_rows(learner),
        *_household_rows(learner),
        *_register_rows(learner, user),
        *_import_rows(learner, user),
    ]


def _role_rows(learner: Learner) -> list[TimelineRow]:
    rows = learner.roles.select_related("region")
    return [
        TimelineRow(
            on=row.starts_on,
            kind="user",
            title=_("Became: %(role)s") % {"role": row.get_role_display()},
            detail=row.region.name,
        )
        for row in rows
    ]


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
