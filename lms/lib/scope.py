"""What a signed-in person reaches: (role, region prefix) pairs, frozen for one request.

Models filter by it (`visible_to`) without knowing who grants it: accounts builds it.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    TRAINER = "TRAINER", _("Trainer")
    CLERK = "CLERK", _("County clerk")
    FIELD_WORKER = "FIELD_WORKER", _("Field worker")
    OFFICIAL = "OFFICIAL", _("Official")
    INSPECTOR = "INSPECTOR", _("Inspector")
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")
    # Reaches nobody by itself: who reads people there may take their numbers out unmasked.
    EXPORTER = "EXPORTER", _("Unmasked export")
    # Never granted: whoever is a learner's user is a trainee.
    TRAINEE = "TRAINEE", _("Trainee")


#: The longest region code, a village's.
CODE_LENGTH = 12


def prefix_end(prefix: str) -> str:
    """The first code after everything under `prefix`: under it = `prefix <= path < end`.

    Codes are digits only, so the next number of the same length bounds the range under any
    collation (a `:` would not on PostgreSQL with a natural-language collation).
    """
    if set(prefix) == {"9"}:
        return "9" * (CODE_LENGTH + 1)
    return str(int(prefix) + 1).zfill(len(prefix))


def under(field_name: str, prefixes: Iterable[str]) -> Q:
    """Rows whose `field_name` (a region path) lies under any of `prefixes`; none for no prefix."""
    found = Q(pk__in=[])
    for prefix in prefixes:
        if prefix == "":
            return ~Q(pk__in=[])
        found |= Q(**{f"{field_name}__gte": prefix, f"{field_name}__lt": prefix_end(prefix)})
    return found


def outermost(prefixes: Iterable[str]) -> tuple[str, ...]:
    """`prefixes` without those that lie under another of them."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not any(prefix.startswith(outer) for outer in kept):
            kept.append(prefix)
    return tuple(kept)


@dataclass(frozen=True)
class Scope:
    """`grants` maps a role to the region paths it was granted for ("" = the whole country)."""

    user_id: uuid.UUID
    grants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    is_trainee: bool = False

    def prefixes(self, *roles: str) -> tuple[str, ...]:
        return outermost(path for role in roles for path in self.grants.get(role, ()))

    def has(self, *roles: str) -> bool:
        return any(self.grants.get(role) for role in roles)

    def covers(self, path: str, *roles: str) -> bool:
        """Whether one of `roles` was granted for the region at `path` or for one above it."""
        return any(path.startswith(prefix) for prefix in self.prefixes(*roles))

    @property
    def roles(self) -> tuple[str, ...]:
        held = tuple(role for role in Role.values if self.grants.get(role))
        return (*held, Role.TRAINEE.value) if self.is_trainee else held


class HasScope(Protocol):
    """A signed-in user; accounts.User is one."""

    @property
    def scope(self) -> Scope: ...
