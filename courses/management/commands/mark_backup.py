"""Tell the system how far a backup reaches, so that tablets may forget what is safe."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courses.actions import mark_backup, store_backup
from courses.models import BackupMark


class Command(BaseCommand):
    help = (
        "Before a backup begins: prints a mark. `--stored MARK`, once that backup is safe: "
        "tablets may forget the marks that it holds."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stored", metavar="MARK", help="the backup of this mark is safe")

    def handle(self, *args: Any, stored: str | None = None, **options: Any) -> None:
        if stored is None:
            self.stdout.write(str(mark_backup().pk))
            return
        try:
            mark = BackupMark.objects.get(pk=stored)
        except (BackupMark.DoesNotExist, ValueError) as error:
            raise CommandError(f"no backup was begun with the mark {stored}") from error
        self.stdout.write(f"{store_backup(mark=mark)} tablets may forget what this backup holds")
