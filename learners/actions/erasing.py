"""Erase a person: what is personal goes, what was counted stays."""

import secrets
from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from learners.models import Learner, RegisterEntry, RosterRow, SuspectedPair
from learners.queries.erasing import ALSO, GONE, PERSONAL, Personal
from lms.actions import erase_exports
from lms.lib.errors import ActionError
from lms.models import ExportFile, record_audit


class ErasureError(ActionError):
    """Why nobody was erased."""


@transaction.atomic
def erase_learner(*, learner: Learner, reason: str, actor: User | None) -> int:
    """Destroy what is personal in a person's records, also in those merged into the kept one; how
    many records these were. It cannot be undone.

    Enrolments, marks, subsidies, earnings and the entries of sealed registers stay, of somebody who
    is known no more, so that no figure changes; certificates go on answering without a name. Once
    erased the person is unknown: who comes again is a new record.
    """
    if not reason.strip():
        raise ErasureError("NO_REASON", _("State the reason: it cannot be undone."))
    kept = Learner.objects.values_list("merged_into", flat=True).get(pk=learner.pk) or learner.pk
    rows = Learner.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    people = list(rows.filter(Q(pk=kept) | Q(merged_into=kept)).select_related("home_region"))
    person = next(one for one in people if one.pk == kept)
    if person.erased_at is not None:
        raise ErasureError("ERASED", _("This person was erased already."))
    for also in ALSO:
        also(person, reason, actor)
    keys = [one.pk for one in people]
    for personal in PERSONAL:
        _blank(personal, keys)
    _forget(keys)
    for one in people:
        _close_account(one)
        _erase(one)
    _drop_exports(person, actor)
    record_audit(
        "learners.learner_erased",
        actor=actor,
        target=person,
        region_path=person.home_region.path,
        detail={"records": [str(key) for key in keys]},
    )
    return len(people)


def _blank(personal: Personal, keys: Iterable[UUID]) -> None:
    rows = personal.model._default_manager.filter(**{f"{personal.learner}__in": keys})
    for column in personal.files:
        for name in rows.exclude(**{column: ""}).values_list(column, flat=True):
            transaction.on_commit(partial(default_storage.delete, name))
    rows.update(**personal.blanks, **dict.fromkeys(personal.files, ""))


def _forget(keys: Iterable[UUID]) -> None:
    """Rows that say nothing but who somebody is. A sealed register has no such words of theirs."""
    RosterRow.objects.filter(learner__in=keys).delete()
    SuspectedPair.objects.filter(Q(first__in=keys) | Q(second__in=keys)).delete()
    RegisterEntry.objects.filter(learner__in=keys, edition__sealed_at__isnull=True).delete()


def _close_account(learner: Learner) -> None:
    user, learner.user = learner.user, None
    if user is None:
        return
    user.is_active, user.display_name, user.email = False, GONE, ""
    user.username = f"erased-{user.pk}"
    user.set_unusable_password()
    user.save(update_fields=["is_active", "display_name", "email", "username", "password"])


def _erase(learner: Learner) -> None:
    """A drawn index stands for a number that nobody bears: a record without any is a walk-in's."""
    learner.id_cipher = learner.birth_cipher = learner.phone_cipher = None
    learner.namesake_index = learner.phone_index = None
    learner.id_index = None if learner.provisional else secrets.token_bytes(32)
    learner.id_tail = learner.initials = learner.native_name = learner.sex = ""
    learner.ethnicity = learner.education = learner.political_status = learner.disability = ""
    learner.disability_grade = None
    learner.name, learner.erased_at = GONE, timezone.now()
    learner.save()


def _drop_exports(learner: Learner, actor: User | None) -> None:
    """Files made for download that may hold the person lose their hours."""
    home = learner.home_region.path
    open_files = ExportFile.objects.filter(erased_at__isnull=True).exclude(file="")
    touched = [
        key
        for key, path in open_files.values_list("pk", "region_path")
        if home.startswith(path) or path.startswith(home)
    ]
    ExportFile.objects.filter(pk__in=touched).update(expires_at=timezone.now())
    erase_exports(actor=actor)
