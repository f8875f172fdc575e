"""Erase a person: what is personal goes, what was counted stays."""

import re
import secrets
from functools import partial
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.models import Erasure, Learner, RosterFileHints, RosterImport, RosterRow, plain_name
from learners.queries.erasing import (
    ACTS,
    GONE,
    LOCKS,
    PLACES,
    Fate,
    Personal,
    Subject,
    findings,
    paths_of,
    records_of,
    squeezed,
    subject_of,
)
from learners.queries.hints import row_hinter
from learners.queries.personal_places import (
    ACCOUNT,
    ENTRIES,
    EXPORTS,
    PERSON,
    ROSTERS,
    SUSPICIONS,
    accounts_of,
    files_named_after,
    log_entries,
    open_entries,
    suspicions,
)
from learners.queries.roster_traces import (
    UNREAD,
    RosterTraces,
    looked_through,
    roster_traces,
    without,
)
from lms.actions import drop_exports
from lms.lib.errors import ActionError
from lms.models import TaskProgress, record_audit
from lms.removal import remove_files

if TYPE_CHECKING:
    from accounts.models import User

#: Digits that could be a person's number; that of a letter is shorter, or has signs in it.
_NUMBER = re.compile(r"\d{8,}")
State = RosterImport.State


class ErasureError(ActionError):
    """Why nobody was erased."""


@transaction.atomic
def erase_learner(
    *, learner: Learner, reason: str, note: str = "", photos: bool = False, actor: "User"
) -> Erasure:
    """Destroy what is personal in a person's records, also in those merged into the kept one, in
    every place of the register (learners.queries.erasing). It cannot be undone.

    Enrolments, marks, subsidies, earnings and the entries of sealed registers stay, of somebody who
    is known no more, so that no figure changes; certificates go on answering without a name. Once
    erased the person is unknown: who comes again is a new record. `reason` is one of the list;
    `note` must not name the person. `photos`: the class photos on which they may stand go as well,
    and with them the evidence of how many came. Files go after the commit, by the worker if the
    disk fails.
    """
    _require_choice(reason, photos=photos)
    subject = subject_of(_locked(learner), reason=reason, photos=photos)
    person = subject.person
    if person.erased_at is not None:
        raise ErasureError("ERASED", _("This person was erased already."))
    _require_impersonal(subject, note)
    counts = {found.place.key: found.count for found in findings(subject) if found.count}
    _empty_places(subject, actor)
    for one in subject.people:
        _erase(one)
    # There already where a table alone was restored: the first record of it stays.
    said = {"reason": reason, "note": note.strip(), "photos": photos, "counts": counts}
    erasure, _created = Erasure.objects.get_or_create(
        learner=person, defaults=said | {"erased_by": actor}
    )
    record_audit(
        "learners.learner_erased",
        actor=actor,
        target=person,
        region_path=person.home_region.path,
        detail={
            "records": [str(one.pk) for one in subject.people],
            "reason": reason,
            "photos": photos,
        },
    )
    return erasure


def _empty_places(subject: Subject, actor: "User") -> None:
    for place in PLACES:
        if place.fate_with(photos=subject.photos) is not Fate.ERASED:
            continue
        for personal in place.personal:
            _blank(personal, subject)
        if place.key in ACTS:
            ACTS[place.key](subject, actor)


def _locked(learner: Learner) -> list[Learner]:
    """The kept record, then those merged into it.

    Order of locks, as everybody has it who takes more than one: uploads; the tablets of rows in
    custody; runs; sessions; people by key; then what is theirs, each kind by key. An import takes
    uploads before people, a tablet's batch and whoever decides about a row of it the tablet before
    its class, a merge classes before people, an issue of certificates runs before certificates.
    People are locked for good at once: their rows change in the end, and whoever had written
    something about them meanwhile, and waited for another of these rows, would wait for ever.
    """
    seen = subject_of(records_of(Learner.objects.get(pk=learner.pk)))
    taken = set(RosterRow.objects.filter(learner__in=seen.keys).values_list("roster_import"))
    rosters = looked_through(seen) | files_named_after(seen)
    rosters |= RosterImport.objects.filter(pk__in=[key for (key,) in taken])
    locked = rosters.select_for_update(of=("self",), no_key=True).order_by("pk")
    list(locked.values_list("pk", flat=True))
    for lock in LOCKS:
        lock(seen)
    rows = Learner.objects.select_for_update(of=("self",)).order_by("pk")
    list(rows.filter(pk__in=seen.keys))
    people = records_of(Learner.objects.get(pk=learner.pk))
    if {one.pk for one in people} != seen.keys:
        raise ErasureError(
            "RECORDS_CHANGED",
            _(
                "Records of this person were merged or taken apart at this moment. Nothing was "
                "erased. Look at the page again, then erase."
            ),
        )
    return people


def _require_choice(reason: str, *, photos: bool) -> None:
    if reason not in Erasure.Reason.values:
        raise ErasureError("NO_REASON", _("State the reason: it cannot be undone."))
    if photos and reason == Erasure.Reason.WRONG:
        raise ErasureError(
            "PHOTOS",
            _(
                "Who was entered by mistake stands on no class photo: the photos stay. Take the "
                "choice back, or choose another reason."
            ),
        )


def _require_impersonal(subject: Subject, note: str) -> None:
    # With blanks between the letters it is the same name.
    said = plain_name(note)
    names = {plain_name(name) for one in subject.people for name in (one.name, one.native_name)}
    named = any(name in said for name in names - {""}) or subject.is_number_in(note)
    called = any(phone in squeezed(note) for phone in subject.phones)
    if named or called or _NUMBER.search("".join(note.split())):
        raise ErasureError(
            "PERSONAL_NOTE",
            _("The note is kept for good: leave out the name and long numbers."),
        )


def _blank(personal: Personal, subject: Subject) -> None:
    rows = personal.rows(subject)
    for column in personal.files:
        remove_files(rows.exclude(**{column: ""}).values_list(column, flat=True))
    rows.update(**personal.blanks, **dict.fromkeys(personal.files, ""))


# --- what takes more than blanks ------------------------------------------------------------------
def _forget_suspicions(subject: Subject, actor: "User") -> None:
    suspicions(subject).delete()


def _leave_open_registers(subject: Subject, actor: "User") -> None:
    open_entries(subject).delete()


def _drop_exports(subject: Subject, actor: "User") -> None:
    """Now, and after the commit those that were begun meanwhile and read what stood there."""
    paths = paths_of(subject)
    drop_exports(region_paths=paths, actor=actor)
    again = partial(drop_exports, region_paths=paths, actor=actor)
    transaction.on_commit(again, robust=True)


def _close_accounts(subject: Subject, actor: "User") -> None:
    log_entries(subject).update(object_repr=GONE, change_message="")
    for user in accounts_of(subject):
        EmailAddress.objects.filter(user=user).delete()
        user.is_active, user.display_name, user.email = False, GONE, ""
        user.username = f"erased-{user.pk}"
        user.set_unusable_password()
        user.save(update_fields=["is_active", "display_name", "email", "username", "password"])


def _clear_rosters(subject: Subject, actor: "User") -> None:
    """Rows of the person go; those of others forget them; a file that names them goes, and with it
    an upload of which no row is stored yet."""
    traces = roster_traces(subject)
    RosterRow.objects.filter(pk__in=traces.own).delete()
    _rewrite_rows(subject, traces)
    rosters = RosterImport.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    named = [*rosters.filter(pk__in=traces.imports | traces.files).select_related("region")]
    for roster in named:
        _empty(roster, actor)
    for roster in files_named_after(subject):
        TaskProgress.objects.filter(args__roster_import=str(roster.pk)).update(title=GONE)
        roster.file_name = GONE
        roster.save(update_fields=["file_name"])


def _rewrite_rows(subject: Subject, traces: RosterTraces) -> None:
    rows, hints_of = list(RosterRow.objects.filter(pk__in=traces.others)), row_hinter()
    for row in rows:
        left = without(subject, row.raw())
        row.set_raw(left)
        row.hints = hints_of(left["fields"], left["cells"])
    RosterRow.objects.bulk_update(rows, ["raw_cipher", "hints"])


def _empty(roster: RosterImport, actor: "User") -> None:
    given_up = roster.state in UNREAD
    remove_files([str(roster.file.name or "")])
    RosterFileHints.objects.filter(roster_import=roster).delete()
    roster.file, roster.reading_cipher = "", None
    if given_up:
        roster.state = State.ABANDONED
    roster.save(update_fields=["file", "reading_cipher", "state"])
    record_audit(
        "learners.import_abandoned" if given_up else "learners.roster_file_erased",
        actor=actor,
        target=roster,
        region_path=roster.region.path,
    )


ACTS |= {
    SUSPICIONS: _forget_suspicions,
    ENTRIES: _leave_open_registers,
    EXPORTS: _drop_exports,
    ACCOUNT: _close_accounts,
    ROSTERS: _clear_rosters,
    #: In the end, after everything that finds them by what they are called.
    PERSON: lambda subject, actor: None,
}


def _erase(learner: Learner) -> None:
    """A drawn index stands for a number that nobody bears: a record without any is a walk-in's."""
    learner.user = None
    learner.id_cipher = learner.birth_cipher = learner.phone_cipher = None
    learner.namesake_index = learner.phone_index = None
    learner.id_index = None if learner.provisional else secrets.token_bytes(32)
    learner.id_tail = learner.initials = learner.native_name = learner.sex = ""
    learner.ethnicity = learner.education = learner.political_status = learner.disability = ""
    learner.disability_grade = None
    learner.name, learner.erased_at = GONE, timezone.now()
    learner.save()
