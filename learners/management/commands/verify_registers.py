"""Recompute the hash of every sealed edition of a register; fails when one is not whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from learners.models import RegisterEdition
from learners.queries import verify_edition


class Command(BaseCommand):
    help = "Recompute the hash of every sealed edition from its stored bytes and from its rows."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        editions = RegisterEdition.objects.filter(sealed_at__isnull=False)
        for edition in editions.select_related("register__region"):
            found = verify_edition(edition)
            broken += not found.is_whole
            word = "whole" if found.is_whole else "BROKEN"
            code = edition.register.region.code
            line = f"{edition.register.purpose} {code} {edition.register.year} #{edition.no}"
            self.stdout.write(f"{word}  {edition.sha256}  {line}  {found.lines} lines")
        if broken:
            raise CommandError(f"{broken} sealed editions are not what was sealed")
