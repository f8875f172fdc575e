"""What an administrator does with users and grants, and what signing in leaves behind."""

import secrets
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Grant, User
from accounts.queries import home_path
from lms.lib.errors import ActionError
from lms.lib.periods import day_before, today
from lms.lib.scope import Role
from lms.models import record_audit
from regions.models import Region

#: Without 0 O 1 I l: it is read out and typed by hand.
PASSWORD_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"  # noqa: S105
PASSWORD_GROUPS = 4


class AccountError(ActionError):
    """A user or grant cannot be changed that way."""


def _random_password() -> str:
    """16 characters in groups of four: 92 bits, and easy to copy from paper."""
    groups = [
        "".join(secrets.choice(PASSWORD_LETTERS) for _n in range(4))
        for _n in range(PASSWORD_GROUPS)
    ]
    return "-".join(groups)


@transaction.atomic
def create_user(
    *,
    username: str,
    display_name: str,
    role: str,
    region: Region | None,
    starts_on: date,
    ends_on: date | None = None,
    actor: User | None,
) -> tuple[User, str]:
    """A user with a first grant, and the password to hand over; it is kept nowhere in clear."""
    user = User(username=username, display_name=display_name)
    password = _random_password()
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        message = _("This user name is taken. Choose another one.")
        raise AccountError("username_taken", message) from None
    record_audit(
        "accounts.user_created", actor=actor, target=user, region_path=_path(region), detail={}
    )
    add_grant(
        user=user, role=role, region=region, starts_on=starts_on, ends_on=ends_on, actor=actor
    )
    return user, password


@transaction.atomic
def create_trainee(*, username: str, actor: User | None) -> tuple[User, str]:
    """A user without a grant, for a learner's own rows; the name stays on the learner."""
    user = User(username=username)
    password = _random_password()
    user.set_password(password)
    user.save()
    record_audit("accounts.trainee_created", actor=actor, target=user)
    return user, password


@transaction.atomic
def add_grant(
    *,
    user: User,
    role: str,
    region: Region | None,
    starts_on: date,
    ends_on: date | None = None,
    actor: User | None,
) -> Grant:
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    message = _("This person already holds this role for this region in that time.")
    same = user.grants.filter(role=role, region=region).exclude(ends_on__lt=starts_on)
    if ends_on is not None:
        same = same.filter(starts_on__lte=ends_on)
    if same.exists():
        raise AccountError("grant_overlaps", message)
    grant = Grant.objects.create(
        user=user, role=role, region=region, starts_on=starts_on, ends_on=ends_on
    )
    record_audit(
        "accounts.grant_added",
        actor=actor,
        target=user,
        region_path=_path(region),
        detail=_facts(grant),
    )
    return grant


@transaction.atomic
def end_grant(*, grant: Grant, last_day: date | None = None, actor: User) -> None:
    """The grant holds up to `last_day`; None = it ends at once, yesterday was its last day.

    One that has not held a whole day yet has no last day: it is taken back, and the audit line
    keeps what it was.
    """
    grant = Grant.objects.select_for_update(of=("self",)).select_related("region").get(pk=grant.pk)
    yesterday = day_before(today())
    last_day = last_day or yesterday
    if grant.ends_on is not None and grant.ends_on < today():
        raise AccountError("grant_ended", _("This grant has ended already."))
    if last_day < yesterday:
        message = _("A grant cannot end in the past. Leave the date empty to end it at once.")
        raise AccountError("last_day_past", message)
    if grant.role == Role.ADMINISTRATOR and grant.user_id == actor.pk:
        message = _("You cannot end your own administrator grant. Ask another administrator.")
        raise AccountError("own_grant", message)
    detail = _facts(grant) | {"last_day": last_day.isoformat()}
    path = _path(grant.region)
    if last_day < grant.starts_on:
        record_audit(
            "accounts.grant_withdrawn",
            actor=actor,
            target=grant.user,
            region_path=path,
            detail=detail,
        )
        grant.delete()
        return
    grant.ends_on = last_day
    grant.save(update_fields=["ends_on"])
    record_audit(
        "accounts.grant_ended", actor=actor, target=grant.user, region_path=path, detail=detail
    )


@transaction.atomic
def set_password(*, user: User, actor: User) -> str:
    """A random password in place of the old one; every session of the user ends."""
    password = _random_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    record_audit("accounts.password_set", actor=actor, target=user, region_path=home_path(user))
    return password


@transaction.atomic
def deactivate_user(*, user: User, actor: User) -> None:
    """No more sign-in, and every session ends: sessions hang on the password, which goes too."""
    if user.pk == actor.pk:
        message = _("You cannot deactivate yourself. Ask another administrator.")
        raise AccountError("own_user", message)
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    record_audit("accounts.user_deactivated", actor=actor, target=user, region_path=home_path(user))


@transaction.atomic
def reactivate_user(*, user: User, actor: User) -> str:
    """Lets the user sign in again, with a new password."""
    password = _random_password()
    user.is_active = True
    user.set_password(password)
    user.save(update_fields=["is_active", "password"])
    record_audit("accounts.user_reactivated", actor=actor, target=user, region_path=home_path(user))
    return password


@transaction.atomic
def record_sign_in(*, actor: User) -> None:
    record_audit("accounts.signed_in", actor=actor, target=actor, region_path=home_path(actor))


@transaction.atomic
def record_sign_out(*, actor: User) -> None:
    record_audit("accounts.signed_out", actor=actor, target=actor, region_path=home_path(actor))


@transaction.atomic
def record_failed_sign_in(*, username: str, actor: None = None) -> None:
    """Names the user who was tried for; what was typed is kept nowhere: it may be a secret."""
    user = User.objects.filter(username__iexact=username).first() if username else None
    path = home_path(user) if user else ""
    detail = {"known_user": user is not None}
    record_audit(
        "accounts.sign_in_failed", actor=actor, target=user, region_path=path, detail=detail
    )


def _path(region: Region | None) -> str:
    return region.path if region else ""


def _facts(grant: Grant) -> dict[str, str | None]:
    return {
        "role": grant.role,
        "region": grant.region.code if grant.region else None,
        "starts_on": grant.starts_on.isoformat(),
        "ends_on": grant.ends_on.isoformat() if grant.ends_on else None,
    }
