"""Seeing numbers in clear, printing an archive, and what a person consented to."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from learners.models import Consent, Household, Learner, Reveal
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.models import record_audit

if TYPE_CHECKING:
    from collections.abc import Sequence


class PrivacyError(ActionError):
    pass


@dataclass(frozen=True)
class Identity:
    """Numbers in clear, for one answer: never kept, never in an address or a log."""

    id_number: str
    phone: str
    birth_date: date | None


# --- seeing in clear ---
@transaction.atomic
def reveal_identity(
    *, learner: Learner, reason: str, note: str, form: str, actor: User
) -> Identity:
    """The audit line and the reveal are written first; if they fail, nothing is decrypted."""
    # Two tabs of one person are counted one after the other.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    _require_reveals_left(actor)
    event = record_audit(
        "learners.identity_revealed",
        actor=actor,
        target=learner,
        region_path=learner.home_region.path,
        detail={"reason": reason, "form": form},
    )
    Reveal.objects.create(
        learner=learner,
        reason=reason,
        note=note.strip(),
        form=form,
        actor=actor,
        audit_event=event,
    )
    return Identity(learner.clear_id_number(), learner.clear_phone(), learner.clear_birth_date())


def _require_reveals_left(actor: User) -> None:
    midnight = timezone.make_aware(datetime.combine(today(), time()))
    used = Reveal.objects.filter(actor=actor, revealed_at__gte=midnight).count()
    if used >= settings.REVEALS_A_DAY:
        raise PrivacyError(
            "REVEAL_LIMIT",
            _(
                "You have seen as many numbers today as one person may. Go on tomorrow, or ask a "
                "colleague; for a whole list use the export."
            ),
        )


# --- printing ---
@transaction.atomic
def note_learner_printed(*, learner: Learner, actor: User) -> int:
    """The number of the audit line, which stands on the sheet."""
    event = record_audit(
        "learners.learner_sheet_printed",
        actor=actor,
        target=learner,
        region_path=learner.home_region.path,
    )
    return event.seq


@transaction.atomic
def note_household_printed(*, household: Household, actor: User) -> int:
    event = record_audit(
        "learners.household_sheet_printed",
        actor=actor,
        target=household,
        region_path=household.region.path,
    )
    return event.seq


# --- consent ---
@transaction.atomic
def give_consent(
    *,
    learner: Learner,
    purposes: "Sequence[str]",
    given_on: date,
    means: str,
    text_edition: str,
    actor: User | None,
) -> list[Consent]:
    """One consent a purpose; those that stand already are left as they are."""
    Learner.objects.select_for_update(of=("self",), no_key=True).get(pk=learner.pk)
    if given_on > today():
        raise PrivacyError("CONSENT_DATE", _("This day has not come yet. Correct the date."))
    standing = set(
        learner.consents.filter(withdrawn_on__isnull=True).values_list("purpose", flat=True)
    )
    new = [purpose for purpose in purposes if purpose not in standing]
    if not new:
        raise PrivacyError(
            "CONSENT_STANDS",
            _("This consent is recorded already. Choose another purpose, or withdraw it first."),
        )
    given = Consent.objects.bulk_create(
        Consent(
            learner=learner,
            purpose=purpose,
            given_on=given_on,
            means=means,
            text_edition=text_edition.strip(),
            recorded_by=actor,
        )
        for purpose in new
    )
    record_audit(
        "learners.consent_given",
        actor=actor,
        target=learner,
        region_path=learner.home_region.path,
        detail={"purposes": new, "given_on": given_on.isoformat(), "means": means},
    )
    return given


@transaction.atomic
def withdraw_consent(*, consent: Consent, withdrawn_on: date, actor: User | None) -> Consent:
    rows = Consent.objects.select_for_update(of=("self",), no_key=True)
    consent = rows.select_related("learner__home_region").get(pk=consent.pk)
    if consent.withdrawn_on is not None:
        raise PrivacyError("CONSENT_WITHDRAWN", _("This consent is withdrawn already."))
    if not consent.given_on <= withdrawn_on <= today():
        raise PrivacyError(
            "CONSENT_DATE",
            _("A consent is withdrawn between the day it was given and today. Correct the date."),
        )
    consent.withdrawn_on = withdrawn_on
    consent.save(update_fields=["withdrawn_on"])
    record_audit(
        "learners.consent_withdrawn",
        actor=actor,
        target=consent.learner,
        region_path=consent.learner.home_region.path,
        detail={"purpose": consent.purpose, "withdrawn_on": withdrawn_on.isoformat()},
    )
    return consent
